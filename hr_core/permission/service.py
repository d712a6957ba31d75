"""Granting and revoking roles. A command asks; of a sensitive role's further grants a second person decides.

The caller holds the transaction. What a command can't have is a `RoleProblem`: its text names what to do.
"""

from dataclasses import dataclass
from datetime import date, datetime

from hr_core.audit.store import Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.notices import Happened, Notice, Outdated
from hr_core.people.model import Directory
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action, Role
from hr_core.permission.rules import audience, confirmers, needs_second_person, role_apart
from hr_core.permission.store import GrantStatus, RoleGrantRow, RoleStore

KIND = "role"
ASK, TELL = "role.confirm", "role.told"


class RoleProblem(Exception):
    """A grant or a revocation that can't be; the text tells an operator why and what to do instead."""

    code = "role.problem"


class UnknownRole(RoleProblem):
    """No such role, or one that follows from the directory."""

    code = "role.unknown"


class DepartmentNeeded(RoleProblem):
    """The role is of departments."""

    code = "role.department_needed"


class RolesApart(RoleProblem):
    """The person has a role that can't stand beside this one."""

    code = "role.apart"


class NobodyToConfirm(RoleProblem):
    """A second person would have to agree, and there is none."""

    code = "role.nobody_to_confirm"


class NotHeld(RoleProblem):
    """There is nothing to revoke."""

    code = "role.not_held"


@dataclass(frozen=True, slots=True)
class RoleWish:
    """What a command wants a person to be: a role, what narrows it, and for how long."""

    role: str
    department_id: int | None = None
    legal_entity: str | None = None
    region: str | None = None
    position: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def place(self, grantee: int) -> tuple[int, str, int | None, str | None, str | None, str | None]:
        """Give what tells this grant from another."""
        return grantee, self.role, self.department_id, self.legal_entity, self.region, self.position


@dataclass(frozen=True, slots=True)
class Granted:
    """What became of a wish: the grant, whether it was there before, and who is asked while it is pending."""

    grant_id: int
    pending: bool
    before: bool = False
    asked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantDetails:
    """A grant as those who are told of it see it."""

    id: int
    role: str
    name: str
    department: str | None
    within: tuple[str, ...]
    status: GrantStatus
    revoked: bool
    by: str
    """Whose last command it was: somebody's key, or `operator`."""
    login: str | None
    granted_at: datetime
    valid_from: date | None
    valid_to: date | None
    decided_by: str | None
    awaits: bool


