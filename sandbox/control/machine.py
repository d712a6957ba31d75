"""Control calls about connections, frames, faults, the meter, the wire, templates and the app."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.control.webhooks import addresses
from sandbox.world import Entry, Refused, Template
from sandbox.world.cards import VARIABLES
from sandbox.world.connections import act
from sandbox.world.faults import BY_KEY, FAULTS, Fault, FaultKind
from sandbox.world.stream import Connection, Timing
from sandbox.world.subscribed import EVENTS

_PACE = ("address_calls", "address_seconds", "address_block")


async def _connections(ask: Ask) -> list[Mapping[str, Any]]:
    """List the robot's connections."""
    return [
        {
            "id": one.id,
            "subscriptions": sorted(f"{kind} {topic}" for kind, topic in one.subscriptions),
            "opened_at": one.opened_at,
            "leaving": one.leaving,
            "stalled": one.stalled,
            "half_open": one.half_open,
        }
        for one in ask.world.stream.connections
    ]


def _meant(ask: Ask) -> list[Connection]:
    """Give the connection named, or all."""
    found = [one for one in ask.world.stream.connections if ask.text("connection", one.id) == one.id]
    if not found:
        raise Refused("there is no such connection")
    return found


async def _act(ask: Ask) -> list[Mapping[str, Any]]:
    """Drop the socket; or announce the end and close after 10 s; or send nothing more; or answer no WebSocket pings
    either; or undo both; or ping. Without `connection` to all.
    """
    for one in _meant(ask):
        await act(ask.world.stream, one, ask.text("action"), ask.text("reason", "connection is expired"))
    return await _connections(ask)


async def _frame(ask: Ask) -> Mapping[str, Any]:
    """Push a frame as it is."""
    frame = ask.given.get("frame")
    if not isinstance(frame, dict | str):
        raise Refused("frame must be an object, or a text to be sent as it is")
    for one in _meant(ask):
        await ask.world.stream.send_raw(one, frame)
    return {}


async def _redeliver(ask: Ask) -> Mapping[str, Any]:
    """Send a frame again, with a new messageId unless `same_id`."""
    message_id = ask.text("message_id")
    if message_id not in ask.world.stream.pushes:
        raise Refused(f"no frame {message_id} was pushed")
    push = await ask.world.stream.redeliver(message_id, same_id=ask.flag("same_id"))
    if push is None:
        raise Refused("nobody is connected for it")
    return {"message_id": push.message_id}


async def _event(ask: Ask) -> Mapping[str, Any]:
    """Push an event, with redelivery."""
    return {"event_id": await ask.world.stream.event(ask.text("type"), ask.mapping("data"))}


async def _add_fault(ask: Ask) -> list[Fault]:
    """Let the next calls, frames or handshakes go wrong."""
    kind = BY_KEY.get(ask.text("kind", "answer"))
    if kind is None:
        raise Refused(f"kind must be one of {', '.join(BY_KEY)}")
    ask.world.faults.waiting.append(
        Fault(
            ask.text("api", kind.api), kind.key, int(ask.number("status", 500)), ask.given.get("body"),
            int(ask.number("times", 1)), ask.number("delay", 0), ask.flag("after_action"), ask.number("by", 3600),
        )
    )  # fmt: skip
    return ask.world.faults.waiting


async def _kinds(ask: Ask) -> tuple[FaultKind, ...]:
    """List the kinds of faults: key, label, what it does, when it strikes and what."""
    return FAULTS


async def _faults(ask: Ask) -> list[Fault]:
    """List what will go wrong."""
    return ask.world.faults.waiting


async def _clear_faults(ask: Ask) -> list[Fault]:
    """Let nothing go wrong."""
    ask.world.faults.waiting.clear()
    return []


async def _meter(ask: Ask) -> Mapping[str, Any]:
    """Give the month's counted calls and pushes by API, topic and feature."""
    meter = ask.world.meter
    return {
        "calls": meter.calls, "max_calls": meter.max_calls, "pushes": meter.pushes, "max_pushes": meter.max_pushes,
        "webhooks": meter.month.webhooks, "counted": meter.month.counted, "free": meter.month.free,
        "counted_pushes": meter.month.pushes, "free_pushes": meter.month.free_pushes,
        "features": meter.features(), "spelling": meter.spelling,
    }  # fmt: skip


async def _set_meter(ask: Ask) -> Mapping[str, Any]:
    """Set the monthly quota, and how a frame says that it is used up: errorCode or errCode."""
    meter = ask.world.meter
    meter.max_calls = int(ask.number("max_calls", meter.max_calls))
    meter.max_pushes = int(ask.number("max_pushes", meter.max_pushes))
    spelling = ask.text("spelling", meter.spelling)
    if spelling not in {"error", "err"}:
        raise Refused("spelling must be error or err")
    meter.spelling = "err" if spelling == "err" else "error"
    return await _meter(ask)


async def _wire(ask: Ask) -> list[Entry]:
    """Give frames, acks and calls after that number, secrets masked."""
    after = int(ask.number("after", 0))
    with ask.world.feed.subscribe() as changes:
        try:
            async with asyncio.timeout(ask.wait):
                while not ask.world.wire.after(after):
                    await anext(changes)
        except TimeoutError:
            pass
    return ask.world.wire.after(after)


async def _templates(ask: Ask) -> list[Template]:
    """List card templates."""
    return list(ask.world.cards.templates.values())


