"""Every sealed column, declared beside its table, so that values can be sealed anew and nothing is forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

Place = Callable[[Any], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values; `place` gives a value's place by the row's unique column `key`."""

    table: type[SQLModel]
    column: str
    key: str
    place: Place

    @property
    def name(self) -> str:
        """The column as an operator reads it."""
        return f"{self.table.__tablename__}.{self.column}"


SEALED: list[SealedColumn] = []


def sealed(table: type[SQLModel], column: str, key: str, place: Place) -> None:
    """Declare a column; `place` takes the value of the column `key`, which names the row."""
    SEALED.append(SealedColumn(table, column, key, place))
