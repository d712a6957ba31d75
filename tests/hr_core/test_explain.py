"""Why somebody may do something, what would change, and which grants are worth a question."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import hr_core
from cards.access_table import markdown
from cards.catalogue import words
from hr_core.permission.access import RoleGrant
from hr_core.permission.explain import explain, explain_with
from hr_core.permission.matrix import Action, Reach, Role
from hr_core.permission.policy import BUILT_IN
from hr_core.permission.review import Finding, Reviewed, review
from tests.cast import CHEN, GAO, LI, LIN, PRODUCT, SALES, TODAY, WANG, ZHAO, access

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DOCS = Path(hr_core.__file__).parents[1] / "docs"


def test_an_explanation_and_the_decision_never_differ() -> None:
    facts = access(grants=[RoleGrant(LI, Role.HR), RoleGrant(ZHAO, Role.HRBP, PRODUCT)])
    people = facts.directory.people
    for actor in people:
        for on in people:
            for action in Action:
                assert explain(facts, actor, action, on).allowed == facts.allows(actor, action, on)


def test_every_reason_is_given_with_its_way() -> None:
    facts = access(grants=[RoleGrant(WANG, Role.HR, id=7, granted_by="operator", since=NOW)])
    reasons = explain(facts, WANG, Action.LEAVE_VIEW, LIN).reasons
    assert [(one.grant.role, one.reach, one.line) for one in reasons] == [
        (Role.MANAGER, Reach.REPORTS, (LIN, WANG)),
        (Role.HR, Reach.EVERYONE, ()),
    ]
    assert (reasons[1].grant.id, reasons[1].grant.granted_by, reasons[1].grant.since) == (7, "operator", NOW)
    assert explain(facts, GAO, Action.LEAVE_VIEW, LIN).reasons[0].line == (LIN, WANG, GAO)


def test_a_no_says_what_it_would_take() -> None:
    found = explain(access(), CHEN, Action.PAYROLL_RELEASE, LIN)
    assert not found.allowed
    assert found.row == {"payroll": Reach.EVERYONE, "general_manager": Reach.EVERYONE}


@pytest.mark.parametrize(("department", "then"), [(PRODUCT, True), (SALES, False), (None, True)])
def test_what_would_change_with_one_more_grant(department: int | None, then: bool) -> None:
    facts = access()
    more = RoleGrant(CHEN, Role.HR, department)
    assert explain_with(facts, CHEN, Action.LEAVE_VIEW, LIN, more).allowed is then
    assert not facts.allows(CHEN, Action.LEAVE_VIEW, LIN), "asking changes nothing"


HR = RoleGrant(LI, Role.HR, SALES, since=NOW - timedelta(days=200))


@pytest.mark.parametrize(
    ("grant", "pending", "used", "findings"),
    [
        (HR, False, NOW - timedelta(days=3), set()),
        (HR, False, None, {Finding.UNUSED}),
        (HR, False, NOW - timedelta(days=91), {Finding.UNUSED}),
        (replace(HR, since=NOW), False, None, set()),
        (replace(HR, department_id=None), False, NOW, {Finding.FOR_EVERYONE}),
        (replace(HR, until=TODAY + timedelta(days=30)), False, NOW, {Finding.ENDS_SOON}),
        (replace(HR, until=TODAY + timedelta(days=31)), False, NOW, set()),
        (replace(HR, until=date(2026, 11, 23)), False, NOW, {Finding.ENDED}),
        (HR, True, None, {Finding.WAITS_LONG}),
        (replace(HR, employee_id=999), False, NOW, {Finding.HOLDER_LEFT}),
        (replace(HR, role="gone"), False, NOW, {Finding.NO_SUCH_ROLE}),
        (RoleGrant(LI, Role.AUDITOR, SALES, since=NOW), False, NOW, {Finding.AUDITOR_AND_HR}),
    ],
)
def test_a_review_finds_what_is_worth_a_question(
    grant: RoleGrant, pending: bool, used: datetime | None, findings: set[Finding]
) -> None:
    found = review(access(grants=[HR]), Reviewed(grant, pending, used), NOW, TODAY, timedelta(days=90))
    assert set(found) == findings


def test_the_page_in_the_documents_is_the_table() -> None:
    page = (DOCS / "access.md").read_text("utf-8")
    made = page.split("<!-- made by: dinghr access matrix --markdown -->\n")[1].split("<!-- end -->")[0]
    assert made.strip() == markdown(words(), BUILT_IN).strip()
