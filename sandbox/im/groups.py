"""Company groups (A/0738, A/0739, A/0740), their two ids (A/0745), and who of the robots is in one (A/0726)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.call import Call
from sandbox.contacts.scope import sees_user
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Change, Conversation
from sandbox.world.subscribed import as_it_was, group_changed

INVALID = Error("parameter.invalid", "输入参数错误")
DENIED = Error("permession.checkFailed", "权限校验失败")
MANAGE, READ = "qyapi_chat_manage", "qyapi_chat_read"
_OPTIONS = (
    "mentionAllAuthority", "showHistoryType", "validationType", "searchable", "chatBannedType", "managementType",
)  # fmt: skip


def people(call: Call, userids: Sequence[str]) -> list[str]:
    """Give the userids, each once; a stranger is a bad parameter."""
    for userid in userids:
        if userid not in call.world.directory.users:
            raise call.fail("parameter.invalid", f"{userid} doesn't exist")
    return list(dict.fromkeys(userids))


def head(call: Call, userid: str) -> str:
    """Give a group's owner, whom the app must be allowed to see."""
    [found] = people(call, [userid])
    if not sees_user(call, call.world.directory.users[found]):
        raise call.fail("permession.checkFailed", "群主不在应用可见性内")
    return found


def make(call: Call, title: str, owner: str, members: Sequence[str], *, template_id: str = "") -> Conversation:
    """Make a group. Only a template brings the robot in without a person's doing."""
    world = call.world
    group = Conversation(
        world.ids.conversation(), "group", title, list(dict.fromkeys([owner, *members])),
        has_robot=world.chats.templates.get(template_id, False), head=owner, template_id=template_id,
        icon=call["icon"] or "",
    )  # fmt: skip
    world.chats.conversations[group.id] = group
    tell(call, group)
    return group


async def changed(call: Call, was: Conversation, group: Conversation) -> None:
    """Let phones see that a group changed, and push it."""
    tell(call, group)
    await group_changed(call.world, was, group)


def tell(call: Call, group: Conversation) -> None:
    """Let phones see a group."""
    call.world.feed.tell(Change("message", "", group.id))


def _named(call: Call, chat_id: str, code: str | int) -> Conversation:
    groups = call.world.chats.conversations.find("kind", "group")
    found = next((one for one in groups if one.chat_id == chat_id), None)
    if found is None:
        raise call.fail(code, "不合法的chatId")
    return found


async def _create(call: Call) -> Mapping[str, Any]:
    if call["conversationTag"] == 0:
        raise call.fail("permession.checkFailed", "普通群需要加白")
    group = make(call, call["name"], head(call, call["owner"]), people(call, call["useridlist"]))
    group.options = dict(call["managementOptions"] or {})
    return {"conversationTag": 2, "openConversationId": group.id, "chatid": group.chat_id}


async def _update(call: Call) -> Mapping[str, Any]:
    group = _named(call, call["chatid"], "parameter.invalid")
    owner = head(call, call["owner"]) if call["owner"] else group.head
    added, gone = people(call, call["add_useridlist"] or []), set(call["del_useridlist"] or [])
    was = as_it_was(group)
    group.title, group.head, group.icon = call["name"] or group.title, owner, call["icon"] or group.icon
    group.members = [one for one in dict.fromkeys([*group.members, *added]) if one not in gone or one == owner]
    options = {name: value for name, value in (call["managementOptions"] or {}).items() if value is not None}
    group.options |= options
    await changed(call, was, group)
    return {"success": True}


async def _get(call: Call) -> Mapping[str, Any]:
    group = _named(call, call["chatid"], 40016)
    return {
        "chat_info": {
            "chatid": group.chat_id, "name": group.title, "owner": group.head, "useridlist": group.members,
            "conversationTag": 2, "icon": group.icon, "status": 2 if group.disbanded else 1,
            **{name: group.options.get(name) or 0 for name in _OPTIONS},
        }
    }  # fmt: skip


async def _convert(call: Call) -> Mapping[str, Any]:
    return {"openConversationId": _named(call, call["chatId"], "invalideChatId").id}


async def _robots(call: Call) -> Mapping[str, Any]:
    world = call.world
    group = world.chats.conversations.get(call["openConversationId"])
    if group is None or group.kind != "group":
        raise call.fail(_NO_SUCH, "无效的会话id")
    found = [
        {"robotCode": one.token[:16], "name": one.name, "downloadIconURL": "", "openRobotType": 1}
        for one in world.group_robots.robots.values()
        if one.conversation_id == group.id and not one.removed
    ]
    if group.has_robot:
        own = {"robotCode": world.app.robot_code, "name": world.app.robot_name}
        found.insert(0, {**own, "downloadIconURL": "", "openRobotType": 2})
    return {"chatbotInstanceVOList": found}


_FLAGS = tuple(Field(name, "int", choices=(0, 1), bad="parameter.invalid") for name in _OPTIONS)
_BAD, _NO_SUCH = "parameter.invalid", "illegal.openconevrsation.id"

OPERATIONS = (
    Operation(
        "im.create_group", "POST", "/v1.0/im/group/create", Family.NEW, "创建群会话", "A/0738", _create,
        (
            Field("name", required=True, most=20, missing=_BAD),
            Field("owner", required=True, missing=_BAD),
            Field("ownerType", choices=("emp", "ext")),
            Field("useridlist", "strings", required=True, unit="items", missing=_BAD),
            Field("conversationTag", "int", choices=(0, 2)),
            Field("extidlist", "strings", unit="items"),
            Field("icon"),
            Field("managementOptions", "object", fields=_FLAGS),
        ),
        MANAGE, errors=(INVALID, DENIED), bad=_BAD, note="that the owner joins and the robot doesn't is assumed",
    ),
    Operation(
        "im.update_group", "POST", "/v1.0/im/group/update", Family.NEW, "更新群会话", "A/0739", _update,
        (
            Field("chatid", required=True, missing=_BAD),
            Field("name", most=20),
            Field("owner"),
            Field("ownerType", choices=("emp", "ext")),
            *(
                Field(f"{what}_{who}idlist", "strings", unit="items")
                for who in ("user", "ext")
                for what in ("add", "del")
            ),
            Field("icon"),
            Field("managementOptions", "object", fields=_FLAGS),
        ),
        MANAGE, errors=(INVALID, DENIED), bad=_BAD, note="that the owner can't be taken out is assumed",
    ),
    Operation(
        "im.group", "GET", "/chat/get", Family.OLD, "查询群信息", "A/0740", _get,
        (Field("chatid", required=True, where="query", missing="49000"),), READ,
        errors=(Error(49000, "需要参数chatid"), Error(40016, "无效的chatid")),
    ),
    Operation(
        "im.convert", "POST", "/v1.0/im/chat/{chatId}/convertToOpenConversationId", Family.NEW,
        "群会话的openConversationId", "A/0745", _convert, (Field("chatId", required=True, where="path"),), READ,
        errors=(Error("invalideChatId", "不合法的chatId"),),
    ),
    Operation(
        "im.robots", "POST", "/v1.0/robot/groups/robots/query", Family.NEW, "群内机器人列表", "A/0726", _robots,
        (Field("openConversationId", required=True, missing=_NO_SUCH, bad=_NO_SUCH),), MANAGE,
        errors=(Error(_NO_SUCH, "无效的会话id"),),
        note="the robotCode of a custom robot is assumed; robots have no picture here",
    ),
)  # fmt: skip
