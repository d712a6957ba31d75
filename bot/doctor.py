"""`dinghr doctor`: each line says what was looked at, what is wrong, and the exact step that mends it."""

import os
import stat
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.app import workplace_of
from bot.backlog import counted
from bot.clock import SystemClock
from bot.keys import is_in_file, key_source, master_keys
from bot.openapi import DingTalk, DingTalkError
from bot.openapi.contacts import ROOT_DEPARTMENT
from bot.settings import Settings, SettingsError
from bot.store import open_store
from hr_core.clock import company_day
from hr_core.database.engine import async_url
from hr_core.workdays.load import BadCalendar, load_calendar

CLOCK_SKEW = 60
LOOK_UP = "look the code up in the open platform's error list"
ASIDE = (
    ("inbox", "failed", "put-aside messages", "inbox"),
    ("outbox", "dead", "dead letters", "outbox"),
    ("outbox", "unknown", "letters that may have arrived", "outbox"),
    ("task", "dead", "dead tasks", "tasks"),
)
"""What an operator has to look at: table, status, what it is called, the command."""
UNSEALED_SECONDS = 120.0
"""Longer than two looks and the patience with a long transaction take (`hr_core/audit/sealer.py`)."""
TEMPLATES = ("form", "notice", "report")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    text: str
    mend: str = ""

    def as_line(self) -> str:
        """Give the line an operator reads."""
        mark = "ok  " if self.ok else "FAIL"
        return f"{mark} {self.name}: {self.text}" + (f"\n       → {self.mend}" if self.mend else "")

    def as_dict(self) -> dict[str, str | bool]:
        """Give the finding for programs."""
        return {"name": self.name, "ok": self.ok, "text": self.text, "mend": self.mend}


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one failure doesn't hide the next."""
    findings = [*await _store(settings), await _key(settings), await _clock(settings), _calendar(settings)]
    async with DingTalk(
        openapi_endpoint=settings.dingtalk_openapi_endpoint,
        oapi_endpoint=settings.oapi_endpoint,
        client_id=settings.dingtalk_client_id,
        client_secret=settings.dingtalk_client_secret.get_secret_value(),
        robot_code=settings.robot_code,
        clock=SystemClock(),
    ) as dingtalk:
        credentials = await _ask("credentials", dingtalk.probe.credentials, "the client id and secret are accepted")
        findings.append(credentials)
        if not credentials.ok:
            return findings  # Nothing else can be asked.
        findings.append(await _ask("stream", dingtalk.probe.gateway, "the gateway gives a connection"))
        findings += await _contacts(dingtalk)
        for name in TEMPLATES:
            findings.append(await _template(dingtalk, settings, name))
    findings.append(_group(settings))
    return findings


async def _ask(name: str, call: Callable[[], Awaitable[object]], good: str) -> Finding:
    try:
        await call()
    except DingTalkError as error:
        return _refused(name, error)
    return Finding(name, ok=True, text=good)


def _refused(name: str, error: DingTalkError) -> Finding:
    return Finding(name, ok=False, text=f"{error.code}: {error.message}", mend=error.remedy or _unreachable(error))


def _unreachable(error: DingTalkError) -> str:
    if error.kind == "unavailable":
        return "check the network to DINGTALK_OPENAPI_ENDPOINT and DINGTALK_OAPI_ENDPOINT"
    if error.kind == "unexpected_answer":
        return "find out what answers in DingTalk's place at the endpoint: a proxy, or a page that blocks this address"
    return LOOK_UP


async def _contacts(dingtalk: DingTalk) -> list[Finding]:
    async def root() -> None:
        await dingtalk.contacts.department(ROOT_DEPARTMENT)

    async def people() -> None:
        async for user in dingtalk.contacts.users_of(ROOT_DEPARTMENT):
            await dingtalk.contacts.user(user.userid)
            break

    findings = [
        await _ask("departments", root, "departments can be read"),
        await _ask("people", people, "people can be read"),
    ]
    try:
        scope = await dingtalk.probe.data_scope()
    except DingTalkError as error:
        findings.append(_refused("data scope", error))
        return findings
    if scope.everyone:
        findings.append(Finding("data scope", ok=True, text="the whole company"))
    else:
        told = f"{len(scope.departments)} departments and {len(scope.users)} people only"
        mend = "权限管理 → 通讯录接口权限范围: choose 全部员工"
        findings.append(Finding("data scope", ok=False, text=told, mend=mend))
    return findings


async def _template(dingtalk: DingTalk, settings: Settings, name: str) -> Finding:
    setting, template_id = f"DINGTALK_CARD_{name.upper()}", settings.template(name)
    if not template_id:
        return Finding(setting, ok=True, text="not set: text mode; docs/cards.md says how to build the card")

    async def try_card() -> None:
        await dingtalk.probe.template(template_id)

    return await _ask(setting, try_card, "the template exists and is published")


