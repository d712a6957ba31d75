"""A recorded scenario, driven again: against a reset world, at the clock's times."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.world import Refused, World

_CARD_SECONDS = 10.0
_LONGEST_NOISE = 30.0


async def replay(
    world: World, controls: Sequence[Control], text: str, *, quick: bool = True, quiet: float = 0.3
) -> dict[str, Any]:
    """Take every step; give how many were taken and where the outcome was another one than when it was recorded.

    `quick`: the clock is moved on to each step's time, once nothing has gone over the wire for `quiet` seconds.
    Otherwise it takes as long as it took.
    """
    scenario, start = _read(text)
    answerers = {f"{one.method} {one.path}": one for one in controls}
    world.reset()
    world.clock.set(start)
    (world.clock.freeze if scenario["frozen"] else world.clock.run)()
    differing: list[dict[str, Any]] = []
    for number, step in enumerate(scenario["steps"], 1):
        gap = step["at"] - (world.clock.now() - start).total_seconds()
        if quick:
            await _silence(world, quiet)
        if gap > 0 and quick:
            world.clock.advance(timedelta(seconds=gap))
        elif gap > 0 and not world.clock.frozen:
            await asyncio.sleep(gap)
        refused = await _take(world, answerers, step)
        if bool(refused) != ("refused" in step):
            differing.append({"step": number, "call": step["call"], "refused": refused})
    return {"name": scenario["name"], "steps": len(scenario["steps"]), "differing": differing}


def _read(text: str) -> tuple[Mapping[str, Any], datetime]:
    """Give a scenario, which somebody may have edited, and when it begins."""
    try:
        scenario = json.loads(text)
        start = datetime.fromisoformat(scenario["start"])
        named = isinstance(scenario["name"], str) and isinstance(scenario["frozen"], bool)
        whole = named and start.tzinfo is not None and all(_is_step(one) for one in scenario["steps"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(f"that is no scenario: {type(error).__name__}: {error}") from error
    if not whole:
        raise Refused("that is no scenario: something in it has a wrong type")
    return scenario, start


def _is_step(step: Any) -> bool:
    given = step["with"]
    card = given.get("card")
    named = not isinstance(card, Mapping) or (isinstance(card["shown"], int) and isinstance(given["user"], str))
    return isinstance(step["call"], str) and isinstance(step["at"], int | float) and named


async def _take(world: World, answerers: Mapping[str, Control], step: Mapping[str, Any]) -> str:
    """Take one step; give why it was refused, if it was."""
    control = answerers.get(step["call"])
    if control is None:
        return f"there is no control call {step['call']}"
    try:
        given = {**step["with"]}
        if isinstance(given.get("card"), Mapping):
            given["card"] = await _card(world, given["user"], given["card"])
        await control.answer(Ask(world, given))
    except Refused as refusal:
        return str(refusal)
    return ""


async def _card(world: World, userid: str, place: Mapping[str, Any]) -> str:
    """Wait for a person's nth card to come."""
    number: int = place["shown"]
    with world.feed.subscribe() as changes:
        try:
            async with asyncio.timeout(_CARD_SECONDS):
                while len(shown := world.recorder.shown(userid)) < number:
                    await anext(changes)
        except TimeoutError:
            raise Refused(f"{userid} got {len(shown)} cards, not {number}") from None
    return shown[number - 1]


async def _silence(world: World, seconds: float) -> None:
    """Wait until nothing has happened for so long; not for ever, for a robot may be busy by itself."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + _LONGEST_NOISE
    with world.feed.subscribe() as changes:
        while loop.time() < ends:
            try:
                async with asyncio.timeout(seconds):
                    await anext(changes)
            except TimeoutError:
                return
