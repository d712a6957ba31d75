"""A dictionary that can also be asked by what its values say: people by department, by mobile, by unionid.

Setting one of a value's `KEYS` moves it to its new place. A list among them is replaced, not changed in place.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound="Indexed")

Key = Callable[[Any], Iterable[Hashable]]


class Indexed:
    """A value of a book."""

    __slots__ = ("_book",)
    KEYS: ClassVar[frozenset[str]] = frozenset()
    """The attributes that a book's indexes go by."""

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute, and tell the book that holds it."""
        object.__setattr__(self, name, value)
        if name in self.KEYS:
            book: Book[Any, Any] | None = getattr(self, "_book", None)
            if book is not None:
                book.reindex(self)


class Book(dict[K, V]):
    """Values by id, in the order they were added, and by each index."""

    def __init__(self, **keys: Key) -> None:
        super().__init__()
        self._keys = keys
        self._places: dict[str, dict[Hashable, dict[int, V]]] = {name: {} for name in keys}
        self._known: dict[int, tuple[tuple[Hashable, ...], ...]] = {}

    def __setitem__(self, key: K, value: V) -> None:
        """Put a value in."""
        if key in self:
            self._leave(self[key])
        super().__setitem__(key, value)
        object.__setattr__(value, "_book", self)
        self.reindex(value)

    def __delitem__(self, key: K) -> None:
        """Take a value out."""
        self._leave(self[key])
        super().__delitem__(key)

    def pop(self, key: K, *default: Any) -> Any:
        """Take a value out and give it."""
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        """Take everything out."""
        for key in list(self):
            del self[key]

    def update(self, values: Mapping[K, V]) -> None:  # type: ignore[override]
        """Put values in."""
        for key, value in values.items():
            self[key] = value

    def find(self, index: str, key: Hashable) -> Collection[V]:
        """Give the values that an index has under a key."""
        return self._places[index].get(key, {}).values()

    def reindex(self, value: V) -> None:
        """Move a value to where it belongs now; it keeps its turn where it stays."""
        here = id(value)
        now = tuple([tuple(key(value)) for key in self._keys.values()])
        before = self._known.get(here)
        self._known[here] = now
        for number, places in enumerate(self._places.values()):
            old: tuple[Hashable, ...] = before[number] if before is not None else ()
            if old == now[number]:
                continue
            self._vacate(places, here, [key for key in old if key not in now[number]])
            for key in now[number]:
                bucket = places.get(key)
                if bucket is None:
                    places[key] = {here: value}
                else:
                    bucket.setdefault(here, value)

    def _leave(self, value: V) -> None:
        object.__setattr__(value, "_book", None)
        known = self._known.pop(id(value))
        for places, keys in zip(self._places.values(), known, strict=True):
            self._vacate(places, id(value), keys)

    @staticmethod
    def _vacate(places: dict[Hashable, dict[int, V]], here: int, keys: Iterable[Hashable]) -> None:
        for key in keys:
            bucket = places.get(key, {})
            bucket.pop(here, None)
            if not bucket:
                places.pop(key, None)
