"""The world as text and back: what a restart of the sandbox, or a test, picks up again.

One rule for everything: each attribute of the world is kept by its own attributes, whatever they are, so state that is
added later is kept without being listed here. A class names in `TRANSIENT` what is not worth keeping (sockets, tasks,
windows of pace), or says itself what it keeps (`kept`) and how it goes on from there (`resume`).
"""

import base64
import importlib
import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from sandbox.world import CHINA, Change, World

_TAG = "$"
_DEFAULTS: Mapping[str, Callable[[], Any]] = {
    "list": list, "dict": dict, "set": set, "int": int, "Counter": Counter, "deque": deque,
}  # fmt: skip


def dump(world: World) -> str:
    """Give the world as JSON."""
    writer = _Writer(world)
    kept = {
        name: _attributes_written(writer, value, name) if _ours(value) else writer.write(value, name)
        for name, value in vars(world).items()
        if name not in World.TRANSIENT
    }
    return json.dumps({"version": 1, "world": kept}, ensure_ascii=False, separators=(",", ":"))


def restore(world: World, text: str) -> None:
    """Bring the world to what the text says; connections, the wire and the ids' chance stay as they are."""
    kept = json.loads(text)["world"]
    reader = _Reader(world)
    for name, value in kept.items():
        live = getattr(world, name, None)
        if _ours(live):
            _resume(live, {key: reader.read(one) for key, one in value.items()})
        elif name in vars(world):
            setattr(world, name, reader.read(value))
    world.feed.tell(Change("reset", ""))


def _ours(value: Any) -> bool:
    return type(value).__module__.startswith("sandbox.") and not isinstance(value, Enum | dict)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """Give what an object keeps."""
    if hasattr(value, "kept"):
        yield from value.kept().items()
        return
    transient: frozenset[str] = getattr(value, "TRANSIENT", frozenset())
    names = [one.name for one in fields(value)] if is_dataclass(value) else list(vars(value))
    yield from ((name, getattr(value, name)) for name in names if name not in transient)


def _attributes_written(writer: "_Writer", value: Any, path: str) -> dict[str, Any]:
    return {name: writer.write(one, f"{path}.{name}") for name, one in _attributes(value)}


def _resume(live: Any, attributes: Mapping[str, Any]) -> None:
    """Set an object's attributes in place, so that whoever holds it goes on with it."""
    if hasattr(live, "resume"):
        live.resume(attributes)
        return
    for name, value in attributes.items():
        before = getattr(live, name, None)
        if isinstance(before, dict) and type(before) is not dict and isinstance(value, dict):
            before.clear()
            before.update(value)
        else:
            object.__setattr__(live, name, value)


class _Writer:
    """Writes values; an object met again is written once and referred to."""

    def __init__(self, world: World) -> None:
        self._roots = {id(value): name for name, value in vars(world).items() if _ours(value)} | {id(world): ""}
        self._written: dict[int, dict[str, Any]] = {}
        self._referred = 0
        self._alive: list[Any] = []  # an id is good for as long as its object lives

    def write(self, value: Any, path: str) -> Any:
        """Give a value as JSON has it."""
        if value is None or type(value) in {bool, int, float, str}:
            return value
        if id(value) in self._roots:
            return {_TAG: "world", "of": self._roots[id(value)]}
        if isinstance(value, Mapping):
            return self._mapping(value, path)
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._several(value, path)
        return self._object(value, path) if _ours(value) else self._plain(value, path)

    def _several(self, value: Any, path: str) -> Any:
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        written = [self.write(one, f"{path}[]") for one in ordered]
        if type(value) is list:
            return written
        name = next(one.__name__ for one in (tuple, set, frozenset, deque) if isinstance(value, one))
        return {_TAG: name, "of": written} | ({"most": value.maxlen} if isinstance(value, deque) else {})

    def _plain(self, value: Any, path: str) -> dict[str, Any]:
        if isinstance(value, Enum):
            return {_TAG: "enum", "of": _name(type(value)), "value": value.value}
        if isinstance(value, bytes):
            return {_TAG: "bytes", "of": base64.b64encode(value).decode()}
        if isinstance(value, timedelta):
            return {_TAG: "timedelta", "of": value.total_seconds()}
        for kind in (datetime, date, time):
            if isinstance(value, kind):
                return {_TAG: kind.__name__, "of": value.isoformat()}
        if isinstance(value, Decimal):
            return {_TAG: "Decimal", "of": str(value)}
        raise TypeError(f"{path}: {type(value).__name__} can't be kept; name it in its class's TRANSIENT")

    def _mapping(self, value: Mapping[Any, Any], path: str) -> Any:
        if all(isinstance(key, str) and key != _TAG for key in value) and not isinstance(value, Counter | defaultdict):
            return {key: self.write(one, f"{path}.{key}") for key, one in value.items()}
        pairs = [[self.write(key, path), self.write(one, f"{path}.{key}")] for key, one in value.items()]
        if isinstance(value, Counter):
            return {_TAG: "Counter", "of": pairs}
        if isinstance(value, defaultdict):
            default = getattr(value.default_factory, "__name__", "")
            if default not in _DEFAULTS:
                raise TypeError(f"{path}: a defaultdict of {default} can't be kept")
            return {_TAG: "defaultdict", "of": pairs, "default": default}
        return {_TAG: "dict", "of": pairs}

    def _object(self, value: Any, path: str) -> dict[str, Any]:
        if (before := self._written.get(id(value))) is not None:
            if "id" not in before:
                self._referred += 1
                before["id"] = self._referred
            return {_TAG: "again", "of": before["id"]}
        written: dict[str, Any] = {_TAG: "object", "is": _name(type(value))}
        self._written[id(value)] = written
        self._alive.append(value)
        written["of"] = _attributes_written(self, value, path)
        return written


