"""`dinghr role`: who was given what."""

from typing import Annotated

from cyclopts import App, Parameter

from bot.cli.office import Office, office
from bot.cli.show import as_json, as_table, fail, line
from hr_core.audit.store import OPERATOR, Act, AuditLog
from hr_core.people.store import DepartmentRow, EmployeeRow, PeopleStore
from hr_core.permission.matrix import GRANTABLE, Role
from hr_core.permission.store import RoleGrantRow, RoleStore

roles = App(name="role", help="Roles: grant, revoke, list. Employee and manager follow from the directory.")

Json = Annotated[bool, Parameter(name="--json")]


@roles.command
async def grant(userid: str, role: str, *, department: str | None = None) -> None:
    """Give a person a role: hr, payroll, auditor or operator; with --department, for its subtree only."""
    chosen = _role(role)
    async with office() as place:
        person = await place.person(userid)
        async with place.transaction("role grant") as (session, services):
            department_id = await _department(PeopleStore(session), department)
            store = RoleStore(session)
            for held in await store.current():
                if (held.employee_id, held.role, held.department_id) == (person, chosen, department_id):
                    line(f"{userid} has the role {chosen} already")
                    return
            row = RoleGrantRow(
                employee_id=person,
                role=chosen.value,
                department_id=department_id,
                granted_at=place.workplace.clock.now(),
                granted_by=OPERATOR,
            )
            await store.add(row)
            _record(services[AuditLog], "role.grant", userid, chosen)
    line(f"{userid} has the role {chosen} now")


@roles.command
async def revoke(userid: str, role: str, *, department: str | None = None) -> None:
    """Take a role from a person."""
    chosen = _role(role)
    async with office() as place:
        person = await place.person(userid)
        async with place.transaction("role revoke") as (session, services):
            department_id = await _department(PeopleStore(session), department)
            store = RoleStore(session)
            held = [
                row
                for row in await store.current()
                if (row.employee_id, row.role, row.department_id) == (person, chosen, department_id)
            ]
            if not held:
                fail(f"{userid} doesn't have the role {chosen}")
            for row in held:
                row.revoked_at = place.workplace.clock.now()
                await store.add(row)
            _record(services[AuditLog], "role.revoke", userid, chosen)
    line(f"{userid} doesn't have the role {chosen} any more")


@roles.command(name="list")
async def list_roles(*, as_json_: Json = False) -> None:
    """Print every role that was granted and not revoked."""
    async with office() as place:
        rows = await _granted(place)
    if as_json_:
        as_json(rows)
    else:
        as_table(rows, ["userid", "role", "department"])


async def _granted(place: Office) -> list[dict[str, str | None]]:
    async with place.database.read() as session:
        rows = []
        for row in await RoleStore(session).current():
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


def _role(name: str) -> Role:
    if name not in GRANTABLE:
        fail(f"{name}: not a role that can be granted; choose one of {', '.join(sorted(GRANTABLE))}", 2)
    return Role(name)


async def _department(store: PeopleStore, key: str | None) -> int | None:
    if key is None:
        return None
    known = await store.departments_by_key()
    if key not in known:
        fail(f"--department {key}: no department with this id is known; run: dinghr sync")
    return known[key].id


def _record(log: object, action: str, userid: str, role: Role) -> None:
    if isinstance(log, AuditLog):
        log.record(Act(OPERATOR, action, on=userid, record=f"role:{role}"))
