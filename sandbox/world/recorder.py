"""What people and testers did, written down as control calls with the clock's time since the beginning."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.world.errors import Refused

if TYPE_CHECKING:
    from sandbox.world.world import World

_inside: ContextVar[bool] = ContextVar("_inside", default=False)


@dataclass(slots=True)
class Recording:
    """A scenario in the making."""

    name: str
    start: datetime
    frozen: bool
    before: frozenset[str]
    """The cards that were there when it began."""
    steps: list[dict[str, Any]] = field(default_factory=list)


class Recorder:
    """Writes steps down while somebody asked for it. What a step brings about is no step of its own."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.recording: Recording | None = None

    def start(self, name: str) -> None:
        """Begin to write down."""
        if self.recording is not None:
            raise Refused(f"{self.recording.name} is being recorded")
        clock = self._world.clock
        self.recording = Recording(name, clock.now(), clock.frozen, frozenset(self._world.cards.cards))

    def stop(self) -> tuple[str, str]:
        """End it; give the name and the text."""
        if self.recording is None:
            raise Refused("nothing is being recorded")
        done, self.recording = self.recording, None
        scenario = {"name": done.name, "start": done.start.isoformat(), "frozen": done.frozen, "steps": done.steps}
        return done.name, json.dumps(scenario, ensure_ascii=False, indent=2)

    @contextmanager
    def step(self, call: str, **given: Any) -> Iterator[None]:
        """Write down what is done within, and whether it was refused."""
        if self.recording is None or _inside.get():
            yield
            return
        at = (self._world.clock.now() - self.recording.start).total_seconds()
        step: dict[str, Any] = {"at": round(at, 3), "call": call, "with": self._portable(given)}
        self.recording.steps.append(step)
        token = _inside.set(True)
        try:
            yield
        except Refused as refusal:
            step["refused"] = str(refusal)
            raise
        finally:
            _inside.reset(token)

    def shown(self, userid: str, before: frozenset[str] = frozenset()) -> list[str]:
        """Give the cards that came to a person's phone after `before`, oldest first."""
        cards = self._world.cards.cards.values()
        return [
            one.out_track_id
            for one in cards
            if one.out_track_id not in before and self._world.shows(one, userid) is not None
        ]

    def _portable(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give what was told with a card named by its place on the person's phone: its id is a new one next time."""
        told = {key: value for key, value in given.items() if value is not None}
        user, card = told.get("user"), told.get("card")
        if isinstance(user, str) and isinstance(card, str) and self.recording is not None:
            shown = self.shown(user, self.recording.before)
            if card in shown:
                name = self._world.cards.cards[card].template.name
                told["card"] = {"shown": shown.index(card) + 1, "name": name}
        return told
