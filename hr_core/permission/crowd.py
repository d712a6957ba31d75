"""Sets of people by how they stand to each other, each worked out once for one directory."""

from functools import cached_property
from typing import Literal, Protocol

from hr_core.people import rules
from hr_core.people.model import Directory
from hr_core.permission.matrix import Reach

NOBODY: frozenset[int] = frozenset()

Fact = Literal[Reach.LEGAL_ENTITY, Reach.REGION, Reach.POSITION]
FACTS: tuple[Fact, ...] = (Reach.LEGAL_ENTITY, Reach.REGION, Reach.POSITION)


class _Facts(Protocol):
    """Whatever tells the three: a person, and a grant that is narrowed to one of them."""

    @property
    def legal_entity(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...
    @property
    def position(self) -> str | None: ...


def fact_of(told: _Facts, fact: Fact) -> str | None:
    """Give one of the three."""
    match fact:
        case Reach.LEGAL_ENTITY:
            return told.legal_entity
        case Reach.REGION:
            return told.region
        case Reach.POSITION:
            return told.position


class Crowd:
    """The people of one directory: below somebody, in a department's subtree, of a legal entity, region or position."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._alone: dict[int, frozenset[int]] = {}
        self._below: dict[int, frozenset[int]] = {}
        self._subtrees: dict[int, frozenset[int]] = {}
        self._alike: dict[Fact, dict[str, frozenset[int]]] = {}

    @cached_property
    def everyone(self) -> frozenset[int]:
        """Everybody who works here."""
        return frozenset(self._directory.people)

    @cached_property
    def company(self) -> frozenset[int | None]:
        """Everybody, and None: the company as a whole."""
        return self.everyone | {None}

    def alone(self, person_id: int) -> frozenset[int]:
        """Give one person, as the same set each time."""
        return self._alone.setdefault(person_id, frozenset({person_id}))

    def below(self, person_id: int) -> frozenset[int]:
        """Give everybody who has this person among their superiors."""
        if person_id not in self._below:
            self._below[person_id] = _reached(person_id, self._direct_reports) - {person_id}
        return self._below[person_id]

    def within(self, department_id: int) -> frozenset[int]:
        """Give everybody who works in a department or anywhere below it."""
        if department_id not in self._subtrees:
            tree = _reached(department_id, self._children)
            members = (self._members.get(one, NOBODY) for one in tree)
            self._subtrees[department_id] = NOBODY.union(*members)
        return self._subtrees[department_id]

    def sharing(self, fact: Fact, value: str | None) -> frozenset[int]:
        """Give everybody of a legal entity, a region or a position; nobody where it isn't known."""
        if not value:
            return NOBODY
        if fact not in self._alike:
            groups: dict[str, set[int]] = {}
            for person in self._directory.people.values():
                if told := fact_of(person, fact):
                    groups.setdefault(told, set()).add(person.id)
            self._alike[fact] = {told: frozenset(people) for told, people in groups.items()}
        return self._alike[fact].get(value, NOBODY)

    @cached_property
    def _direct_reports(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for person_id in self._directory.people:
            above = rules.next_above(self._directory, person_id)
            if above is not None:
                found.setdefault(above, []).append(person_id)
        return found

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for department in self._directory.departments.values():
            if department.parent_id is not None:
                found.setdefault(department.parent_id, []).append(department.id)
        return found

    @cached_property
    def _members(self) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for person in self._directory.people.values():
            for department in person.departments:
                found.setdefault(department, set()).add(person.id)
        return {department: frozenset(people) for department, people in found.items()}


def _reached(start: int, steps: dict[int, list[int]]) -> frozenset[int]:
    """Walk from one number on; a cycle is walked once."""
    seen, left = {start}, [start]
    while left:
        for following in steps.get(left.pop(), ()):
            if following not in seen:
                seen.add(following)
                left.append(following)
    return frozenset(seen)
