"""Every sealed column and blind index, declared beside its table: none is forgotten when keys are renewed."""

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


@dataclass(frozen=True, slots=True)
class IndexedColumn:
    """A column of blind indexes of `kind`, each of the sealed value that stands beside it."""

    sealed: SealedColumn
    column: str
    kind: str

    @property
    def name(self) -> str:
        """The column as an operator reads it."""
        return f"{self.sealed.table.__tablename__}.{self.column}"


SEALED: list[SealedColumn] = []
INDEXED: list[IndexedColumn] = []


def sealed(table: type[SQLModel], column: str, key: str, place: Place) -> SealedColumn:
    """Declare a column; `place` takes the value of the column `key`, which names the row."""
    SEALED.append(SealedColumn(table, column, key, place))
    return SEALED[-1]


def indexed(of: SealedColumn, column: str, kind: str) -> None:
    """Declare a column of the same table that holds `Vault.index(kind, value)` of a sealed column's values."""
    INDEXED.append(IndexedColumn(of, column, kind))