class _Reader:
    """Reads what `_Writer` wrote."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._met: dict[int, Any] = {}

    def read(self, value: Any) -> Any:
        """Give a value back."""
        if isinstance(value, list):
            return [self.read(one) for one in value]
        if not isinstance(value, dict):
            return value
        if _TAG not in value:
            return {key: self.read(one) for key, one in value.items()}
        return _READ[value[_TAG]](self, value)

    def world(self, value: Mapping[str, Any]) -> Any:
        """Give the world itself or one of its attributes."""
        return getattr(self._world, value["of"]) if value["of"] else self._world

    def again(self, value: Mapping[str, Any]) -> Any:
        """Give an object that was read before."""
        return self._met[value["of"]]

    def pairs(self, pairs: list[list[Any]]) -> dict[Any, Any]:
        """Give a mapping."""
        return {self.read(key): self.read(one) for key, one in pairs}

    def object(self, value: Mapping[str, Any]) -> Any:
        """Make an object."""
        kind = _class(value["is"])
        made = kind.__new__(kind)
        if "id" in value:
            self._met[value["id"]] = made
        attributes = {name: self.read(one) for name, one in value["of"].items()}
        if hasattr(made, "resume"):
            made.resume(attributes)
            return made
        for name, one in {**_defaults(kind), **attributes}.items():
            object.__setattr__(made, name, one)
        return made


def _defaults(kind: type) -> dict[str, Any]:
    """Give what a dataclass's fields are when nobody kept them."""
    if not is_dataclass(kind):
        return {}
    made = {one.name: one.default_factory() for one in fields(kind) if one.default_factory is not MISSING}
    return made | {one.name: one.default for one in fields(kind) if one.default is not MISSING}


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.astimezone(CHINA) if instant.utcoffset() == CHINA.utcoffset(None) else instant


_READ: Mapping[str, Callable[[_Reader, Any], Any]] = {
    "world": _Reader.world,
    "again": _Reader.again,
    "object": _Reader.object,
    "enum": lambda _, one: _class(one["of"])(one["value"]),
    "dict": lambda reader, one: reader.pairs(one["of"]),
    "Counter": lambda reader, one: Counter(reader.pairs(one["of"])),
    "defaultdict": lambda reader, one: defaultdict(_DEFAULTS[one["default"]], reader.pairs(one["of"])),
    "tuple": lambda reader, one: tuple(reader.read(one["of"])),
    "set": lambda reader, one: set(reader.read(one["of"])),
    "frozenset": lambda reader, one: frozenset(reader.read(one["of"])),
    "deque": lambda reader, one: deque(reader.read(one["of"]), maxlen=one["most"]),
    "bytes": lambda _, one: base64.b64decode(one["of"]),
    "Decimal": lambda _, one: Decimal(one["of"]),
    "datetime": lambda _, one: _instant(one["of"]),
    "date": lambda _, one: date.fromisoformat(one["of"]),
    "time": lambda _, one: time.fromisoformat(one["of"]),
    "timedelta": lambda _, one: timedelta(seconds=one["of"]),
}


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> Any:
    """Give a class by its name, one of the sandbox's only."""
    module, _, path = name.partition(":")
    if not module.startswith("sandbox."):
        raise ValueError(f"{name} is no class of the sandbox's")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
