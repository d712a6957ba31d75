"""The company: departments and people, as the contacts pages describe them (A/0056, A/0081)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from sandbox.world.book import Book, Indexed

ROOT = 1


@dataclass(slots=True)
class Department(Indexed):
    """A department; the root has no parent. `settings` are the visibility and group settings of A/0078, as given."""

    KEYS: ClassVar[frozenset[str]] = frozenset({"parent_id"})

    dept_id: int
    name: str
    parent_id: int | None
    order: int = 0
    managers: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class User(Indexed):
    """A person. An empty value is one that nobody filled in: the API leaves it out."""

    KEYS: ClassVar[frozenset[str]] = frozenset({"dept_ids", "unionid", "mobile"})

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
    telephone: str = ""
    org_email: str = ""
    hide_mobile: bool = False
    senior: bool = False
    dept_orders: dict[int, int] = field(default_factory=dict)
    dept_titles: dict[int, str] = field(default_factory=dict)
    extension: dict[str, Any] = field(default_factory=dict)


class Directory:
    """Departments and people by id, in the order they were added."""

    def __init__(self) -> None:
        self.departments: Book[int, Department] = Book(parent=lambda one: (one.parent_id,))
        self.users: Book[str, User] = Book(
            department=lambda one: one.dept_ids,
            unionid=lambda one: (one.unionid,) if one.unionid else (),
            mobile=lambda one: (one.mobile,) if one.mobile else (),
        )

    def by_unionid(self, unionid: str) -> User | None:
        """Give the person with this unionid."""
        return next(iter(self.users.find("unionid", unionid)), None)

    def by_mobile(self, mobile: str) -> User | None:
        """Give the active person with this mobile."""
        return next((one for one in self.users.find("mobile", mobile) if one.active), None)

    def children(self, dept_id: int) -> list[Department]:
        """Give the direct sub-departments, in their order."""
        return sorted(self.departments.find("parent", dept_id), key=lambda one: (one.order, one.dept_id))

    def members(self, dept_id: int) -> list[User]:
        """Give the direct members."""
        return list(self.users.find("department", dept_id))

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
        found: set[str] = set()
        for department in self.below(dept_id):
            found.update(one.userid for one in self.users.find("department", department.dept_id))
        return len(found)
