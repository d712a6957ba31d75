"""What kinds are made of, and the data they may look up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hr_core.payroll.model import IncomeTax
from hr_core.vectors.fields import Inputs
from hr_core.workdays.model import WorkCalendar


class MissingData(Exception):
    """No table is in force for the day that was asked for."""


@dataclass(frozen=True, slots=True)
class Books:
    """The dated data behind the rules."""

    calendar: WorkCalendar
    income_tax: IncomeTax


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row: the form of its inputs, and what computes its outputs."""

    form: type[Inputs]
    compute: Callable[[Any, Books], dict[str, Any]]
