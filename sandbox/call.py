"""One call on its way through: faults, token, scope, pace, quota, validation, the operation, the wire."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox import answers
from sandbox.answers import Failure
from sandbox.faulty import faulty, misanswered, shut_out
from sandbox.operation import Family, Operation
from sandbox.validate import validated
from sandbox.world import World
from sandbox.world.faults import Fault
from sandbox.world.webhooks import within

log = logging.getLogger(__name__)

TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - a header's name
_SLOW_SECONDS = 5.0
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(slots=True)
class Call:
    """What an operation gets: the world, its fields, and a place for warnings that the wire shows."""

    world: World
    operation: Operation
    fields: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)
    given: Mapping[str, Any] = field(default_factory=dict)
    """What came, as it came."""
    fault: Fault | None = None
    """What should go wrong within."""
    token: str = ""
    """The token it came with; a person's where the operation is `by_person`."""
    remote: str = ""
    """The caller's address."""

    def __getitem__(self, name: str) -> Any:
        """Give a field's value; None where it was left out."""
        return self.fields[name]

    def wrong(self, kind: str, candidates: Sequence[str]) -> list[str]:
        """Give those for whom a fault of this kind was ordered: all, or those its body lists."""
        if self.fault is None or self.fault.kind != kind:
            return []
        return [one for one in candidates if not isinstance(self.fault.body, list) or one in self.fault.body]

    def fail(self, code: str | int, message: str, *, status: int | None = None) -> Failure:
        """Give a refusal to raise: one that the operation describes, with the status described for it."""
        described = self.operation.error(code)
        if described is None:
            raise Undescribed(f"{self.operation.name} describes no error {code}")
        return Failure(code, message, status=described.status if status is None else status)


class Undescribed(Exception):
    """An operation refuses with a code that its description doesn't name: a mistake in the sandbox itself."""


class Switchboard:
    """Carries calls to their operations, as strict with each as DingTalk is."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        """Answer one call and write it on the wire."""
        begun = time.monotonic()
        request_id = self._world.ids.request()
        warnings: list[str] = []
        given: dict[str, Any] = {}
        fault = self._world.faults.take(operation.name, request.path)
        counted = operation.counted
        response: web.StreamResponse
        if self._world.pace.shuts_out(request.remote or ""):
            counted, response = False, shut_out("html")
        else:
            try:
                given = await _given(operation, request)
                response = await self._answered(operation, request, given, fault, warnings, request_id)
            except Failure as error:
                counted = counted and not error.throttled
                response = answers.failure(operation.family, error, request_id)
            if fault is not None and fault.moment == "answer":
                response = misanswered(fault, response)
        self._world.meter.call(operation.name, counted=counted)
        self._record(operation, request, given, response, warnings, counted=counted, begun=begun)
        return response

    async def misaddressed(self, operation: Operation, request: web.Request) -> web.Response:
        """Answer a call of the old family that came by another method (A/0013: 43001, 43002)."""
        request_id, begun = self._world.ids.request(), time.monotonic()
        response: web.Response
        if self._world.pace.shuts_out(request.remote or ""):
            response = shut_out("html")
        else:
            response = answers.failure(operation.family, answers.wrong_method(operation.method), request_id)
        self._world.meter.call(operation.name, counted=False)
        self._record(operation, request, {}, response, ["another method"], counted=False, begun=begun)
        return response

    async def _answered(
        self, operation: Operation, request: web.Request, given: Mapping[str, Any], fault: Fault | None,
        warnings: list[str], request_id: str,
    ) -> web.StreamResponse:  # fmt: skip
        if fault is not None:
            await asyncio.sleep(fault.delay or (_SLOW_SECONDS if fault.kind == "slow" else 0))
        instead = fault if fault is not None and fault.moment == "instead" else None
        carried_out = instead is None or instead.after_action or instead.kind == "timeout_after"
        if carried_out:
            self._admit(operation, request)
            answer = await self._run(operation, request, given, fault, warnings, request_id)
        return answer if instead is None else faulty(self._world, operation.family, instead, request)

    def _admit(self, operation: Operation, request: web.Request) -> None:
        """Check token, address, scope, pace and quota, in the gateway's order."""
        family, world = operation.family, self._world
        if operation.token:
            self._check_token(operation, _token(operation, request))
            if world.app.addresses and not within(request.remote or "", world.app.addresses):
                raise answers.not_whitelisted(family, request.remote or "")
        if missing := world.app.missing(operation.scope.split()):
            raise answers.no_scope(family, missing)
        if not world.pace.admit(operation.name, world.app.calls_per_second, 1):
            raise answers.too_fast(family)
        if operation.counted and world.meter.calls >= world.meter.max_calls:
            raise answers.used_up(family)

    def _check_token(self, operation: Operation, token: str) -> None:
        family, world = operation.family, self._world
        if not token:
            raise answers.no_token(family)
        if operation.by_person:
            if world.tokens.known(token) and (told := operation.app_token) is not None:
                raise Failure(told.code, told.meaning, status=told.status)
            if world.tokens.known(token):  # A/0161: the app's own token is refused as a missing permission
                raise answers.no_scope(family, [operation.scope])
            if world.user_tokens.userid(token) is None:
                raise answers.bad_token(family, expired=False)
        elif not world.tokens.valid(token):
            raise answers.bad_token(family, expired=world.tokens.known(token))

    async def _run(
        self, operation: Operation, request: web.Request, given: Mapping[str, Any], fault: Fault | None,
        warnings: list[str], request_id: str,
    ) -> web.StreamResponse:  # fmt: skip
        fields = validated(operation, given, warnings)
        self._keep_pace(operation, fields)
        token, remote = _token(operation, request), request.remote or ""
        call = Call(self._world, operation, fields, warnings, given, fault, token, remote)
        return answers.success(operation.family, await operation.run(call), request_id)

    def _keep_pace(self, operation: Operation, fields: Mapping[str, Any]) -> None:
        """Hold the call against the operation's own limits: for each value of the field that a limit counts by."""
        for number, limit in enumerate(operation.limits):
            named = fields.get(limit.per) if limit.per else ""
            values = dict.fromkeys(named) if isinstance(named, list) else [named]
            names = [f"{operation.name} {number} {one}" for one in values]
            if not self._world.pace.admit_all(names, limit.calls, limit.seconds):
                error = limit.error
                raise Failure(error.code, error.meaning, status=error.status, throttled=True)

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


def _token(operation: Operation, request: web.Request) -> str:
    if operation.family is Family.OLD:
        return request.query.get("access_token", "")
    return request.headers.get(TOKEN_HEADER, "")


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
    kind = request.headers.get("Content-Type") and request.content_type
    if kind in _FORMS:
        if not old:
            raise Failure("Missingbody", "body is mandatory for this action.")
        return {**given, **await request.post()}
    if old and kind is not None and not kind.endswith("json"):
        raise Failure(43004, "无效的HTTP HEADER Content-Type")
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        if old:
            raise Failure(43009, "post参数需要json类型")
        raise Failure("Missingbody", "body is mandatory for this action.")
    return {**given, **{name: one for name, one in body.items() if name not in outside}}


async def unknown(world: World, request: web.Request) -> web.Response:
    """Answer a call nobody here knows: a loud 404 that names it."""
    if world.pace.shuts_out(request.remote or ""):
        return shut_out("html")
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
