"""What fields of a row may hold: amounts as strings, ISO dates and months, halves."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not _PLAIN_NUMBER.fullmatch(str(value)):
        msg = f"{value!r} is no plain number"
        raise ValueError(msg)
    return Decimal(str(value))


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        msg = f"{value!r} is no date as 2026-11-24"
        raise ValueError(msg)
    return date.fromisoformat(value)


def _first_of_month(value: Any) -> date:
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        msg = f"{value!r} is no month as 2026-11"
        raise ValueError(msg)
    return date.fromisoformat(f"{value}-01")


def _whole(value: Any) -> int:
    number = _decimal(value)
    if number % 1:
        msg = f"{value!r} is no whole number"
        raise ValueError(msg)
    return int(number)


def _text(value: Any) -> str:
    # Whatever isn't a text is no valid number either, which is an answer and not an error.
    return value if isinstance(value, str) else ""


Signed = Annotated[Decimal, BeforeValidator(_decimal)]
Amount = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]
Percent = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100)]
Whole = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
MonthNumber = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=12)]
Year = Annotated[int, BeforeValidator(_whole), Field(ge=1900, le=2100)]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[date, BeforeValidator(_first_of_month)]
Text = Annotated[str, BeforeValidator(_text)]
ZERO = Decimal(0)


class Inputs(BaseModel):
    """A row's inputs; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MissingField(ValueError):
    """A field that other fields make necessary is absent."""


def plain(value: Decimal) -> str:
    """Give a number without trailing zeros, as 3.5 or 12."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal) -> str:
    """Give yuan with two decimals."""
    return f"{value:.2f}"
