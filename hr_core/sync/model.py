"""Records as a source tells them, before they are anybody's employee."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class DepartmentRecord:
    """A department of a source. `parent_key` None is the root."""

    key: str
    name: str
    parent_key: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A person's place in one department."""

    department_key: str
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person of a source. `has_details` tells whether the source was asked for the line manager at all."""

    key: str
    name: str
    employee_number: str | None = None
    hired_on: date | None = None
    position: str | None = None
    places: tuple[PlaceRecord, ...] = ()
    manager_key: str | None = None
    has_details: bool = False
    facts: Mapping[str, str | None] = field(default_factory=dict)
    """`legal_entity` and `region`, those that the source was asked for; None where it has none."""
