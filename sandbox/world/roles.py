"""Roles, which the events call labels, and their groups (A/0086 ff)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

SYSTEM_GROUP = 1507113577
"""The group 默认, which nobody can change: its roles follow from who is what."""
_LEADER, _HEAD, _MAIN_ADMIN, _SUB_ADMIN = 1507113580, 1507113581, 1507113578, 1507113579


@dataclass(slots=True)
class Role:
    """One role; `scopes` are the departments a member manages in it, everyone's where there are none."""

    id: int
    name: str
    group_id: int
    members: list[str] = field(default_factory=list)
    scopes: dict[str, list[int]] = field(default_factory=dict)

    @property
    def system(self) -> bool:
        """Whether it is one of 默认."""
        return self.group_id == SYSTEM_GROUP


@dataclass(slots=True)
class RoleGroup:
    """A group of roles."""

    id: int
    name: str


class Roles:
    """All groups and roles by id."""

    def __init__(self) -> None:
        self.groups: dict[int, RoleGroup] = {SYSTEM_GROUP: RoleGroup(SYSTEM_GROUP, "默认")}
        self.roles: dict[int, Role] = {
            role_id: Role(role_id, name, SYSTEM_GROUP)
            for role_id, name in (
                (_LEADER, "负责人"),
                (_HEAD, "主管"),
                (_MAIN_ADMIN, "主管理员"),
                (_SUB_ADMIN, "子管理员"),
            )
        }

    def of_group(self, group_id: int) -> list[Role]:
        """Give a group's roles."""
        return [role for role in self.roles.values() if role.group_id == group_id]

    def of_user(self, userid: str) -> Iterator[Role]:
        """Give a person's roles."""
        return (role for role in self.roles.values() if userid in role.members)

    def forget(self, userid: str) -> None:
        """Take a person who left out of every role."""
        for role in self.of_user(userid):
            role.members.remove(userid)
            role.scopes.pop(userid, None)
