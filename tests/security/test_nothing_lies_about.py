"""Marked secrets go through a real process; its logs, pages, metrics, file names and bytes on disk hold none of them.

Names of people stand in the directory's tables in clear, so the database's bytes are searched for everything else.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from sqlmodel import select

from bot.keys import create_key_file
from hr_core.audit.store import AuditRow
from hr_core.database import open_database
from sandbox.company import HR_GROUP, tiny
from sandbox.server import Running, serving
from sandbox.world import World
from tests.conftest import new_database
from tests.conversations.office import Office

REASON, COMMENT = "甲状腺复查标记甲", "不同意标记乙丙"
PHONE, NUMBER, WRONG = "13911182222", "11010519491231002X", "户口地址标记丁戊"
SECRETS = (REASON, COMMENT, PHONE, NUMBER, WRONG)
NAMES = ("林晓", "王磊", "陈浩")
LONG = 60.0
"""Seconds a process of its own gets for anything; a busy machine needs some."""


@asynccontextmanager
async def robot(sandbox: Running, home: Path, log: Path, **more: str) -> AsyncIterator[tuple[str, int]]:
    """The robot as an operator runs it, in text mode, its log in a file; gives its web's address and its process id."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DINGTALK_", "DINGHR_"))}
    environment |= {
        "DINGTALK_CLIENT_ID": sandbox.client_id,
        "DINGTALK_CLIENT_SECRET": sandbox.client_secret,
        "DINGTALK_OPENAPI_ENDPOINT": sandbox.url,
        "DINGHR_HOME": str(home),
        "DINGHR_LISTEN": "127.0.0.1:0",
        "DINGHR_HR_GROUP": HR_GROUP,
        "DINGHR_CLOCK_URL": f"{sandbox.url}/sandbox/clock",
        "DINGHR_LOG_LEVEL": "DEBUG",
        "TMPDIR": str(home / "tmp"),
        **more,
    }
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-c", "from bot.cli import main; main()", "run"],
            env=environment, stderr=errors, stdout=errors,
        )  # fmt: skip
    try:
        await soon(lambda: b"robot.started" in log.read_bytes(), "the robot starts")
        web = web_in(log)
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(LONG):
                while True:
                    async with session.get(f"{web}/readyz") as answer:
                        if answer.status == 200:
                            break
                    await asyncio.sleep(0.05)
        yield web, process.pid
    finally:
        process.kill()
        await process.wait()


def web_in(log: Path) -> str:
    """Where the robot says that its web is."""
    line = next(one for one in log.read_text("utf-8").splitlines() if "robot.started" in one)
    return str(json.loads(line)["web"])


async def soon(true: Callable[[], object], what: str) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(LONG):
        while not true():  # noqa: ASYNC110 - files and another process
            await asyncio.sleep(0.05)


def heard(world: World, userid: str) -> str:
    """Everything the robot has told somebody."""
    found = world.chats.conversations[world.chats.with_robot(userid).id].messages
    return "\n".join(str(message.content.get("text", "")) for message in found if message.from_robot)


async def converse(world: World) -> None:
    """Say everything that is nobody's business."""
    lin, wang, chen = (world.chats.with_robot(one).id for one in ("lin", "wang", "chen"))
    await world.say("chen", chen, f"后天请一天事假，{REASON}")  # Stays an open dialogue.
    await world.say("lin", lin, f"我的手机号是 {PHONE}，身份证 {NUMBER}")
    await soon(lambda: PHONE in heard(world, "lin"), "Lin hears that it isn't understood")
    await world.say("lin", lin, f"明天请一天病假，{REASON}")
    await soon(lambda: REASON in heard(world, "lin"), "Lin reads it back")
    await world.say("lin", lin, "提交")
    await soon(lambda: REASON in heard(world, "wang"), "Wang is asked")
    await world.say("wang", wang, f"拒绝 1 {COMMENT}")
    await soon(lambda: COMMENT in heard(world, "lin"), "Lin hears why not")
    await world.say("lin", lin, f"更正我的信息：{WRONG} 电话 {PHONE}")
    await soon(lambda: "HR" in heard(world, "lin").rsplit(COMMENT, maxsplit=1)[-1], "the correction is taken")
    await world.say("lin", lin, "导出我的数据")
    await soon(lambda: world.files.stored, "the file goes out")


