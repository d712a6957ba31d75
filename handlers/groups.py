"""What a group is for: HR binds one by saying so in it."""

from handlers.messages import Message, Reply
from handlers.router import Router
from handlers.store import Groups
from hr_core.audit.store import Act, AuditLog
from hr_core.errors import HRError
from hr_core.notices import Group, Team
from hr_core.permission.access import Access
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action

router = Router()


class NoSuchTeam(HRError):
    """No department, or several, are called so."""

    code = "group.no_team"


@router.phrase("绑定本群 HR通知", pattern=r"绑定本?群\s*(HR|hr|Hr)\s*通知", needs=Action.GROUP_BIND)
async def bind_hr_group(
    message: Message, permission: PermissionChecker, groups: Groups, access: Access, audit: AuditLog
) -> Reply:
    """Make this group the one that gets HR's notices."""
    permission.may(message.actor, Action.GROUP_BIND, on=None)
    if not message.group:  # Nor can a group be bound that didn't say which one it is.
        return Reply.say("group.private_only")
    key = access.directory.people[message.actor].key
    await groups.bind(Group.HR, message.group, message.group_title, key)
    audit.record(Act(key, Action.GROUP_BIND.value, record="group:hr"))
    return Reply.say("group.bound", public=True)


@router.phrase(pattern=r"绑定本?群\s*(?P<name>[^\s].{1,30}?)(的?(欢迎|团队)群?)?", needs=Action.GROUP_BIND)
async def bind_team_group(
    message: Message, name: str, permission: PermissionChecker, groups: Groups, access: Access, audit: AuditLog
) -> Reply:
    """Make this group the one in which a department's newcomers are greeted."""
    permission.may(message.actor, Action.GROUP_BIND, on=None)
    if not message.group:  # Nor can a group be bound that didn't say which one it is.
        return Reply.say("group.private_only")
    found = [one.id for one in access.directory.departments.values() if one.name == name.strip()]
    if len(found) != 1:
        raise NoSuchTeam(name=name)
    key = access.directory.people[message.actor].key
    await groups.bind(Team(found[0]), message.group, message.group_title, key)
    audit.record(Act(key, Action.GROUP_BIND.value, record=f"group:team:{found[0]}"))
    return Reply.say("group.team_bound", public=True, name=name)
