"""Legal entity and region: from DingTalk's fields into who reaches whom."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.world.hrm import Employee
from tests.conversations.office import Office, opened
from tests.conversations.test_access import dinghr
from tests.conversations.test_people import access, eventually

GUANGZHOU = "青禾科技（广州）有限公司"
ROSTER = "sys05-contractCompanyName"
FIELDS = {
    "dingtalk_agent_id": "3900000001",
    "dinghr_legal_entity_field": ROSTER,
    "dinghr_region_field": "work_place",
}


@pytest.fixture
async def told_office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office whose settings name both fields; Zhao is in HR for the company in Guangzhou."""
    async with opened(tmp_path, "text", **FIELDS) as office:
        await eventually(lambda: entity(office, "chen"), GUANGZHOU)
        await dinghr(office, "role", "grant", "zhao", "hr", "--legal-entity", GUANGZHOU)
        await office.li.reads()
        assert "已生效" in await office.li.asks("同意 授权 2")
        await office.quiet()
        yield office


async def entity(office: Office, userid: str) -> str | None:
    """Which legal entity somebody is known to belong to."""
    return (await access(office)).directory.with_key(userid).legal_entity


async def may(office: Office, on: str) -> bool:
    """Whether the command line says that Zhao may see somebody's leave."""
    told = json.loads((await dinghr(office, "access", "explain", "zhao", "leave.view", on, "--json")).out)
    assert all(reason["legal_entity"] == GUANGZHOU for reason in told["reasons"])
    return bool(told["allowed"])


async def test_a_grant_for_a_legal_entity_reaches_its_people_and_nobody_else(told_office: Office) -> None:
    office = told_office
    assert "可以" in await office.zhao.asks("为什么秦峰能看陈浩的请假")
    assert "无权" in await office.zhao.asks("为什么王磊能看林晓的请假")
    assert [await may(office, on) for on in ("chen", "qinfeng", "lin", "gao")] == [True, True, False, False]
    done = await dinghr(office, "leave", "list", "lin", "--as", "zhao")
    assert (done.code, "may not do leave.view" in done.err) == (1, True)
    assert (await access(office)).directory.with_key("chen").region == "广州"


async def test_who_moves_to_another_company_is_reached_no_more_from_the_nights_reading_on(told_office: Office) -> None:
    office = told_office
    office.sandbox.world.hrm.employees["chen"].sections["sys05"][0][ROSTER] = "青禾科技有限公司"
    office.sandbox.world.hrm.employees["qinfeng"].sections["sys05"][0].pop(ROSTER)
    assert await may(office, "chen")
    await office.robot.reading.now({"stages": ["facts"]})
    assert await entity(office, "qinfeng") is None
    assert [await may(office, on) for on in ("chen", "qinfeng")] == [False, False]


async def test_a_roster_that_cant_be_read_takes_nobodys_company_away(told_office: Office) -> None:
    office = told_office
    office.sandbox.world.app.scopes.discard("qyapi_hrm_read_user")
    await office.robot.reading.now({"stages": ["facts"]})
    assert await entity(office, "chen") == GUANGZHOU


async def test_one_who_is_in_no_roster_keeps_the_others_from_nothing(told_office: Office) -> None:
    office = told_office
    people: dict[str, Employee] = office.sandbox.world.hrm.employees
    people["chen"].sections["sys05"][0][ROSTER] = "青禾科技有限公司"
    facts = office.robot.contacts.facts
    told = await facts.of_roster(["lin", "nobody", "chen"])
    assert {key: one["legal_entity"] for key, one in told.items()} == dict.fromkeys(("lin", "chen"), "青禾科技有限公司")


async def test_the_contacts_own_fields_do_as_well(tmp_path: Path) -> None:
    fields = {"dinghr_legal_entity_field": "extension.合同主体", "dinghr_region_field": "extension.城市"}
    async with opened(tmp_path, "text", **fields) as office:
        users = office.sandbox.world.directory.users
        users["lin"] = replace(users["lin"], extension={"合同主体": " 青禾（北京） ", "城市": ""})
        await office.robot.contacts.take_over("lin")
        person = (await access(office)).directory.with_key("lin")
        assert (person.legal_entity, person.region) == ("青禾（北京）", None)
        assert await entity(office, "wang") is None
