"""Groups (A/0726, A/0738 ff, A/0746 ff)."""

from collections.abc import Mapping
from typing import Any

from sandbox.company import TEAM_GROUP
from tests.sandbox.clients.typed import Row, Typed

_OPTIONS = {"searchable": 1, "validationType": 0, "mentionAllAuthority": 1, "managementType": 0, "showHistoryType": 1}
_SCENE_OPTIONS = {"searchable": 1, "validation_type": 0, "mention_all_authority": 1, "not_quit_when_emp_leave": 0}


async def _group(it: Typed) -> Mapping[str, Any]:
    people = {"owner": "wang", "ownerType": "emp", "useridlist": ["lin", "wang"]}
    return {"name": "新项目", **people, "managementOptions": _OPTIONS}


async def _scene(it: Typed) -> Mapping[str, Any]:
    people = {"owner_user_id": "wang", "user_ids": ["lin", "wang"], "subadmin_ids": ["lin"]}
    named = {"title": "场景群", "template_id": "dinghr-group", "uuid": "u-1"}
    return {**named, **people, "management_options": _SCENE_OPTIONS}


async def _made(it: Typed) -> Any:
    return await it.call("im.create_group", **await _group(it))


async def _scene_made(it: Typed) -> str:
    made = await it.call("im.create_scene_group", **await _scene(it))
    group: str = made.open_conversation_id
    return group


async def _change(it: Typed) -> Mapping[str, Any]:
    change = {"name": "老项目", "owner": "lin", "add_useridlist": ["chen"], "del_useridlist": ["wang"]}
    return {"chatid": (await _made(it)).chatid, **change}


async def _chat(it: Typed) -> Mapping[str, Any]:
    return {"chatId": (await _made(it)).chatid}


async def _asked(it: Typed) -> Mapping[str, Any]:
    return {"openConversationId": await _scene_made(it)}


async def _members(it: Typed) -> Mapping[str, Any]:
    return {"openConversationId": await _scene_made(it), "maxResults": 100, "nextToken": "0"}


async def _joining(it: Typed) -> Mapping[str, Any]:
    return {"open_conversation_id": await _scene_made(it), "user_ids": ["chen"]}


async def _leaving(it: Typed) -> Mapping[str, Any]:
    return {"open_conversation_id": await _scene_made(it), "user_ids": ["lin"]}


_DONE = {"success": True}

ROWS = (
    Row("im.create_group", _group, {"openConversationId": str, "chatid": str, "conversationTag": 2}),
    Row("im.update_group", _change, _DONE),
    Row("im.convert", _chat, {"openConversationId": str}),
    Row("im.robots", {"openConversationId": TEAM_GROUP}, {"chatbotInstanceVOList": [{"robotCode": str, "name": str}]}),
    Row("im.create_scene_group", _scene, {"open_conversation_id": str, "chat_id": str}),
    Row("im.scene_group", _asked, {**_DONE, "openConversationId": str, "title": "场景群", "ownerUserId": "wang"}),
    Row("im.scene_members", _members, {**_DONE, "memberUserIds": ["wang", "lin"], "hasMore": False}),
    Row("im.add_members", _joining, _DONE),
    Row("im.remove_members", _leaving, _DONE),
    Row("im.disband", _asked, _DONE),
)  # fmt: skip
