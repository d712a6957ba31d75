"""Column types that keep numbers exact, and the names that constraints get (SQLite's batch migrations need names)."""

from decimal import Decimal

from sqlalchemy import Dialect, Integer, MetaData
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """The base of every table: one metadata, with named constraints."""

    metadata = MetaData(naming_convention=NAMING)


class Thousandths(TypeDecorator[Decimal]):
    """A Decimal of days, stored as integer thousandths: a Decimal column on SQLite would be a float."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Give the integer, refusing what has no place in thousandths."""
        if value is None:
            return None
        scaled = Decimal(value) * 1000
        if scaled != scaled.to_integral_value():
            msg = f"{value} is finer than a thousandth of a day"
            raise ValueError(msg)
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Give days; sums of this column come back through here too."""
        return None if value is None else Decimal(value) / 1000
