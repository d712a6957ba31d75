"""What a world is filled with."""

from dataclasses import dataclass, field

from sandbox.world.attendance import Attendance
from sandbox.world.directory import Department, User
from sandbox.world.hrm import Hrm


@dataclass(frozen=True, slots=True)
class Group:
    """A group at the start; its id is fixed so that settings can name it."""

    id: str
    title: str
    members: tuple[str, ...]
    has_robot: bool = True


@dataclass(frozen=True, slots=True)
class Company:
    """Departments (the root first), people and groups. Missing unionids are made from the userids."""

    departments: tuple[Department, ...]
    users: tuple[User, ...]
    groups: tuple[Group, ...] = field(default=())
    hrm: Hrm = field(default_factory=Hrm)
    attendance: Attendance = field(default_factory=Attendance)