def found_in(content: bytes, secrets: tuple[str, ...]) -> list[str]:
    """Which secrets stand in bytes, in any spelling a program would use."""
    spellings = {
        secret: (
            secret.encode(), secret.encode("utf-16-le"), secret.encode("gbk"),
            secret.encode("unicode_escape"), "".join(f"%{byte:02X}" for byte in secret.encode()).encode(),
        )
        for secret in secrets
    }  # fmt: skip
    return [secret for secret, ways in spellings.items() if any(way in content for way in ways)]


def on_disk(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, its path and its bytes."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_no_secret_lies_in_logs_pages_metrics_names_or_bytes(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "robot.log"
    home.mkdir()
    async with serving(World(tiny(), seed=7)) as sandbox, robot(sandbox, home, log) as (web, _pid):
        await converse(sandbox.world)
        pages = b""
        async with aiohttp.ClientSession() as session:
            for path in ("/metrics", "/readyz", "/healthz", f"/{PHONE}", f"/metrics?q={NUMBER}", "/%00", "/../../etc"):
                async with session.get(web + path) as answer:
                    pages += await answer.read() + str(answer.headers).encode()
        disk = on_disk(home)
    assert any("-wal" in name for name in disk), "the log of changes is searched as well"
    assert found_in(log.read_bytes(), SECRETS + NAMES) == []
    assert found_in(pages, SECRETS + NAMES) == []
    for name, content in disk.items():
        assert found_in(content, SECRETS) == [], name
        assert found_in(name.encode(), (*SECRETS, *NAMES, "lin", "wang")) == [], "no file is called after anybody"
    assert any("林晓".encode() in content for content in disk.values()), "names are in the directory, in clear"


async def test_no_secret_lies_in_the_log_of_what_goes_wrong(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "robot.log"
    home.mkdir()
    async with serving(World(tiny(), seed=7)) as sandbox:
        fail = {"DINGHR_FAIL_POINT": "inbox.claimed:raise"}
        async with robot(sandbox, home, log, **fail):
            for n in range(3):
                for userid in ("lin", "chen", "wang"):
                    chat = sandbox.world.chats.with_robot(userid).id
                    await sandbox.world.say(userid, chat, f"明天请一天病假，{REASON} {PHONE} {n}")
            await soon(lambda: heard(sandbox.world, "lin"), "the robot answers all the same")
        assert found_in(log.read_bytes(), SECRETS + NAMES) == []


async def test_no_secret_lies_in_postgresqls_files(tmp_path: Path, postgres: str) -> None:
    url = await asyncio.to_thread(new_database, postgres)
    home, log = tmp_path / "home", tmp_path / "robot.log"
    home.mkdir()
    create_key_file(home / "data.key")
    shared = {"DINGHR_DATABASE_URL": url, "DINGHR_KEY_FILE": str(home / "data.key")}
    async with serving(World(tiny(), seed=7)) as sandbox, robot(sandbox, home, log, **shared):
        await converse(sandbox.world)
    database = open_database(url)
    async with database.read() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("checkpoint")
        folder = (await connection.exec_driver_sql("show data_directory")).scalar_one()
        oid = (
            await connection.exec_driver_sql("select oid from pg_database where datname = current_database()")
        ).scalar()
    await database.close()
    files = await asyncio.to_thread(on_disk, Path(folder))
    tables = {name: content for name, content in files.items() if f"/base/{oid}/" in name}
    logs = {name: content for name, content in files.items() if "/pg_wal/" in name}
    assert tables
    assert logs
    assert any("林晓".encode() in content for content in tables.values()), "these are the files"
    for name, content in (tables | logs).items():
        assert found_in(content, SECRETS) == [], name


async def test_who_reads_what_was_asked_to_be_put_right_is_on_record(text_office: Office) -> None:
    office = text_office
    await office.lin.asks(f"更正我的信息：{WRONG}")
    assert WRONG in await office.li.reads()
    async with office.robot.database.read() as session:
        rows = (await session.exec(select(AuditRow).where(AuditRow.action == "data.correction_read"))).all()
    assert [(row.actor, row.on) for row in rows] == [("li", "lin")]
