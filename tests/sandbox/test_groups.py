"""Groups through the API: made, changed, looked at, disbanded."""

from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import Conversation, World
from tests.sandbox.client import Answer, Robot

PLAIN = {"name": "项目组", "owner": "lin", "useridlist": ["lin", "wang"]}
SCENE = {"title": "项目组", "owner_user_id": "lin", "template_id": "dinghr-group", "user_ids": ["wang"]}


async def _made(robot: Robot, **more: Any) -> Conversation:
    """Make a group from the template."""
    answer = await robot.new("POST", "/v1.0/im/sceneGroup/create", {**SCENE, **more})
    assert (answer.status, set(answer.body)) == (200, {"open_conversation_id", "chat_id"}), answer
    return robot.sandbox.world.chats.conversations[answer.body["open_conversation_id"]]


async def _im(robot: Robot, path: str, **body: Any) -> Answer:
    return await robot.new("POST", f"/v1.0/im/{path}", body)


async def test_a_group_is_made_without_the_robot(robot: Robot, world: World) -> None:
    answer = await _im(robot, "group/create", **PLAIN, managementOptions={"searchable": 1})
    assert (answer.status, set(answer.body)) == (200, {"conversationTag", "openConversationId", "chatid"})
    group = world.chats.conversations[answer.body["openConversationId"]]
    assert (group.title, group.members, group.has_robot) == ("项目组", ["lin", "wang"], False)
    converted = await robot.new("POST", f"/v1.0/im/chat/{answer.body['chatid']}/convertToOpenConversationId")
    assert converted.body == {"openConversationId": group.id}
    told = (await robot.call("GET", "/chat/get", params={"chatid": group.chat_id, "access_token": robot.token})).body
    assert told["chat_info"] == {
        "chatid": group.chat_id, "name": "项目组", "owner": "lin", "useridlist": ["lin", "wang"],
        "conversationTag": 2, "icon": "", "status": 1,
        "mentionAllAuthority": 0, "showHistoryType": 0, "validationType": 0, "searchable": 1, "chatBannedType": 0,
        "managementType": 0,
    }  # fmt: skip
    assert world.meter.month.counted["im.create_group"] == 1


async def test_a_group_is_changed(robot: Robot, world: World) -> None:
    made = (await _im(robot, "group/create", **PLAIN)).body
    change = {"chatid": made["chatid"], "name": "新名字", "add_useridlist": ["chen"], "del_useridlist": ["wang", "lin"]}
    assert (await _im(robot, "group/update", **change)).body == {"success": True}
    group = world.chats.conversations[made["openConversationId"]]
    assert (group.title, group.members) == ("新名字", ["lin", "chen"])
    assert (await _im(robot, "group/update", chatid="chatOther")).code == "parameter.invalid"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "parameter.invalid"),
        ({"name": "x" * 21}, "parameter.invalid"),
        ({"owner": ""}, "parameter.invalid"),
        ({"owner": "nobody"}, "parameter.invalid"),
        ({"useridlist": []}, "parameter.invalid"),
        ({"useridlist": "lin"}, "parameter.invalid"),
        ({"useridlist": ["nobody"]}, "parameter.invalid"),
        ({"conversationTag": 1}, "parameter.invalid"),
        ({"conversationTag": 0}, "permession.checkFailed"),
        ({"managementOptions": {"searchable": 2}}, "parameter.invalid"),
    ],
)
async def test_a_group_that_cant_be(robot: Robot, wrong: dict[str, Any], code: str) -> None:
    answer = await _im(robot, "group/create", **{**PLAIN, **wrong})
    assert (answer.status, answer.code) == (400, code)


async def test_the_owner_must_be_in_the_data_scope(robot: Robot, world: World) -> None:
    world.app.departments = {300}
    assert (await _im(robot, "group/create", **PLAIN)).code == "permession.checkFailed"
    world.app.scopes -= {"qyapi_chat_manage", "qyapi_chat_read"}
    answer = await _im(robot, "group/create", **PLAIN)
    assert (answer.status, answer.body["accessdenieddetail"]) == (403, {"requiredScopes": ["qyapi_chat_manage"]})


async def test_ids_that_are_none(robot: Robot) -> None:
    answer = await robot.new("POST", "/v1.0/im/chat/chatOther/convertToOpenConversationId")
    assert (answer.status, answer.code) == (400, "invalideChatId")
    assert (await robot.old("/chat/get", method="GET")).code == 49000
    params = {"access_token": robot.token, "chatid": "chatOther"}
    assert (await robot.call("GET", "/chat/get", params=params)).code == 40016


