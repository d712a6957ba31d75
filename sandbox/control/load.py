"""Control calls for size and load: a company of any size, and many people who speak at a pace."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.crowd import MOST, crowd
from sandbox.world import Refused
from sandbox.world.stream import Ack, Push

_MOST_AT_ONCE = 200_000


async def _fill(ask: Ask) -> Mapping[str, Any]:
    """Begin anew with a company of so many people, the same for a seed; the demo's company is in it."""
    people = int(ask.number("people"))
    if not 1 <= people <= MOST:
        raise Refused(f"people must be from 1 to {MOST}")
    ask.world.fill(crowd(people, int(ask.number("seed", 1))))
    directory = ask.world.directory
    return {"people": len(directory.users), "departments": len(directory.departments)}


async def _burst(ask: Ask) -> Mapping[str, Any]:
    """Let people say something in private, one after the other, so many in all and a second; tell how it went."""
    world, stream = ask.world, ask.world.stream
    count, rate = int(ask.number("count")), ask.number("per_second")
    if not 1 <= count <= _MOST_AT_ONCE or rate <= 0:
        raise Refused(f"count must be from 1 to {_MOST_AT_ONCE}, per_second above 0")
    text, people, loop = ask.text("text", "年假余额"), list(world.directory.users), asyncio.get_running_loop()
    begun, took, answered = loop.time(), list[float](), list[asyncio.Future[Ack]]()

    def heard(push: Push) -> None:
        if push.kind != "CALLBACK":
            return
        sent = loop.time()
        answered.append(push.ack)
        push.ack.add_done_callback(lambda ack: None if ack.cancelled() else took.append(loop.time() - sent))

    with stream.watching(heard):
        for number in range(count):
            due = begun + number / rate - loop.time()
            if due > 0 or number % 50 == 0:
                await asyncio.sleep(max(due, 0))
            userid = people[number % len(people)]
            await world.say(userid, world.chats.with_robot(userid).id, text)
        spoken = loop.time() - begun
        if answered:
            await asyncio.wait(answered, timeout=stream.timing.push)
    took.sort()
    slow = {f"p{share}_ms": round(took[int(len(took) * share / 100)] * 1000, 2) for share in (50, 99) if took}
    return {"said": count, "per_second": round(count / spoken, 1), "acked": len(took), **slow}


CONTROLS = (
    Control("POST", "/sandbox/company", "`people`, `seed`?", _fill),
    Control("POST", "/sandbox/bursts", "`count`, `per_second`, `text`?", _burst, recorded=False),
)
