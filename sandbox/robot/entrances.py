"""Quick entrances of the robot's private chat: set (A/0727), query (A/0728), clear (A/0729)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Change
from sandbox.world.extras import Entrance

_MOST = 10
_SCOPE = "Robot.SingleChat.ReadWrite"
_ILLEGAL = Error("param.illegal", "参数错误")
_NOT_OURS = Error("invalidRequest.robotCodeNotMatch", "应用与绑定的机器人robotCode不相符")


def _check_robot(call: Call) -> None:
    if call["robotCode"] not in {None, call.world.app.robot_code}:
        raise call.fail(_NOT_OURS.code, _NOT_OURS.meaning)


def _tell(call: Call) -> None:
    call.world.feed.tell(Change("company", call.world.app.robot_code))


async def _set(call: Call) -> Mapping[str, Any]:
    _check_robot(call)
    given = call["pluginInfoList"] or ()
    if len(given) > _MOST:
        raise call.fail("invalidRequest.exceededMaximumLimit", "超过插件最大个数限制")
    for one in given:
        if one["name"].startswith("{") and not _names(one["name"]):
            raise call.fail("invalidRequest.jsonFormatErroj", "json格式错误")
        if one["icon"] not in call.world.files.stored:
            raise call.fail(_ILLEGAL.code, "icon is no mediaId")
    call.world.extras.entrances = [
        Entrance(one["name"], one["icon"], one["pcUrl"] or "", one["mobileUrl"] or "") for one in given
    ]
    _tell(call)
    return {"result": True}


def _names(text: str) -> bool:
    try:
        read = json.loads(text)
    except ValueError:
        return False
    return isinstance(read, dict) and bool(read) and all(isinstance(one, str) for one in read.values())


async def _query(call: Call) -> Mapping[str, Any]:
    _check_robot(call)
    shown = [
        {"name": one.name, "icon": one.icon, "pcUrl": one.pc_url, "mobileUrl": one.mobile_url}
        for one in call.world.extras.entrances
    ]
    return {"pluginInfoList": [{name: value for name, value in one.items() if value} for one in shown]}


async def _clear(call: Call) -> Mapping[str, Any]:
    _check_robot(call)
    call.world.extras.entrances = []
    _tell(call)
    return {"result": True}


_CODE = Field("robotCode", required=True, missing="param.illegal", bad="param.illegal")
_LIST = Field(
    "pluginInfoList", "objects", bad="param.illegal",
    fields=(
        Field("name", required=True, missing="param.illegal", bad="param.illegal"),
        Field("icon", required=True, missing="param.illegal", bad="param.illegal"),
        Field("pcUrl", bad="param.illegal"), Field("mobileUrl", bad="param.illegal"),
    ),
)  # fmt: skip

OPERATIONS = (
    Operation(
        "robot.set_entrances", "POST", "/v1.0/robot/plugins/set", Family.NEW, "设置单聊机器人快捷入口", "A/0727", _set,
        (replace(_CODE, required=False), _LIST), _SCOPE,
        errors=(
            _ILLEGAL, _NOT_OURS, Error("invalidRequest.exceededMaximumLimit", "超过插件最大个数限制"),
            Error("invalidRequest.jsonFormatErroj", "json格式错误"),
        ),
        note="that it replaces the list, and ten at most, are assumed",
    ),
    Operation(
        "robot.entrances", "POST", "/v1.0/robot/plugins/query", Family.NEW, "查询单聊机器人的快捷入口", "A/0728",
        _query, (_CODE,), _SCOPE, errors=(_NOT_OURS,),
    ),
    Operation(
        "robot.clear_entrances", "POST", "/v1.0/robot/plugins/clear", Family.NEW, "清空单聊机器人快捷入口", "A/0729",
        _clear, (_CODE,), _SCOPE, errors=(_NOT_OURS,),
    ),
)  # fmt: skip
