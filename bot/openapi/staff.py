"""Adding people: to the contacts (A/0055 to A/0063), to those whom 智能人事 expects (A/0939, A/0944, A/0945)."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Protocol

from hr_core.clock import COMPANY_ZONE

from .answer import field, integer, items, records, text
from .errors import BadRequest, NotFound, UnexpectedAnswer
from .operation import Family, Operation
from .transport import Calls

BY_MOBILE = Operation(
    "contacts.by_mobile", "POST", "/topapi/v2/user/getbymobile", Family.OLD, "A/0063", "qyapi_get_member_by_mobile",
    idempotent=True, counted=False,
)  # fmt: skip
CREATE_USER = Operation(
    "contacts.create_user", "POST", "/topapi/v2/user/create", Family.OLD, "A/0055", "qyapi_manage_addresslist",
    counted=False,
)  # fmt: skip
UPDATE_USER = Operation(
    "contacts.update_user", "POST", "/topapi/v2/user/update", Family.OLD, "A/0057", "qyapi_manage_addresslist",
    idempotent=True, counted=False,
)  # fmt: skip
DELETE_USER = Operation(
    "contacts.delete_user", "POST", "/topapi/v2/user/delete", Family.OLD, "A/0058", "qyapi_manage_addresslist",
    idempotent=True, counted=False,
)  # fmt: skip
PRE_ENTRIES = Operation(
    "hrm.pre_entries", "POST", "/topapi/smartwork/hrm/employee/querypreentry", Family.OLD, "A/0944",
    "qyapi_hrm_read_user", idempotent=True, counted=False,
)  # fmt: skip
ROSTER = Operation(
    "hrm.roster", "POST", "/v1.0/hrm/rosters/lists/query", Family.NEW, "A/0939", "qyapi_hrm_read_user",
    idempotent=True, counted=False,
)  # fmt: skip
ADD_PRE_ENTRY = Operation(
    "hrm.add_pre_entry", "POST", "/v1.0/hrm/preentries", Family.NEW, "A/0945", "Pro.HrmPreentry.ReadWrite"
)
_INVITED = "40103"  # 已发出邀请，对方同意后即可加入组织
_TAKEN = {"60104": "mobile", "60102": "userid"}
_PAGE = 50
_MOBILE = "sys00-mobile"


class Invited(Exception):
    """The person was invited and has to accept before they are in the contacts."""


class Taken(Exception):
    """Somebody in the company has this mobile, or this userid; `what` says which."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Staff(Protocol):
    """Adds people and takes them away."""

    async def userid_of(self, mobile: str) -> str | None:
        """Give who has a mobile in the company's contacts; None when nobody does."""
        ...

    async def create(
        self, userid: str, name: str, mobile: str, department: str, *, title: str, number: str, hired: date,
        manager: str | None,
    ) -> None:  # fmt: skip
        """Add somebody under the userid we chose; raises `Invited` or `Taken`."""
        ...

    async def set_number(self, userid: str, number: str) -> None:
        """Write an employee number into somebody's contact."""
        ...

    async def delete(self, userid: str) -> None:
        """Take somebody out of the contacts; who isn't there is fine."""
        ...

    async def announce(self, name: str, mobile: str, first_day: date) -> str:
        """Announce somebody to 智能人事; gives their temporary id, which isn't their userid later."""
        ...

    async def announced(self, mobile: str) -> str | None:
        """Give the temporary id of whoever was announced with a mobile."""
        ...


class StaffApi(Staff):
    """The same over HTTP. `agent_id` is the app's, which the roster asks for."""

    def __init__(self, calls: Calls, agent_id: int) -> None:
        self._calls = calls
        self._agent_id = agent_id or None

    async def userid_of(self, mobile: str) -> str | None:
        """Give who has a mobile in the company's contacts; None when nobody does."""
        try:
            answer = await self._calls.call(BY_MOBILE, {"mobile": mobile})
        except NotFound:
            return None
        return text(field(_object(field(answer, "result")), "userid")) or None

    async def create(
        self, userid: str, name: str, mobile: str, department: str, *, title: str, number: str, hired: date,
        manager: str | None,
    ) -> None:  # fmt: skip
        """Add somebody under the userid we chose; raises `Invited` or `Taken`."""
        body = {
            "userid": userid, "name": name, "mobile": mobile, "dept_id_list": department, "title": title,
            "job_number": number, "hired_date": _milliseconds(hired), "manager_userid": manager or "",
        }  # fmt: skip
        try:
            await self._calls.call(CREATE_USER, {key: value for key, value in body.items() if value != ""})
        except BadRequest as refused:
            if refused.code == _INVITED:
                raise Invited from None
            if refused.code in _TAKEN:
                raise Taken(_TAKEN[refused.code]) from None
            raise

    async def set_number(self, userid: str, number: str) -> None:
        """Write an employee number into somebody's contact."""
        await self._calls.call(UPDATE_USER, {"userid": userid, "job_number": number})

    async def delete(self, userid: str) -> None:
        """Take somebody out of the contacts; who isn't there is fine."""
        try:
            await self._calls.call(DELETE_USER, {"userid": userid})
        except NotFound:
            return

    async def announce(self, name: str, mobile: str, first_day: date) -> str:
        """Announce somebody to 智能人事; gives their temporary id, which isn't their userid later."""
        body: dict[str, Any] = {"name": name, "mobile": mobile, "preEntryTime": _milliseconds(first_day)}
        if self._agent_id is not None:
            body["agentId"] = self._agent_id
        answer = await self._calls.call(ADD_PRE_ENTRY, body)
        found = text(field(_object(field(answer, "result")), "tmpUserId")) or text(field(answer, "tmpUserId"))
        if not found:
            raise UnexpectedAnswer("no tmpUserId", api=ADD_PRE_ENTRY.name)
        return found

    async def announced(self, mobile: str) -> str | None:
        """Give the temporary id of whoever was announced with a mobile."""
        offset: int | None = 0
        while offset is not None:
            answer = await self._calls.call(PRE_ENTRIES, {"offset": offset, "size": _PAGE})
            page = _object(field(answer, "result"))
            found = [text(one) for one in items(field(page, "data_list"))]
            body = {"userIdList": found, "fieldFilterList": [_MOBILE], "appAgentId": self._agent_id}
            rows = records(field(await self._calls.call(ROSTER, body), "result")) if found else []
            for row in rows:
                if mobile in _values(row):
                    return text(field(row, "userId"))
            further = integer(field(page, "next_cursor"))
            offset = further if further is not None and further > offset else None
        return None


def _values(row: Mapping[str, Any]) -> set[str]:
    told = [one for one in records(field(row, "fieldDataList")) if field(one, "fieldCode") == _MOBILE]
    return {text(field(one, "value"))[-11:] for each in told for one in records(field(each, "fieldValueList"))}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), COMPANY_ZONE).timestamp() * 1000)
