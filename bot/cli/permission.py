"""`dinghr access`: the table, why somebody may do something, and which grants are worth a question."""

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cli.office import office
from bot.cli.show import as_json, as_table, fail, line
from bot.settings import SettingsError, read_settings
from cards.access_table import markdown
from cards.catalogue import words
from hr_core.audit.store import OPERATOR, Act, AuditLog, AuditRow
from hr_core.clock import company_day
from hr_core.people.store import EmployeeRow
from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.explain import Explanation, Reason, explain, explain_with
from hr_core.permission.matrix import Action, Reach
from hr_core.permission.policy import AccessPolicyError, Policy, load_policy
from hr_core.permission.review import Finding, Reviewed, review
from hr_core.permission.store import GrantStatus, RoleGrantRow, RoleStore

app = App(name="access", help="Who may see and do what, and why.")

Json = Annotated[bool, Parameter(name="--json")]


@app.command(name="explain")
async def explain_decision(
    who: str, action: str, on_whom: str, *, if_granted: str | None = None, as_json_: Json = False
) -> None:
    """Say whether WHO may do ACTION on ON_WHOM, by which role, reach and grant.

    Parameters
    ----------
    who
        A userid.
    action
        As in the table: leave.view, payroll.release, …
    if_granted
        ROLE or ROLE@DEPARTMENT: what the answer would be if WHO had it as well.
    """
    asked = _action(action)
    async with office() as place:
        actor, on = await place.person(who), await place.person(on_whom)
        async with place.transaction("access explain") as (_, services):
            access: Access = services[Access]  # type: ignore[assignment]
            found = explain(access, actor, asked, on)
            more = _supposed(access, actor, if_granted) if if_granted else None
            then = explain_with(access, actor, asked, on, more) if more else None
            log: AuditLog = services[AuditLog]  # type: ignore[assignment]
            log.record(Act(OPERATOR, Action.ACCESS_EXPLAIN.value, on=on_whom, why=f"{asked} of {who}"))
    told = _told(access, found)
    if then is not None:
        told["if_granted"] = {"role": if_granted, "allowed": then.allowed, "changes": then.allowed != found.allowed}
    if as_json_:
        as_json(told)
        return
    line(f"{who} {'may' if found.allowed else 'may not'} {action} on {on_whom}")
    for reason in told["reasons"]:
        line(
            "  because of " + ", ".join(f"{name} {value}" for name, value in reason.items() if value not in (None, []))
        )
    if not found.allowed:
        needed = [f"{one['role']} ({one['reach']})" for one in told["needs"]]
        line(f"  would need one of: {', '.join(needed) or 'nobody may'}")
    if then is not None:
        line(f"  with {if_granted}: {'may' if then.allowed else 'may not'}")


@app.command
def matrix(*, as_json_: Json = False, as_markdown: Annotated[bool, Parameter(name="--markdown")] = False) -> None:
    """Print the table: every action, who may do it, how far, and what is shown in clear."""
    policy = _policy()
    if as_json_:
        as_json([_row(policy, action) for action in Action])
    elif as_markdown:
        sys.stdout.write(markdown(words(), policy))
    else:
        rows = [
            {"action": action.value, **{role: policy.rows[action].get(role, "") for role in policy.roles}}
            for action in Action
        ]
        as_table(rows, ["action", *policy.roles])


