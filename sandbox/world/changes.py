"""Changes to the company, each with the events DingTalk pushes for it (E/0079 ff). Events carry ids only."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sandbox.world.directory import ROOT, Department, User
from sandbox.world.errors import Refused
from sandbox.world.feed import Change
from sandbox.world.membership import Departure, LeaveReason

if TYPE_CHECKING:
    from sandbox.world.roles import Role
    from sandbox.world.world import World

_DIFF = {
    "name": "name",
    "telephone": "telephone",
    "email": "email",
    "job_number": "jobNumber",
    "work_place": "workPlace",
    "manager": "managerUserid",
    "hired": "hiredDate",
}


class Changes:
    """Somebody at work in the admin console."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def add_user(self, user: User) -> User:
        """Add a person: `user_add_org`."""
        if user.userid in self._world.directory.users:
            raise Refused(f"there is a user {user.userid} already")
        self._check_departments(user.dept_ids)
        self._world.enter(user)
        await self._event("user_add_org", {"timeStamp": self._stamp(), "userId": [user.userid]}, user.userid)
        return user

    async def modify_user(self, userid: str, fields: Mapping[str, Any]) -> User:
        """Change a person's record: `user_modify_org`, whose diffInfo leaves departments out, as in the samples."""
        user = self.user(userid)
        if "dept_ids" in fields:
            self._check_departments(fields["dept_ids"])
        before = {key: getattr(user, key) for key in fields}
        for key, value in fields.items():
            setattr(user, key, value)
        names = [key for key in fields if key in _DIFF]
        data = {
            "timeStamp": self._stamp(),
            "userId": [userid],
            "diffInfo": {
                "userid": userid,
                "prev": {_DIFF[key]: _plain(before[key]) for key in names},
                "curr": {_DIFF[key]: _plain(fields[key]) for key in names},
            },
        }
        await self._event("user_modify_org", data, userid)
        if user.active and not before.get("active", True):
            await self._event("user_active_org", {"userId": [userid]}, userid)
        if user.admin != before.get("admin", user.admin):
            change = "org_admin_add" if user.admin else "org_admin_remove"
            await self._event(change, {"timeStamp": self._stamp(), "userId": [userid]}, userid)
        return user

    async def remove_user(self, userid: str, reason: LeaveReason = "delete") -> None:
        """Let a person leave: `user_leave_org`; they leave groups, roles and departments' heads as well."""
        user = self.user(userid)
        directory, world = self._world.directory, self._world
        world.membership.departures.append(Departure(userid, user.name, user.mobile, world.clock.now(), reason))
        world.roles.forget(userid)
        world.hrm.left(user, world.clock.ms())
        del directory.users[userid]
        for department in directory.departments.values():
            department.managers = [one for one in department.managers if one != userid]
        for conversation in self._world.chats.conversations.values():
            if conversation.kind == "group" and userid in conversation.members:
                conversation.members.remove(userid)
        await self._event("user_leave_org", {"timeStamp": self._stamp(), "userId": [userid]}, userid)

    async def add_department(self, department: Department) -> Department:
        """Add a department: `org_dept_create`."""
        if department.dept_id in self._world.directory.departments:
            raise Refused(f"there is a department {department.dept_id} already")
        self._check_departments([department.parent_id or 0])
        self._world.directory.departments[department.dept_id] = department
        await self._event("org_dept_create", {"deptId": [department.dept_id]}, str(department.dept_id))
        return department

    async def modify_department(self, dept_id: int, fields: Mapping[str, Any]) -> Department:
        """Change a department: `org_dept_modify`."""
        department = self._department(dept_id)
        parent = fields.get("parent_id")
        if parent is not None:
            self._check_departments([parent])
            if dept_id in self._world.directory.path(parent):
                raise Refused(f"department {dept_id} can't be under itself")
        for userid in fields.get("managers", ()):
            self.user(userid)
        for key, value in fields.items():
            setattr(department, key, value)
        await self._event("org_dept_modify", {"deptId": [dept_id]}, str(dept_id))
        return department

    async def remove_department(self, dept_id: int) -> None:
        """Remove an empty department: `org_dept_remove`."""
        directory = self._world.directory
        self._department(dept_id)
        if dept_id == ROOT or directory.children(dept_id) or directory.members(dept_id):
            raise Refused(f"department {dept_id} is the root or isn't empty")
        del directory.departments[dept_id]
        await self._event("org_dept_remove", {"deptId": [dept_id]}, str(dept_id))

    async def answer_invitation(self, mobile: str, *, accept: bool) -> User | None:
        """Let somebody who was asked to join agree, or not."""
        membership = self._world.membership
        user = membership.invited.pop(mobile, None)
        if user is None:
            raise Refused(f"nobody with {mobile} was invited")
        if not accept:
            return None
        membership.joined.append(self._world.clock.now())
        return await self.add_user(user)

    async def change_role(self, role: "Role", userids: Sequence[str], *, add: bool) -> None:
        """Give people a role or take it away: `label_user_change`."""
        for userid in userids:
            if add and userid not in role.members:
                role.members.append(userid)
            elif not add and userid in role.members:
                role.members.remove(userid)
                role.scopes.pop(userid, None)
        action = "add" if add else "remove"
        data = {"userIdList": list(userids), "labelIdList": [role.id], "action": action}
        await self._event("label_user_change", data, str(role.id))

    async def change_label(self, what: Literal["add", "modify", "del"], label_id: int, **more: Any) -> None:
        """Tell of a role or a role group that came, changed or went: `label_conf_*`."""
        scope = {} if what == "del" else {"scope": "1"}
        await self._event(f"label_conf_{what}", {**scope, "labelIdList": [label_id], **more}, str(label_id))

    def user(self, userid: str) -> User:
        """Give a person; raises `Refused` for a stranger."""
        if userid not in self._world.directory.users:
            raise Refused(f"there is no user {userid}")
        return self._world.directory.users[userid]

    def _department(self, dept_id: int) -> Department:
        self._check_departments([dept_id])
        return self._world.directory.departments[dept_id]

    def _check_departments(self, dept_ids: list[int]) -> None:
        for dept_id in dept_ids:
            if dept_id not in self._world.directory.departments:
                raise Refused(f"there is no department {dept_id}")

    async def _event(self, event_type: str, data: Mapping[str, Any], key: str) -> None:
        self._world.feed.tell(Change("company", key))
        await self._world.stream.event(event_type, data)

    def _stamp(self) -> str:
        return str(self._world.clock.ms())


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