class RoleService:
    """Use cases of granting."""

    def __init__(self, store: RoleStore, permission: PermissionChecker, audit: AuditLog, clock: Clock) -> None:
        self._store = store
        self._permission = permission
        self._audit = audit
        self._clock = clock

    @property
    def _access(self) -> Access:
        return self._permission.access

    @property
    def _people(self) -> Directory:
        return self._access.directory

    async def grant(
        self, grantee: int, wish: RoleWish, asked_by: str, login: str | None = None
    ) -> tuple[Granted, Happened]:
        """Give a person a role, or ask a second person whether they may have it. Raises `RoleProblem`.

        `asked_by` is a person's key where they have said that it is they, `login` who typed it on the server.
        """
        self._check(grantee, wish)
        for row in (*await self._store.granted(), *await self._store.pending()):
            over = row.valid_to is not None and row.valid_to < company_day(self._clock.now())
            if row.place == wish.place(grantee) and not over:
                return Granted(row.id or 0, row.status == GrantStatus.PENDING, before=True), Happened()
        await self._check_apart(grantee, wish.role)
        ever = await self._store.ever(wish.role)
        waits = needs_second_person(self._access, wish.role, granted_ever=bool(ever), held_before=grantee in ever)
        asked = self._who_confirms(grantee, wish.role, asked_by) if waits else ()
        row = RoleGrantRow(
            employee_id=grantee,
            role=wish.role,
            department_id=wish.department_id,
            legal_entity=wish.legal_entity,
            region=wish.region,
            position=wish.position,
            valid_from=wish.valid_from,
            valid_to=wish.valid_to,
            status=(GrantStatus.PENDING if waits else GrantStatus.GRANTED).value,
            granted_at=self._clock.now(),
            granted_by=asked_by,
            login=login and login[:64],
        )
        await self._store.add(row)
        await self._store.flush()
        self._record(asked_by, Action.ROLE_GRANT.value, row, why="pending" if waits else None)
        told = audience(self._access, wish.role, grantee)
        notices = [Notice(person, ASK, row.id or 0) for person in asked]
        notices += [Notice(person, TELL, row.id or 0) for person in told if person not in asked]
        return Granted(row.id or 0, waits, asked=asked), Happened(tuple(notices))

    async def revoke(self, grantee: int, wish: RoleWish, asked_by: str, login: str | None = None) -> Happened:
        """Take a role, or the question for it, from a person at once. Raises `NotHeld`."""
        rows = [*await self._store.granted(), *await self._store.pending()]
        held = [row for row in rows if row.place == wish.place(grantee)]
        if not held:
            raise NotHeld(f"{self._key(grantee)} doesn't have the role {wish.role}")
        told = audience(self._access, wish.role, grantee)
        notices: list[Notice] = []
        outdated = None
        for row in held:
            if row.status == GrantStatus.PENDING:
                outdated = Outdated(KIND, row.id or 0, tuple(self._people.people))
            row.revoked_at, row.revoked_by, row.login = self._clock.now(), asked_by, login and login[:64]
            await self._store.add(row)
            self._record(asked_by, "role.revoke", row)
            notices += [Notice(person, TELL, row.id or 0) for person in told]
        return Happened(tuple(notices), outdated)

    async def decide(self, actor: int, grant_id: int, *, approve: bool) -> Happened | None:
        """Confirm or decline a pending grant. None instead of what happened: it was decided before."""
        row = await self._store.locked(grant_id)
        record = f"{KIND}:{grant_id}"
        if row is None:
            raise self._permission.refuse(actor, Action.ROLE_CONFIRM, record=record)
        did = (Action.ROLE_GRANT,) if row.granted_by == self._key(actor) else ()
        self._permission.may(actor, Action.ROLE_CONFIRM, on=row.employee_id, record=record, did=did)
        if row.status != GrantStatus.PENDING or row.revoked_at is not None:
            if row.decided_by == actor or actor in audience(self._access, row.role, row.employee_id):
                return None
            raise self._permission.refuse(actor, Action.ROLE_CONFIRM, on=row.employee_id, record=record)
        asked = self._asked(row)
        if actor not in asked:
            raise self._permission.refuse(actor, Action.ROLE_CONFIRM, on=row.employee_id, record=record)
        row.status = (GrantStatus.GRANTED if approve else GrantStatus.DECLINED).value
        row.decided_by, row.decided_at = actor, self._clock.now()
        told = audience(self._access, row.role, row.employee_id)
        await self._store.add(row)
        self._record(self._key(actor), Action.ROLE_CONFIRM.value, row, why="approve" if approve else "decline")
        notices = tuple(Notice(person, TELL, grant_id) for person in told if person != actor)
        return Happened(notices, Outdated(KIND, grant_id, (*asked, *told)))

    async def details(self, viewer: int, grant_id: int) -> GrantDetails | None:
        """Show a grant to whoever is told of it or asked for it; nothing to anybody else."""
        row = await self._store.find(grant_id)
        if row is None or row.employee_id not in self._people.people:
            return None
        awaits = row.status == GrantStatus.PENDING and row.revoked_at is None and viewer in self._asked(row)
        if not awaits and viewer != row.decided_by and viewer not in audience(self._access, row.role, row.employee_id):
            return None
        department = self._people.departments.get(row.department_id or 0)
        decided_by = self._people.people.get(row.decided_by or 0)
        return GrantDetails(
            id=grant_id,
            role=row.role,
            name=self._people.people[row.employee_id].name,
            department=department.name if department else None,
            within=tuple(value for value in (row.legal_entity, row.region, row.position) if value),
            status=GrantStatus(row.status),
            revoked=row.revoked_at is not None,
            by=row.revoked_by or row.granted_by,
            login=row.login,
            granted_at=row.granted_at,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            decided_by=decided_by.name if decided_by else None,
            awaits=awaits,
        )

    def _check(self, grantee: int, wish: RoleWish) -> None:
        policy = self._access.policy
        if wish.role not in policy.grantable:
            choose = ", ".join(sorted(policy.grantable))
            raise UnknownRole(f"{wish.role}: not a role that can be granted; choose one of {choose}")
        if wish.role == Role.HRBP:
            root = wish.department_id is not None and self._is_root(wish.department_id)
            if wish.department_id is None or root:
                raise DepartmentNeeded(
                    f"{wish.role}: is a role of departments; name one below the top with --department, or grant hr"
                )
        if grantee not in self._people.people:
            raise NotHeld("somebody who doesn't work here can't be granted a role")

    def _is_root(self, department_id: int) -> bool:
        department = self._people.departments.get(department_id)
        return department is None or department.parent_id is None

    async def _check_apart(self, grantee: int, role: str) -> None:
        rows = [*await self._store.granted(), *await self._store.pending()]
        other = role_apart(self._access.policy, role, [row.grant for row in rows if row.employee_id == grantee])
        if other is not None:
            raise RolesApart(
                f"{self._key(grantee)} has the role {other}, and nobody is both {other} and {role}; "
                f"choose somebody else, or first: dinghr role revoke {self._key(grantee)} {other}"
            )

    def _who_confirms(self, grantee: int, role: str, asked_by: str) -> tuple[int, ...]:
        asked = confirmers(self._access, grantee, role, self._number(asked_by))
        if not asked:
            raise NobodyToConfirm(
                f"{role}: it has been granted before, so a second person has to confirm this, and nobody can: there is "
                f"no other holder of {role} or hr, and no general manager. Give the root department one head in "
                "DingTalk's contacts (管理后台 → 通讯录), run: dinghr sync, and grant again"
            )
        return asked

    def _asked(self, row: RoleGrantRow) -> tuple[int, ...]:
        return confirmers(self._access, row.employee_id, row.role, self._number(row.granted_by))

    def _number(self, key: str) -> int | None:
        return self._people.with_key(key).id if self._people.knows(key) else None

    def _key(self, person: int) -> str:
        return self._people.people[person].key if person in self._people.people else str(person)

    def _record(self, actor: str, action: str, row: RoleGrantRow, why: str | None = None) -> None:
        self._audit.record(Act(actor, action, on=self._key(row.employee_id), record=f"role:{row.role}", why=why))
