"""The approved table, repeated in plain text: a change of access is seen twice."""

import inspect

import pytest

from cards.catalogue import words
from hr_core.permission.access import RoleGrant
from hr_core.permission.checker import Grant, NotAllowed, PermissionChecker
from hr_core.permission.matrix import MATRIX, Action, Role
from tests.cast import ADMIN, CHEN, GAO, LI, LIN, PRODUCT, WANG, ZHAO, access

APPROVED = """
                employee  manager  general_manager  hr        payroll  auditor  operator
leave.apply     self      -        -                -         -        -        -
leave.view      self      reports  everyone         everyone  -        -        -
leave.withdraw  self      -        -                -         -        -        -
leave.decide    -         reports  everyone         everyone  -        -        -
absence.view    -         reports  everyone         everyone  -        -        -
group.bind      -         -        -                everyone  -        -        -
card.use        self      -        -                -         -        -        -
"""


def test_the_matrix_is_the_approved_table() -> None:
    head, *lines = APPROVED.strip().splitlines()
    roles = head.split()
    table = {line.split()[0]: dict(zip(roles, line.split()[1:], strict=True)) for line in lines}
    assert set(table) == {action.value for action in Action}
    assert set(roles) == {role.value for role in Role}
    for action, row in MATRIX.items():
        written = {role: reach for role, reach in table[action.value].items() if reach != "-"}
        assert {role.value: reach.value for role, reach in row.items()} == written


def test_every_action_has_a_row_and_a_refusal() -> None:
    for action in Action:
        assert action in MATRIX
        text = words().say(f"refusal.{action.value.replace('.', '_')}")
        assert "无权" in text or "不能" in text


@pytest.mark.parametrize(
    ("actor", "action", "on", "allowed"),
    [
        (LIN, Action.LEAVE_VIEW, LIN, True),
        (LIN, Action.LEAVE_VIEW, CHEN, False),
        (WANG, Action.LEAVE_DECIDE, LIN, True),
        (CHEN, Action.LEAVE_DECIDE, LIN, False),
        (GAO, Action.LEAVE_DECIDE, LIN, True),
        (LI, Action.LEAVE_VIEW, CHEN, True),
        (ZHAO, Action.LEAVE_VIEW, CHEN, False),
        (ADMIN, Action.LEAVE_VIEW, LIN, False),
        (ADMIN, Action.GROUP_BIND, None, False),
        (LI, Action.GROUP_BIND, None, True),
        (999, Action.LEAVE_VIEW, LIN, False),
        (LI, Action.LEAVE_VIEW, 999, False),
    ],
)
def test_who_may(actor: int, action: Action, on: int | None, allowed: bool) -> None:
    assert access().allows(actor, action, on) is allowed


def test_a_role_for_a_department_reaches_its_subtree_only() -> None:
    partner = access(grants=[RoleGrant(ZHAO, Role.HR, PRODUCT)])
    assert partner.allows(ZHAO, Action.LEAVE_VIEW, LIN)
    assert not partner.allows(ZHAO, Action.LEAVE_VIEW, CHEN)
    assert not partner.allows(ZHAO, Action.GROUP_BIND, None), "the group is the whole company's"
    assert partner.allows_anywhere(ZHAO, Action.LEAVE_DECIDE)
    assert partner.holders(Role.HR, over=LIN) == (ZHAO,)
    assert partner.holders(Role.HR, over=CHEN) == ()


def test_a_refusal_is_the_same_whether_or_not_the_record_exists() -> None:
    checker = PermissionChecker(access())
    with pytest.raises(NotAllowed) as stranger:
        checker.may(CHEN, Action.LEAVE_DECIDE, on=LIN, record="leave:1")
    missing = checker.refuse(CHEN, Action.LEAVE_DECIDE, record="leave:2")
    assert (stranger.value.code, stranger.value.values) == (missing.code, missing.values)


def test_a_refusal_carries_what_the_audit_log_says() -> None:
    with pytest.raises(NotAllowed) as refusal:
        PermissionChecker(access()).may(CHEN, Action.LEAVE_DECIDE, on=LIN, record="leave:1")
    act = refusal.value.act
    assert (act.actor, act.action, act.on, act.record, act.outcome) == (
        "chen",
        "leave.decide",
        "lin",
        "leave:1",
        "refused",
    )


def test_nobody_makes_a_grant_but_the_checker() -> None:
    with pytest.raises(TypeError, match="PermissionChecker"):
        Grant(CHEN, Action.LEAVE_VIEW, LIN, object())
    assert "seal" in inspect.signature(Grant).parameters
    assert PermissionChecker(access()).may(LI, Action.LEAVE_VIEW, on=LIN).covers(Action.LEAVE_VIEW, LIN)