async def _set_template(ask: Ask) -> Template:
    """Register a template, or unpublish one."""
    templates, template_id = ask.world.cards.templates, ask.text("id")
    known = templates.get(template_id)
    name = ask.text("name", known.name if known else "")
    logical = next((one for one in VARIABLES if one == name), None)
    if logical is None:
        raise Refused(f"name must be one of {', '.join(VARIABLES)}")
    return ask.world.cards.register(template_id, logical, published=ask.flag("published", True))


async def _app(ask: Ask) -> Mapping[str, Any]:
    """Tell the app's ids, what it was granted, its data scope, pace, timing."""
    app = ask.world.app
    return {
        "client_id": app.client_id, "robot_code": app.robot_code, "robot_name": app.robot_name, "corp_id": app.corp_id,
        "agent_id": app.agent_id, "group_templates": ask.world.chats.templates,
        "scopes": sorted(app.scopes), "departments": sorted(app.departments), "people": sorted(app.people),
        "redirect_uris": sorted(app.redirect_uris), "calls_per_second": app.calls_per_second,
        "flow_controlled": sorted(ask.world.flow_controlled),
        "addresses": app.addresses, "blocking": sorted(ask.world.blocking), "events": sorted(app.events),
        "timing": ask.world.stream.timing, "pace": {name: getattr(ask.world.pace, name) for name in _PACE},
    }  # fmt: skip


async def _set_app(ask: Ask) -> Mapping[str, Any]:
    """Change what the app was granted, its data scope, where logins lead back to, its pace, the timing."""
    world, app = ask.world, ask.world.app
    given: tuple[tuple[object, str, Callable[[], object]], ...] = (
        (app, "scopes", lambda: set(ask.texts("scopes"))),
        (app, "departments", lambda: set(ask.numbers("departments"))),
        (app, "people", lambda: set(ask.texts("people"))),
        (app, "redirect_uris", lambda: set(ask.texts("redirect_uris"))),
        (app, "addresses", lambda: addresses(ask)),
        (app, "events", lambda: _events(ask)),
        (world, "flow_controlled", lambda: set(ask.texts("flow_controlled"))),
        (world, "blocking", lambda: set(ask.texts("blocking"))),
    )
    for holder, name, read in given:
        if ask.has(name):
            setattr(holder, name, read())
    app.scopes |= set(ask.texts("grant"))
    app.scopes -= set(ask.texts("withdraw"))
    app.calls_per_second = int(ask.number("calls_per_second", app.calls_per_second))
    if ask.flag("revoke_token"):
        world.tokens.revoke()
    for name, value in (ask.mapping("pace") if ask.has("pace") else {}).items():
        if name not in _PACE or not isinstance(value, int | float):
            raise Refused(f"pace takes numbers for {', '.join(_PACE)}")
        setattr(world.pace, name, value)
    for name, value in (ask.mapping("timing") if ask.has("timing") else {}).items():
        if name not in {one.name for one in fields(Timing)}:
            raise Refused(f"timing has no {name}")
        setattr(world.stream.timing, name, tuple(value) if isinstance(value, list) else value)
    return await _app(ask)


def _events(ask: Ask) -> set[str]:
    wanted = set(ask.texts("events"))
    if unknown := wanted - EVENTS:
        raise Refused(f"only {', '.join(sorted(EVENTS))} are ticked, not {', '.join(sorted(unknown))}")
    return wanted


async def _reset(ask: Ask) -> Mapping[str, Any]:
    """Begin anew; connections and the token stay."""
    ask.world.reset()
    return {}


CONTROLS = (
    Control("GET", "/sandbox/connections", "", _connections),
    Control(
        "POST",
        "/sandbox/connections",
        "`action` drop/disconnect/stall/half_open/resume/ping, `connection`?, `reason`?",
        _act,
    ),
    Control("POST", "/sandbox/frames", "`frame` object or text, `connection`?", _frame),
    Control("POST", "/sandbox/frames/redeliver", "`message_id`, `same_id`?", _redeliver),
    Control("POST", "/sandbox/events", "`type`, `data`", _event),
    Control("GET", "/sandbox/faults", "", _faults),
    Control(
        "POST",
        "/sandbox/faults",
        "`kind`, `api` (name, path, topic, event type or `*`), `times`, `delay`, `by`, `status`, `body`, "
        "`after_action`",
        _add_fault,
    ),
    Control("DELETE", "/sandbox/faults", "", _clear_faults),
    Control("GET", "/sandbox/faults/kinds", "", _kinds),
    Control("GET", "/sandbox/meter", "", _meter),
    Control("POST", "/sandbox/meter", "`max_calls`, `max_pushes`, `spelling` error/err", _set_meter),
    Control("GET", "/sandbox/wire", "`after`, `wait`", _wire),
    Control("GET", "/sandbox/templates", "", _templates),
    Control("POST", "/sandbox/templates", "`id`, `name` form/notice/report, `published`", _set_template),
    Control("GET", "/sandbox/app", "", _app),
    Control(
        "POST",
        "/sandbox/app",
        "`grant`, `withdraw`, `scopes`, `departments`, `people`, `addresses`, `redirect_uris`, `calls_per_second`, "
        "`flow_controlled`, `blocking`, `events`, `pace`, `timing`, `revoke_token`",
        _set_app,
    ),
    Control("POST", "/sandbox/reset", "", _reset),
)
