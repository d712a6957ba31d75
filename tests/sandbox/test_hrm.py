"""智能人事 through its API: the roster, newcomers, leavers, moves, and what is pushed for them."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.world import CHINA, World
from tests.sandbox.client import Answer, Line, Robot

ROSTER = "/v1.0/hrm/rosters/lists/query"
OLD = "/topapi/smartwork/hrm/employee"


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


async def _fields(robot: Robot, userid: str, *codes: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    body = {"userIdList": [userid], "appAgentId": robot.sandbox.world.app.agent_id, **more}
    answer = await robot.new("POST", ROSTER, body | ({"fieldFilterList": list(codes)} if codes else {}))
    assert answer.status == 200, answer
    return {one["fieldCode"]: one["fieldValueList"] for one in answer.body["result"][0]["fieldDataList"]}


async def _event(line: Line) -> tuple[str, Any]:
    frame = await line.frame()
    await line.ack(frame, {"status": "SUCCESS", "message": "ok"})
    return frame.headers["eventType"], frame.data


async def test_the_roster_answers_as_its_page_shows(robot: Robot, world: World) -> None:
    body = {"userIdList": ["lin"], "fieldFilterList": ["sys01-employeeStatus", "no-such"], "appAgentId": 3900000001}
    answer = await robot.new("POST", ROSTER, body)
    status = {
        "fieldCode": "sys01-employeeStatus",
        "fieldName": "员工状态",
        "groupId": "sys01",
        "fieldValueList": [{"itemIndex": 0, "value": "3", "label": "正式"}],
    }
    assert answer.body == {"result": [{"corpId": world.app.corp_id, "userId": "lin", "fieldDataList": [status]}]}
    assert world.meter.calls == 0  # A/1432


async def test_the_contacts_fill_the_rosters_first_group(robot: Robot, world: World) -> None:
    fields = await _fields(robot, "lin")
    lin = world.directory.users["lin"]
    said = {code: values[0].get("value", "") for code, values in fields.items() if code.startswith("sys00")}
    assert said["sys00-name"] == "林晓"
    assert said["sys00-mobile"] == lin.mobile
    assert (said["sys00-deptIds"], said["sys00-mainDept"]) == ("200", "研发部")
    assert said["sys00-confirmJoinTime"] == "2022-03-14"
    assert fields["sys00-tel"] == [{"itemIndex": 0}]  # nobody filled it in
    assert [one["itemIndex"] for one in fields["sys07-childName"]] == [0, 1]  # a group with details


async def test_sensitive_groups_are_silently_missing_without_their_permission(robot: Robot, world: World) -> None:
    assert {"sys02-certNo", "sys04-bankAccountNo", "sys06-urgentContactsName"} <= set(await _fields(robot, "lin"))
    world.app.scopes -= {"hrmPersonal", "hrmBankCard", "hrmUrgentContacts"}
    fields = await _fields(robot, "lin")
    assert not [code for code in fields if code.startswith(("sys02", "sys04", "sys06"))]
    assert "sys05-contractType" in fields
    assert await _fields(robot, "lin", "sys04-bankAccountNo") == {}


async def test_a_rank_is_its_name_or_on_request_its_id(robot: Robot, world: World) -> None:
    plain = (await _fields(robot, "lin", "sys01-positionLevel"))["sys01-positionLevel"][0]
    asked = (await _fields(robot, "lin", "sys01-positionLevel", text2SelectConvert=True))["sys01-positionLevel"][0]
    assert plain["value"] == plain["label"] == asked["label"]
    assert asked["value"] in {one.id for one in world.hrm.ranks}


@pytest.mark.parametrize(
    "wrong",
    [
        {"userIdList": ["nobody"]},
        {"userIdList": ["lin"] * 101},
        {"fieldFilterList": ["sys00-name"] * 101},
        {"userIdList": "lin"},
        {"appAgentId": 1},
        {"appAgentId": None},
        {"userIdList": None},
        {"userIdList": None, "useridList": ["lin"]},
    ],
)
async def test_what_the_roster_does_not_take_is_an_invalid_parameter(robot: Robot, wrong: dict[str, Any]) -> None:
    body = {"userIdList": ["lin"], "appAgentId": robot.sandbox.world.app.agent_id, **wrong}
    answer = await robot.new("POST", ROSTER, body)
    assert (answer.status, answer.code) == (400, "invalidParameter")


async def test_the_archived_roster_says_the_same_in_snakes(robot: Robot, world: World) -> None:
    body = {"userid_list": "lin,wang", "field_filter_list": "sys00-name", "agentid": world.app.agent_id}
    answer = (await robot.old(f"{OLD}/v2/list", body)).body
    assert answer["success"] is True
    assert answer["result"][1] == {
        "corp_id": world.app.corp_id,
        "userid": "wang",
        "field_data_list": [
            {
                "field_code": "sys00-name",
                "field_name": "姓名",
                "group_id": "sys00",
                "field_value_list": [{"item_index": 0, "value": "王磊", "label": "王磊"}],
            }
        ],
    }
    assert (await robot.old(f"{OLD}/v2/list", {**body, "userid_list": ["lin", "wang"]})).code == 40035
    assert (await robot.old(f"{OLD}/v2/list", {**body, "agentid": 1})).code == 400002


async def test_the_metadata_names_every_field_of_the_roster(robot: Robot, world: World) -> None:
    meta = (await robot.old("/topapi/smartwork/hrm/roster/meta/get", {"agentid": world.app.agent_id})).body["result"]
    groups = (await robot.old(f"{OLD}/field/grouplist", {"agentid": world.app.agent_id})).body["result"]
    by_id = {one["group_id"]: one for one in meta}
    assert by_id["sys07"]["detail"] is True
    assert by_id["sys04"]["field_meta_info_list"][0]["field_code"] == "sys04-bankAccountNo"
    kind = next(one for one in by_id["sys01"]["field_meta_info_list"] if one["field_code"] == "sys01-employeeType")
    assert {"value": "1", "label": "全职"} in json.loads(kind["option_text"])
    assert [one["group_id"] for one in groups] == [one["group_id"] for one in meta]
    assert set(groups[0]) == {"group_id", "has_detail", "field_list"}
    named = {field["field_code"] for group in groups for field in group["field_list"]}
    assert set(await _fields(robot, "lin")) == named


async def _update(robot: Robot, userid: str, group: str, values: dict[str, str], index: int | None = None) -> Answer:
    section: dict[str, Any] = {"section": [{"field_code": code, "value": value} for code, value in values.items()]}
    section |= {} if index is None else {"old_index": index}
    param = {"userid": userid, "groups": [{"group_id": group, "sections": [section]}]}
    return await robot.old(f"{OLD}/v2/update", {"agentid": robot.sandbox.world.app.agent_id, "param": param})


async def test_a_row_without_its_index_empties_what_it_does_not_name(robot: Robot, world: World) -> None:
    line = await robot.connect()
    answer = await _update(robot, "lin", "sys04", {"sys04-accountBank": "工商银行"}, 0)
    assert answer.body["result"] is answer.body["success"] is True
    assert await _event(line) == ("hrm_user_record_change", {"staffId": "lin", "actionType": "userInfoChange"})
    fields = await _fields(robot, "lin")
    assert fields["sys04-accountBank"][0]["value"] == "工商银行"
    assert "value" in fields["sys04-bankAccountNo"][0]
    await _update(robot, "lin", "sys04", {"sys04-accountBank": "建设银行"})
    assert (await _fields(robot, "lin", "sys04-bankAccountNo"))["sys04-bankAccountNo"] == [{"itemIndex": 0}]
    assert world.meter.pushes == 2  # HRM events count


async def test_a_group_with_details_grows_by_a_row(robot: Robot) -> None:
    before = len((await _fields(robot, "lin", "sys07-childName"))["sys07-childName"])
    await _update(robot, "lin", "sys07", {"sys07-childName": "林林", "sys07-childSex": "1"})
    rows = (await _fields(robot, "lin", "sys07-childName"))["sys07-childName"]
    assert (len(rows), rows[-1]["value"]) == (before + 1, "林林")


async def test_the_first_group_is_written_by_chinese_names_and_changes_the_contacts(robot: Robot) -> None:
    line = await robot.connect()
    assert (await _update(robot, "lin", "sys00", {"姓名": "林小小"})).code == 0
    assert [(await _event(line))[0] for _ in range(2)] == ["user_modify_org", "hrm_user_record_change"]
    assert (await robot.old("/topapi/v2/user/get", {"userid": "lin"})).body["result"]["name"] == "林小小"


@pytest.mark.parametrize(
    ("userid", "group", "values", "errcode"),
    [
        ("lin", "sys00", {"部门": "销售部"}, 400002),
        ("lin", "sys00", {"直属主管": "wang"}, 400002),
        ("lin", "sys02", {"sys02-sexType": "男"}, 400002),
        ("lin", "sys02", {"sys02-birthTime": "2000/1/1"}, 400002),
        ("lin", "sys02", {"sys04-accountBank": "x"}, 400002),
        ("lin", "sys01", {"sys01-employeeStatus": "2"}, 400002),
        ("lin", "sys08", {"sys08-personalPhoto": "x"}, 400002),
        ("nobody", "sys02", {"sys02-realName": "x"}, 400001),
    ],
)
async def test_what_cannot_be_written_is_refused(
    robot: Robot, userid: str, group: str, values: dict[str, str], errcode: int
) -> None:
    assert (await _update(robot, userid, group, values)).code == errcode


async def test_the_on_job_list_ends_where_no_cursor_is_given(robot: Robot, world: World) -> None:
    body: dict[str, Any] = {"status_list": "2,3,5,-1", "offset": 0, "size": 5}
    first = (await robot.old(f"{OLD}/queryonjob", body)).body["result"]
    second = (await robot.old(f"{OLD}/queryonjob", {**body, "offset": first["next_cursor"]})).body["result"]
    assert first["data_list"] + second["data_list"] == list(world.directory.users)
    assert "next_cursor" not in second
    assert (await robot.old(f"{OLD}/queryonjob", {**body, "status_list": "2"})).body["result"] == {"data_list": []}
    for wrong in ({"size": 51}, {"size": 0}, {"offset": -1}, {"status_list": "4"}, {"status_list": None}):
        assert (await robot.old(f"{OLD}/queryonjob", {**body, **wrong})).code == 40035


async def test_a_newcomer_has_a_userid_for_the_time_being(robot: Robot, world: World) -> None:
    body = {
        "name": "新人",
        "mobile": "13700000001",
        "preEntryTime": _ms("2026-12-01"),
        "agentId": world.app.agent_id,
        "groups": [
            {
                "groupId": "sys02",
                "sections": [{"empFieldVOList": [{"fieldCode": "sys02-birthTime", "value": "2000-10-10"}]}],
            }
        ],
    }
    userid = (await robot.new("POST", "/v1.0/hrm/preentries", body)).body["tmpUserId"]
    assert userid not in world.directory.users
    listed = (await robot.old(f"{OLD}/querypreentry", {"offset": 0, "size": 50})).body["result"]
    assert listed == {"data_list": [userid]}
    fields = await _fields(robot, userid, "sys00-confirmJoinTime", "sys02-birthTime")
    assert [one[0]["value"] for one in fields.values()] == ["2026-12-01", "2000-10-10"]


async def test_a_newcomer_begins_under_another_userid(robot: Robot, world: World) -> None:
    line = await robot.connect()
    info = json.dumps({"depts": "200", "position": "工程师"})
    param = {"name": "新人", "mobile": "13700000003", "extend_info": info}
    tmp = (await robot.old(f"{OLD}/addpreentry", {"param": param})).body["userid"]
    assert await _event(line) == (
        "hrm_solution_manage",
        {"corpId": world.app.corp_id, "staffIds": [tmp], "solutionType": "onboarding", "solutionStatus": "init"},
    )
    assert (await robot.call("POST", "/sandbox/hrm/entries", {"newcomer": "x", "userid": "xin"})).status == 400
    assert (await robot.call("POST", "/sandbox/hrm/entries", {"newcomer": tmp, "userid": "xin"})).status == 200
    told = [await _event(line) for _ in range(3)]
    assert [kind for kind, _ in told] == ["user_add_org", "hrm_solution_manage", "hrm_mdm_user_change"]
    assert (told[1][1]["solutionStatus"], told[2][1]["changeType"]) == ("start", 1)
    assert world.hrm.newcomers == {}
    fields = await _fields(robot, "xin", "sys01-employeeStatus", "sys00-position", "sys00-deptIds")
    assert [one[0]["value"] for one in fields.values()] == ["2", "工程师", "200"]
    assert world.meter.pushes == 3


async def test_a_colleague_is_no_newcomer(robot: Robot, world: World) -> None:
    mobile = world.directory.users["lin"].mobile
    answer = await robot.new("POST", "/v1.0/hrm/preentries", {"name": "林晓", "mobile": mobile})
    assert (answer.status, answer.code) == (400, "invalidParameter")
    answer = await robot.old(f"{OLD}/addpreentry", {"param": {"name": "林晓", "mobile": mobile}})
    assert (answer.code, answer.body["errmsg"]) == (-1, "系统繁忙")


async def test_the_old_way_to_announce_a_newcomer_takes_json_within_json(robot: Robot) -> None:
    info = json.dumps({"depts": "200", "mainDeptId": 200, "mainDeptName": "研发部", "position": "工程师", "x": 1})
    param = {"name": "新人", "mobile": "13700000002", "pre_entry_time": "2026-12-01 00:00:00", "extend_info": info}
    answer = await robot.old(f"{OLD}/addpreentry", {"param": json.dumps(param)})
    assert (answer.code, answer.body["success"]) == (0, True)
    fields = await _fields(robot, answer.body["userid"], "sys00-position", "sys00-mainDept")
    assert [one[0]["value"] for one in fields.values()] == ["工程师", "研发部"]
    for wrong in ({"pre_entry_time": "2026-12-01"}, {"extend_info": "{"}, {"name": ""}):
        assert (await robot.old(f"{OLD}/addpreentry", {"param": {**param, **wrong}})).code == 40035


LEAVE = {"userId": "lin", "lastWorkDate": _ms("2026-12-31"), "terminationReasonVoluntary": ["2"], "remark": "读书"}


async def _infos(robot: Robot, *userids: str) -> Any:
    path = "/v1.0/hrm/employees/dimissionInfos"
    answer = await robot.new("GET", path, params={"userIdList": json.dumps(userids)})
    assert answer.status == 200, answer
    return answer.body["result"]


async def test_notice_is_given_changed_and_taken_back(robot: Robot, world: World) -> None:
    answer = await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    assert (answer.status, set(answer.body)) == (200, {"requestId", "success", "result"})
    assert (await _fields(robot, "lin", "sys01-employeeStatus"))["sys01-employeeStatus"][0]["label"] == "待离职"
    edit = {"userId": "lin", "lastWorkDate": _ms("2027-01-31"), "dismissionMemo": "改期"}
    assert (await robot.new("PUT", "/v1.0/hrm/pendingDismission/infos", edit)).body["result"] is True
    assert await _infos(robot, "lin", "wang") == [
        {
            "userId": "lin",
            "lastWorkDay": _ms("2027-01-31"),
            "deptList": [{"dept_id": 200, "dept_path": "研发部"}],
            "reasonMemo": "改期",
            "status": 1,
            "preStatus": 3,
            "mainDeptId": 200,
            "mainDeptName": "研发部",
            "voluntaryReason": ["个人原因"],
            "passiveReason": [],
        },
        {"userId": "wang", "status": 3},
    ]
    await robot.new("POST", "/v1.0/hrm/pendingDismission/revoke", {"userId": "lin"})
    assert await _infos(robot, "lin") == [{"userId": "lin", "status": 3}]
    assert world.hrm.employee("lin").status == "3"


async def test_business_errors_of_a_notice_are_401_without_being_about_the_token(robot: Robot) -> None:
    start, revoke = "/v1.0/hrm/pendingDismission/start", "/v1.0/hrm/pendingDismission/revoke"
    calls = [
        await robot.new("POST", revoke, {"userId": "lin"}),
        await robot.new("POST", start, {**LEAVE, "terminationReasonVoluntary": ["99"]}),
        await robot.new("PUT", "/v1.0/hrm/pendingDismission/infos", {"userId": "lin", "lastWorkDate": 1}),
        await robot.new("POST", start, {**LEAVE, "userId": "nobody"}),
    ]
    assert {(one.status, one.code) for one in calls} == {(401, "businessError")}
    await robot.new("POST", start, LEAVE)
    assert (await robot.new("POST", start, LEAVE)).status == 401
    answer = await robot.new("POST", start, {**LEAVE, "lastWorkDate": None})
    assert (answer.status, answer.code) == (400, "invalidParameter")


END = {
    "userId": "lin",
    "optUserId": "li",
    "lastWorkDate": _ms("2026-11-30"),
    "terminationReasonVoluntary": ["2"],
    "dismissionMemo": "读书",
    "permissionHandoverUserId": "wang",
}
TERMINATE = "/v1.0/hrm/processes/terminateAndHandOver"


async def test_the_end_takes_a_person_out_of_the_contacts_but_not_of_the_roster(robot: Robot) -> None:
    line = await robot.connect()
    assert (await robot.new("POST", TERMINATE, END)).body == {"result": True}
    assert (await _event(line))[0] == "user_leave_org"
    kind, data = await _event(line)
    assert (kind, data["staffId"], data["changeType"]) == ("hrm_mdm_user_change", "lin", 4)
    assert (await robot.old("/topapi/v2/user/get", {"userid": "lin"})).code == 60121
    left = (await robot.new("GET", "/v1.0/hrm/employees/dismissions")).body
    assert left == {"hasMore": False, "userIdList": ["lin"]}
    info = (await _infos(robot, "lin"))[0]
    assert (info["status"], info["handoverUserId"], info["reasonMemo"]) == (2, "wang", "读书")
    assert (await _fields(robot, "lin", "sys00-name"))["sys00-name"][0]["value"] == "林晓"


async def test_whoever_is_removed_by_another_way_leaves_without_reasons(robot: Robot, world: World) -> None:
    await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    await world.company.remove_user("lin")
    info = (await _infos(robot, "lin"))[0]
    assert (info["status"], info["voluntaryReason"], info["reasonMemo"]) == (2, [], "")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"userId": "nobody"}, "empNotExists"),
        ({"optUserId": "lin"}, "invalidRequest"),
        ({"optUserId": "nobody"}, "invalidRequest"),
        ({"userId": "admin"}, "businessError"),
        ({"terminationReasonVoluntary": ["99"]}, "businessError"),
        ({"terminationReasonVoluntary": []}, "invalidParameter"),
        ({"permissionHandoverUserId": "lin"}, "invalidParameter"),
        ({"dismissionMemo": ""}, "invalidParameter"),
        ({"lastWorkDate": "2026-11-30"}, "invalidParameter"),
        ({"dismissionReason": 10}, "invalidParameter"),
    ],
)
async def test_an_end_that_cannot_be_is_refused(robot: Robot, world: World, wrong: dict[str, Any], code: str) -> None:
    answer = await robot.new("POST", TERMINATE, END | wrong)
    assert (answer.status, answer.code) == (400, code)
    assert len(world.directory.users) == 9


async def test_reports_are_handed_over(robot: Robot, world: World) -> None:
    body = END | {"userId": "wang", "permissionHandoverUserId": None, "directSubordinatesHandoverUserId": "gao"}
    assert (await robot.new("POST", TERMINATE, body)).status == 200
    assert world.directory.users["lin"].manager == "gao"


async def test_the_dismissed_come_in_pages(robot: Robot, world: World) -> None:
    for userid in ("lin", "chen", "zhao"):
        await world.company.remove_user(userid)
    path = "/v1.0/hrm/employees/dismissions"
    first = (await robot.new("GET", path, params={"maxResults": "2"})).body
    second = (await robot.new("GET", path, params={"maxResults": "2", "nextToken": str(first["nextToken"])})).body
    assert first["userIdList"] + second["userIdList"] == ["lin", "chen", "zhao"]
    assert (first["hasMore"], second["hasMore"], "nextToken" in second) == (True, False, False)
    assert (await robot.new("GET", path, params={"maxResults": "51"})).code == "invalidParameter"


async def test_the_reasons_have_ids_and_names(robot: Robot) -> None:
    answer = (await robot.new("GET", "/v1.0/hrm/dismission/reasons")).body
    assert answer["result"]["voluntaryList"][0] == {"id": "1", "name": "家庭原因"}
    assert set(answer["result"]) == {"voluntaryList", "passiveList"}


BECOME = "/v1.0/hrm/processes/regulars/become"


async def test_a_day_that_is_past_confirms_at_once(robot: Robot, world: World) -> None:
    world.hrm.employee("lin").status = "2"
    line = await robot.connect()
    body = {"userId": "lin", "regularDate": _ms("2026-11-23"), "operationId": "li"}
    assert (await robot.new("POST", BECOME, body)).body == {"result": True}
    assert (await _event(line))[1]["changeType"] == 2
    fields = await _fields(robot, "lin", "sys01-employeeStatus", "sys01-regularTime")
    assert [one[0]["value"] for one in fields.values()] == ["3", "2026-11-23"]


async def test_whoever_is_confirmed_while_leaving_stays_so_when_they_stay(robot: Robot, world: World) -> None:
    world.hrm.employee("lin").status = "2"
    await robot.new("POST", "/v1.0/hrm/pendingDismission/start", LEAVE)
    await robot.new("POST", BECOME, {"userId": "lin", "regularDate": _ms("2026-11-23"), "operationId": "li"})
    await robot.new("POST", "/v1.0/hrm/pendingDismission/revoke", {"userId": "lin"})
    assert world.hrm.employee("lin").status == "3"


@pytest.mark.parametrize("days", [0, 3])
async def test_any_other_day_waits_for_its_midnight(robot: Robot, world: World, days: int) -> None:
    world.hrm.employee("lin").status = "2"
    line = await robot.connect()
    body = {"userId": "lin", "regularDate": world.clock.ms() + days * 86_400_000, "operationId": "li"}
    assert (await robot.new("POST", BECOME, body)).status == 200
    assert (await robot.new("POST", BECOME, body)).code == "inProcessOfApproval"
    assert world.hrm.employee("lin").status == "2"
    await robot.call("POST", "/sandbox/clock", {"advance": timedelta(days=max(days, 1)).total_seconds()})
    assert (await _event(line))[1]["changeType"] == 2
    assert world.hrm.employee("lin").status == "3"


TRANSFER = "/v1.0/hrm/processes/transfer"


async def test_a_transfer_changes_the_contacts_and_is_told_twice(robot: Robot, world: World) -> None:
    line = await robot.connect()
    position = next(one for one in world.hrm.positions if one.name == "客户经理")
    body = {
        "userId": "lin",
        "deptIdsAfterTransfer": [300],
        "mainDeptIdAfterTransfer": 300,
        "positionIdAfterTransfer": position.id,
        "rankIdAfterTransfer": world.hrm.ranks[2].id,
        "operateUserId": "li",
    }
    assert (await robot.new("POST", TRANSFER, body)).body == {"result": True}
    assert (await _event(line))[0] == "user_modify_org"
    kind, data = await _event(line)
    assert (kind, data["changeType"]) == ("hrm_mdm_user_change", 3)
    lin = world.directory.users["lin"]
    assert (lin.dept_ids, lin.title) == ([300], "客户经理")
    assert (await _fields(robot, "lin", "sys01-positionLevel"))["sys01-positionLevel"][0]["value"] == "P6"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"userId": "nobody"}, "invalidParameter"),
        ({"deptIdsAfterTransfer": [999]}, "invalidParameter"),
        ({"mainDeptIdAfterTransfer": 400}, "mainDeptIdInvalid"),
        ({"positionIdAfterTransfer": "no"}, "positionIdInvalid"),
        ({"rankIdAfterTransfer": "no"}, "ranIdInvalid"),
        ({"positionNameAfterTransfer": "经理"}, "invalidParameter"),
        ({"positionNameAfterTransfer": "长" * 125}, "invalidParameter"),
        ({"positionLevelAfterTransfer": "长" * 65}, "invalidParameter"),
        ({"deptIdsAfterTransfer": "300"}, "invalidParameter"),
    ],
)
async def test_a_transfer_that_cannot_be_is_refused(
    robot: Robot, world: World, wrong: dict[str, Any], code: str
) -> None:
    answer = await robot.new("POST", TRANSFER, {"userId": "lin", "deptIdsAfterTransfer": [300], **wrong})
    assert (answer.status, answer.code) == (400, code)
    assert world.directory.users["lin"].dept_ids == [200]


async def test_a_position_is_bound_to_its_department_and_its_ranks(robot: Robot, world: World) -> None:
    position = next(one for one in world.hrm.positions if one.name == "客户经理")
    body: dict[str, Any] = {"userId": "lin", "positionIdAfterTransfer": position.id}
    assert (await robot.new("POST", TRANSFER, body)).code == "positioinAgainstConstraint"
    position.dept_ids, position.rank_ids = [], [world.hrm.ranks[0].id]
    body["rankIdAfterTransfer"] = world.hrm.ranks[1].id
    assert (await robot.new("POST", TRANSFER, body)).code == "rankIdAgainstConstraint"


async def test_without_managed_positions_a_transfer_goes_by_names(robot: Robot, world: World) -> None:
    await robot.call("POST", "/sandbox/hrm", {"upgraded": False})
    body = {"userId": "lin", "positionNameAfterTransfer": "架构师"}
    assert (await robot.new("POST", TRANSFER, body)).status == 200
    assert world.directory.users["lin"].title == "架构师"
    found = (await robot.new("POST", "/v1.0/hrm/positions/query?nextToken=0&maxResults=1", {})).body["list"]
    assert set(found[0]) == {"positionId", "positionName"}


@pytest.mark.parametrize(
    ("method", "path", "most", "names"),
    [
        (
            "POST",
            "/v1.0/hrm/positions/query",
            200,
            {"positionId", "positionName", "positionCategoryId", "jobId", "positionDes", "rankIdList", "status"},
        ),
        (
            "GET",
            "/v1.0/hrm/jobRanks",
            200,
            {"rankId", "rankCategoryId", "rankCode", "rankName", "minJobGrade", "maxJobGrade", "rankDescription"},
        ),
        ("GET", "/v1.0/hrm/jobs", 100, {"jobId", "jobName", "jobDescription"}),
    ],
)
async def test_positions_ranks_and_jobs_are_paged_to_the_end(
    robot: Robot, method: str, path: str, most: int, names: set[str]
) -> None:
    body: Any = {} if method == "POST" else None
    found: list[Any] = []
    token: int | None = 0
    while token is not None:
        answer = (await robot.new(method, path, body, params={"nextToken": str(token), "maxResults": "1"})).body
        assert answer["hasMore"] is ("nextToken" in answer)
        found += answer["list"]
        token = answer.get("nextToken")
    assert len(found) > 1
    assert all(set(one) == names for one in found)
    for wrong in ({"nextToken": "0", "maxResults": str(most + 1)}, {"nextToken": "0"}, {"maxResults": "1"}):
        assert (await robot.new(method, path, body, params=wrong)).code == "invalidParameter"


async def test_positions_are_found_by_name_and_department(robot: Robot) -> None:
    path = "/v1.0/hrm/positions/query?nextToken=0&maxResults=200"
    by_name = (await robot.new("POST", path, {"positionName": "客户经理"})).body["list"]
    assert [one["positionName"] for one in by_name] == ["客户经理"]
    of_sales = (await robot.new("POST", path, {"deptId": 300})).body["list"]
    assert [one["positionName"] for one in of_sales] == ["销售经理", "客户经理"]


async def test_a_company_without_the_app_is_refused(robot: Robot, world: World) -> None:
    assert (await robot.call("POST", "/sandbox/hrm", {"enabled": False})).body["enabled"] is False
    infos = await robot.new("GET", "/v1.0/hrm/employees/dimissionInfos", params={"userIdList": '["lin"]'})
    assert (infos.status, infos.code) == (400, "corpNotOpenHrm")
    assert (await robot.new("POST", TRANSFER, {"userId": "lin"})).code == "suiteCallInvalid"
    assert (await robot.new("POST", TERMINATE, END)).code == "suiteCallInvalid"
    on_job = {"status_list": "3", "offset": 0, "size": 50}
    assert (await robot.old(f"{OLD}/queryonjob", on_job)).code == 400020
    await robot.call("POST", "/sandbox/hrm", {"enabled": True})
    assert (await robot.old(f"{OLD}/queryonjob", on_job)).code == 0


async def test_somebody_new_in_the_contacts_has_no_status_yet(robot: Robot) -> None:
    await robot.call("POST", "/sandbox/users", {"userid": "new", "name": "新人", "dept_ids": [300]})
    answer = await robot.old(f"{OLD}/queryonjob", {"status_list": "-1", "offset": 0, "size": 50})
    assert answer.body["result"]["data_list"] == ["new"]
    assert (await _fields(robot, "new", "sys01-employeeStatus"))["sys01-employeeStatus"][0]["label"] == "无状态"


async def test_userids_in_a_query_are_a_json_list(robot: Robot) -> None:
    path = "/v1.0/hrm/employees/dimissionInfos"
    for wrong in ("lin", "lin,wang", '{"a":1}', "[1]"):
        answer = await robot.new("GET", path, params={"userIdList": wrong})
        assert (answer.status, answer.code) == (400, "invalidParameter"), wrong
    many = json.dumps(["lin"] * 51)
    assert (await robot.new("GET", path, params={"userIdList": many})).code == "invalidParameter"
