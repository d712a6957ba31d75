"""Logs that hold no personal data by construction: only what is declared here gets through.

Every key has a kind of value. A string that isn't of its key's kind, or whose key isn't declared, is withheld and
counted, whoever wrote the line. Exceptions are shown as their type and where they were raised, never their words; lines
of libraries as who wrote them and where, since their words may hold anything.
"""

import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from types import MappingProxyType, TracebackType
from typing import Any, TextIO

import structlog
from prometheus_client import Counter

WITHHELD = "withheld"
VALUES_WITHHELD = Counter(
    "dinghr_log_values_withheld",
    "Values that a log line wasn't allowed to show: our mistake, please report",
    registry=None,
)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,79}")
"""A name out of our code or DingTalk's documents: an operation, a view, a job, an exception's type."""
_CODE = re.compile(r"[A-Za-z0-9_.\-= ]{0,80}")
"""A code of DingTalk's answers."""
_REF = re.compile(r"[A-Za-z0-9_:+/=.\-$@]{0,200}")
"""An id that a machine made."""
_PATH = re.compile(r"[A-Za-z0-9_/.*\-]{1,80}")
_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_PLACE = re.compile(r"[a-z]{1,20} [0-9]{1,18}")
"""A row of the audit log: what and which."""
_TIME = re.compile(r"[0-9T:.+\-Z]{10,40}")
_ADDRESS = re.compile(r"(?:https?|wss?)://[A-Za-z0-9.\-:\[\]]{1,200}(?:/[a-z/]{0,40})?")
_REASON = re.compile(r"[A-Za-z_]{1,40}(?:: [A-Za-z0-9_.= \-]{1,160})?|[a-z][A-Za-z0-9_' \-]{0,120}")
_FRAMES = re.compile(r"[A-Za-z0-9_.:<> /\n\-]{0,8000}")
_LONG_NUMBER = re.compile(r"[0-9]{7}")


def _words(text: str) -> bool:
    """A step to take, in our own words: a sentence without any number long enough to be somebody's."""
    return len(text) <= 300 and text.isprintable() and not _LONG_NUMBER.search(text)


def _shaped(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _short(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """A shape in which no phone, bank or identity number is hidden."""
    return lambda text: pattern.fullmatch(text) is not None and not _LONG_NUMBER.search(text)


def _no_text(_text: str) -> bool:
    return False


ALLOWED: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "event": _short(_NAME), "level": _short(_NAME), "timestamp": _shaped(_TIME),
        "api": _short(_NAME), "error": _short(_CODE), "code": _short(_CODE), "close_code": _short(_CODE),
        "outcome": _short(_NAME), "kind": _short(_NAME), "type": _short(_NAME), "field": _short(_NAME),
        "job": _short(_NAME), "purpose": _short(_NAME), "template": _short(_NAME), "view": _short(_NAME),
        "event_type": _short(_NAME), "task": _shaped(_REF), "topic": _short(_PATH),
        "id": _shaped(_REF), "message_id": _shaped(_REF), "request_id": _shaped(_REF),
        "due": _shaped(_TIME), "replay": _words, "head": _shaped(_DIGEST), "at": _shaped(_PLACE),
        "reason": _short(_REASON), "why": _short(_REASON),
        "mend": _words, "remedy": _words, "endpoint": _shaped(_ADDRESS), "web": _shaped(_ADDRESS),
        "logger": _short(_NAME), "where": _short(_FRAMES), "exception": _short(_FRAMES),
        **dict.fromkeys(
            (
                "attempt", "attempts", "changed", "count", "cpu_ms", "departments", "failures", "frames", "http_status",
                "last", "limit", "lost", "ms", "number", "of", "people", "pid", "request", "requests", "retry_in",
                "rows", "seconds", "used", "waits", "year", "task_id",
            ),
            _no_text,
        ),
    }
)  # fmt: skip
"""Keys, and which texts each may hold. Numbers, truth values and nothing are always let through for these keys."""


class Allow:
    """The processor. `told` hears of each event and key that something was withheld from, so that tests can fail."""

    def __init__(self, told: Callable[[str, str], None] | None = None) -> None:
        self._told = told

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Let through what is declared."""
        return {key: self._let(key, value, str(event.get("event", ""))) for key, value in event.items()}

    def _let(self, key: str, value: Any, event: str) -> Any:
        allowed = ALLOWED.get(key)
        if allowed is not None:
            if value is None or (isinstance(value, bool | int | float) and not _is_long(key, value)):
                return value
            if isinstance(value, str) and allowed(value):
                return value
        VALUES_WITHHELD.inc()
        if self._told is not None:
            self._told(event, key)
        return WITHHELD


def _is_long(key: str, value: float) -> bool:
    """A number that could be somebody's: our own row ids and processes' numbers are none."""
    return key not in {"id", "pid", "request", "task_id", "last", "number"} and abs(value) >= 10**7


def without_words(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show an exception as types and places: its words may hold what somebody wrote."""
    given = event.pop("exc_info", None)
    if given:
        error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exception()
        if error is not None:
            event["exception"] = places(error)
    return event


def places(error: BaseException) -> str:
    """Give the types of an exception and of what caused it, each with where it was raised, newest call last."""
    lines = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < 8:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-12:]
        where = " ".join(f"{_short_path(frame.filename)}:{frame.lineno}:{_plain(frame.name)}" for frame in frames)
        lines.append(f"{_plain(type(current).__module__)}.{_plain(type(current).__name__)} {where}".strip())
        suppressed = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or suppressed
    return "\n".join(lines)


def _short_path(path: str) -> str:
    return _plain("/".join(path.replace("\\", "/").split("/")[-3:]))


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.<>/\-]", "_", text)[:120]


class Libraries(logging.Handler):
    """What libraries log, as one of our lines: who and where. What they say is not for a log of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        log = structlog.get_logger()
        where = f"{_short_path(record.pathname)}:{record.lineno}:{_plain(record.funcName or '')}"
        error = record.exc_info[1] if record.exc_info else None
        call = log.error if record.levelno >= logging.ERROR else log.warning
        call("library.log", logger=_plain(record.name), where=where, **({"exc_info": error} if error else {}))


def processors(allow: Allow) -> list[Callable[..., Any]]:
    """Give what every line goes through."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        allow,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def configure(stream: TextIO, *, usual: str = "INFO") -> None:
    """Write logs as JSON lines to `stream`, and let nothing else write to it: not libraries, not a last traceback."""
    level = logging.getLevelNamesMapping().get(os.environ.get("DINGHR_LOG_LEVEL", usual).upper(), logging.INFO)
    structlog.configure(
        processors=processors(Allow()),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries()], force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # A tick that the next one makes up for is no news.
    logging.captureWarnings(capture=True)


def last_words(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Stand in for Python's own report of what nobody caught."""
    structlog.get_logger().critical("process.failed", error=kind.__name__, exc_info=error)


def last_words_of_a_thread(args: threading.ExceptHookArgs) -> None:
    """The same for a thread."""
    structlog.get_logger().critical("thread.failed", error=args.exc_type.__name__, exc_info=args.exc_value)


def words_of_nobody(args: "sys.UnraisableHookArgs") -> None:
    """The same for what can be raised to nobody, as in a finalizer."""
    structlog.get_logger().error("process.unraisable", error=args.exc_type.__name__, exc_info=args.exc_value)


def take_over_hooks() -> None:
    """Let Python itself report nothing any more: its reports show an exception's words."""
    sys.excepthook = last_words
    threading.excepthook = last_words_of_a_thread
    sys.unraisablehook = words_of_nobody
