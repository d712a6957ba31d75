"""`dinghr demo`: the sandbox as a child process, the robot in this one, and a company with a year behind it."""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app import Robot
from bot.demo_pay import seed_payslips
from bot.settings import read_settings
from bot.workplace import Workplace
from handlers.router import Services
from hr_core.audit.store import SYSTEM
from hr_core.clock import COMPANY_ZONE, company_day
from hr_core.database import Database
from hr_core.errors import HRError
from hr_core.leave.service import LeaveService, LeaveWish
from hr_core.people.model import Directory
from hr_core.people.store import PeopleStore
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from hr_core.workdays.model import Half, Span
from hr_core.workdays.rules import end_after

START = "2026-11-24T08:55:00+08:00"
CLIENT_ID, CLIENT_SECRET = "dingsandbox", "sandbox-secret"
AGENT_ID = "3900000001"
HR_GROUP = "cidHRtongzhi0qinghe0001=="
ROLES = (("li", Role.HR), ("zhao", Role.PAYROLL), ("admin", Role.OPERATOR))
AT_ONCE = 4
"""So many people's or requests' past in one transaction."""
TO_SAY = (
    ("林晓", "lin", "我想请明天下午半天年假"),
    ("林晓", "lin", "工资条"),
    ("王磊", "wang", "待我审批"),
    ("李静", "li", "今天谁不在"),
    ("李静", "li", "周敏下周一入职后端组"),
)


