"""People and departments as of one day, as frozen values that rules can walk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hr_core.errors import HRError


class UnknownPerson(HRError):
    """Nobody in the directory has this key, or they have left."""

    code = "people.unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """An employee on one day. `departments[0]` is the main one; `heads` are the departments they lead.

    `legal_entity` and `region` are None where no source tells them.
    """

    id: int
    key: str
    name: str
    employee_number: str | None = None
    hired_on: date | None = None
    position: str | None = None
    departments: tuple[int, ...] = ()
    heads: frozenset[int] = frozenset()
    manager_id: int | None = None
    legal_entity: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Department:
    """A department on one day; the root has no parent."""

    id: int
    key: str
    name: str
    parent_id: int | None = None


@dataclass(frozen=True)
class Directory:
    """Everyone who works here on `day`, and the department tree.

    `complete` is false while somebody's line manager hasn't been read: then nobody can be told to have none.
    """

    day: date
    people: Mapping[int, Person]
    departments: Mapping[int, Department]
    complete: bool = True
    _by_key: Mapping[str, int] = field(init=False, repr=False)
    _heads_of: Mapping[int, tuple[int, ...]] = field(init=False, repr=False)
    _managers: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Build the look-ups once; the value never changes afterwards."""
        heads: dict[int, tuple[int, ...]] = {}
        for person in sorted(self.people.values(), key=lambda p: p.id):
            for department in person.heads:
                heads[department] = (*heads.get(department, ()), person.id)
        object.__setattr__(self, "_by_key", {p.key: p.id for p in self.people.values()})
        object.__setattr__(self, "_heads_of", heads)
        leaders = {p.manager_id for p in self.people.values() if p.manager_id in self.people and p.manager_id != p.id}
        object.__setattr__(self, "_managers", frozenset(i for i in leaders if i is not None))

    def with_key(self, key: str) -> Person:
        """Find a person by the directory's key; raises `UnknownPerson`."""
        if key not in self._by_key:
            raise UnknownPerson(key=key)
        return self.people[self._by_key[key]]

    def knows(self, key: str) -> bool:
        """Tell whether somebody who works here has this key."""
        return key in self._by_key

    def heads_of(self, department_id: int) -> tuple[int, ...]:
        """Give the people who lead a department, in a stable order."""
        return self._heads_of.get(department_id, ())

    def leads_somebody(self, person_id: int) -> bool:
        """Tell whether a person is a line manager or leads a department."""
        return person_id in self._managers or bool(self.people[person_id].heads)

    def has_reports(self, person_id: int) -> bool:
        """Tell whether somebody names this person as line manager."""
        return person_id in self._managers
