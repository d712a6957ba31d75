"""The company's address book: departments, people, and how much of it the app may see.

Pages A/0053, A/0056, A/0062, A/0081, A/0082.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, date, datetime
from typing import Any, Protocol

from hr_core.clock import company_day

from .answer import field, integer, items, records, text, truth
from .errors import UnexpectedAnswer
from .operation import Family, Operation
from .transport import Calls

ROOT_DEPARTMENT = 1
_PAGE = 100  # the sister call's limit; user/list states none


def _reading(name: str, path: str, page: str, scope: str, method: str = "POST") -> Operation:
    return Operation(name, method, path, Family.OLD, page, scope, idempotent=True, counted=False)


LIST_SUB = _reading("contacts.subdepartments", "/topapi/v2/department/listsub", "A/0082", "qyapi_get_department_list")
GET_DEPARTMENT = _reading("contacts.department", "/topapi/v2/department/get", "A/0081", "qyapi_get_department_list")
LIST_USERS = _reading("contacts.users_of", "/topapi/v2/user/list", "A/0062", "qyapi_get_department_member")
GET_USER = _reading("contacts.user", "/topapi/v2/user/get", "A/0056", "qyapi_get_member")
AUTH_SCOPES = _reading("contacts.data_scope", "/auth/scopes", "A/0053", "qyapi_base", "GET")


@dataclass(frozen=True, slots=True)
class ContactDepartment:
    """A department. `manager_userids` is None where the call doesn't tell (only `department` does)."""

    dept_id: int
    name: str
    parent_id: int | None
    manager_userids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ContactUser:
    """A person. DingTalk leaves out what is empty or what the app has no permission for: both are None here.

    `manager_userid` comes from `user` alone; `leader_in` from `users_of` names only the department that was listed.
    """

    userid: str
    name: str
    unionid: str = ""
    mobile: str | None = None
    email: str | None = None
    title: str | None = None
    job_number: str | None = None
    hired_date: date | None = None
    dept_ids: tuple[int, ...] = ()
    leader_in: frozenset[int] = frozenset()
    manager_userid: str | None = None
    active: bool = True
    admin: bool = False
    work_place: str | None = None
    extension: Mapping[str, str] = dataclass_field(default_factory=dict)
    """The company's own fields, by name."""


@dataclass(frozen=True, slots=True)
class DataScope:
    """Whom the app may see: everybody below these departments, and these people."""

    departments: frozenset[int]
    users: frozenset[str]

    @property
    def everyone(self) -> bool:
        """Whether that is the whole company."""
        return ROOT_DEPARTMENT in self.departments


class Contacts(Protocol):
    """Reads the address book."""

    async def department(self, dept_id: int) -> ContactDepartment:
        """Give a department with its managers."""
        ...

    def departments(self, roots: Iterable[int] = (ROOT_DEPARTMENT,)) -> AsyncIterator[ContactDepartment]:
        """Walk the tree: the roots (with managers), then everything below them (without), parents first."""
        ...

    def users_of(self, dept_id: int) -> AsyncIterator[ContactUser]:
        """Give the direct members of a department, page after page."""
        ...

    async def user(self, userid: str) -> ContactUser:
        """Give one person's full record."""
        ...

    async def data_scope(self) -> DataScope:
        """Tell whom the app may see."""
        ...


