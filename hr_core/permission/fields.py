"""Protected fields of a record: masked for everybody whose grant doesn't show them in clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from hr_core.permission.checker import Grant
from hr_core.permission.matrix import Field

HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody sees of a field, and whether it is all of it."""

    text: str
    clear: bool

    def __str__(self) -> str:
        """Give the text."""
        return self.text


class Protected:
    """A value that only a grant opens. Printed, logged or compared, it tells nothing of itself."""

    __slots__ = ("_value", "field", "on")

    def __init__(self, field: Field, on: int, value: str | Decimal) -> None:
        """Take whose value of which field it is."""
        self.field = field
        self.on = on
        self._value = value

    def __repr__(self) -> str:
        """Tell the field alone."""
        return f"<{self.field} of {self.on}>"

    def seen_with(self, grant: Grant) -> Shown:
        """Give what the grant shows: all of it, or the masked form. Raises where it is for another person."""
        if grant.on != self.on:
            msg = "the grant is for somebody else"
            raise PermissionError(msg)
        clear = self.field in grant.clear
        return Shown(str(self._value) if clear else masked(self.field, str(self._value)), clear)


def mask(record: Mapping[Field, Protected], grant: Grant) -> dict[Field, Shown]:
    """Give every protected field of a record as the grant shows it."""
    return {field: value.seen_with(grant) for field, value in record.items()}


def masked(field: Field, value: str) -> str:
    """Give the part of a value that tells it from others to its owner, and of pay nothing at all."""
    match field:
        case Field.PAY:
            return HIDDEN
        case Field.PHONE:
            return f"{value[:3]}{HIDDEN}{value[-4:]}" if len(value) >= 11 else HIDDEN
        case Field.ID_NUMBER | Field.BANK_ACCOUNT:
            return f"{HIDDEN}{value[-4:]}" if len(value) >= 12 else HIDDEN
