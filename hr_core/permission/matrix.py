"""The access policy on one page: an action, the roles that may do it, how far each reaches, and what is shown in clear.

Everything not written here is refused. Beside the table stand: nobody decides their own request, deciding also takes
being asked by the open step (services), and the pairs at the end of this page, which one person can't both use.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person is. The first four follow from the directory; the others are granted."""

    EMPLOYEE = "employee"
    MANAGER = "manager"
    DEPARTMENT_HEAD = "department_head"
    GENERAL_MANAGER = "general_manager"
    HRBP = "hrbp"
    HR = "hr"
    PAYROLL = "payroll"
    AUDITOR = "auditor"
    OPERATOR = "operator"


GRANTABLE = frozenset({Role.HRBP, Role.HR, Role.PAYROLL, Role.AUDITOR, Role.OPERATOR})
SENSITIVE = frozenset({Role.HR, Role.PAYROLL, Role.AUDITOR})
"""Roles whose further grants, after the first, a second person has to confirm."""


class Reach(StrEnum):
    """Whose data a role reaches. A grant made for a department, a legal entity, … reaches no further than that."""

    SELF = "self"
    REPORTS = "reports"  # Everyone below in the line of managers and department heads.
    DEPARTMENT = "department"  # The subtree of the grant's department; a head's is the one they lead.
    LEGAL_ENTITY = "legal_entity"  # Who has the grant's fact, else the holder's own. An unknown fact reaches nobody.
    REGION = "region"
    POSITION = "position"
    EVERYONE = "everyone"


class Action(StrEnum):
    """What can be asked for. Each has a refusal text in the catalogue, the same whether or not the record exists."""

    LEAVE_APPLY = "leave.apply"
    LEAVE_VIEW = "leave.view"
    LEAVE_WITHDRAW = "leave.withdraw"
    LEAVE_DECIDE = "leave.decide"
    ABSENCE_VIEW = "absence.view"
    EMPLOYEE_VIEW = "employee.view"
    EMPLOYEE_EXPORT = "employee.export"
    IDENTITY_VIEW = "identity.view"
    PAYSLIP_VIEW = "payslip.view"
    PAYSLIP_PROGRESS = "payslip.progress"
    PAYROLL_SHEET_READ = "payroll.sheet_read"
    PAYROLL_PREPARE = "payroll.prepare"
    PAYROLL_RELEASE = "payroll.release"
    AUDIT_READ = "audit.read"
    ACCESS_EXPLAIN = "access.explain"
    ROLE_GRANT = "role.grant"
    ROLE_CONFIRM = "role.confirm"
    COMMAND_CONFIRM = "command.confirm"
    GROUP_BIND = "group.bind"
    CARD_USE = "card.use"
    DATA_EXPORT = "data.export"
    DATA_CORRECT = "data.correct"
    DATA_CORRECT_DECIDE = "data.correct_decide"
    DATA_ERASE = "data.erase"
    ONBOARDING_HIRE = "onboarding.hire"
    ONBOARDING_DECIDE = "onboarding.decide"
    ONBOARDING_VIEW = "onboarding.view"
    ONBOARDING_TASK = "onboarding.task"
    PERSONNEL_FILL = "personnel.fill"
    PERSONNEL_PROGRESS = "personnel.progress"


