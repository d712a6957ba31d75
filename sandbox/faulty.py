"""Answers that go wrong: what comes instead of a call's answer, and what becomes of one on its way."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal
from xml.sax.saxutils import escape

from aiohttp import web

from sandbox import answers
from sandbox.answers import Failure
from sandbox.operation import Family
from sandbox.world import World
from sandbox.world.faults import Fault

_HTML = "<html><head><title>滑动验证</title></head><body>访问过于频繁</body></html>"
_PROXY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
_REFUSALS: Mapping[str, Callable[[Family], Failure]] = {
    "token": lambda family: answers.bad_token(family, expired=True),
    "token_early": lambda family: answers.bad_token(family, expired=False),
    "qps": answers.too_fast,
    "qpm": lambda family: answers.too_fast(family, "minute"),
    "qps_everyone": lambda family: answers.too_fast(family, "everyone"),
    "monthly": answers.used_up,
    "busy": answers.busy,
}


def shut_out(form: Literal["html", "json"]) -> web.Response:
    """Give what an address gets that made too many calls: a page, or JSON that isn't the API's (A/0012)."""
    if form == "html":
        return web.Response(text=_HTML, content_type="text/html")
    body = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "xxx"}
    return web.json_response(body)


def faulty(world: World, family: Family, fault: Fault, request: web.Request) -> web.StreamResponse:
    """Give what comes instead of the answer, or raise the refusal."""
    if fault.kind == "token_early":
        world.tokens.revoke()
    if fault.kind in _REFUSALS:
        raise _REFUSALS[fault.kind](family)
    match fault.kind:
        case "unavailable":
            return web.Response(status=503)
        case "ip_ban" | "ip_ban_json":
            return shut_out("html" if fault.kind == "ip_ban" else "json")
        case "timeout" | "timeout_after":
            return web.Response(status=504, text="Gateway Timeout")
        case "drop":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=499)
        case _ if isinstance(fault.body, str):
            return web.Response(status=fault.status, text=fault.body)
        case _:
            return web.json_response(fault.body, status=fault.status)


def misanswered(fault: Fault, response: web.StreamResponse) -> web.StreamResponse:
    """Give a call's answer as a fault leaves it."""
    text = response.text or "" if isinstance(response, web.Response) else ""
    match fault.kind:
        case "html":
            return web.Response(status=502, text=_PROXY, content_type="text/html")
        case "truncated":
            return web.Response(text=text[: len(text) // 2], status=response.status, content_type="application/json")
        case "errcode_text":
            return web.json_response(_as_texts(json.loads(text)), status=response.status)
        case "no_endpoint":
            return web.json_response({"ticket": json.loads(text).get("ticket", "")})
        case "xml":
            told = "".join(f"<{name}>{escape(str(one))}</{name}>" for name, one in json.loads(text).items())
            return web.Response(text=f"<result>{told}</result>", status=response.status, content_type="application/xml")
        case _:
            response.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=fault.by), usegmt=True)
            return response


def _as_texts(body: Mapping[str, Any]) -> dict[str, Any]:
    """Write errcode and flags as texts, as some of the pages' examples do."""
    return {name: str(one).lower() if isinstance(one, bool) or name == "errcode" else one for name, one in body.items()}
