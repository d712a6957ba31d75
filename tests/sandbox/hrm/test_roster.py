"""The roster: read, its fields, and writing to it."""

import json
from datetime import date
from typing import Any

import pytest

from sandbox.roster import filled
from sandbox.world import User, World
from tests.sandbox.client import Answer, Robot
from tests.sandbox.hrm.shared import OLD, ROSTER, next_event, roster_of


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
    fields = await roster_of(robot, "lin")
    lin = world.directory.users["lin"]
    said = {code: values[0].get("value", "") for code, values in fields.items() if code.startswith("sys00")}
    assert said["sys00-name"] == "林晓"
    assert said["sys00-mobile"] == lin.mobile
    assert (said["sys00-deptIds"], said["sys00-mainDept"]) == ("200", "研发部")
    assert said["sys00-confirmJoinTime"] == "2022-03-14"
    assert fields["sys00-tel"] == [{"itemIndex": 0}]  # nobody filled it in
    assert [one["itemIndex"] for one in fields["sys07-childName"]] == [0, 1]  # a group with details


async def test_sensitive_groups_are_silently_missing_without_their_permission(robot: Robot, world: World) -> None:
    assert {"sys02-certNo", "sys04-bankAccountNo", "sys06-urgentContactsName"} <= set(await roster_of(robot, "lin"))
    world.app.scopes -= {"hrmPersonal", "hrmBankCard", "hrmUrgentContacts"}
    fields = await roster_of(robot, "lin")
    assert not [code for code in fields if code.startswith(("sys02", "sys04", "sys06"))]
    assert "sys05-contractType" in fields
    assert await roster_of(robot, "lin", "sys04-bankAccountNo") == {}


async def test_a_rank_is_its_name_or_on_request_its_id(robot: Robot, world: World) -> None:
    plain = (await roster_of(robot, "lin", "sys01-positionLevel"))["sys01-positionLevel"][0]
    asked = (await roster_of(robot, "lin", "sys01-positionLevel", text2SelectConvert=True))["sys01-positionLevel"][0]
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
    assert set(await roster_of(robot, "lin")) == named


async def _update(robot: Robot, userid: str, group: str, values: dict[str, str], index: int | None = None) -> Answer:
    section: dict[str, Any] = {"section": [{"field_code": code, "value": value} for code, value in values.items()]}
    section |= {} if index is None else {"old_index": index}
    param = {"userid": userid, "groups": [{"group_id": group, "sections": [section]}]}
    return await robot.old(f"{OLD}/v2/update", {"agentid": robot.sandbox.world.app.agent_id, "param": param})


async def test_a_row_without_its_index_empties_what_it_does_not_name(robot: Robot, world: World) -> None:
    line = await robot.connect()
    answer = await _update(robot, "lin", "sys04", {"sys04-accountBank": "工商银行"}, 0)
    assert answer.body["result"] is answer.body["success"] is True
    assert await next_event(line) == ("hrm_user_record_change", {"staffId": "lin", "actionType": "userInfoChange"})
    fields = await roster_of(robot, "lin")
    assert fields["sys04-accountBank"][0]["value"] == "工商银行"
    assert "value" in fields["sys04-bankAccountNo"][0]
    await _update(robot, "lin", "sys04", {"sys04-accountBank": "建设银行"})
    assert (await roster_of(robot, "lin", "sys04-bankAccountNo"))["sys04-bankAccountNo"] == [{"itemIndex": 0}]
    assert world.meter.pushes == 2  # HRM events count


async def test_a_group_with_details_grows_by_a_row(robot: Robot) -> None:
    before = len((await roster_of(robot, "lin", "sys07-childName"))["sys07-childName"])
    await _update(robot, "lin", "sys07", {"sys07-childName": "林林", "sys07-childSex": "1"})
    rows = (await roster_of(robot, "lin", "sys07-childName"))["sys07-childName"]
    assert (len(rows), rows[-1]["value"]) == (before + 1, "林林")


async def test_the_first_group_is_written_by_chinese_names_and_changes_the_contacts(robot: Robot) -> None:
    line = await robot.connect()
    assert (await _update(robot, "lin", "sys00", {"姓名": "林小小"})).code == 0
    assert [(await next_event(line))[0] for _ in range(2)] == ["user_modify_org", "hrm_user_record_change"]
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


def test_a_contract_may_begin_on_29_february() -> None:
    hired = User(userid="x", name="闰日", dept_ids=[], hired=date(2024, 2, 29))
    [contract] = filled([], [hired]).employees["x"].sections["sys05"]
    assert contract["sys05-firstContractEndTime"] == contract["sys05-nowContractEndTime"] == "2027-02-28"
    hired.hired = date(2012, 2, 29)
    [contract] = filled([], [hired]).employees["x"].sections["sys05"]
    assert (contract["sys05-nowContractStartTime"], contract["sys05-nowContractEndTime"]) == (
        "2024-02-29",
        "2027-02-28",
    )
