"""What the robot does by itself survives its end in the middle."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from bot.app import Robot
from bot.inbox import InboxRow
from bot.tasks import TaskRow
from hr_core.leave.store import LeaveLedgerRow
from sandbox.company import tiny
from sandbox.server import serving
from sandbox.world import World
from tests.conversations.office import PATIENCE, Office, settings_for
from tests.conversations.test_people import access, eventually, manager


async def finished(robot: Robot, name: str) -> TaskRow:
    """Wait for a task's end."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with robot.database.read() as session:
                row = (await session.exec(select(TaskRow).where(TaskRow.name == name))).first()
            if row is not None and row.status not in {"new", "running"}:
                return row
            await asyncio.sleep(0.02)


async def ledger(office: Office) -> int:
    """How many bookings of leave there are."""
    async with office.robot.database.read() as session:
        return len((await session.exec(select(LeaveLedgerRow))).all())


async def test_a_reading_of_the_company_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    async with serving(World(tiny(), seed=7)) as sandbox:
        settings = settings_for(sandbox, tmp_path, "text")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))},
            "DINGTALK_CLIENT_ID": sandbox.client_id,
            "DINGTALK_CLIENT_SECRET": sandbox.client_secret,
            "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
            "DINGHR_HOME": str(tmp_path),
            "DINGHR_LISTEN": "127.0.0.1:0",
            "DINGHR_CLOCK_URL": f"{sandbox.url}/sandbox/clock",
            "DINGHR_FAIL_POINT": "task.chunk_done:kill",
        }
        command = [sys.executable, "-c", "from bot.cli import main; main()", "run"]
        dying = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.DEVNULL)
        async with asyncio.timeout(PATIENCE * 2):
            assert await dying.wait() == -9
        async with Robot(settings) as robot:
            office = Office(sandbox, robot)
            await office.comes_up()
            row = await finished(robot, "contacts.read")
            assert (row.status, row.turn, row.failures) == ("done", 2, 0)
            assert (await access(office)).directory.complete


async def test_the_years_leave_is_granted_once_however_often_it_is_asked_for(office: Office) -> None:
    booked = await ledger(office)
    async with office.robot.database.transaction() as session:
        for _ in range(2):
            await office.robot.queue.enqueue(session, "leave.grant")
    assert (await finished(office.robot, "leave.grant")).status == "done"
    assert await ledger(office) == booked


async def test_every_list_and_everybodys_record_can_be_read_anew(office: Office) -> None:
    office.sandbox.world.directory.users["chen"].manager = "li"
    async with office.robot.database.transaction() as session:
        await office.robot.queue.enqueue(session, "contacts.read", {"again": True}, lock="x")
    await eventually(lambda: manager(office, "chen"), "li")


async def test_what_is_due_is_erased_by_a_task_class_after_class(office: Office) -> None:
    now = office.robot.workplace.clock.now()
    async with office.robot.database.transaction() as session:
        for number, age in enumerate((35, 40, 1)):
            when = now - timedelta(days=age)
            frame = InboxRow(seq=number + 1, id=f"old:{number}", kind="message", sender="lin", received_at=when)
            frame.status, frame.done_at = "done", when
            session.add(frame)
        await office.robot.queue.enqueue(session, "privacy.erase")
    row = await finished(office.robot, "privacy.erase")
    assert (row.status, row.failures, row.done) == ("done", 0, 2)
    async with office.robot.database.read() as session:
        left = set(await session.exec(select(InboxRow.id).where(col(InboxRow.id).startswith("old:"))))
    assert left == {"old:2"}