async def _store(settings: Settings) -> list[Finding]:
    try:
        database, vault = await open_store(settings)
    except SettingsError as error:
        text, _, mend = str(error).rpartition("; ")
        return [Finding("database", ok=False, text=text or mend, mend=mend if text else "")]
    except OSError as error:
        return [Finding("database", ok=False, text=str(error), mend="see DINGHR_HOME and DINGHR_DATABASE_URL")]
    except Exception as error:  # noqa: BLE001 - drivers raise their own kinds; the operator needs the line, not a trace
        text = f"{type(error).__name__}: cannot open {database_shown(settings)}"
        return [
            Finding("database", ok=False, text=text, mend="check that the server runs and DINGHR_DATABASE_URL is right")
        ]
    place = workplace_of(settings, vault, SystemClock())
    async with database.read() as session:
        access = await place.access.current(session, company_day(place.clock.now()))
        found = await counted(session)
    await database.close()
    known = f"{database_shown(settings)}, {len(access.directory.people)} people known"
    return [Finding("database", ok=True, text=known), *put_aside(found), _sealing(found["audit"].get("unsealed"))]


def put_aside(found: Mapping[str, Mapping[str, tuple[int, datetime]]]) -> list[Finding]:
    """Say what was given up and waits for an operator."""
    findings = []
    for table, status, name, command in ASIDE:
        count, _ = found[table].get(status, (0, None))
        text = f"{count} {status}" if count else "none"
        mend = f"dinghr {command} list --status {status}, then dinghr {command} replay ID or dinghr {command} drop ID"
        findings.append(Finding(name, ok=not count, text=text, mend=mend if count else ""))
    return findings


def _sealing(unsealed: tuple[int, datetime] | None) -> Finding:
    """Say how far the audit log is behind: seconds are usual while a robot runs."""
    if unsealed is None:
        return Finding("audit log", ok=True, text="every row is sealed")
    count, oldest = unsealed
    behind = (datetime.now(UTC) - oldest).total_seconds()
    text = f"{count} rows not sealed yet, the oldest for {behind:.0f} s"
    late = behind > UNSEALED_SECONDS
    return Finding("audit log", ok=not late, text=text, mend="dinghr audit head" if late else "")


def database_shown(settings: Settings) -> str:
    """Give the database's address without its password."""
    return async_url(settings.database_url).render_as_string(hide_password=True)


async def _key(settings: Settings) -> Finding:
    path = settings.key_file.expanduser()
    in_file = is_in_file(settings)
    if in_file and not path.exists():
        mend = f"put it back from its backup; only for a database that is new: dinghr key create {path}"
        return Finding("data key", ok=False, text=f"there is no file {path}", mend=mend)
    try:
        masters = await master_keys(settings, may_create=False)
    except SettingsError as error:
        text, _, mend = str(error).partition("; ")
        return Finding("data key", ok=False, text=text, mend=mend)
    several = f", {len(masters.keys)} keys: a change of the master key is under way" if len(masters.keys) > 1 else ""
    if not in_file:
        text = f"given by {key_source(settings)}{several}; keep it apart from the database"
        return Finding("data key", ok=True, text=text)
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        return Finding("data key", ok=False, text=f"{path} can be read by others ({mode:o})", mend=f"chmod 600 {path}")
    return Finding("data key", ok=True, text=f"{path}{several}; keep a copy apart from the database")


async def _clock(settings: Settings) -> Finding:
    """Compare with the `Date` header of DingTalk's own server; any answer has one."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(settings.dingtalk_openapi_endpoint) as response,
        ):
            told = response.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Finding("clock", ok=False, text=f"not compared: {type(error).__name__}", mend="check the network")
    if told is None:
        return Finding("clock", ok=True, text="not compared: the server tells no date")
    skew = abs((datetime.fromtimestamp(time.time(), UTC) - parsedate_to_datetime(told)).total_seconds())
    if skew > CLOCK_SKEW:
        return Finding("clock", ok=False, text=f"{skew:.0f} s off", mend="switch time synchronisation (NTP) on")
    return Finding("clock", ok=True, text="in step with DingTalk's")


def _calendar(settings: Settings) -> Finding:
    year = company_day(SystemClock().now()).year
    try:
        years = load_calendar(settings.dinghr_home.expanduser() / "workdays").years
    except BadCalendar as error:
        return Finding("workdays", ok=False, text=str(error), mend="correct the file")
    if year not in years:
        mend = f"put {year}.json made from the State Council notice into DINGHR_HOME/workdays and restart"
        return Finding("workdays", ok=False, text=f"no calendar for {year}", mend=mend)
    return Finding("workdays", ok=True, text=f"calendars for {', '.join(map(str, years))}")


def _group(settings: Settings) -> Finding:
    if settings.dinghr_hr_group:
        return Finding("HR group", ok=True, text="prepared by DINGHR_HR_GROUP")
    return Finding(
        "HR group", ok=True, text="bound in the chat: HR says 绑定本群 HR通知 in the group, addressing the robot"
    )
