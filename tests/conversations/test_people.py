"""People come from DingTalk's contacts and are followed there."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlmodel import select

from bot.app import Robot
from hr_core.audit.store import AuditRow
from hr_core.permission.access import Access
from sandbox.company import tiny
from sandbox.server import serving
from sandbox.world import User, World
from sandbox.world.faults import Fault
from tests.conversations.office import PATIENCE, Office, settings_for


async def access(office: Office) -> Access:
    """Who works here, as the robot has it now."""
    async with office.robot.database.read() as session:
        services = await office.robot.workplace.services(session)
    found = services[Access]
    assert isinstance(found, Access)
    return found


async def manager(office: Office, userid: str) -> str | None:
    """The key of somebody's line manager."""
    directory = (await access(office)).directory
    above = directory.with_key(userid).manager_id
    return directory.people[above].key if above else None


async def knows(office: Office, userid: str) -> bool:
    """Whether somebody works here."""
    return (await access(office)).directory.knows(userid)


async def eventually(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until the answer is the wanted one."""
    async with asyncio.timeout(PATIENCE):
        while await ask() != wanted:  # noqa: ASYNC110 - the robot tells nobody when it has followed
            await asyncio.sleep(0.02)


async def test_everybody_stands_where_contacts_say(office: Office) -> None:
    directory = (await access(office)).directory
    assert await manager(office, "lin") == "wang"
    assert len(directory.people) == len(office.sandbox.world.directory.users)
    assert directory.with_key("gao").heads
    assert [directory.departments[d].name for d in directory.with_key("lin").departments] == ["研发部"]


async def test_a_new_line_manager_gets_the_next_request(office: Office) -> None:
    await office.sandbox.world.company.modify_user("lin", {"manager": "qinfeng"})
    await eventually(lambda: manager(office, "lin"), "qinfeng")
    await office.lin.says("明天请年假")
    await office.lin.submits(await office.lin.receives("form", about="请假"))
    assert "林晓" in (await office.qinfeng.receives("notice", about="林晓")).data["title"]


async def test_who_leaves_can_do_nothing_any_more(office: Office) -> None:
    await office.sandbox.world.company.remove_user("chen")
    await eventually(lambda: knows(office, "chen"), False)


async def test_who_came_back_unseen_is_known_at_the_first_word(office: Office) -> None:
    assert "可用" in await office.chen.asks("年假余额")
    async with office.robot.database.transaction() as session:
        await (await office.robot.contacts.sync(session)).left(["chen"])
    assert "可用" in await office.chen.asks("年假余额")


@pytest.mark.parametrize("said", ["年假余额", "帮助"])
async def test_who_has_just_left_is_told_so(office: Office, said: str) -> None:
    assert "可用" in await office.chen.asks("年假余额")
    gone = {"errcode": 60121, "errmsg": "找不到该用户"}
    office.sandbox.world.faults.waiting.append(Fault("/topapi/v2/user/get", status=200, body=gone, times=9))
    async with office.robot.database.transaction() as session:
        await (await office.robot.contacts.sync(session)).left(["chen"])
    assert "通讯录里没有找到您" in await office.chen.asks(said)


async def test_who_joins_is_known_by_the_event(office: Office) -> None:
    newcomer = User(userid="xin", name="新同事", dept_ids=[200], manager="wang")
    await office.sandbox.world.company.add_user(newcomer)
    await eventually(lambda: knows(office, "xin"), True)
    assert await manager(office, "xin") == "wang"


async def test_until_line_managers_are_read_the_departments_head_decides(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox:
        for user in sandbox.world.directory.users.values():
            user.manager = ""
        async with Robot(settings_for(sandbox, tmp_path, "cards")) as robot:
            office = Office(sandbox, robot)
            await office.comes_up()
            await office.lin.says("明天请年假")
            await office.lin.submits(await office.lin.receives("form", about="请假"))
            assert "林晓" in (await office.wang.receives("notice", about="林晓")).data["title"]


async def test_a_short_list_parts_with_nobody(office: Office) -> None:
    everybody = set((await access(office)).directory.people)
    faults = office.sandbox.world.faults.waiting
    nobody = {"errcode": 0, "result": {"has_more": False, "list": []}}
    faults.append(Fault("/topapi/v2/user/list", "answer", 200, nobody, times=50))
    faults.append(Fault("/topapi/v2/department/listsub", "answer", 200, {"errcode": 0, "result": []}, times=50))
    await office.robot.reading.now({"stages": ["lists"]})
    faults.clear()
    directory = (await access(office)).directory
    assert set(directory.people) == everybody
    assert len(directory.departments) == len(office.sandbox.world.directory.departments)


async def test_who_left_unseen_is_parted_with_by_the_next_reading(office: Office) -> None:
    del office.sandbox.world.directory.users["chen"]
    await office.robot.reading.now({"stages": ["lists"]})
    assert not await knows(office, "chen")


async def test_who_leaves_while_the_lists_are_read_stays_gone(office: Office) -> None:
    contacts = office.robot.contacts
    chen = await contacts._contacts.user("chen")
    await office.sandbox.world.company.remove_user("chen")
    await eventually(lambda: knows(office, "chen"), False)
    async with office.robot.database.transaction() as session:
        await (await contacts.sync(session)).apply_people([contacts.record(chen, frozenset(), details=True)])
    assert not await knows(office, "chen")


async def test_a_request_whose_approver_leaves_finds_another(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    await office.wang.receives("notice", about="林晓")
    world = office.sandbox.world
    for user in world.directory.users.values():
        user.manager = "" if user.manager == "wang" else user.manager
    await world.company.remove_user("wang")
    await eventually(lambda: knows(office, "wang"), False)
    await office.robot.contacts.take_over("lin")
    assert await office.robot.desk.mend() == 1
    assert await office.robot.desk.mend() == 0
    card = await office.gao.receives("notice", about="林晓")
    await office.gao.clicks(card, "同意")
    await office.lin.sees_status(form, "已同意")
    await office.quiet()
    async with office.robot.database.read() as session:
        refused = (await session.exec(select(AuditRow.actor).where(AuditRow.outcome == "refused"))).all()
    assert refused == [], "who left has asked for nothing"
