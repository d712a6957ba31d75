from dataclasses import replace
from decimal import Decimal

import pytest

from hr_core.approval.model import NoApprover, Route, StepRole, load_leave_route
from hr_core.approval.rules import approvers
from hr_core.permission.access import RoleGrant
from hr_core.permission.matrix import Role
from tests.cast import CHEN, GAO, LI, LIN, WANG, ZHAO, access, directory


def test_the_manager_decides() -> None:
    assert approvers(access(), LIN, StepRole.MANAGER) == (WANG,)


def test_the_department_head_decides_where_no_manager_is_known() -> None:
    assert approvers(access(), CHEN, StepRole.MANAGER) == (GAO,)


def test_the_top_person_asks_hr() -> None:
    assert approvers(access(), GAO, StepRole.MANAGER) == (LI,)


def test_an_hr_step_asks_every_holder_in_reach_but_the_applicant() -> None:
    both = access(grants=[RoleGrant(LI, Role.HR), RoleGrant(ZHAO, Role.HR)])
    assert approvers(both, LIN, StepRole.HR) == (LI, ZHAO)
    assert approvers(both, LI, StepRole.HR) == (ZHAO,)


def test_the_only_hr_person_asks_the_general_manager() -> None:
    assert approvers(access(), LI, StepRole.HR) == (GAO,)


def test_a_cycle_ends_at_hr() -> None:
    wang = replace(directory().people[WANG], manager_id=LIN)
    assert approvers(access(wang), LIN, StepRole.MANAGER) == (LI,)


def test_with_nobody_left_the_error_has_a_name() -> None:
    with pytest.raises(NoApprover):
        approvers(access(grants=[]), GAO, StepRole.MANAGER)


@pytest.mark.parametrize(
    ("days", "steps"),
    [
        ("0.5", (StepRole.MANAGER,)),
        ("3", (StepRole.MANAGER,)),
        ("3.5", (StepRole.MANAGER, StepRole.HR)),
        ("10", (StepRole.MANAGER, StepRole.HR)),
    ],
)
def test_above_three_days_hr_decides_too(days: str, steps: tuple[StepRole, ...]) -> None:
    assert load_leave_route().steps(Decimal(days)) == steps


def test_a_route_with_a_misspelt_step_is_refused() -> None:
    with pytest.raises(ValueError, match="steps"):
        Route.model_validate(
            {
                "version": 1,
                "effective_from": "2026-01-01",
                "source": "x",
                "rules": [{"above_days": 0, "steps": ["boss"]}],
            }
        )
