"""People and departments found by name, those who left, and who logged in (A/0054, A/0060, A/0073, A/0080)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.sandbox.clients.typed import Row, Typed


async def _me(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes |= {"Contact.User.Read", "Contact.User.mobile"}
    it.token = it.world.user_tokens.issue("lin", corp=False).token
    return {"unionId": "me"}


async def _left(it: Typed) -> Mapping[str, Any]:
    await it.world.company.remove_user("lin")
    now = it.world.clock.now()
    span = {"startTime": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", "endTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    return {**span, "maxResults": 50, "nextToken": "0"}


ROWS = (
    Row(
        "contacts.person", _me,
        {"nick": "林晓", "unionId": "union-lin", "openId": str, "mobile": str, "stateCode": "86", "email": str},
    ),
    Row(
        "contacts.search_users", {"queryWord": "林晓", "offset": 0, "size": 10, "fullMatchField": 1},
        {"hasMore": False, "totalCount": 1, "list": ["lin"]},
    ),
    Row(
        "contacts.search_departments", {"queryWord": "研发", "offset": 0, "size": 10},
        {"hasMore": False, "totalCount": 1, "list": [200]},
    ),
    Row("contacts.leave_records", _left, {"records": [{"userId": "lin", "name": "林晓", "leaveTime": str}]}),
)  # fmt: skip