async def run_demo() -> None:
    """Run until interrupted."""
    listen = os.environ.get("DINGHR_SANDBOX_LISTEN", "127.0.0.1:8700")
    sys.stdout.write("正在启动，几秒就好 / starting, a few seconds …\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    with tempfile.TemporaryDirectory(prefix="dinghr-demo-") as home:
        async with sandbox_process(listen, START) as url:
            settings = read_settings(
                dingtalk_client_id=CLIENT_ID,
                dingtalk_client_secret=CLIENT_SECRET,
                dingtalk_openapi_endpoint=url,
                dingtalk_oapi_endpoint=url,
                dingtalk_card_form="dinghr-form.schema",
                dingtalk_card_notice="dinghr-notice.schema",
                dingtalk_card_report="dinghr-report.schema",
                dingtalk_agent_id=AGENT_ID,
                dinghr_legal_entity_field="sys05-contractCompanyName",
                dinghr_region_field="work_place",
                dinghr_home=Path(os.environ.get("DINGHR_HOME", home)),
                dinghr_hr_group=HR_GROUP,
                dinghr_clock_url=f"{url}/sandbox/clock",
            )
            async with Robot(settings) as robot:
                await robot.settled()
                await seed(robot.database, robot.workplace)
                _announce(url, f"http://{settings.listen()[0]}:{robot.web.port}")
                await ended.wait()


@asynccontextmanager
async def sandbox_process(listen: str, start: str) -> AsyncIterator[str]:
    """Run the sandbox as a child process and give its address; it ends with us."""
    command = ["-m", "sandbox", "--listen", listen, "--start", start]
    command += ["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    try:
        if process.stdout is None:
            raise RuntimeError("the sandbox has no output")
        told = await process.stdout.readline()
        if not told:
            sys.stderr.write(f"DINGHR_SANDBOX_LISTEN: the sandbox could not start on {listen}; is the port in use?\n")
            raise SystemExit(1)
        yield str(json.loads(told)["url"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _announce(url: str, web: str) -> None:
    lines = [
        "",
        "dinghr 已就绪 / is ready",
        "",
        f"  聊天页 chat page   {url}/",
        f"  机器人 robot web   {web}/readyz",
        "",
    ]
    lines += ["试试看 / try saying:"]
    lines += [f"  {name}  {url}/?as={userid}   {phrase}" for name, userid, phrase in TO_SAY]
    lines += ["", "点页面右上角的时钟，按“到下一个 9:00”，HR 通知群会收到“今天谁不在”。"]
    lines += ["按 Ctrl+C 结束 / to end.", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


# --- a year of leave --------------------------------------------------------------------------------------------------


@dataclass
class PastClock:
    """A clock that stands where history is being written."""

    at: datetime

    def now(self) -> datetime:
        """Give the instant in the past."""
        return self.at


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the past: asked `ahead` days before it begins, decided the day after unless it still waits."""

    employee: int
    kind: str
    start: date
    half: Half
    days: Decimal
    reason: str = ""
    ahead: int = 3
    decided: bool | None = True


async def seed(database: Database, workplace: Workplace) -> None:
    """Give the cast their roles and the company its year of leave and its payslips; once."""
    today = company_day(workplace.clock.now())
    async with database.transaction() as session:
        if await RoleStore(session).granted():
            return
        directory = await PeopleStore(session).directory(today)
        for key, role in ROLES:
            row = RoleGrantRow(
                employee_id=directory.with_key(key).id,
                role=role.value,
                granted_at=workplace.clock.now(),
                granted_by=SYSTEM,
            )
            await RoleStore(session).add(row)
    await seed_payslips(database, directory, workplace.vault, today)
    history = sorted(_history(directory, today), key=lambda asked: (asked.start, asked.employee))
    clock = PastClock(workplace.clock.now())
    past = replace(workplace, clock=clock)
    people = list(directory.people)
    for start in range(0, len(people), AT_ONCE):
        async with database.transaction() as session:
            services = await past.services(session, "demo", day=today)
            leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
            for employee in people[start : start + AT_ONCE]:
                for year in (today.year - 1, today.year):
                    await leave.grant_annual(employee, year)
    for start in range(0, len(history), AT_ONCE):
        async with database.transaction() as session:
            services = await past.services(session, "demo", day=today)
            for asked in history[start : start + AT_ONCE]:
                await _live_through(asked, services, session, clock, today)


async def _live_through(asked: Asked, services: Services, session: AsyncSession, clock: PastClock, today: date) -> None:
    leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
    clock.at = _morning(asked.start - timedelta(days=asked.ahead), minute=asked.employee % 50)
    if clock.at > _morning(today):
        clock.at = _morning(today - timedelta(days=1), minute=asked.employee % 50)
    try:
        async with session.begin_nested():
            end, end_half = end_after(leave.calendar, asked.start, asked.half, asked.days)
            wish = LeaveWish(asked.kind, Span(asked.start, asked.half, end, end_half), asked.reason)
            request_id, happened = await leave.submit(asked.employee, wish)
            clock.at += timedelta(hours=5)
            approvers = [notice.to for notice in happened.notices]
            while asked.decided is not None and approvers and isinstance(approvers[0], int):
                comment = "" if asked.decided else "那天有项目评审，能否改期？"
                _, then = await leave.decide(approvers[0], request_id, approve=asked.decided, comment=comment)
                approvers = [n.to for n in then.notices if n.kind == "leave.approval"] if then else []
    except HRError:
        return  # A made-up wish that the rules refuse is not part of this company's history.


def _history(directory: Directory, today: date) -> list[Asked]:
    """Make up a year that is the same every time; people's last weeks hold what can be seen in the chat."""
    dice = random.Random(20261124)
    reasons = {
        "annual": ("", "陪家人", "出游", "回老家"),
        "sick": ("感冒发烧", "看牙"),
        "personal": ("家里有事", "办证件"),
    }
    cast = {key: directory.with_key(key).id for key in ("lin", "wang", "li", "zhao", "chen", "gao", "admin")}
    asked: list[Asked] = []
    for person in sorted(directory.people.values(), key=lambda p: p.key):
        if person.id in cast.values() or person.hired_on is None:
            continue
        for _ in range(dice.randint(1, 5)):
            day = today - timedelta(days=dice.randint(15, 350))
            if day < person.hired_on:
                continue
            kind = dice.choices(("annual", "sick", "personal"), (6, 2, 2))[0]
            days = Decimal(dice.choice((1, 1, 2, 2, 3, 4, 6))) / 2
            ahead = 0 if kind == "sick" else dice.randint(1, 9)
            decided = dice.random() > 0.08
            asked.append(
                Asked(person.id, kind, day, dice.choice(list(Half)), days, dice.choice(reasons[kind]), ahead, decided)
            )
    team = _team(directory, cast["wang"], but=set(cast.values()))
    asked += [
        Asked(cast["lin"], "annual", date(2026, 5, 6), Half.AM, Decimal(2), "五一连休"),
        Asked(cast["wang"], "annual", date(2026, 8, 17), Half.AM, Decimal(3), "暑假陪孩子"),
        Asked(cast["chen"], "annual", date(2026, 9, 28), Half.AM, Decimal(2)),
        Asked(cast["li"], "personal", date(2026, 7, 9), Half.PM, Decimal("0.5"), "办证件"),
        Asked(cast["zhao"], "sick", date(2026, 3, 12), Half.AM, Decimal(1), "发烧", ahead=0),
    ]
    away = [p for p in sorted(directory.people) if p not in cast.values() and p not in team][3:6]
    asked += [Asked(person, "annual", today, Half.AM, Decimal(1), ahead=4) for person in away[:2]]
    asked += [Asked(person, "sick", today, Half.AM, Decimal("0.5"), "头疼", ahead=1) for person in away[2:]]
    soon = today + timedelta(days=6)
    asked += [Asked(person, "annual", soon, Half.AM, Decimal(1), "搬家", ahead=7, decided=None) for person in team[:2]]
    return asked


def _team(directory: Directory, manager: int, but: set[int]) -> Sequence[int]:
    return [p.id for p in directory.people.values() if p.manager_id == manager and p.id not in but]


def _morning(day: date, minute: int = 0) -> datetime:
    return datetime.combine(day, time(9, minute), COMPANY_ZONE)