MATRIX: Mapping[Action, Mapping[Role, Reach]] = MappingProxyType(
    {
        Action.LEAVE_APPLY: {Role.EMPLOYEE: Reach.SELF},
        Action.LEAVE_VIEW: {
            Role.EMPLOYEE: Reach.SELF,
            Role.MANAGER: Reach.REPORTS,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HRBP: Reach.DEPARTMENT,
            Role.HR: Reach.EVERYONE,
        },
        Action.LEAVE_WITHDRAW: {Role.EMPLOYEE: Reach.SELF},
        Action.LEAVE_DECIDE: {
            Role.MANAGER: Reach.REPORTS,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
        },
        # A head sees who is away in the department whoever they report to; why is for the line of managers.
        Action.ABSENCE_VIEW: {
            Role.MANAGER: Reach.REPORTS,
            Role.DEPARTMENT_HEAD: Reach.DEPARTMENT,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HRBP: Reach.DEPARTMENT,
            Role.HR: Reach.EVERYONE,
        },
        Action.EMPLOYEE_VIEW: {
            Role.EMPLOYEE: Reach.SELF,
            Role.MANAGER: Reach.REPORTS,
            Role.DEPARTMENT_HEAD: Reach.DEPARTMENT,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HRBP: Reach.DEPARTMENT,
            Role.HR: Reach.EVERYONE,
            Role.PAYROLL: Reach.EVERYONE,
        },
        Action.EMPLOYEE_EXPORT: {Role.HR: Reach.EVERYONE},
        Action.IDENTITY_VIEW: {Role.EMPLOYEE: Reach.SELF, Role.HR: Reach.EVERYONE, Role.PAYROLL: Reach.EVERYONE},
        # A payslip is its owner's; payroll works on the sheet, under its own audited action.
        Action.PAYSLIP_VIEW: {Role.EMPLOYEE: Reach.SELF},
        # How many have confirmed, without a figure or a name.
        Action.PAYSLIP_PROGRESS: {Role.HR: Reach.EVERYONE, Role.PAYROLL: Reach.EVERYONE},
        Action.PAYROLL_SHEET_READ: {Role.PAYROLL: Reach.EVERYONE},
        Action.PAYROLL_PREPARE: {Role.PAYROLL: Reach.EVERYONE},
        Action.PAYROLL_RELEASE: {Role.PAYROLL: Reach.EVERYONE, Role.GENERAL_MANAGER: Reach.EVERYONE},
        Action.AUDIT_READ: {Role.AUDITOR: Reach.EVERYONE},
        # Of the person whose data somebody can see: everyone may ask who sees theirs.
        Action.ACCESS_EXPLAIN: {Role.EMPLOYEE: Reach.SELF, Role.HR: Reach.EVERYONE, Role.AUDITOR: Reach.EVERYONE},
        # Roles are granted on the server's command line, by nobody in the chat.
        Action.ROLE_GRANT: {},
        # Confirming also takes being asked: see rules.py.
        Action.ROLE_CONFIRM: {
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
            Role.PAYROLL: Reach.EVERYONE,
            Role.AUDITOR: Reach.EVERYONE,
        },
        # A command on the server that reads as somebody waits for that person's yes.
        Action.COMMAND_CONFIRM: {Role.EMPLOYEE: Reach.SELF},
        Action.GROUP_BIND: {Role.HR: Reach.EVERYONE},
        # A card is its receiver's; whoever else holds a copy may still act where another row lets them.
        Action.CARD_USE: {Role.EMPLOYEE: Reach.SELF},
        # A copy of everything goes to its owner alone (个人信息保护法第四十五条), whatever else somebody may see.
        Action.DATA_EXPORT: {Role.EMPLOYEE: Reach.SELF},
        Action.DATA_CORRECT: {Role.EMPLOYEE: Reach.SELF},
        Action.DATA_CORRECT_DECIDE: {Role.HR: Reach.EVERYONE},
        # Of the company as a whole: mostly of people who have left. Deciding also takes being asked.
        Action.DATA_ERASE: {Role.HR: Reach.EVERYONE},
        # Of somebody who isn't there yet the department decides: see onboarding/facts.py. Deciding also takes being
        # asked, and not having made the hire.
        Action.ONBOARDING_HIRE: {Role.HR: Reach.EVERYONE},
        Action.ONBOARDING_DECIDE: {
            Role.DEPARTMENT_HEAD: Reach.DEPARTMENT,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HR: Reach.EVERYONE,
        },
        Action.ONBOARDING_VIEW: {
            Role.EMPLOYEE: Reach.SELF,
            Role.MANAGER: Reach.REPORTS,
            Role.DEPARTMENT_HEAD: Reach.DEPARTMENT,
            Role.GENERAL_MANAGER: Reach.EVERYONE,
            Role.HRBP: Reach.DEPARTMENT,
            Role.HR: Reach.EVERYONE,
        },
        # A task is its owner's; HR sees to those that stay undone.
        Action.ONBOARDING_TASK: {Role.EMPLOYEE: Reach.SELF, Role.HR: Reach.EVERYONE},
        # Nobody fills in somebody else's file; who lacks what is told without a value of it.
        Action.PERSONNEL_FILL: {Role.EMPLOYEE: Reach.SELF},
        Action.PERSONNEL_PROGRESS: {Role.HRBP: Reach.DEPARTMENT, Role.HR: Reach.EVERYONE},
    }
)

