"""The approved table, repeated in plain text: a change of access is seen twice."""

from dataclasses import FrozenInstanceError, replace

import pytest

from cards.catalogue import words
from hr_core.permission.access import Reached, RoleGrant
from hr_core.permission.checker import Grant, ListGrant, NotAllowed, PermissionChecker
from hr_core.permission.matrix import APART_ON_ONE_RECORD, APART_ROLES, CLEAR, MATRIX, Action, Role
from tests.cast import ADMIN, CHEN, GAO, LI, LIN, PRODUCT, WANG, ZHAO, access

APPROVED = """
                    employee  manager  department_head  general_manager  hrbp        hr        payroll   auditor   operator
leave.apply         self      -        -                -                -           -         -         -         -
leave.view          self      reports  -                everyone         department  everyone  -         -         -
leave.withdraw      self      -        -                -                -           -         -         -         -
leave.decide        -         reports  -                everyone         -           everyone  -         -         -
absence.view        -         reports  department       everyone         department  everyone  -         -         -
employee.view       self      reports  department       everyone         department  everyone  everyone  -         -
employee.export     -         -        -                -                -           everyone  -         -         -
identity.view       self      -        -                -                -           everyone  everyone  -         -
payslip.view        self      -        -                -                -           -         -         -         -
payslip.progress    -         -        -                -                -           everyone  everyone  -         -
payroll.sheet_read  -         -        -                -                -           -         everyone  -         -
payroll.prepare     -         -        -                -                -           -         everyone  -         -
payroll.release     -         -        -                everyone         -           -         everyone  -         -
audit.read          -         -        -                -                -           -         -         everyone  -
access.explain      self      -        -                -                -           everyone  -         everyone  -
role.grant          -         -        -                -                -           -         -         -         -
role.confirm        -         -        -                everyone         -           everyone  everyone  everyone  -
command.confirm     self      -        -                -                -           -         -         -         -
group.bind          -         -        -                -                -           everyone  -         -         -
card.use            self      -        -                -                -           -         -         -         -
data.export         self      -        -                -                -           -         -         -         -
data.correct        self      -        -                -                -           -         -         -         -
data.correct_decide -         -        -                -                -           everyone  -         -         -
data.erase          -         -        -                -                -           everyone  -         -         -
onboarding.hire     -         -        -                -                -           everyone  -         -         -
onboarding.decide   -         -        department       everyone         -           everyone  -         -         -
onboarding.view     self      reports  department       everyone         department  everyone  -         -         -
onboarding.task     self      -        -                -                -           everyone  -         -         -
personnel.fill      self      -        -                -                -           -         -         -         -
personnel.progress  -         -        -                -                department  everyone  -         -         -
"""  # noqa: E501 - one line an action

IN_CLEAR = """
employee.view       employee         phone
employee.view       manager          phone
employee.view       department_head  phone
employee.view       general_manager  phone
employee.view       hrbp             phone
employee.view       hr               phone
employee.export     hr               phone
identity.view       employee         id_number bank_account phone
identity.view       hr               id_number phone
identity.view       payroll          id_number bank_account
payslip.view        employee         pay
payroll.sheet_read  payroll          pay bank_account
payroll.prepare     payroll          pay
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


def test_what_is_shown_in_clear_is_the_approved_table() -> None:
    written = {(line.split()[0], line.split()[1]): set(line.split()[2:]) for line in IN_CLEAR.strip().splitlines()}
    told = {
        (action.value, role.value): {field.value for field in fields}
        for action, row in CLEAR.items()
        for role, fields in row.items()
    }
    assert told == written
    for action, row in CLEAR.items():
        assert set(row) <= set(MATRIX[action]), "clear for a role that may not do it at all"


def test_nobody_is_both_of_two_that_are_apart() -> None:
    assert {tuple(sorted(pair)) for pair in APART_ROLES} == {
        ("hr", "operator"), ("hrbp", "operator"), ("operator", "payroll"), ("auditor", "operator"),
        ("auditor", "payroll"),
    }  # fmt: skip
    assert {tuple(sorted(pair)) for pair in APART_ON_ONE_RECORD} == {
        ("payroll.prepare", "payroll.release"),
        ("role.confirm", "role.grant"),
    }


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
        Grant(CHEN, Action.LEAVE_VIEW, LIN, frozenset(), object())
    with pytest.raises(TypeError, match="PermissionChecker"):
        ListGrant(CHEN, Action.LEAVE_VIEW, Reached(everyone=True, people=frozenset()), object())
    grant = PermissionChecker(access()).may(LI, Action.LEAVE_VIEW, on=LIN)
    assert grant.covers(Action.LEAVE_VIEW, LIN)
    assert not grant.covers(Action.LEAVE_VIEW, CHEN)


def test_a_grant_cant_be_made_into_another() -> None:
    grant = PermissionChecker(access()).may(LIN, Action.LEAVE_VIEW, on=LIN)
    with pytest.raises((TypeError, ValueError)):
        replace(grant, on=CHEN)  # type: ignore[call-arg]  # nor does it type-check
    with pytest.raises(FrozenInstanceError):
        grant.on = CHEN  # type: ignore[misc]