@app.command(name="review")
async def review_grants(
    *, days: Annotated[int, Parameter(validator=Number(gte=1))] = 90, as_json_: Json = False
) -> None:
    """List the grants worth a question: not used on anybody in DAYS days, for everyone, ending, left behind.

    Used means that the audit log has an allowed act of that role's actions on somebody else.
    """
    async with office() as place:
        now = place.workplace.clock.now()
        today = company_day(now)
        async with place.transaction("access review") as (_, services):
            log: AuditLog = services[AuditLog]  # type: ignore[assignment]
            log.record(Act(OPERATOR, "access.review"))
        async with place.database.read() as session:
            access = await place.workplace.access.current(session, today)
            store = RoleStore(session)
            rows = []
            for row in [*await store.granted(), *await store.pending()]:
                person = await session.get(EmployeeRow, row.employee_id)
                key = person.key if person else str(row.employee_id)
                used = await _last_used(session, key, access.policy, row.role)
                one = Reviewed(row.grant, row.status == GrantStatus.PENDING, used)
                findings = review(access, one, now, today, timedelta(days=days))
                if findings:
                    rows.append(_reviewed(row, key, findings, used))
    if as_json_:
        as_json(rows)
    else:
        shown = [{**row, "findings": ", ".join(row["findings"])} for row in rows]
        as_table(shown, ["grant", "userid", "role", "findings", "granted_at", "until", "last_used"])


def _reviewed(row: RoleGrantRow, key: str, findings: Sequence[Finding], used: datetime | None) -> dict[str, Any]:
    return {
        "grant": row.id,
        "userid": key,
        "role": row.role,
        "findings": [finding.value for finding in findings],
        "granted_at": row.granted_at.isoformat(),
        "until": row.valid_to.isoformat() if row.valid_to else None,
        "last_used": used.isoformat() if used else None,
    }


async def _last_used(session: AsyncSession, key: str, policy: Policy, role: str) -> datetime | None:
    actions = [action.value for action in policy.by_role.get(role, ())]
    query = select(func.max(AuditRow.at)).where(
        AuditRow.actor == key,
        AuditRow.outcome == "allowed",
        col(AuditRow.action).in_(actions),
        col(AuditRow.on).is_distinct_from(key),
    )
    return (await session.exec(query)).one()


def _policy() -> Policy:
    """Give the table with the company's own roles, whatever the day from which they hold; no settings are needed."""
    try:
        home = read_settings().dinghr_home
    except SettingsError:
        home = Path(os.environ.get("DINGHR_HOME") or "~/.dinghr")
    try:
        return load_policy(home.expanduser()).newest
    except AccessPolicyError as error:
        fail(str(error), 2)


def _row(policy: Policy, action: Action) -> dict[str, Any]:
    return {
        "action": action.value,
        "roles": [
            {"role": role, "reach": reach.value, "clear": sorted(policy.clear(action, role))}
            for role, reach in policy.rows[action].items()
        ],
    }


def _told(access: Access, found: Explanation) -> dict[str, Any]:
    people = access.directory.people
    return {
        "who": people[found.actor].key,
        "action": found.action.value,
        "on": people[found.on].key,
        "allowed": found.allowed,
        "reasons": [_reason(access, reason) for reason in found.reasons],
        "needs": [{"role": role, "reach": reach.value} for role, reach in found.row.items()],
    }


def _reason(access: Access, reason: Reason) -> dict[str, Any]:
    grant = reason.grant
    department = access.directory.departments.get(grant.department_id or 0)
    return {
        "role": str(grant.role),
        "reach": reason.reach.value,
        "department": department.key if department else None,
        "legal_entity": grant.legal_entity,
        "region": grant.region,
        "position": grant.position,
        "line": [access.directory.people[one].key for one in reason.line] if reason.reach is Reach.REPORTS else [],
        "grant": grant.id,
        "granted_by": grant.granted_by,
        "since": grant.since.isoformat() if grant.since else None,
        "until": grant.until.isoformat() if grant.until else None,
    }


def _supposed(access: Access, actor: int, told: str) -> RoleGrant:
    role, _, department = told.partition("@")
    if role not in access.policy.grantable:
        fail(f"--if-granted {told}: choose one of {', '.join(sorted(access.policy.grantable))}", 2)
    found = next((one.id for one in access.directory.departments.values() if one.key == department), None)
    if department and found is None:
        fail(f"--if-granted {told}: no department with the id {department}", 2)
    return RoleGrant(actor, role, found)


def _action(name: str) -> Action:
    if name not in set(Action):
        fail(f"{name}: not an action; choose one of {', '.join(Action)}", 2)
    return Action(name)
