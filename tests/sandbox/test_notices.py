"""Work notifications: what arrives, and what is lost without a word."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.server import Running
from sandbox.world import Refused, StoredFile, World
from sandbox.world.notices import conversation
from tests.sandbox.client import Answer, Robot

BASE = "/topapi/message/corpconversation"
OA: dict[str, Any] = {
    "message_url": "https://hr.example/1",
    "head": {"bgcolor": "FFBBBBBB", "text": "会被换掉"},
    "body": {
        "title": "请假审批", "form": [{"key": f"{number}:", "value": "x"} for number in range(6)],
        "rich": {"num": "2.5", "unit": "天"}, "content": "家中有事", "author": "林晓",
    },
}  # fmt: skip


def _text(words: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": words}}


def _later(robot: Robot, span: timedelta) -> None:
    """Let time pass, and the token with it."""
    robot.sandbox.clock.advance(span)
    robot.token = ""


async def _send(robot: Robot, msg: Any, **more: Any) -> Answer:
    body = {"agent_id": robot.sandbox.world.app.agent_id, "msg": msg, **({} if more else {"userid_list": "lin"})}
    return await robot.old(f"{BASE}/asyncsend_v2", {**body, **more})


async def _task(robot: Robot, msg: Any, **more: Any) -> int:
    answer = await _send(robot, msg, **more)
    assert (answer.status, answer.code) == (200, 0), answer
    task: int = answer.body["task_id"]
    return task


async def _about(robot: Robot, call: str, task: int, **more: Any) -> Answer:
    body = {"agent_id": robot.sandbox.world.app.agent_id, "task_id": task, **more}
    return await robot.old(f"{BASE}/{call}", body)


async def _result(robot: Robot, task: int) -> dict[str, Any]:
    answer = await _about(robot, "getsendresult", task)
    assert answer.code == 0, answer
    result: dict[str, Any] = answer.body["send_result"]
    return result


async def _lost(robot: Robot, task: int) -> list[dict[str, Any]]:
    lost: list[dict[str, Any]] = (await _result(robot, task))["forbidden_list"]
    return lost


async def test_it_arrives_in_a_chat_of_its_own_that_cannot_be_answered(robot: Robot, world: World) -> None:
    task = await _task(robot, _text("请提交日报"), userid_list="lin,nobody,wang", dept_id_list="999")
    line = conversation(world, "lin")
    assert (line.kind, line.title) == ("notice", "工作通知:青禾科技有限公司")
    assert [(one.kind, one.content) for one in line.messages] == [("text", {"text": "请提交日报"})]
    assert world.chats.with_robot("lin").messages == []
    world.read("lin", line.id)
    assert await _result(robot, task) == {
        "invalid_user_id_list": ["nobody"], "forbidden_user_id_list": [], "failed_user_id_list": [],
        "read_user_id_list": ["lin"], "unread_user_id_list": ["wang"], "invalid_dept_id_list": [999],
        "forbidden_list": [],
    }  # fmt: skip
    progress = await _about(robot, "getsendprogress", task)
    assert progress.body["progress"] == {"progress_in_percent": 100, "status": 2}
    with pytest.raises(Refused):
        await world.say("lin", line.id, "收到")
    assert world.meter.month.counted.total() == 3


async def test_a_department_includes_those_below_it_and_each_person_gets_one(robot: Robot, world: World) -> None:
    task = await _task(robot, _text("通知"), dept_id_list="200,200", userid_list="lin,li")
    assert set((await _result(robot, task))["unread_user_id_list"]) == {"wang", "lin", "li"}
    everybody = await _task(robot, _text("全员"), to_all_user=True)
    assert len((await _result(robot, everybody))["unread_user_id_list"]) == 9


async def test_the_same_content_reaches_a_person_once_a_day(robot: Robot, world: World) -> None:
    await _task(robot, _text("午休"))
    again = await _task(robot, _text("午休"))
    assert await _lost(robot, again) == [{"code": "143106", "count": 1, "userid": "lin"}]
    assert (await _result(robot, again))["forbidden_user_id_list"] == ["lin"]
    assert ["1 people will not get it: only getsendresult tells"] in [one.warnings for one in world.wire.entries]
    _later(robot, timedelta(days=1))
    assert await _lost(robot, await _task(robot, _text("午休"))) == []
    assert len(conversation(world, "lin").messages) == 2


async def test_a_person_gets_500_a_day(robot: Robot, world: World) -> None:
    world.notices.turn(world.clock.now())
    for number in range(499):
        world.notices.count("lin", _text(str(number)), world.clock.now() - timedelta(minutes=2))
    assert await _lost(robot, await _task(robot, _text("第500条"))) == []
    lost = await _lost(robot, await _task(robot, _text("第501条")))
    assert lost == [{"code": "143105", "count": 500, "userid": "lin"}]
    assert await _lost(robot, await _task(robot, _text("第501条"), userid_list="wang")) == []


async def test_5000_people_a_minute_get_something(robot: Robot, world: World) -> None:
    world.notices.turn(world.clock.now())
    world.notices.lately = [world.clock.now()] * 4999
    lost = await _lost(robot, await _task(robot, _text("通知"), userid_list="lin,wang"))
    assert lost == [{"code": "143103", "count": 5000, "userid": "wang"}]
    _later(robot, timedelta(seconds=60))
    assert await _lost(robot, await _task(robot, _text("通知"), userid_list="wang")) == []


async def test_everybody_at_once_is_told_three_times_a_day(robot: Robot) -> None:
    for number in range(3):
        assert await _lost(robot, await _task(robot, _text(f"全员 {number}"), to_all_user=True)) == []
    lost = await _lost(robot, await _task(robot, _text("全员 4"), to_all_user=True))
    assert ({one["code"] for one in lost}, len(lost)) == ({"143105"}, 9)


async def test_limits_protection_and_words_are_set_from_outside(robot: Robot) -> None:
    await robot.call(
        "POST", "/sandbox/notices", {"protected": ["gao"], "forbidden_words": ["发财"], "corp_per_minute": 1}
    )
    assert (await _lost(robot, await _task(robot, _text("您好"), userid_list="gao")))[0]["code"] == "1430004"
    assert (await _lost(robot, await _task(robot, _text("恭喜发财"))))[0]["code"] == "1430002"
    await _task(robot, _text("一"))
    assert (await _lost(robot, await _task(robot, _text("二"))))[0]["code"] == "143104"
    told = (await robot.call("GET", "/sandbox/notices")).body
    assert (told["protected"], told["limits"]["per_minute"], len(told["sent"])) == (["gao"], 5000, 4)


async def test_an_oa_message_has_a_status_bar_that_changes(robot: Robot, world: World) -> None:
    oa = {**OA, "status_bar": {"status_value": "待审批", "status_bg": "0xFFF65E5E"}}
    task = await _task(robot, {"msgtype": "oa", "oa": oa})
    message = conversation(world, "lin").messages[0]
    assert message.kind == "oa"
    assert (message.content["head"], message.content["rich"], len(message.content["rows"])) == ("人事助手", "2.5天", 6)
    assert (message.content["status"], message.content["status_color"]) == ("待审批", "#f65e5e")
    answer = await _about(robot, "status_bar/update", task, status_value="已同意", status_bg="0xFF78C06E")
    assert answer.code == 0
    assert (message.content["status"], message.content["status_color"]) == ("已同意", "#78c06e")
    _later(robot, timedelta(days=2))
    assert (await _about(robot, "status_bar/update", task, status_value="已撤回")).code == 0
    assert "24 hours" in world.wire.entries[-1].warnings[0]
    _later(robot, timedelta(days=6))
    assert (await _about(robot, "status_bar/update", task, status_value="已撤回")).code == 40035


async def test_the_status_bar_is_for_five_people_named(robot: Robot) -> None:
    msg = {"msgtype": "oa", "oa": {**OA, "status_bar": {"status_value": "待审批"}}}
    assert (await _send(robot, msg, userid_list="lin,wang,li,zhao,chen")).code == 0
    assert (await _send(robot, msg, userid_list="lin,wang,li,zhao,chen,gao")).code == 40035
    assert (await _send(robot, msg, dept_id_list="200")).code == 40035
    assert (await _send(robot, msg, to_all_user=True)).code == 40035
    plain = await _task(robot, {"msgtype": "oa", "oa": OA}, userid_list="lin")
    assert (await _about(robot, "status_bar/update", plain, status_value="x")).code == 40035


async def test_every_kind_is_shown(robot: Robot, world: World) -> None:
    picture = world.files.keep(StoredFile("a.png", "image/png", b"x"))
    paper = world.files.keep(StoredFile("规定.pdf", "application/pdf", b"x"))
    kinds = {
        "image": {"media_id": picture},
        "voice": {"media_id": picture, "duration": "10"},
        "file": {"media_id": paper},
        "link": {"messageUrl": "https://a.example", "picUrl": picture, "title": "链接", "text": "说明"},
        "markdown": {"title": "日报", "text": "# 日报"},
        "action_card": {"markdown": "正文", "single_title": "看", "single_url": "https://a.example"},
    }
    for kind, body in kinds.items():
        await _task(robot, {"msgtype": kind, kind: body})
    two = {"btn_orientation": "1", "btn_json_list": [{"title": "好", "action_url": "https://a.example"}] * 2}
    await _task(robot, {"msgtype": "action_card", "action_card": {"title": "卡", "markdown": "正文", **two}})
    shown = conversation(world, "lin").messages
    assert [one.kind for one in shown] == ["image", "audio", "file", "link", "markdown", "actionCard", "actionCard"]
    assert (shown[1].content["duration"], shown[2].content["name"]) == (10_000, "规定.pdf")
    assert (len(shown[6].content["buttons"]), shown[6].content["horizontal"]) == (2, True)


@pytest.mark.parametrize(
    ("msg", "errcode"),
    [
        ({"text": {"content": "x"}}, 40035),
        ({"msgtype": "Text", "text": {"content": "x"}}, 40035),
        ({"msgtype": "text"}, 40035),
        ({"msgtype": "text", "text": {}}, 40035),
        ({"msgtype": "text", "text": {"content": 5}}, 40035),
        ({"msgtype": "text", "text": {"content": "x" * 2048}}, 34016),
        ({"msgtype": "image", "image": {"media_id": "@unknown"}}, 40007),
        ({"msgtype": "image", "image": {"media_id": ""}}, 41006),
        ({"msgtype": "markdown", "markdown": {"text": "x"}}, 40035),
        ({"msgtype": "action_card", "action_card": {"markdown": "x"}}, 40035),
        ({"msgtype": "action_card", "action_card": {"markdown": "x", "single_title": "长" * 21, "single_url": "u"}},
         40035),
        ({"msgtype": "action_card", "action_card": {"markdown": "x", "btn_orientation": "1", "btn_json_list": [
            {"title": "x", "action_url": "u" * 400}] * 3}}, 40035),
        ({"msgtype": "oa", "oa": {**OA, "head": {"bgcolor": "0xFFBBBBBB", "text": "x"}}}, 40035),
        ({"msgtype": "oa", "oa": {"message_url": "u", "head": {"bgcolor": "FF", "text": "x"}}}, 40035),
        ("text", 40035),
    ],
)  # fmt: skip
async def test_a_message_that_cannot_be_is_refused(robot: Robot, world: World, msg: Any, errcode: int) -> None:
    assert (await _send(robot, msg)).code == errcode
    assert world.notices.sent == {}


async def test_2048_bytes_just_fit(robot: Robot) -> None:
    envelope = len(json.dumps(_text(""), separators=(",", ":")))
    assert (await _send(robot, _text("x" * (2048 - envelope)))).code == 0
    assert (await _send(robot, _text("x" * (2049 - envelope)))).code == 34016


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"userid_list": ",".join(["lin"] * 101)}, 40035),
        ({"dept_id_list": ",".join(["200"] * 21)}, 40035),
        ({"dept_id_list": "IT"}, 40035),
        ({"to_all_user": False}, 40035),
        ({"userid_list": "lin", "agent_id": 1}, 40056),
        ({"userid_list": "lin", "agent_id": "x"}, 40035),
    ],
)
async def test_wrong_receivers_are_refused(robot: Robot, more: dict[str, Any], errcode: int) -> None:
    assert (await _send(robot, _text("x"), **more)).code == errcode


async def test_it_is_taken_as_a_form_too(robot: Robot, world: World) -> None:
    form = {"agent_id": str(world.app.agent_id), "userid_list": "lin", "msg": json.dumps(_text("表单"))}
    params = {"access_token": world.tokens.issue()}
    async with robot.http.post(f"{BASE}/asyncsend_v2", params=params, data=form) as response:
        assert (await response.json())["errcode"] == 0


async def test_it_is_recalled_within_a_day(robot: Robot, world: World) -> None:
    first, second = await _task(robot, _text("错了")), await _task(robot, _text("也错了"))
    body = {"agent_id": world.app.agent_id, "msg_task_id": first}
    assert (await robot.old(f"{BASE}/recall", body)).code == 0
    line = conversation(world, "lin")
    assert [one.content["text"] for one in line.messages if one.visible_to("lin")] == ["也错了"]
    assert (await robot.old(f"{BASE}/recall", body | {"agent_id": 1})).code == 400002
    assert (await robot.old(f"{BASE}/recall", body | {"msg_task_id": 1})).code == 400002
    _later(robot, timedelta(hours=25))
    assert (await robot.old(f"{BASE}/recall", body | {"msg_task_id": second})).code == 400002
    assert (await _about(robot, "getsendresult", second)).code == 40035
    assert (await _about(robot, "getsendprogress", second)).code == 40035


async def test_without_its_permission_it_is_refused(robot: Robot, world: World) -> None:
    world.app.scopes.remove("qyapi_base")
    answer = await _send(robot, _text("x"))
    assert (answer.code, answer.body["sub_code"]) == (88, "60011")


async def test_over_a_hundred_receivers_have_no_result(robot: Robot, world: World) -> None:
    task = await _task(robot, _text("x"))
    world.notices.sent[task].messages |= {f"u{number}": "" for number in range(100)}
    assert (await _about(robot, "getsendresult", task)).code == 15


async def test_the_page_shows_it_without_a_place_to_answer(sandbox: Running, robot: Robot, world: World) -> None:
    oa = {**OA, "status_bar": {"status_value": "待审批", "status_bg": "0xFFF65E5E"}}
    await _task(robot, {"msgtype": "oa", "oa": oa})
    line = conversation(world, "lin")
    async with robot.http.get("/", params={"as": "lin", "chat": line.id}) as response:
        page = await response.text()
    assert all(words in page for words in ("请假审批", "家中有事", "2.5天", "待审批", 'fill="#f65e5e"', "工作通知"))
    composer = next(one for one in page.splitlines() if 'id="composer"' in one)
    assert composer.rstrip().endswith("hidden>")
    robot_chat = world.chats.with_robot("lin").id
    async with robot.http.get("/", params={"as": "lin", "chat": robot_chat}) as response:
        other = next(one for one in (await response.text()).splitlines() if 'id="composer"' in one)
    assert not other.rstrip().endswith("hidden>")
