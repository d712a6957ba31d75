"""What all HRM calls share: the company must use 智能人事, and confirmations whose day has come are seen to first."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Handler, Kind, Operation
from sandbox.world import CHINA, User
from sandbox.world.careers import settle

READ, MANAGE, PROCESS = "qyapi_hrm_read_user", "qyapi_hrm_manager", "Hrm.Process.ReadWrite"
INVALID = Error("invalidParameter", "参数错误")
NOT_OPEN = Error("corpNotOpenHrm", "企业未开通智能人事")
NO_SUITE = Error("suiteCallInvalid", "企业没有开通微应用")
OLD_INVALID = Error(400002, "参数错误")
OLD_NOT_OPEN = Error(400020, "无访问权限")
OLD_SYSTEM = Error(400001, "系统错误")
BUSY = Error(-1, "系统繁忙")
LATEST = 253_402_271_999_000
"""The last millisecond a date can name."""


def need(name: str, kind: Kind = "string", **more: Any) -> Field:
    """Give a mandatory field of the new family."""
    return field(name, kind, required=True, missing=str(INVALID.code), **more)


def field(name: str, kind: Kind = "string", **more: Any) -> Field:
    """Give a field of the new family: whatever is wrong with it is `invalidParameter`."""
    return Field(name, kind, bad=str(INVALID.code), **more)


def moment(name: str, *, required: bool = True, **more: Any) -> Field:
    """Give a time in milliseconds."""
    limits = {"least": 0, "most": LATEST, "unit": "value", **more}
    return need(name, "int", **limits) if required else field(name, "int", **limits)


def at(text: str) -> int:
    """Give the milliseconds of a time written `yyyy-MM-dd HH:mm:ss`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


def day(ms: int) -> date:
    """Give the day of an instant."""
    return datetime.fromtimestamp(ms / 1000, CHINA).date()


def parsed(text: str | None) -> Any:
    """Read a text that was found to be JSON."""
    return json.loads(text) if text else None


def agent(call: Call, name: str) -> None:
    """Refuse another app's AgentId."""
    if call[name] != call.world.app.agent_id:
        raise call.fail(INVALID.code if call.operation.family is Family.NEW else OLD_INVALID.code, "应用AgentId有误")


def person(call: Call, userid: str, error: Error) -> User:
    """Give a person who works here."""
    found = call.world.directory.users.get(userid)
    if found is None:
        raise call.fail(error.code, error.meaning)
    return found


def operation(
    name: str, method: str, path: str, summary: str, page: str, run: Handler, fields: tuple[Field, ...], scope: str,
    *, counted: bool = True, note: str = "", errors: tuple[Error, ...] = (), closed: Error | None = None,
) -> Operation:  # fmt: skip
    """Describe a call; `closed` is what it says in a company without 智能人事."""
    family = Family.NEW if path.startswith("/v1.0/") else Family.OLD
    usual = (INVALID, NOT_OPEN) if family is Family.NEW else (OLD_INVALID, OLD_NOT_OPEN)
    shut = closed or usual[1]

    async def guarded(call: Call) -> Mapping[str, Any]:
        if not call.world.hrm.enabled:
            raise call.fail(shut.code, shut.meaning)
        await settle(call.world)
        return await run(call)

    declared = tuple({one.code: one for one in (*errors, usual[0], shut)}.values())
    return Operation(
        f"hrm.{name}", method, path, family, summary, page, guarded, fields, scope, counted, note=note, errors=declared
    )
