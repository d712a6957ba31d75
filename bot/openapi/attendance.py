"""Who is in an attendance group (A/0182, A/0187). Every call is counted, and made as an administrator of attendance."""

from typing import Any, Protocol

from .answer import field, items, text
from .operation import Family, Operation
from .transport import Calls

AMONG = Operation(
    "attendance.members_among", "POST", "/topapi/attendance/group/member/listbyids", Family.OLD, "A/0187",
    "qyapi_attendance_group_read", idempotent=True,
)  # fmt: skip
UPDATE = Operation(
    "attendance.update_members", "POST", "/topapi/attendance/group/member/update", Family.OLD, "A/0182",
    "qyapi_attendance_group_manage", idempotent=True,
)  # fmt: skip
_FROM_TODAY, _PERSON = 0, 0


class AttendanceGroups(Protocol):
    """Reads and changes who is in an attendance group by name, as `operator`; without one nothing can be asked."""

    operator: str

    async def has(self, group: int, userid: str) -> bool:
        """Tell whether somebody is in it."""
        ...

    async def add(self, group: int, userid: str) -> None:
        """Put somebody in, from today on."""
        ...

    async def remove(self, group: int, userid: str) -> None:
        """Take somebody out, from today on."""
        ...


class AttendanceGroupsApi(AttendanceGroups):
    """The same over HTTP."""

    def __init__(self, calls: Calls, operator: str) -> None:
        self._calls = calls
        self.operator = operator

    async def has(self, group: int, userid: str) -> bool:
        """Tell whether somebody is in it."""
        body = {"op_user_id": self.operator, "group_id": group, "member_ids": userid, "member_type": _PERSON}
        answer = await self._calls.call(AMONG, body)
        return userid in {text(one) for one in items(field(answer, "result"))}

    async def add(self, group: int, userid: str) -> None:
        """Put somebody in, from today on."""
        await self._update(group, {"add_users": [userid]})

    async def remove(self, group: int, userid: str) -> None:
        """Take somebody out, from today on."""
        await self._update(group, {"remove_users": [userid]})

    async def _update(self, group: int, change: dict[str, Any]) -> None:
        body = {"op_user_id": self.operator, "group_id": group, "schedule_flag": _FROM_TODAY, "update_param": change}
        await self._calls.call(UPDATE, body)
