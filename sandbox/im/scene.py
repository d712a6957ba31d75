"""Groups made from a group template (场景群, A/0746 to A/0754), which may bring the robot with it."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.im.groups import DENIED, INVALID, MANAGE, changed, head, make, people
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Conversation
from sandbox.world.subscribed import as_it_was

_AT_ONCE = 1000
_MOST = 1000  # A/0749; what a larger group is, of which A/0751 speaks, no page says


def _group(call: Call, group_id: str, code: str, denied: str | None = None) -> Conversation:
    """Give a group of a template; any other is refused."""
    group = call.world.chats.conversations.get(group_id)
    if group is None or group.kind != "group":
        raise call.fail(code, "无效的群ID")
    if not group.template_id:
        raise call.fail(denied or code, "无权限，该群没有安装群模板")
    return group


async def _create(call: Call) -> Mapping[str, Any]:
    chats, uuid = call.world.chats, call["uuid"]
    if call["template_id"] not in chats.templates:
        raise call.fail("groupTemplate.notFound", "群模板不存在或者已下线")
    if call["owner_user_id"] not in call.world.directory.users:
        raise call.fail("member.notFound", "不存在的员工")
    group = chats.conversations.get(chats.made.get(uuid, "")) if uuid else None
    if group is None:
        members = people(call, [*(call["user_ids"] or []), *(call["subadmin_ids"] or [])])
        owner = head(call, call["owner_user_id"])
        if len({owner, *members}) > _MOST:
            raise call.fail("member.exceed", "群成员数量超出限制")
        group = make(call, call["title"], owner, members, template_id=call["template_id"])
        group.options = dict(call["management_options"] or {})
        if uuid:
            chats.made[uuid] = group.id
    return {"open_conversation_id": group.id, "chat_id": group.chat_id}


async def _query(call: Call) -> Mapping[str, Any]:
    group = _group(call, call["openConversationId"], "cidEncryptError", "groupPermissionDenied")
    return {
        "success": True, "openConversationId": group.id, "templateId": group.template_id, "title": group.title,
        "ownerUserId": group.head, "icon": group.icon, "groupUrl": "", "status": 2 if group.disbanded else 1,
    }  # fmt: skip


async def _members(call: Call) -> Mapping[str, Any]:
    group = _group(call, call["openConversationId"], "cidEncryptError", "groupPermissionDenied")
    token, users = call["nextToken"] or "0", call.world.directory.users
    if not token.isdecimal():
        raise call.fail("paramIllegal", "请求参数非法")
    end = int(token) + (call["maxResults"] if len(group.members) > _AT_ONCE else _AT_ONCE)
    page, more = group.members[int(token) : end], end < len(group.members)
    return {
        "success": True, "memberUserIds": page, "hasMore": more, "nextToken": str(end) if more else "",
        "unionIdList": [], "unionIdNickMap": {}, "staffIdNickMap": {one: users[one].name for one in page},
    }  # fmt: skip


async def _join(call: Call) -> Mapping[str, Any]:
    group = _group(call, call["open_conversation_id"], "parameter.invalid")
    was, members = as_it_was(group), list(dict.fromkeys([*group.members, *_named(call)]))
    if len(members) > _MOST:
        raise call.fail("parameter.invalid", f"{len(members)} members, {_MOST} at most")
    group.members = members
    await changed(call, was, group)
    return {"success": True}


async def _leave(call: Call) -> Mapping[str, Any]:
    group, gone = _group(call, call["open_conversation_id"], "parameter.invalid"), _named(call)
    if group.head in gone:
        raise call.fail("permession.checkFailed", "群主不能被移出")
    was = as_it_was(group)
    group.members = [one for one in group.members if one not in gone]
    await changed(call, was, group)
    return {"success": True}


async def _disband(call: Call) -> Mapping[str, Any]:
    group = _group(call, call["openConversationId"], "paramIllegal")
    was = as_it_was(group)
    group.disbanded, group.has_robot = True, False
    await changed(call, was, group)
    return {"success": True}


def _named(call: Call) -> list[str]:
    """Give who is named by userid or by unionid."""
    by_union = {one.unionid: one.userid for one in call.world.directory.users.values()}
    return people(call, [*(call["user_ids"] or []), *(by_union.get(one, one) for one in call["union_ids"] or [])])


_BAD = "parameter.invalid"
_FLAGS = tuple(
    Field(name, "int", choices=(0, 1), bad=_BAD)
    for name in (
        "mention_all_authority", "show_history_type", "validation_type", "searchable", "chat_banned_type",
        "management_type", "only_admin_can_ding", "all_members_can_create_mcs_conf", "all_members_can_create_calendar",
        "group_email_disabled", "only_admin_can_set_msg_top", "add_friend_forbidden", "group_live_switch",
        "members_to_admin_chat", "not_quit_when_emp_leave", "only_admin_can_add_mem",
    )
)  # fmt: skip
_GROUP = Field("openConversationId", required=True, missing="paramBlank", bad="paramIllegal")
_COOL = Field("coolAppCode")
_PEOPLE = (
    Field("open_conversation_id", required=True, missing=_BAD, bad=_BAD),
    Field("user_ids", "strings", unit="items", bad=_BAD),
    Field("union_ids", "strings", unit="items", bad=_BAD),
)
_LOOKING = (
    Error("groupPermissionDenied", "无权限"),
    Error("cidEncryptError", "群ID解析错误"),
    Error("paramIllegal", "请求参数非法"),
    Error("paramBlank", "请求参数为空"),
)

OPERATIONS = (
    Operation(
        "im.create_scene_group", "POST", "/v1.0/im/sceneGroup/create", Family.NEW, "创建场景群", "A/0746", _create,
        (
            Field("title", required=True, most=30, missing=_BAD),
            Field("icon"),
            Field("template_id", required=True, missing=_BAD),
            Field("owner_user_id", required=True, missing=_BAD),
            Field("user_ids", "strings", unit="items"),
            Field("subadmin_ids", "strings", unit="items"),
            Field("uuid"),
            Field("management_options", "object", fields=_FLAGS),
        ),
        MANAGE,
        errors=(
            INVALID, DENIED, Error("groupTemplate.notFound", "群模板不存在或者已下线"),
            Error("member.notFound", "不存在的员工"), Error("member.exceed", "群成员数量超出限制"),
        ),
        bad=_BAD, note="a uuid gives the same group again; the template dinghr-group brings the robot",
    ),
    Operation(
        "im.scene_group", "POST", "/v1.0/im/sceneGroups/query", Family.NEW, "场景群简要信息", "A/0754", _query,
        (_GROUP, _COOL), MANAGE, errors=_LOOKING,
    ),
    Operation(
        "im.scene_members", "POST", "/v1.0/im/sceneGroups/members/batchQuery", Family.NEW, "场景群成员", "A/0751",
        _members,
        (
            _GROUP,
            _COOL,
            Field("maxResults", "int", required=True, least=1, unit="value", missing="paramBlank", bad="paramIllegal"),
            Field("nextToken"),
        ),
        MANAGE, errors=_LOOKING, note="up to 1000 members come at once, whatever maxResults says",
    ),
    Operation(
        "im.add_members", "POST", "/v1.0/im/sceneGroup/member/add", Family.NEW, "新增场景群成员", "A/0749", _join,
        _PEOPLE, MANAGE, errors=(INVALID, DENIED),
    ),
    Operation(
        "im.remove_members", "POST", "/v1.0/im/sceneGroup/member/delete", Family.NEW, "移出场景群成员", "A/0750",
        _leave,
        _PEOPLE, MANAGE, errors=(INVALID, DENIED), note="that the owner can't be taken out is assumed",
    ),
    Operation(
        "im.disband", "POST", "/v1.0/im/chat/scenegroup/disband", Family.NEW, "解散场景群", "A/0748", _disband,
        (Field("openConversationId", required=True, missing="paramIllegal", bad="paramIllegal"),), MANAGE,
        errors=(Error("paramIllegal", "参数错误"),),
    ),
)  # fmt: skip
