"""Leave as values: the types a company has, a request, a balance, and what can stand against a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hr_core.errors import HRError
from hr_core.workdays.model import Span


class LeaveStatus(StrEnum):
    """Where a request stands. Pending and approved ones occupy their days."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def occupies(self) -> bool:
        """Tell whether no other leave can be asked for on the same half-days."""
        return self in (LeaveStatus.PENDING, LeaveStatus.APPROVED)


class CountedIn(StrEnum):
    """What a type's days are: working days leave out rest days and holidays, natural days don't."""

    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"


class LeaveType(BaseModel):
    """One type of leave as policy has it. All are taken in half days."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str = Field(pattern=r"^[a-z][a-z_]{0,31}$")
    has_balance: bool
    """Whether a request needs days in the ledger."""
    counted_in: CountedIn
    backdate_days: int = Field(ge=0)
    """How many calendar days ago such leave may have begun when it is asked for."""
    source: str = Field(min_length=1)
    medical: bool = False
    """Whether a reason says something of a person's health: who reads it is on record."""


class LeavePolicy(BaseModel):
    """One version of the types."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = Field(ge=1)
    effective_from: date
    source: str = Field(min_length=1)
    types: tuple[LeaveType, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Self:
        if len({kind.code for kind in self.types}) != len(self.types):
            msg = "types: two have the same code"
            raise ValueError(msg)
        return self


def load_leave_policy() -> LeavePolicy:
    """Read the policy that ships with the product."""
    text = resources.files("hr_core.leave").joinpath("data/leave_types.json").read_text("utf-8")
    return LeavePolicy.model_validate_json(text)


def load_leave_types() -> Mapping[str, LeaveType]:
    """Give the shipped types by code, in the order they are offered."""
    return MappingProxyType({kind.code: kind for kind in load_leave_policy().types})


@dataclass(frozen=True, slots=True)
class LeaveBalance:
    """Days of one type in one year. Reserved ones are held for requests that wait for a decision."""

    granted: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        """What can still be asked for."""
        return self.granted - self.reserved - self.taken


@dataclass(frozen=True, slots=True)
class LeaveApplication:
    """A request for leave, as far as rules look at it."""

    id: int
    employee_id: int
    leave_type: str
    span: Span
    days: Decimal
    status: LeaveStatus


class NotEnoughLeave(HRError):
    """The balance does not cover the days asked for."""

    code = "leave.not_enough"

    def __init__(self, leave_type: str, left: Decimal, asked: Decimal) -> None:
        super().__init__(leave_type=leave_type, left=left, asked=asked)


class OverlapsLeave(HRError):
    """Another request of the same person already occupies some of the half-days."""

    code = "leave.overlaps"

    def __init__(self, other: LeaveApplication) -> None:
        super().__init__(
            id=other.id, leave_type=other.leave_type, span=other.span, days=other.days, status=other.status
        )


class OnlyRestDays(HRError):
    """No day of the span is worked, so there is nothing to be away from."""

    code = "leave.only_rest_days"

    def __init__(self, span: Span) -> None:
        super().__init__(start=span.start, end=span.end)


class InThePast(HRError):
    """The leave begins earlier than its type may be asked for."""

    code = "leave.past"

    def __init__(self, start: date, today: date, earliest: date) -> None:
        super().__init__(start=start, today=today, earliest=earliest)


class HireDateUnknown(HRError):
    """Annual leave can't be granted, and so not asked for, before the hire date is known."""

    code = "leave.rule.unknown_hire_date"


class CommentTooLong(HRError):
    """What was said about a decision is longer than we keep."""

    code = "leave.comment_too_long"

    def __init__(self, length: int, most: int) -> None:
        super().__init__(length=length, most=most)