class ContactsApi(Contacts):
    """The address book over HTTP."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def department(self, dept_id: int) -> ContactDepartment:
        """Give a department with its managers."""
        answer = await self._calls.call(GET_DEPARTMENT, {"dept_id": dept_id, "language": "zh_CN"})
        record = _record(answer, GET_DEPARTMENT)
        found = _department(record)
        managers = field(record, "dept_manager_userid_list")
        return ContactDepartment(
            found.dept_id or dept_id,
            found.name,
            found.parent_id,
            tuple(text(one) for one in items(managers)),
        )

    async def departments(self, roots: Iterable[int] = (ROOT_DEPARTMENT,)) -> AsyncIterator[ContactDepartment]:
        """Walk the tree, level by level; the calls of a level go out side by side, the pace holds them apart."""
        level = list(dict.fromkeys(roots))
        seen = set(level)
        for one in await asyncio.gather(*map(self.department, level)):
            yield one
        while level:
            below = [one for found in await asyncio.gather(*map(self._children, level)) for one in found]
            level = []
            for one in below:
                if one.dept_id not in seen:
                    seen.add(one.dept_id)
                    level.append(one.dept_id)
                    yield one

    async def users_of(self, dept_id: int) -> AsyncIterator[ContactUser]:
        """Give the direct members of a department, page after page."""
        cursor: int | None = 0
        while cursor is not None:
            body = {"dept_id": dept_id, "cursor": cursor, "size": _PAGE, "language": "zh_CN"}
            page = _record(await self._calls.call(LIST_USERS, body), LIST_USERS)
            for one in records(field(page, "list")):
                yield _user(one, listed_in=dept_id)
            further = integer(field(page, "next_cursor")) if truth(field(page, "has_more")) else None
            cursor = further if further is not None and further > cursor else None  # a stuck cursor would never end

    async def user(self, userid: str) -> ContactUser:
        """Give one person's full record."""
        return _user(_record(await self._calls.call(GET_USER, {"userid": userid, "language": "zh_CN"}), GET_USER))

    async def data_scope(self) -> DataScope:
        """Tell whom the app may see."""
        answer = await self._calls.call(AUTH_SCOPES)
        scopes = field(answer, "auth_org_scopes")
        scopes = scopes if isinstance(scopes, dict) else {}
        return DataScope(
            departments=frozenset(_numbers(field(scopes, "authed_dept"))),
            users=frozenset(text(one) for one in items(field(scopes, "authed_user"))),
        )

    async def _children(self, dept_id: int) -> list[ContactDepartment]:
        answer = await self._calls.call(LIST_SUB, {"dept_id": dept_id, "language": "zh_CN"})
        return [_department(one) for one in records(field(answer, "result"))]


def _record(answer: Mapping[str, Any], operation: Operation) -> Mapping[str, Any]:
    result = field(answer, "result")
    if not isinstance(result, dict):
        raise UnexpectedAnswer("no result", api=operation.name)
    return result


def _department(record: Mapping[str, Any]) -> ContactDepartment:
    return ContactDepartment(
        dept_id=integer(field(record, "dept_id", "deptId")) or 0,
        name=text(field(record, "name")),
        parent_id=integer(field(record, "parent_id", "parentId")),
    )


def _user(record: Mapping[str, Any], listed_in: int | None = None) -> ContactUser:
    leads = {
        integer(field(one, "dept_id"))
        for one in records(field(record, "leader_in_dept"))
        if truth(field(one, "leader"))
    }
    if listed_in is not None and truth(field(record, "leader")):
        leads.add(listed_in)
    active = field(record, "active")
    return ContactUser(
        userid=text(field(record, "userid")),
        name=text(field(record, "name")),
        unionid=text(field(record, "unionid")),
        mobile=text(field(record, "mobile")) or None,
        email=text(field(record, "email")) or text(field(record, "org_email")) or None,
        title=text(field(record, "title")) or None,
        job_number=text(field(record, "job_number")) or None,
        hired_date=_day(field(record, "hired_date")),
        dept_ids=tuple(_numbers(field(record, "dept_id_list"))),
        leader_in=frozenset(one for one in leads if one is not None),
        manager_userid=text(field(record, "manager_userid")) or None,
        active=True if active is None else truth(active),
        admin=truth(field(record, "admin")),
        work_place=text(field(record, "work_place")) or None,
        extension=_extension(field(record, "extension")),
    )


def _extension(value: Any) -> dict[str, str]:
    """Read the company's own fields, sent as JSON text."""
    told = next(iter(records(value)), {})
    return {name: text(one).strip() for name, one in told.items()}


def _day(value: Any) -> date | None:
    """Read a day sent as milliseconds (midnight in Shanghai), number or text, or as `yyyy-MM-dd`."""
    if isinstance(value, str) and "-" in value.strip()[1:]:
        try:
            return date.fromisoformat(value.strip()[:10])
        except ValueError:
            return None
    milliseconds = integer(value)
    if not milliseconds:
        return None
    try:
        return company_day(datetime.fromtimestamp(milliseconds / 1000, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def _numbers(value: Any) -> list[int]:
    return [number for number in map(integer, items(value)) if number is not None]
