"""The world as text and back: what a restart of the sandbox, or a test, picks up again.

One rule for everything: each attribute of the world is kept by its own attributes, whatever they are, so state that is
added later is kept without being listed here. A class names in `TRANSIENT` what is not worth keeping (sockets, tasks,
windows of pace), or says itself what it keeps (`kept`) and how it goes on from there (`resume`).
"""

import base64
import importlib
import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from sandbox.world import CHINA, Change, Refused, World
from sandbox.world.bulk import bulk

_TAG = "$"
_SIMPLE = frozenset({type(None), bool, int, float, str})
_DEFAULTS: Mapping[str, Callable[[], Any]] = {
    "list": list, "dict": dict, "set": set, "int": int, "Counter": Counter, "deque": deque,
}  # fmt: skip


class NotKept(TypeError):
    """A value that no text can stand for."""


def dump(world: World) -> str:
    """Give the world as JSON."""
    writer = _Writer(world)
    kept: dict[str, Any] = {}
    with bulk():
        for name, value in vars(world).items():
            if name not in World.TRANSIENT:
                with _naming(name):
                    kept[name] = writer.attributes(value) if _ours(value) else writer.write(value)
        return json.dumps({"version": 1, "world": kept}, ensure_ascii=False, separators=(",", ":"))


def restore(world: World, text: str) -> None:
    """Bring the world to what the text says; connections, the wire and the ids' chance stay as they are.

    Raises `Refused`, and changes nothing, for a text that can't be read.
    """
    with bulk():
        try:
            read = [*_read(world, text)]
        except (ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
            raise Refused(f"that is no saved world: {type(error).__name__}: {error}") from error
        for name, live, value in read:
            if _ours(live):
                _resume(live, value)
            else:
                setattr(world, name, value)
    world.feed.tell(Change("reset", ""))


def _read(world: World, text: str) -> Iterator[tuple[str, Any, Any]]:
    """Give what was kept: an attribute's name, what it is now, and its own attributes or the whole as they were."""
    reader = _Reader(world)
    for name, value in json.loads(text)["world"].items():
        live = getattr(world, name, None)
        if _ours(live):
            yield name, live, {key: reader.read(one) for key, one in value.items()}
        elif name in vars(world):
            yield name, live, reader.read(value)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What there is to know of a class: whether its objects are kept by their attributes, and by which."""

    ours: bool
    transient: frozenset[str]
    names: tuple[str, ...] | None
    defaults: tuple[tuple[str, Callable[[], Any]], ...]


_KINDS: dict[type, _Kind] = {}


def _kind(of: type) -> _Kind:
    found = _KINDS.get(of)
    if found is None:
        transient: frozenset[str] = getattr(of, "TRANSIENT", frozenset())
        inside = fields(of) if is_dataclass(of) else ()
        defaults: list[tuple[str, Callable[[], Any]]] = []
        for one in inside:
            if one.default_factory is not MISSING:
                defaults.append((one.name, one.default_factory))
            elif one.default is not MISSING:
                defaults.append((one.name, partial(copy, one.default)))
        ours = of.__module__.startswith("sandbox.") and not issubclass(of, Enum | dict)
        names = tuple(one.name for one in inside if one.name not in transient) if is_dataclass(of) else None
        found = _KINDS[of] = _Kind(ours, transient, names, tuple(defaults))
    return found


def _ours(value: Any) -> bool:
    return _kind(type(value)).ours


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say where it was when a value can't be kept."""
    try:
        yield
    except NotKept as error:
        raise NotKept(f"{name}: {error}") from None


def _attributes(value: Any) -> Iterable[tuple[str, Any]]:
    """Give what an object keeps."""
    if hasattr(value, "kept"):
        kept: Mapping[str, Any] = value.kept()
        return kept.items()
    kind = _kind(type(value))
    if kind.names is None:
        return [(name, one) for name, one in vars(value).items() if name not in kind.transient]
    return [(name, getattr(value, name)) for name in kind.names]


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

    def attributes(self, value: Any) -> dict[str, Any]:
        """Give what an object keeps."""
        written: dict[str, Any] = {}
        for name, one in _attributes(value):
            if type(one) in _SIMPLE:
                written[name] = one
                continue
            try:
                written[name] = self.write(one)
            except NotKept as error:
                raise NotKept(f"{name}: {error}") from None
        return written

    def write(self, value: Any) -> Any:
        """Give a value as JSON has it."""
        if type(value) in _SIMPLE:
            return value
        if id(value) in self._roots:
            return {_TAG: "world", "of": self._roots[id(value)]}
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._several(value)
        return self._object(value) if _ours(value) else self._plain(value)

    def _several(self, value: Any) -> Any:
        ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        written = [self.write(one) for one in ordered]
        if type(value) is list:
            return written
        name = next(one.__name__ for one in (tuple, set, frozenset, deque) if isinstance(value, one))
        return {_TAG: name, "of": written} | ({"most": value.maxlen} if isinstance(value, deque) else {})

    def _plain(self, value: Any) -> dict[str, Any]:
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
        raise NotKept(f"{type(value).__name__} can't be kept; name it in its class's TRANSIENT")

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        if all(isinstance(key, str) and key != _TAG for key in value) and not isinstance(value, Counter | defaultdict):
            return {key: self.write(one) for key, one in value.items()}
        pairs = [[self.write(key), self.write(one)] for key, one in value.items()]
        if isinstance(value, Counter):
            return {_TAG: "Counter", "of": pairs}
        if isinstance(value, defaultdict):
            default = getattr(value.default_factory, "__name__", "")
            if default not in _DEFAULTS:
                raise NotKept(f"a defaultdict of {default} can't be kept")
            return {_TAG: "defaultdict", "of": pairs, "default": default}
        return {_TAG: "dict", "of": pairs}

    def _object(self, value: Any) -> dict[str, Any]:
        if (before := self._written.get(id(value))) is not None:
            if "id" not in before:
                self._referred += 1
                before["id"] = self._referred
            return {_TAG: "again", "of": before["id"]}
        written: dict[str, Any] = {_TAG: "object", "is": _name(type(value))}
        self._written[id(value)] = written
        self._alive.append(value)
        written["of"] = self.attributes(value)
        return written


class _Reader:
    """Reads what `_Writer` wrote."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._met: dict[int, Any] = {}

    def read(self, value: Any) -> Any:
        """Give a value back."""
        if type(value) in _SIMPLE:
            return value
        if isinstance(value, list):
            return [self.read(one) for one in value]
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
        for name, default in _kind(kind).defaults:
            if name not in attributes:
                attributes[name] = default()
        for name, one in attributes.items():
            object.__setattr__(made, name, one)
        return made


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


_CLASSES: dict[str, Any] = {}


def _class(name: str) -> Any:
    """Give a class by its name, one of the sandbox's only."""
    if name not in _CLASSES:
        module, _, path = name.partition(":")
        if not module.startswith("sandbox."):
            raise ValueError(f"{name} is no class of the sandbox's")
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        _CLASSES[name] = found
    return _CLASSES[name]
