"""One call on its way through: faults, token, scope, pace, quota, validation, the operation, the wire."""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox import answers
from sandbox.answers import Failure
from sandbox.operation import Family, Operation
from sandbox.validate import validated
from sandbox.world import World
from sandbox.world.faults import Fault

log = logging.getLogger(__name__)

TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - a header's name
_UNCOUNTED = tuple(f"Forbidden.AccessDenied.{one}" for one in ("Qps", "Qpm", "ApiCount"))
_BANNED = "<html><head><title>滑动验证</title></head><body>访问过于频繁</body></html>"


@dataclass(slots=True)
class Call:
    """What an operation gets: the world, its fields, and a place for warnings that the wire shows."""

    world: World
    operation: Operation
    fields: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """Give a field's value; None where it was left out."""
        return self.fields[name]

    def fail(self, code: str | int, message: str, *, status: int = 400) -> Failure:
        """Give a refusal to raise; an operation's own `errors` know the status that goes with a code."""
        described = next((one for one in self.operation.errors if one.code == code), None)
        return Failure(code, message, status=described.status if described else status)


class Switchboard:
    """Carries calls to their operations, as strict with each as DingTalk is."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)

    async def handle(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        """Answer one call and write it on the wire."""
        begun = time.monotonic()
        request_id = self._world.ids.request()
        warnings: list[str] = []
        given: dict[str, Any] = {}
        fault = self._world.faults.take(operation.name, request.path)
        counted = operation.counted
        try:
            given = await _given(operation, request)
            if fault is not None:
                await asyncio.sleep(fault.delay)
            if fault is not None and not fault.after_action:
                response = self._faulty(operation, fault, request, request_id)
            else:
                self._admit(operation, request)
                response = await self._run(operation, given, warnings, request_id)
                if fault is not None:
                    response = self._faulty(operation, fault, request, request_id)
        except Failure as error:
            counted = counted and not _throttled(error)
            response = answers.failure(operation.family, error, request_id)
        self._world.meter.call(operation.name, counted=counted)
        self._record(operation, request, given, response, warnings, counted=counted, begun=begun)
        return response

    def _admit(self, operation: Operation, request: web.Request) -> None:
        """Check token, scope, pace and quota, in the gateway's order."""
        family, world = operation.family, self._world
        if operation.token:
            token = (
                request.query.get("access_token", "") if family is Family.OLD else request.headers.get(TOKEN_HEADER, "")
            )
            if not token:
                raise answers.no_token(family)
            if not world.tokens.valid(token):
                raise answers.bad_token(family, expired=world.tokens.known(token))
        if missing := world.app.missing(operation.scope.split()):
            raise answers.no_scope(family, missing)
        recent, now = self._recent[operation.name], time.monotonic()
        while recent and now - recent[0] >= 1:
            recent.popleft()
        if len(recent) >= world.app.calls_per_second:
            raise answers.too_fast(family)
        recent.append(now)
        if operation.counted and world.meter.calls >= world.meter.max_calls:
            raise answers.used_up(family)

    async def _run(
        self, operation: Operation, given: Mapping[str, Any], warnings: list[str], request_id: str
    ) -> web.StreamResponse:
        fields, notes = validated(operation, given)
        warnings.extend(notes)
        call = Call(self._world, operation, fields, warnings)
        return answers.success(operation.family, await operation.run(call), request_id)

    def _faulty(self, operation: Operation, fault: Fault, request: web.Request, request_id: str) -> web.StreamResponse:
        family = operation.family
        match fault.kind:
            case "qps" | "qpm":
                raise answers.too_fast(family, minute=fault.kind == "qpm")
            case "monthly":
                raise answers.used_up(family)
            case "token":
                raise answers.bad_token(family, expired=True)
            case "busy":
                raise answers.busy(family)
            case "ip_ban":
                return web.Response(text=_BANNED, content_type="text/html")
            case "timeout":
                return web.Response(status=504, text="Gateway Timeout")
            case "drop":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=499)
            case "answer":
                if isinstance(fault.body, str):
                    return web.Response(status=fault.status, text=fault.body)
                return web.json_response(fault.body, status=fault.status)

    def _record(
        self, operation: Operation, request: web.Request, given: Mapping[str, Any], response: web.StreamResponse,
        warnings: list[str], *, counted: bool, begun: float,
    ) -> None:  # fmt: skip
        body: Any = response.text if isinstance(response, web.Response) else None
        with contextlib.suppress(ValueError):
            body = json.loads(body) if body else body
        code = body.get("errcode", body.get("code", "")) if isinstance(body, dict) else ""
        entry = self._world.wire.add(
            "call", "out", f"{request.method} {request.path}", api=operation.name, method=request.method,
            path=request.path, status=response.status, code="" if code == 0 else str(code), counted=counted,
            duration_ms=(time.monotonic() - begun) * 1000, warnings=warnings,
            request={name: "(file)" if isinstance(one, web.FileField) else one for name, one in given.items()},
            response=body,
        )  # fmt: skip
        for warning in entry.warnings:
            log.warning("%s: %s", operation.name, warning)
        if entry.code:
            log.info("%s %s -> %s %s", request.method, request.path, response.status, entry.code)


async def _given(operation: Operation, request: web.Request) -> dict[str, Any]:
    """Gather what came in path, query, headers and body. The old family takes fields from query and body alike."""
    old = operation.family is Family.OLD
    inside = {field.name for field in operation.fields if field.where == "body" and not old}
    outside = {field.name for field in operation.fields if field.where != "body" and not old}
    headers = {field.name for field in operation.fields if field.where == "header"}
    given: dict[str, Any] = {name: one for name, one in request.query.items() if name not in inside | headers}
    given |= request.match_info
    given |= {name: request.headers[name] for name in headers if name in request.headers}
    if request.method == "GET" or not request.can_read_body:
        return given
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        if not old:
            raise Failure("Missingbody", "body is mandatory for this action.")
        return {**given, **await request.post()}
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        if old:
            raise Failure(40035, "不合法的参数：不是 JSON 对象")
        raise Failure("Missingbody", "body is mandatory for this action.")
    return {**given, **{name: one for name, one in body.items() if name not in outside}}


def _throttled(error: Failure) -> bool:
    """A/1432: calls refused for their pace or the quota aren't counted."""
    return str(error.code).startswith(_UNCOUNTED) or error.code in {90018, 90020}


async def unknown(world: World, request: web.Request) -> web.Response:
    """Answer a call nobody here knows: a loud 404 that names it."""
    text = f"Specified api is not found, please check your url and method. sandbox: {request.method} {request.path}"
    body = {"code": "InvalidAction.NotFound", "requestid": world.ids.request(), "message": text}
    if not request.path.startswith("/v1.0/"):
        body = {**body, "errcode": "404", "errmsg": text}
    log.error("unknown call: %s %s", request.method, request.path)
    world.wire.add(
        "call", "out", f"{request.method} {request.path}", api="unknown", method=request.method, path=request.path,
        status=404, code="InvalidAction.NotFound", response=body, warnings=["unknown call"],
    )  # fmt: skip
    return web.json_response(body, status=404)
