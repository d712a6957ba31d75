"""What the documents refuse is refused here, with their status and their code."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from sandbox.company import TEAM_GROUP
from sandbox.operations import ALL
from sandbox.shifts import DAY_SHIFT, OFFICE, TURNS
from sandbox.world import StoredFile, World
from tests.sandbox.client import Answer, Robot
from tests.sandbox.clients.bad_calls import BAD as OWN_BAD
from tests.sandbox.clients.bad_calls import DROP, Bad
from tests.sandbox.clients.bad_rows import BAD_ROWS
from tests.sandbox.clients.good_calls import GOOD as OWN_GOOD
from tests.sandbox.clients.good_calls import TEMPLATE, Good
from tests.sandbox.clients.old import OLD_BAD, OLD_GOOD
from tests.sandbox.times import ms

GOOD: Mapping[str, Good] = {**OWN_GOOD, **OLD_GOOD}
BAD: tuple[Bad, ...] = (*OWN_BAD, *OLD_BAD)
TAKES_NOTHING = {"data scope", "administrators", "columns", "whether there are reports"}
TOKEN_HEADER = "x-acs-dingtalk-access-token"


@pytest.fixture
async def words(robot: Robot, world: World) -> Mapping[str, Any]:
    """What the calls refer to: messages and a card that were sent, a file, a session, and what the office has."""
    world.app.scopes |= {scope for one in ALL for scope in one.scope.split()}
    world.app.calls_per_second = 1000
    robot.token = world.tokens.issue()
    sent = {
        name: (await _call(robot, GOOD[call], {"$id": world.app.client_id})).body["processQueryKey"]
        for name, call in {"$people": "to people", "$group": "to a group"}.items()
    }
    card = {**GOOD["create a card"].fields, "cardTemplateId": TEMPLATE, "outTrackId": "leave-1"}
    assert (await robot.new("POST", "/v1.0/card/instances", card)).status == 200
    private = world.chats.with_robot("lin")
    return {
        **sent,
        "$id": world.app.client_id,
        "$secret": world.app.client_secret,
        "$corp": world.app.corp_id,
        "$file": world.files.code(world.files.keep(StoredFile("a.pdf", "application/pdf", b"x"))),
        "$session": world.sessions.open(private.id, world.clock.now() + timedelta(minutes=90)),
        "$code": world.login_codes.issue("lin", "browser"),
        "$in_app": world.login_codes.issue("lin", "in_app"),
        "$mobile": world.directory.users["lin"].mobile,
        **await _office(robot, world),
    }


async def _office(robot: Robot, world: World) -> Mapping[str, Any]:
    """Make a role, an empty department, a leave type, an approved leave, a planned turn, notices and a webhook."""
    group = (await robot.old("/role/add_role_group", {"name": "岗位"})).body["groupId"]
    role = (await robot.old("/role/add_role", {"roleName": "沙盒角色", "groupId": group})).body["roleId"]
    spare = (await robot.old("/role/add_role", {"roleName": "没有人的", "groupId": group})).body["roleId"]
    await robot.result("/topapi/role/addrolesforemps", roleIds=str(role), userIds="lin,li")
    empty = await robot.result("/topapi/v2/department/create", name="空部门", parent_id=1)
    made = await robot.new(
        "POST", "/v1.0/im/group/create", {"name": "群", "owner": "wang", "useridlist": ["lin", "wang"]}
    )
    leave = {"leaveName": "读书假", "leaveViewUnit": "day", "bizType": "general_leave", "naturalDayLeave": False}
    types = await robot.call(
        "POST", "/v1.0/attendance/leaves/types", {**leave, "hoursInPerDay": 800}, params={"opUserId": "admin"},
        headers={TOKEN_HEADER: robot.token},
    )  # fmt: skip
    code = types.body["result"]["leaveCode"]
    quota = {"userid": "lin", "leave_code": code, "start_time": ms("2026-01-01"), "end_time": ms("2026-12-31")}
    quota |= {"quota_num_per_day": 800, "quota_cycle": "2026", "reason": "x"}
    await robot.old("/topapi/attendance/vacation/quota/init", {"op_userid": "admin", "leave_quotas": [quota]})
    await robot.old("/topapi/attendance/approve/finish", dict(OLD_GOOD["old finish"].fields) | {"approve_id": "kept"})
    turn = {
        "op_user_id": "li",
        "group_id": TURNS,
        "schedule_flag": 1,
        "update_param": {"add_users": ["niuben", "chen", "qinfeng"]},
    }
    assert (await robot.old("/topapi/attendance/group/member/update", turn)).code == 0
    plans = [
        {"userid": user, "work_date": ms(day), "shift_id": DAY_SHIFT, "is_rest": False}
        for user in ("chen", "qinfeng")
        for day in ("2026-11-25", "2026-11-26")
    ]
    written = {"op_user_id": "li", "group_id": TURNS, "schedules": plans}
    assert (await robot.old("/topapi/attendance/group/schedule/async", written)).code == 0
    results = await robot.old("/attendance/list", dict(OLD_GOOD["results"].fields))
    columns = await robot.result("/topapi/attendance/getattcolumns")
    webhook = await robot.call("POST", "/sandbox/webhooks", {"conversation": TEAM_GROUP, "name": "监控"})
    notice = "/topapi/message/corpconversation/asyncsend_v2"
    oa = {"message_url": "https://x.cn", "head": {"bgcolor": "FFBBBBBB", "text": "x"}, "body": {"title": "t"}}
    bar = {"status_bar": {"status_value": "待审批"}}
    told = {"agent_id": world.app.agent_id, "userid_list": "wang"}
    tasks = [
        (await robot.old(notice, {**told, "msg": one})).body["task_id"]
        for one in ({"msgtype": "text", "text": {"content": "x"}}, {"msgtype": "oa", "oa": {**oa, **bar}})
    ]
    return {
        "$role_group": group, "$role": role, "$roles": str(role), "$empty": empty["dept_id"],
        "$spare_role": spare,
        "$system_role": next(one.id for one in world.roles.roles.values() if one.system),
        "$chat": made.body["chatid"], "$cid": made.body["openConversationId"], "$agent": world.app.agent_id,
        "$leave": code, "$approved": "kept", "$turner": "niuben", "$task": tasks[0], "$oa_task": tasks[1],
        "$group_key": world.attendance.groups[OFFICE].key, "$plan": results.body["recordresult"][0]["planId"],
        "$column": str(columns["columns"][0]["id"]), "$media": world.files.keep(StoredFile("a.png", "image/png", b"x")),
        "$png": StoredFile("a.png", "image/png", b"x"),
        "$txt": StoredFile("a.txt", "text/plain", b"x"),
        "$amr": StoredFile("a.amr", "audio/amr", bytes((2 << 20) + 1)),
        "$webhook": webhook.body["token"],
    }  # fmt: skip


def _spelt(value: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {name: _spelt(one, words) for name, one in value.items() if one is not DROP}
    if isinstance(value, list):
        return [_spelt(one, words) for one in value]
    if isinstance(value, str) and "$" in value and "," in value:
        return ",".join(str(words.get(one, one)) for one in value.split(","))
    return words.get(value, value) if isinstance(value, str) else value


async def _call(
    robot: Robot, good: Good, words: Mapping[str, Any], change: Mapping[str, Any] | None = None, path: str = ""
) -> Answer:
    """Make a good call, changed where it is told to; a field in the query stays there."""
    change = change or {}
    query = {**good.query, **{name: one for name, one in change.items() if name in good.query or good.method == "GET"}}
    fields = {**good.fields, **{name: one for name, one in change.items() if name not in query}}
    headers = {}
    if good.token and robot.token:
        if good.old:
            query = {"access_token": robot.token, **query}
        else:
            headers = {TOKEN_HEADER: robot.token}
    body = None if good.method == "GET" else _spelt(fields, words)
    path = path or good.path.replace("$corp", words.get("$corp", ""))
    if not good.upload:
        return await robot.call(good.method, path, body, params=_spelt(query, words), headers=headers)
    form = _multipart(body or {})
    async with robot.http.request(good.method, path, data=form, params=_spelt(query, words), headers=headers) as said:
        return Answer(said.status, await said.json())


def _multipart(fields: Mapping[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, one in fields.items():
        if isinstance(one, StoredFile):
            form.add_field(name, BytesIO(one.content), filename=one.name, content_type=one.content_type)
        else:
            form.add_field(name, one)
    return form


def _refused(good: Good, answer: Answer) -> bool:
    """Whether it's a failure in the family's shape."""
    if good.old:
        return answer.status == 200 and answer.code != 0 and set(answer.body) >= {"errcode", "errmsg"}
    return answer.status >= 400 and set(answer.body) >= {"code", "requestid", "message"}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
async def test_the_good_call_is_answered(robot: Robot, words: Mapping[str, Any], world: World, good: Good) -> None:
    answer = await _call(robot, good, words)
    assert (answer.status, answer.code) in {(200, None), (200, 0)}, answer
    assert [one for one in world.wire.entries[-1].warnings if "isn't in the documents" in one] == []


@pytest.mark.parametrize("call", {one.call: None for one in BAD})
async def test_each_bad_call_is_refused_as_the_documents_say(robot: Robot, words: Mapping[str, Any], call: str) -> None:
    good, wrong = GOOD[call], []
    for bad in [one for one in BAD if one.call == call]:
        answer = await _call(robot, good, words, bad.change)
        fits = not bad.codes or (answer.code in bad.codes and answer.status == (200 if good.old else 400))
        if not _refused(good, answer) or not fits:
            wrong.append((bad.what, bad.codes, answer))
    assert wrong == []


async def test_no_token_a_foreign_one_and_an_old_one(robot: Robot, words: Mapping[str, Any], world: World) -> None:
    for token, code in [("", 41001), ("foreign", 40014), (robot.token, 42001)]:
        if token == robot.token:
            world.clock.advance(timedelta(hours=2, seconds=1))
        told = {}
        for name, good in GOOD.items():
            if good.token:
                answer = await _call(replace(robot, token=token), good, words)
                told[name] = (answer.status, answer.code)
        wanted = {name: (200, code) if GOOD[name].old else (400, "InvalidAuthentication") for name in told}
        assert told == wanted


async def test_a_path_in_another_case_is_no_path(robot: Robot, words: Mapping[str, Any]) -> None:
    answers = {name: await _call(robot, good, words, path=good.path.swapcase()) for name, good in GOOD.items()}
    assert {name for name, answer in answers.items() if answer.status != 404} == set()


def test_each_good_call_is_an_operation_and_has_three_bad_ones() -> None:
    calls = {(one.method, one.path.replace("$corp", "{corpId}")): name for name, one in GOOD.items()}
    assert set(calls) <= {(one.method, one.path) for one in ALL}
    bad = Counter(one.call for one in BAD)
    assert {name for name in GOOD if bad[name] < 3} == TAKES_NOTHING


def test_every_operation_has_bad_calls() -> None:
    calls = {(one.method, one.path.replace("$corp", "{corpId}")) for one in GOOD.values()}
    lacking = {one.name for one in ALL if one.name not in BAD_ROWS and (one.method, one.path) not in calls}
    assert lacking == set(), "write bad calls for them, from their pages"