async def test_a_template_brings_the_robot_into_the_group(robot: Robot, world: World) -> None:
    group = await _made(robot, uuid="u1")
    assert (group.members, group.has_robot) == (["lin", "wang"], True)
    assert await _made(robot, uuid="u1") is group
    assert await _made(robot, uuid="u2") is not group
    body = {"robotCode": world.app.robot_code, "openConversationId": group.id, "msgKey": "sampleText"}
    sent = await robot.new("POST", "/v1.0/robot/groupMessages/send", {**body, "msgParam": '{"content":"大家好"}'})
    assert sent.status == 200
    assert (await _im(robot, "sceneGroups/query", openConversationId=group.id)).body == {
        "success": True, "openConversationId": group.id, "templateId": "dinghr-group", "title": "项目组",
        "ownerUserId": "lin", "icon": "", "groupUrl": "", "status": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": ""}, "parameter.invalid"),
        ({"title": "x" * 31}, "parameter.invalid"),
        ({"template_id": "other"}, "groupTemplate.notFound"),
        ({"owner_user_id": "nobody"}, "member.notFound"),
        ({"user_ids": ["nobody"]}, "parameter.invalid"),
        ({"management_options": {"searchable": "1"}}, "parameter.invalid"),
    ],
)
async def test_a_scene_group_that_cant_be(robot: Robot, wrong: dict[str, Any], code: str) -> None:
    answer = await _im(robot, "sceneGroup/create", **{**SCENE, **wrong})
    assert (answer.status, answer.code) == (400, code)


async def test_a_scene_group_has_a_thousand_members_at_most(robot: Robot) -> None:
    made = await robot.call("POST", "/sandbox/company", {"people": 1001})
    assert made.status == 200
    robot.token = ""
    users = [one["userid"] for one in (await robot.call("GET", "/sandbox/company")).body["users"]]
    whole = {**SCENE, "owner_user_id": users[0], "user_ids": users}
    assert (await _im(robot, "sceneGroup/create", **whole)).code == "member.exceed"
    assert (await _im(robot, "sceneGroup/create", **{**whole, "user_ids": users[:1000]})).status == 200


async def test_people_join_and_leave_a_scene_group(robot: Robot, world: World) -> None:
    group = await _made(robot)
    named = {"open_conversation_id": group.id, "union_ids": [world.directory.users["li"].unionid]}
    assert (await _im(robot, "sceneGroup/member/add", **named, user_ids=["chen"])).body == {"success": True}
    assert group.members == ["lin", "wang", "chen", "li"]
    assert (await _im(robot, "sceneGroup/member/delete", **named, user_ids=["wang"])).body == {"success": True}
    assert (await _im(robot, "sceneGroups/members/batchQuery", openConversationId=group.id, maxResults=1)).body == {
        "success": True, "memberUserIds": ["lin", "chen"], "hasMore": False, "nextToken": "", "unionIdList": [],
        "unionIdNickMap": {}, "staffIdNickMap": {"lin": "林晓", "chen": "陈浩"},
    }  # fmt: skip
    owner = {"open_conversation_id": group.id, "user_ids": ["lin"]}
    assert (await _im(robot, "sceneGroup/member/delete", **owner)).code == "permession.checkFailed"
    group.members = [f"member{number}" for number in range(1000)]
    assert (await _im(robot, "sceneGroup/member/add", **named)).code == "parameter.invalid"
    nobody = {"open_conversation_id": group.id, "user_ids": ["nobody"]}
    assert (await _im(robot, "sceneGroup/member/add", **nobody)).code == "parameter.invalid"


async def test_many_members_come_page_by_page(robot: Robot, world: World) -> None:
    group = await _made(robot)
    group.members = ["lin"] * 1001
    page, found, token = {"openConversationId": group.id, "maxResults": 600}, 0, ""
    for _ in range(5):
        answer = (await _im(robot, "sceneGroups/members/batchQuery", **page, nextToken=token)).body
        found, token = found + len(answer["memberUserIds"]), answer["nextToken"]
        if not answer["hasMore"]:
            break
    assert (found, token) == (1001, "")
    bad = await _im(robot, "sceneGroups/members/batchQuery", **page, nextToken="x")
    assert bad.code == "paramIllegal"


@pytest.mark.parametrize("path", ["sceneGroups/query", "sceneGroups/members/batchQuery"])
async def test_only_groups_of_a_template_can_be_looked_at(robot: Robot, path: str) -> None:
    plain = await _im(robot, path, openConversationId=TEAM_GROUP, maxResults=10)
    assert (plain.status, plain.code) == (400, "groupPermissionDenied")
    assert (await _im(robot, path, openConversationId="cidOther", maxResults=10)).code == "cidEncryptError"
    assert (await _im(robot, path)).code == "paramBlank"


async def test_a_disbanded_group_is_silent_and_says_so(robot: Robot) -> None:
    group = await _made(robot)
    assert (await _im(robot, "chat/scenegroup/disband", openConversationId=group.id)).body == {"success": True}
    assert (await _im(robot, "sceneGroups/query", openConversationId=group.id)).body["status"] == 2
    assert (await _im(robot, "chat/scenegroup/disband", openConversationId="cidOther")).code == "paramIllegal"


async def test_the_robots_of_a_group_are_told(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/webhooks", {"conversation": TEAM_GROUP, "name": "监控"})
    told = (await robot.new("POST", "/v1.0/robot/groups/robots/query", {"openConversationId": TEAM_GROUP})).body
    own, custom = told["chatbotInstanceVOList"]
    assert own == {
        "robotCode": world.app.robot_code, "name": "人事助手", "downloadIconURL": "", "openRobotType": 2,
    }  # fmt: skip
    assert (custom["name"], custom["openRobotType"]) == ("监控", 1)
    answer = await robot.new("POST", "/v1.0/robot/groups/robots/query", {"openConversationId": "x"})
    assert (answer.status, answer.code) == (400, "illegal.openconevrsation.id")
