"""The access policy on one page: an action, the roles that may do it, and how far each reaches.

Everything not written here is refused. Two rules stand beside the table, in the services: nobody decides their own
request, and deciding also takes being an approver of the open step.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person is. The first three follow from the directory; the others are granted."""

    EMPLOYEE = "employee"
    MANAGER = "manager"
    GENERAL_MANAGER = "general_manager"
    HR = "hr"
    PAYROLL = "payroll"
    AUDITOR = "auditor"
    OPERATOR = "operator"


GRANTABLE = frozenset({Role.HR, Role.PAYROLL, Role.AUDITOR, Role.OPERATOR})


class Reach(StrEnum):
    """Whose data a role reaches. A role granted for one department reaches no further than its subtree."""

    SELF = "self"
    REPORTS = "reports"  # Everyone below in the line of managers and department heads.
    EVERYONE = "everyone"


class Action(StrEnum):
    """What can be asked for. Each has a refusal text in the catalogue, the same whether or not the record exists."""

    LEAVE_APPLY = "leave.apply"
    LEAVE_VIEW = "leave.view"
    LEAVE_WITHDRAW = "leave.withdraw"
    LEAVE_DECIDE = "leave.decide"
    ABSENCE_VIEW = "absence.view"
    GROUP_BIND = "group.bind"
    CARD_USE = "card.use"


MATRIX: Mapping[Action, Mapping[Role, Reach]] = MappingProxyType(
    {
        Action.LEAVE_APPLY: {Role.EMPLOYEE: Reach.SELF},
        Action.LEAVE_VIEW: {
            Role.EMPLOYEE: Reach.SELF,
            Role.MANAGER: Reach.REPORTS,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
        },
        Action.LEAVE_WITHDRAW: {Role.EMPLOYEE: Reach.SELF},
        Action.LEAVE_DECIDE: {
            Role.MANAGER: Reach.REPORTS,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
        },
        Action.ABSENCE_VIEW: {
            Role.MANAGER: Reach.REPORTS,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
        },
        Action.GROUP_BIND: {Role.HR: Reach.EVERYONE},
        # A card is its receiver's; whoever else holds a copy may still act where another row lets them.
        Action.CARD_USE: {Role.EMPLOYEE: Reach.SELF},
    }
)
