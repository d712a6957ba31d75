"""`kill -9` at every point of every step of a hire, and of taking one back: one of everything, or nothing."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from hr_core.onboarding.store import EmployeeNumberRow, HireRow, HireStepRow, HireTaskRow
from hr_core.people.store import EmployeeRow
from sandbox.shifts import TURNS
from sandbox.world.faults import Fault
from tests.reliability.conftest import Open
from tests.reliability.rounds import Plan, Round
from tests.reliability.test_replicas import makes_hr

pytestmark = [
    pytest.mark.xdist_group("reliability"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]
POINTS = ("hire.step_begun", "hire.step_acted", "hire.step_noted")
STEPS = 6
SAID = "周敏下周一入职研发部后端工程师，手机13900000001，合同3年，试用期3个月"
POLICY = f"""
version = 1
effective_from = 2026-01-01
source = "test"
approval = ["department_head"]
[[number]]
prefix = "QH"
digits = 4
[[attendance_group]]
group = {TURNS}
[[task]]
title = "填写入职信息"
owner = "newcomer"
due = 0
[[task]]
title = "签订劳动合同"
owner = "hr"
due = 0
"""


class Hire:
    """A hire in a round: said, agreed to, and looked at."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.world = round_.world
        round_.folder.mkdir(exist_ok=True)
        (Path(round_.folder) / "onboarding.toml").write_text(POLICY, "utf-8")

    def words(self, who: str) -> list[str]:
        """What the robot has said to somebody."""
        return self.round.people.words(who)

    async def says(self, who: str, text: str) -> None:
        """Say something in the private chat."""
        await self.world.say(who, self.world.chats.with_robot(who).id, text)

    async def hears(self, who: str, part: str) -> None:
        """Wait until the robot has said it."""
        await until(lambda: any(part in one for one in self.words(who)), f"{who} hears {part}")

    async def agreed(self) -> None:
        """Let Li ask and Wang agree; the robot may die of the agreement."""
        await makes_hr(self.round, "li")
        await self.says("li", SAID)
        await self.hears("li", "请核对")
        await self.says("li", "提交")
        await self.hears("wang", "同意 入职 1")

    async def rows(self, table: Any) -> list[Any]:
        """Read a table."""
        async with self.round.store.open() as database, database.read() as session:
            return list(await session.exec(select(table)))

    async def becomes(self, status: str) -> HireRow:
        """Wait until the hire stands so."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            found: list[HireRow] = await self.rows(HireRow)
            if found and found[0].status == status:
                return found[0]
            await asyncio.sleep(0.1)
        raise AssertionError(f"the hire is {[row.status for row in found]}, not {status}")

    async def killed_at(self, points: tuple[str, ...], times: int) -> int:
        """Start robots that die one after another, each at the next point; gives how many died there."""
        deaths = 0
        for number in range(times):
            armed = f"{points[number % len(points)]}:kill:1"
            robot = await self.round.replace_robot(armed=armed)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(20):
                    await robot.ended.wait()
            deaths += not robot.alive
        return deaths

    @property
    def made(self) -> int:
        """How often somebody was added to the contacts."""
        return sum(user.name == "周敏" for user in self.world.directory.users.values())

    def joined(self, userid: str) -> list[bool]:
        """Each time somebody was put into the attendance group, or (True) taken out of it."""
        return [one.ended for one in self.world.attendance.memberships if one.member == userid]


async def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.02)


async def test_killed_at_every_point_of_every_step_a_hire_makes_one_of_everything(open_round: Open) -> None:
    async with open_round(Plan(31, "sqlite", (), "text")) as round_:
        hire = Hire(round_)
        round_.environment_more = {"DINGTALK_OP_USER_ID": "admin"}
        await round_.start_robot()
        await hire.agreed()
        armed = await round_.replace_robot(armed=f"{POINTS[0]}:kill:1")
        await armed.ready()
        await hire.says("wang", "同意 入职 1")
        await until(lambda: not armed.alive, "it dies where the first step begins")
        assert await hire.killed_at((*POINTS[1:], POINTS[0]), STEPS * len(POINTS) - 1) == STEPS * len(POINTS) - 1
        await round_.replace_robot()
        row = await hire.becomes("done")
        await hire.hears(row.userid, "欢迎加入研发部")
        assert hire.made == 1
        assert hire.joined(row.userid) == [False]
        assert [one.number for one in await hire.rows(EmployeeNumberRow)] == ["QH0010"]
        assert [one.key for one in await hire.rows(EmployeeRow) if one.name == "周敏"] == [row.userid]
        assert len(await hire.rows(HireTaskRow)) == 2
        assert {one.status for one in await hire.rows(HireStepRow)} == {"done"}
        assert sum("欢迎加入研发部" in one for one in hire.words(row.userid)) == 1


async def test_killed_at_every_point_of_the_way_back_a_hire_leaves_nothing(open_round: Open) -> None:
    async with open_round(Plan(32, "sqlite", (), "text")) as round_:
        hire = Hire(round_)
        round_.environment_more = {"DINGTALK_OP_USER_ID": "admin"}
        round_.world.faults.waiting.append(
            Fault("attendance.update_members", "answer", 200, '{"errcode":400020,"errmsg":"x"}', 99)
        )
        await round_.start_robot()
        await hire.agreed()
        await hire.says("wang", "同意 入职 1")
        row = await hire.becomes("stuck")  # Three steps are done, the fourth isn't.
        assert hire.made == 1
        armed = await round_.replace_robot(armed=f"{POINTS[1]}:kill:1")
        await armed.ready()
        await hire.says("li", "取消入职 1")
        await until(lambda: not armed.alive, "it dies on its way back")
        assert await hire.killed_at((POINTS[2], POINTS[1]), 2 * STEPS - 1) == 2 * STEPS - 1
        await round_.replace_robot()
        await hire.becomes("cancelled")
        assert hire.made == 0
        assert hire.joined(row.userid) == []
        [employee] = [one for one in await hire.rows(EmployeeRow) if one.key == row.userid]
        assert employee.left_on is not None
        assert {one.status for one in await hire.rows(HireStepRow)} == {"undone"}
        assert [one.number for one in await hire.rows(EmployeeNumberRow)] == ["QH0010"]
        assert not any("欢迎" in one for one in hire.words(row.userid))
