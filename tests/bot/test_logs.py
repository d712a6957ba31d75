"""No line of a log holds what a person wrote, whoever wrote the line and however it went wrong."""

import ast
import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.logs import ALLOWED, WITHHELD, Allow, places, processors
from bot.openapi import DingTalkError
from bot.web.papers import Papers
from bot.web.server import Web

ROOT = Path(logs.__file__).parents[1]
SECRETS = ("林晓", "感冒发烧", "13800138000", "11010519491231002X", "6222020200112233445", "hunter2", "wan@example.com")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is written while logs are as an operator has them."""
    stream = io.StringIO()
    handlers, excepthook = logging.root.handlers[:], sys.excepthook
    logs.configure(stream)
    yield stream
    logging.captureWarnings(capture=False)
    logging.root.handlers[:] = handlers
    sys.excepthook = excepthook
    logging.getLogger("apscheduler").setLevel(logging.NOTSET)


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("secret", [secret for secret in SECRETS if secret != "hunter2"])
def test_what_isnt_declared_is_withheld(lines: io.StringIO, secret: str) -> None:
    log = structlog.get_logger()
    for key in ALLOWED:
        if key not in {
            "event",
            "level",
            "timestamp",
            "id",
            "message_id",
            "request_id",
            "task",
            "mend",
            "remedy",
            "replay",
        }:
            log.info("something.happened", **{key: f"{secret} {secret}", "name": secret})
    log.info("something.happened", error=["a", secret], code={"a": secret}, nested={"a": [secret]})
    log.info(f"sent to {secret}")
    assert secret not in lines.getvalue()
    assert WITHHELD in lines.getvalue()


def test_long_numbers_are_withheld_as_numbers_and_as_text(lines: io.StringIO) -> None:
    log = structlog.get_logger()
    log.info("x.y", code="13800138000", count=13800138000, mend="call 13800138000", error="6222020200112233445")
    assert "0013" not in lines.getvalue()
    good = {"code": "40035", "count": 12, "error": "TimeoutError", "mend": "say 绑定本群 HR通知 in the group"}
    log.info("x.y", **good)
    assert {**read(lines)[-1], **good} == read(lines)[-1]


def test_a_line_is_one_line_whatever_is_in_it(lines: io.StringIO) -> None:
    structlog.get_logger().info("x.y", mend='a\n{"event":"forged"}\u2028b\r', code="a\nb")
    assert len(lines.getvalue().split("\n")) == 2
    assert read(lines)[0]["event"] == "x.y"
    assert (read(lines)[0]["code"], read(lines)[0]["mend"]) == (WITHHELD, WITHHELD)


def unknown(secret: str) -> None:
    raise DingTalkError("40035", f"用户 {secret} 不存在", api="contacts.user")


def refuse(secret: str) -> None:
    raise IntegrityError("insert", {"name": secret}, Exception(f"Key (name)=({secret}) exists"))


def raised(secret: str) -> BaseException:
    """An exception with a cause and a context, each with something personal in its words."""
    try:
        try:
            try:
                unknown(secret)
            except DingTalkError as error:
                raise ValueError(f"bad {secret}") from error
        except ValueError:
            refuse(secret)
    except IntegrityError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("secret", SECRETS)
def test_an_exception_shows_where_and_never_what(lines: io.StringIO, secret: str) -> None:
    error = raised(secret)
    structlog.get_logger().error("x.failed", exc_info=error)
    logs.last_words(type(error), error, None)
    told = read(lines)
    assert secret not in lines.getvalue()
    for line in told:
        assert "IntegrityError" in line["exception"]
        assert "ValueError" in line["exception"]
        assert "test_logs.py:" in line["exception"]
    assert all(part.split(" ")[0].count(".") for part in places(error).split("\n"))


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_library_tells_who_and_where_and_never_what(lines: io.StringIO, secret: str) -> None:
    logging.getLogger("aiohttp.server").error("Error handling request of %s", secret, exc_info=raised(secret))
    logging.getLogger("dingtalk_stream.client").warning(f"unknown message {secret}")

    async def fail() -> None:
        raise ValueError(secret)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler({"message": secret, "exception": task.exception()})
    assert secret not in lines.getvalue()
    assert [line["logger"] for line in read(lines)] == ["aiohttp.server", "dingtalk_stream.client", "asyncio"]
    assert all(line["event"] == "library.log" and "test_logs.py" in line["where"] for line in read(lines)[:2])


def test_a_process_that_dies_of_what_somebody_wrote_shows_none_of_it() -> None:
    code = (
        "import sys; from bot import logs; logs.configure(sys.stderr); sys.excepthook = logs.last_words\n"
        "name = '林晓'\nraise RuntimeError(f'{name} 13800138000')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert "林" not in done.stderr
    assert "1380013" not in done.stderr  # Longer than what a timestamp has of a second.


def test_a_key_nobody_declared_is_told() -> None:
    told: list[tuple[str, str]] = []
    structlog.configure(processors=processors(Allow(lambda event, key: told.append((event, key)))))
    structlog.get_logger().info("leave.asked", sender="林晓", reason="感冒", count=1)
    assert told == [("leave.asked", "sender"), ("leave.asked", "reason")]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in our rooms."""
    for room in ("bot", "handlers", "hr_core", "cards"):
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in {"log", "_log", "logger"}
                ):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_every_log_line_has_a_fixed_event_and_declared_keys() -> None:
    found = dict(calls())
    assert len(found) > 30
    for where, call in found.items():
        assert len(call.args) == 1, where
        event = call.args[0]
        said = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
        assert all(isinstance(one, ast.Constant) for one in said), where
        names = {word.arg for word in call.keywords if word.arg is not None}
        assert names <= {*ALLOWED, "exc_info"}, where


FAILS_EVERYWHERE = """
import resource, threading
from bot.cli.main import _log_to_stderr

_log_to_stderr()

class Finalized:
    def __del__(self):
        raise ValueError("13800138000 感冒发烧")

def fail():
    raise ValueError("13800138000 感冒发烧")

thread = threading.Thread(target=fail)
thread.start()
thread.join()
one = Finalized()
del one
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0), "a crash would write the keys to a file"
fail()
"""


def test_threads_finalizers_and_crashes_show_nobodys_words() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", FAILS_EVERYWHERE], capture_output=True, cwd=ROOT, timeout=60, check=False
    )
    told = done.stderr.decode()
    for event in ("thread.failed", "process.unraisable", "process.failed"):
        assert event in told
    assert "0013" not in told
    assert "感冒" not in told
    assert "Traceback" not in told


async def test_a_page_that_fails_shows_nothing_of_it_even_in_debug_mode() -> None:
    async def measure() -> None:
        raise ValueError("13800138000 感冒发烧")

    asyncio.get_running_loop().set_debug(True)
    web = Web("127.0.0.1", 0, CollectorRegistry(), lambda: {}, measure, cast("Papers", Empty()))
    await web.start()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{web.port}/metrics", headers={"Accept": "text/html"}) as answer,
    ):
        assert (answer.status, await answer.read()) == (500, b"")
    await web.stop()


class Empty:
    """No papers."""

    def mount(self, _app: object) -> None:
        """Add nothing."""
