"""`dinghr role`: who was given what."""

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cli.leave import As, Wait
from bot.cli.office import Office, office, os_user
from bot.cli.show import as_json, as_table, fail, line
from hr_core.audit.store import OPERATOR
from hr_core.clock import company_day
from hr_core.people.store import DepartmentRow, EmployeeRow, PeopleStore
from hr_core.permission.access import Access
from hr_core.permission.service import RoleProblem, RoleService, RoleWish, UnknownRole
from hr_core.permission.store import RoleStore

app = App(name="role", help="Roles: grant, revoke, list. Employee, manager and head follow from the directory.")

Json = Annotated[bool, Parameter(name="--json")]
From = Annotated[date | None, Parameter(name="--from")]


@app.command
async def grant(
    userid: str,
    role: str,
    *,
    department: str | None = None,
    legal_entity: str | None = None,
    region: str | None = None,
    position: str | None = None,
    from_: From = None,
    until: date | None = None,
    as_: As = None,
    wait: Wait = 120,
) -> None:
    """Give a person a role; with --department and so on, for that part of the company only.

    After the first hr, payroll or auditor, a further one counts once a second person has agreed in the chat. HR and the
    role's holders are told of every grant.

    Parameters
    ----------
    department
        A department's id: the role reaches its subtree and no further.
    from_
        The first day, as 2026-12-01; today without.
    until
        The last day, as 2026-12-31; without, until it is revoked.
    as_
        Your own userid: the grant is on record as yours once you agree in the chat; else as the server's login.
    wait
        Seconds to wait for that.
    """
    _in_order(from_, until)
    async with office() as place:
        person = await place.person(userid)
        asker = await place.whose(as_, person, f"grant:{role}", seconds=wait) if as_ else OPERATOR
        async with place.transaction("role grant") as (session, services):
            wish = await _wish(session, role, department, legal_entity, region, position, from_, until)
            roles: RoleService = services[RoleService]  # type: ignore[assignment]
            access: Access = services[Access]  # type: ignore[assignment]
            try:
                granted, happened = await roles.grant(person, wish, asker, os_user())
            except RoleProblem as problem:
                fail(str(problem), 2 if isinstance(problem, UnknownRole) else 1)
            await place.tell(session, services, happened, "role grant")
            asked = [access.directory.people[one].key for one in granted.asked]
    if granted.pending and granted.before:
        line(f"{userid} has been asked to have the role {role} already (grant {granted.grant_id}); it isn't confirmed")
    elif granted.pending:
        line(
            f"{userid} doesn't have the role {role} yet: grant {granted.grant_id} waits until one of "
            f"{', '.join(asked)} agrees in the chat; see: dinghr role list --pending"
        )
    elif granted.before:
        line(f"{userid} has the role {role} already")
    elif from_ is not None:
        line(f"{userid} has the role {role} from {from_} on")
    else:
        line(f"{userid} has the role {role} now")


@app.command
async def revoke(
    userid: str,
    role: str,
    *,
    department: str | None = None,
    legal_entity: str | None = None,
    region: str | None = None,
    position: str | None = None,
    as_: As = None,
    wait: Wait = 120,
) -> None:
    """Take a role from a person, or the question whether they may have it; at once, and HR is told.

    Parameters
    ----------
    as_
        Your own userid: it is on record as yours once you agree in the chat; else as the server's login.
    """
    async with office() as place:
        person = await place.person(userid)
        asker = await place.whose(as_, person, f"revoke:{role}", seconds=wait) if as_ else OPERATOR
        async with place.transaction("role revoke") as (session, services):
            wish = await _wish(session, role, department, legal_entity, region, position)
            roles: RoleService = services[RoleService]  # type: ignore[assignment]
            try:
                happened = await roles.revoke(person, wish, asker, os_user())
            except RoleProblem as problem:
                fail(str(problem))
            await place.tell(session, services, happened, "role revoke")
    line(f"{userid} doesn't have the role {role} any more")


@app.command(name="list")
async def list_roles(*, pending: bool = False, as_json_: Json = False) -> None:
    """Print every role that was granted and counts today; with --pending, those that wait for a second person."""
    async with office() as place:
        rows = await _listed(place, pending=pending)
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["userid", "role", "department"])


async def _listed(place: Office, *, pending: bool) -> list[dict[str, str | None]]:
    async with place.database.read() as session:
        store = RoleStore(session)
        today = company_day(place.workplace.clock.now())
        rows = []
        for row in await (store.pending() if pending else store.in_force(today)):
            person = await session.get(EmployeeRow, row.employee_id)
            department = await session.get(DepartmentRow, row.department_id) if row.department_id else None
            rows.append(
                {
                    "userid": person.key if person else None,
                    "role": row.role,
                    "department": department.key if department else None,
                }
            )
        return rows


async def _wish(
    session: AsyncSession,
    role: str,
    department: str | None,
    legal_entity: str | None,
    region: str | None,
    position: str | None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleWish:
    department_id = None
    if department is not None:
        known = await PeopleStore(session).departments_by_key()
        if department not in known:
            fail(f"--department {department}: no department with this id is known; run: dinghr sync")
        department_id = known[department].id
    return RoleWish(role, department_id, legal_entity, region, position, valid_from, valid_to)


def _in_order(first: date | None, last: date | None) -> None:
    if last is not None and first is not None and last < first:
        fail(f"--until {last}: is before --from {first}", 2)
