"""The roster of 智能人事 (Smart HRM): the fields an administrator keeps there about people.

Page A/0939; which codes there are: A/0943, A/0937. Needs the app's AgentId and `qyapi_hrm_read_user`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .answer import field, records, text
from .operation import Family, Operation
from .transport import Calls

MOST = 100
"""People a call, and fields a call."""
READ = Operation(
    "roster.fields",
    "POST",
    "/v1.0/hrm/rosters/lists/query",
    Family.NEW,
    "A/0939",
    "qyapi_hrm_read_user",
    idempotent=True,
    counted=False,
)


class Roster(Protocol):
    """Reads the roster."""

    async def fields(self, userids: Sequence[str], codes: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Give by userid and code what stands in these fields of at most 100 people; empty ones are left out.

        Of a field with several values the first one counts; an option is given by its label.
        """
        ...


class RosterApi(Roster):
    """The roster over HTTP."""

    def __init__(self, calls: Calls, agent_id: int) -> None:
        self._calls = calls
        self._agent_id = agent_id

    async def fields(self, userids: Sequence[str], codes: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Give by userid and code what stands in these fields."""
        body = {"userIdList": list(userids), "fieldFilterList": list(codes), "appAgentId": self._agent_id}
        answer = await self._calls.call(READ, body)
        return {text(field(one, "userId")): _filled(one, codes) for one in records(field(answer, "result"))}


def _filled(person: Mapping[str, Any], codes: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in records(field(person, "fieldDataList")):
        code = text(field(one, "fieldCode"))
        told = (text(field(value, "label", "value")).strip() for value in records(field(one, "fieldValueList")))
        first = next(filter(None, told), "")
        if code in codes and first:
            found[code] = first
    return found
