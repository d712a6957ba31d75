"""How far a role reaches, what keeps two acts apart, and what is masked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hr_core.people import rules
from hr_core.people.model import Person
from hr_core.permission.access import Access, Reached, RoleGrant
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.fields import Protected, mask, masked
from hr_core.permission.matrix import Action, Field, Reach, Role
from hr_core.permission.policy import CustomRole, Policy, RoleRow
from tests.cast import CHEN, LI, LIN, PRODUCT, SALES, TEAM, WANG, ZHAO, access, directory


def test_reports_are_those_who_have_the_manager_among_their_superiors() -> None:
    cycle = (
        Person(8, "a", "甲", departments=(SALES,), manager_id=9),
        Person(9, "b", "乙", departments=(SALES,), manager_id=8),
        Person(10, "c", "丙", departments=(SALES,), manager_id=9),
    )
    facts = access(*cycle)
    for actor in facts.directory.people:
        below = {one for one in facts.directory.people if actor in rules.superiors(facts.directory, one)}
        assert facts.crowd.below(actor) == below


def test_the_head_of_a_department_sees_who_is_away_whoever_they_report_to() -> None:
    elsewhere = Person(8, "x", "外派", departments=(TEAM,), manager_id=CHEN)
    facts = access(elsewhere)
    assert facts.allows(WANG, Action.ABSENCE_VIEW, 8)
    assert not facts.allows(WANG, Action.LEAVE_VIEW, 8), "why is for the line of managers"
    assert facts.allows(CHEN, Action.LEAVE_VIEW, 8)


def test_an_hrbp_reaches_the_subtrees_granted_and_no_further() -> None:
    facts = access(grants=[RoleGrant(ZHAO, Role.HRBP, PRODUCT), RoleGrant(ZHAO, Role.HRBP, SALES)])
    assert facts.reachable(ZHAO, Action.LEAVE_VIEW) == Reached(False, frozenset({WANG, LIN, CHEN, ZHAO}))
    assert not access(grants=[RoleGrant(ZHAO, Role.HRBP)]).allows(ZHAO, Action.LEAVE_VIEW, LIN)


@pytest.mark.parametrize(
    "narrowed",
    [
        RoleGrant(LI, Role.HR, legal_entity="青禾上海"),
        RoleGrant(LI, Role.HR, region="华东"),
        RoleGrant(LI, Role.HR, position="工程师"),
        RoleGrant(LI, Role.HR, TEAM, legal_entity="青禾上海", region="华东", position="工程师"),
    ],
)
def test_a_grant_is_narrowed_to_a_legal_entity_a_region_or_a_position(narrowed: RoleGrant) -> None:
    facts = access(replace(directory().people[LIN], legal_entity="青禾上海", region="华东"), grants=[narrowed])
    assert facts.allows(LI, Action.LEAVE_VIEW, LIN)
    assert not facts.allows(LI, Action.LEAVE_VIEW, CHEN)
    assert not facts.allows(LI, Action.GROUP_BIND, None)


def test_a_grant_narrowed_twice_reaches_who_is_in_both() -> None:
    lin = replace(directory().people[LIN], region="华东")
    facts = access(lin, grants=[RoleGrant(LI, Role.HR, SALES, region="华东")])
    assert not facts.allows(LI, Action.LEAVE_VIEW, LIN)


@pytest.mark.parametrize("reach", [Reach.LEGAL_ENTITY, Reach.REGION])
def test_a_fact_that_isnt_known_reaches_nobody(reach: Reach) -> None:
    own = CustomRole(name="own", title="自定义", may=(RoleRow(action=Action.LEAVE_VIEW, reach=reach),))
    grants = {ZHAO: (RoleGrant(ZHAO, "own"),)}
    assert not Access(directory(), grants, Policy((own,))).allows(ZHAO, Action.LEAVE_VIEW, LIN)
    known = [replace(directory().people[one], **{reach.value: "同"}) for one in (ZHAO, LIN)]  # type: ignore[arg-type]
    facts = Access(directory(*known), grants, Policy((own,)))
    assert facts.allows(ZHAO, Action.LEAVE_VIEW, LIN)
    assert not facts.allows(ZHAO, Action.LEAVE_VIEW, CHEN)


def test_a_role_that_is_in_no_table_gives_nothing() -> None:
    facts, plain = access(grants=[RoleGrant(CHEN, "gone")]), access(grants=[])
    assert [facts.allows(CHEN, action, LIN) for action in Action] == [plain.allows(CHEN, a, LIN) for a in Action]


def test_who_prepared_a_payroll_doesnt_release_it() -> None:
    checker = PermissionChecker(access(grants=[RoleGrant(ZHAO, Role.PAYROLL)]))
    assert checker.may(ZHAO, Action.PAYROLL_RELEASE, on=LIN, did=[Action.PAYROLL_SHEET_READ])
    with pytest.raises(NotAllowed) as refusal:
        checker.may(ZHAO, Action.PAYROLL_RELEASE, on=LIN, did=[Action.PAYROLL_PREPARE])
    assert refusal.value.code == "refusal.payroll_release"
    with pytest.raises(NotAllowed):
        checker.may(ZHAO, Action.PAYROLL_PREPARE, on=LIN, did=[Action.PAYROLL_RELEASE])


def test_the_group_is_told_only_what_the_table_says() -> None:
    checker = PermissionChecker(access())
    assert checker.for_hr_group(Action.ABSENCE_VIEW).reached.everyone
    with pytest.raises(PermissionError):
        checker.for_hr_group(Action.LEAVE_VIEW)


RECORD = {
    Field.ID_NUMBER: Protected(Field.ID_NUMBER, LIN, "11010519900307000X"),
    Field.BANK_ACCOUNT: Protected(Field.BANK_ACCOUNT, LIN, "6222020200112233445"),
    Field.PHONE: Protected(Field.PHONE, LIN, "13800000002"),
    Field.PAY: Protected(Field.PAY, LIN, Decimal("12345.67")),
}


@pytest.mark.parametrize(
    ("who", "action", "shown"),
    [
        (LIN, Action.IDENTITY_VIEW, ("11010519900307000X", "6222020200112233445", "13800000002", "****")),
        (LI, Action.IDENTITY_VIEW, ("11010519900307000X", "****3445", "13800000002", "****")),
        (ZHAO, Action.IDENTITY_VIEW, ("11010519900307000X", "6222020200112233445", "138****0002", "****")),
        (ZHAO, Action.PAYROLL_SHEET_READ, ("****000X", "6222020200112233445", "138****0002", "12345.67")),
        (WANG, Action.EMPLOYEE_VIEW, ("****000X", "****3445", "13800000002", "****")),
        (WANG, Action.LEAVE_VIEW, ("****000X", "****3445", "138****0002", "****")),
    ],
)
def test_fields_are_masked_by_the_table(who: int, action: Action, shown: tuple[str, ...]) -> None:
    checker = PermissionChecker(access(grants=[RoleGrant(LI, Role.HR), RoleGrant(ZHAO, Role.PAYROLL)]))
    seen = mask(RECORD, checker.may(who, action, on=LIN))
    assert tuple(str(one) for one in seen.values()) == shown
    assert all(one.clear == ("*" not in one.text) for one in seen.values())


def test_a_protected_value_tells_nothing_of_itself() -> None:
    checker = PermissionChecker(access())
    for value in RECORD.values():
        assert f"{value!r} {value}" == f"<{value.field} of {LIN}> <{value.field} of {LIN}>"
        with pytest.raises(PermissionError):
            value.seen_with(checker.may(LI, Action.EMPLOYEE_VIEW, on=CHEN))


@pytest.mark.parametrize(
    ("field", "value"),
    [(Field.PHONE, "1380000"), (Field.ID_NUMBER, "1234567"), (Field.BANK_ACCOUNT, "12345678"), (Field.PAY, "1")],
)
def test_a_short_value_is_hidden_whole(field: Field, value: str) -> None:
    assert masked(field, value) == "****"
