"""The company: departments and people, as the contacts pages describe them (A/0056, A/0081)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

ROOT = 1


@dataclass(slots=True)
class Department:
    """A department; the root has no parent."""

    dept_id: int
    name: str
    parent_id: int | None
    order: int = 0
    managers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class User:
    """A person. An empty value is one that nobody filled in: the API leaves it out."""

    userid: str
    name: str
    dept_ids: list[int]
    unionid: str = ""
    mobile: str = ""
    title: str = ""
    job_number: str = ""
    email: str = ""
    hired: date | None = None
    manager: str = ""
    work_place: str = ""
    remark: str = ""
    admin: bool = False
    boss: bool = False
    active: bool = True


class Directory:
    """Departments and people by id, in the order they were added."""

    def __init__(self) -> None:
        self.departments: dict[int, Department] = {}
        self.users: dict[str, User] = {}

    def by_unionid(self, unionid: str) -> User | None:
        """Give the person with this unionid."""
        return next((user for user in self.users.values() if user.unionid == unionid), None)

    def children(self, dept_id: int) -> list[Department]:
        """Give the direct sub-departments, in their order."""
        found = [one for one in self.departments.values() if one.parent_id == dept_id]
        return sorted(found, key=lambda one: (one.order, one.dept_id))

    def members(self, dept_id: int) -> list[User]:
        """Give the direct members."""
        return [user for user in self.users.values() if dept_id in user.dept_ids]

    def path(self, dept_id: int) -> list[int]:
        """Give the department and those above it, up to the root."""
        found: list[int] = []
        at: int | None = dept_id
        while at is not None and at in self.departments and at not in found:
            found.append(at)
            at = self.departments[at].parent_id
        return found

    def below(self, dept_id: int) -> Iterator[Department]:
        """Give the department and everything under it."""
        if dept_id in self.departments:
            yield self.departments[dept_id]
        for child in self.children(dept_id):
            yield from self.below(child.dept_id)

    def headcount(self, dept_id: int) -> int:
        """Count the people of the department and everything under it, each once."""
        inside = {one.dept_id for one in self.below(dept_id)}
        return sum(1 for user in self.users.values() if inside.intersection(user.dept_ids))
