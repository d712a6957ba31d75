"""The company's own roles: what `access.toml` may say, and what it is told when it says more."""

from datetime import date
from pathlib import Path

import pytest

from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.matrix import Action, Field, Role
from hr_core.permission.policy import NO_FILE, AccessPolicyError, Policy, load_policy
from tests.cast import CHEN, LIN, PRODUCT, SALES, ZHAO, directory

HEAD = 'version = 1\neffective_from = 2026-11-01\nsource = "制度 2026-3"\n'


def written(home: Path, text: str) -> Path:
    (home / "access.toml").write_text(text, "utf-8")
    return home


def row(action: str, reach: str, more: str = "") -> str:
    return f'[[role.may]]\naction = "{action}"\nreach = "{reach}"\n{more}\n'


def role(name: str, *rows: str) -> str:
    return f'[[role]]\nname = "{name}"\ntitle = "自定义"\n' + "".join(rows)


def test_without_a_file_the_built_in_table_holds(tmp_path: Path) -> None:
    assert load_policy(tmp_path) is NO_FILE
    assert NO_FILE.on(date(2026, 11, 24)).roles == tuple(Role)


def test_a_role_may_what_its_definition_says_and_no_more(tmp_path: Path) -> None:
    text = HEAD + role("regional_hr", row("leave.view", "department"), row("employee.view", "department"))
    policy = load_policy(written(tmp_path, text)).on(date(2026, 11, 24))
    facts = Access(directory(), {ZHAO: (RoleGrant(ZHAO, "regional_hr", PRODUCT),)}, policy)
    plain = Access(directory(), {})
    for action in Action:
        for on in (LIN, CHEN, ZHAO):
            more = action in {Action.LEAVE_VIEW, Action.EMPLOYEE_VIEW} and on == LIN
            assert facts.allows(ZHAO, action, on) == (more or plain.allows(ZHAO, action, on))
    assert Field.PHONE not in facts.clear(ZHAO, Action.EMPLOYEE_VIEW, LIN)


def test_a_role_holds_from_its_day_on(tmp_path: Path) -> None:
    file = load_policy(written(tmp_path, HEAD + role("later", row("absence.view", "everyone"))))
    assert "later" not in file.on(date(2026, 10, 31)).grantable
    assert "later" in file.on(date(2026, 11, 1)).grantable


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version = ", "is not TOML"),
        (HEAD.replace("version = 1\n", ""), "version"),
        (HEAD + role("hr", row("leave.view", "reports")), "role hr: is a built-in role"),
        (
            HEAD + role("a1", row("leave.view", "reports")) + role("a1", row("leave.view", "self")),
            "role a1: stands twice",
        ),
        (HEAD + role("Bad Name", row("leave.view", "reports")), "role.0.name"),
        (HEAD + role("a1", row("salary.steal", "everyone")), "role.0.may.0.action"),
        (HEAD + role("a1", row("leave.view", "planet")), "role.0.may.0.reach"),
        (HEAD + role("a1", row("leave.view", "reports"), row("leave.view", "everyone")), "leave.view stands twice"),
        (HEAD + role("a1", row("payslip.view", "everyone")), "payslip.view is everybody's own"),
        (HEAD + role("a1", row("card.use", "everyone")), "card.use is everybody's own"),
        (HEAD + role("a1", row("role.grant", "everyone")), "role.grant is nobody's"),
        (HEAD + role("a1", row("employee.view", "everyone", 'clear = ["pay"]')), "pay is shown in clear to nobody"),
        (HEAD + role("a1", row("leave.view", "everyone", 'clear = ["id_number"]')), "id_number is shown in clear to"),
        (HEAD + role("a1"), "role.0.may"),
        (HEAD + "extra = 1\n", "extra"),
        (
            HEAD + role("a1", row("payroll.prepare", "everyone"), row("payroll.release", "everyone")),
            "payroll.prepare and payroll.release must not be one person's",
        ),
    ],
)
def test_what_goes_too_far_is_named_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(AccessPolicyError) as told:
        load_policy(written(tmp_path, text))
    assert problem in str(told.value)
    assert "access.toml" in str(told.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = HEAD + role("hr", row("payslip.view", "everyone")) + role("b2", row("role.grant", "everyone"))
    with pytest.raises(AccessPolicyError) as told:
        load_policy(written(tmp_path, text))
    assert len(str(told.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("action", "reach", "heavy"),
    [
        ("payroll.release", "department", True),
        ("identity.view", "department", True),
        ("leave.view", "everyone", True),
        ("leave.view", "department", False),
        ("absence.view", "region", False),
    ],
)
def test_a_role_with_sensitive_rights_is_a_sensitive_role(tmp_path: Path, action: str, reach: str, heavy: bool) -> None:
    policy = load_policy(written(tmp_path, HEAD + role("a1", row(action, reach)))).newest
    assert ("a1" in policy.sensitive) == heavy


def test_the_operator_has_no_hr_rights_under_another_name(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, HEAD + role("a1", row("absence.view", "region")))).newest
    assert policy.apart("a1", Role.OPERATOR)
    assert policy.apart(Role.OPERATOR, "a1")
    assert not policy.apart("a1", Role.HR)
    assert not policy.apart(Role.OPERATOR, Role.OPERATOR), "for two departments"


def test_the_auditor_has_no_payroll_under_another_name(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, HEAD + role("a1", row("payroll.prepare", "region")))).newest
    assert policy.apart("a1", Role.AUDITOR)
    assert not Policy().apart(Role.AUDITOR, Role.HR)
    assert not Policy().apart(Role.HR, Role.PAYROLL)


def test_a_grant_for_a_department_of_the_companys_own_role_stays_there(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, HEAD + role("a1", row("leave.view", "everyone")))).newest
    facts = Access(directory(), {ZHAO: (RoleGrant(ZHAO, "a1", SALES),)}, policy)
    assert facts.allows(ZHAO, Action.LEAVE_VIEW, CHEN)
    assert not facts.allows(ZHAO, Action.LEAVE_VIEW, LIN)