HR_GROUP = frozenset({Action.ABSENCE_VIEW})
"""What is told to HR's group by itself, of everybody."""


class Field(StrEnum):
    """What is shown masked unless the next table says otherwise."""

    ID_NUMBER = "id_number"
    BANK_ACCOUNT = "bank_account"
    PHONE = "phone"
    PAY = "pay"


_PHONE = frozenset({Field.PHONE})

CLEAR: Mapping[Action, Mapping[Role, frozenset[Field]]] = MappingProxyType(
    {
        Action.EMPLOYEE_VIEW: {
            Role.EMPLOYEE: _PHONE,
            Role.MANAGER: _PHONE,
            Role.DEPARTMENT_HEAD: _PHONE,
            Role.GENERAL_MANAGER: _PHONE,
            Role.HRBP: _PHONE,
            Role.HR: _PHONE,
        },
        Action.EMPLOYEE_EXPORT: {Role.HR: _PHONE},
        Action.IDENTITY_VIEW: {
            Role.EMPLOYEE: frozenset({Field.ID_NUMBER, Field.BANK_ACCOUNT, Field.PHONE}),
            Role.HR: frozenset({Field.ID_NUMBER, Field.PHONE}),
            Role.PAYROLL: frozenset({Field.ID_NUMBER, Field.BANK_ACCOUNT}),
        },
        Action.PAYSLIP_VIEW: {Role.EMPLOYEE: frozenset({Field.PAY})},
        Action.PAYROLL_SHEET_READ: {Role.PAYROLL: frozenset({Field.PAY, Field.BANK_ACCOUNT})},
        Action.PAYROLL_PREPARE: {Role.PAYROLL: frozenset({Field.PAY})},
    }
)

APART_ON_ONE_RECORD: tuple[frozenset[Action], ...] = (
    frozenset({Action.PAYROLL_PREPARE, Action.PAYROLL_RELEASE}),
    frozenset({Action.ROLE_GRANT, Action.ROLE_CONFIRM}),
)
"""Of each pair a person can do one to the same record: who prepares a payroll doesn't release it."""

APART_ROLES: tuple[frozenset[Role], ...] = (
    frozenset({Role.OPERATOR, Role.HR}),
    frozenset({Role.OPERATOR, Role.HRBP}),
    frozenset({Role.OPERATOR, Role.PAYROLL}),
    frozenset({Role.OPERATOR, Role.AUDITOR}),
    frozenset({Role.AUDITOR, Role.PAYROLL}),
)
"""Of each pair a person can be granted one. A role of the company's own counts as every role it borrows from."""

SENSITIVE_ACTIONS = frozenset(
    {
        Action.EMPLOYEE_EXPORT,
        Action.IDENTITY_VIEW,
        Action.PAYROLL_SHEET_READ,
        Action.PAYROLL_PREPARE,
        Action.PAYROLL_RELEASE,
        Action.AUDIT_READ,
        Action.DATA_ERASE,
        Action.ROLE_CONFIRM,
    }
)
"""A role of the company's own that has one of these is as sensitive as `hr`."""
