"""Control calls about what is kept under a name: the whole world, and what people did."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.replay import replay
from sandbox.state import dump, restore
from sandbox.world import Refused


async def _states(ask: Ask) -> list[str]:
    """List what was saved."""
    return ask.world.states.names()


async def _state(ask: Ask) -> Mapping[str, Any]:
    """Save the world under a name, or restore it; connections stay."""
    action, name = ask.text("action"), ask.text("name")
    if action == "save":
        ask.world.states.put(name, dump(ask.world))
    elif action == "restore":
        restore(ask.world, ask.world.states.get(name))
    else:
        raise Refused("action must be save or restore")
    return {"name": name}


async def _drop_state(ask: Ask) -> Mapping[str, Any]:
    """Forget what was saved."""
    ask.world.states.drop(ask.text("name"))
    return {}


async def _scenarios(ask: Ask) -> Mapping[str, Any]:
    """List what was recorded, and what is being recorded."""
    recording = ask.world.recorder.recording
    return {"names": ask.world.scenarios.names(), "recording": recording.name if recording else ""}


async def _scenario(ask: Ask) -> Mapping[str, Any]:
    """Record what people and testers do, or drive it again against a reset world: `quick` moves the clock on instead
    of waiting.
    """
    world, action = ask.world, ask.text("action")
    match action:
        case "start":
            world.scenarios.check(ask.text("name"))
            world.recorder.start(ask.text("name"))
        case "stop":
            name, text = world.recorder.stop()
            world.scenarios.put(name, text)
            return {"name": name, "steps": len(json.loads(text)["steps"])}
        case "read":
            read: Mapping[str, Any] = json.loads(world.scenarios.get(ask.text("name")))
            return read
        case "replay":
            text = world.scenarios.get(ask.text("name"))
            quick, quiet = ask.flag("quick", True), ask.number("quiet", 0.3)
            return await replay(world, every_control(), text, quick=quick, quiet=quiet)
        case _:
            raise Refused("action must be start, stop, read or replay")
    return {"name": ask.text("name")}


async def _drop_scenario(ask: Ask) -> Mapping[str, Any]:
    """Forget what was recorded."""
    ask.world.scenarios.drop(ask.text("name"))
    return {}


def every_control() -> Sequence[Control]:
    """Give all control calls, which a scenario's steps are."""
    from sandbox import control  # noqa: PLC0415 - it is made of this module among others

    return control.CONTROLS


CONTROLS = (
    Control("GET", "/sandbox/scenarios", "", _scenarios),
    Control(
        "POST", "/sandbox/scenarios", "`action` start/stop/read/replay, `name`, `quick`?, `quiet`?", _scenario,
        recorded=False,
    ),
    Control("DELETE", "/sandbox/scenarios", "`name`", _drop_scenario, recorded=False),
    Control("GET", "/sandbox/state", "", _states),
    Control("POST", "/sandbox/state", "`action` save/restore, `name`", _state, recorded=False),
    Control("DELETE", "/sandbox/state", "`name`", _drop_state, recorded=False),
)  # fmt: skip
