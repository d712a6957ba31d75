"""What access looks like: a grant to confirm, a command to confirm, why somebody may see something."""

from collections.abc import Mapping, Sequence

from cards.catalogue import Words
from cards.view import Button, NoticeView, TextView, ref
from hr_core.clock import company_day
from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.confirmation import CommandDetails, CommandStatus
from hr_core.permission.explain import Explanation, Reason
from hr_core.permission.matrix import Action, Reach, Role
from hr_core.permission.service import GrantDetails
from hr_core.permission.store import GrantStatus

ROLE, COMMAND = "role", "command"
APPROVE, DECLINE = "approve", "decline"


def role_name(words: Words, access: Access, role: str) -> str:
    """Give a role's Chinese name."""
    own = access.policy.title(role)
    return own if own else words.say(f"role.name.{role}") if role in set(Role) else role


def _within(words: Words, details: GrantDetails) -> str:
    """Say what a grant is narrowed to."""
    parts = [details.department] if details.department else []
    return "、".join([*parts, *details.within]) or words.say("role.everyone")


def _status(words: Words, details: GrantDetails) -> str:
    if details.revoked:
        return words.say("role.status.revoked")
    return words.say(f"role.status.{details.status.value}")


def _by(access: Access, details: GrantDetails) -> dict[str, str | None]:
    """Give whose command it was, and who typed it, as the words take them."""
    people = access.directory
    name = people.with_key(details.by).name if people.knows(details.by) else details.by
    return {"by": name, "login": details.login}


def grant(words: Words, access: Access, details: GrantDetails) -> NoticeView:
    """Give the card of a grant that waits for a second person, and what became of it."""
    rows = [
        (words.say("role.label.person"), details.name),
        (words.say("role.label.role"), role_name(words, access, details.role)),
        (words.say("role.label.within"), _within(words, details)),
        (words.say("role.label.asked_by"), words.say("role.text.by", **_by(access, details))),
    ]
    if details.valid_to is not None:
        rows.append((words.say("role.label.until"), details.valid_to.isoformat()))
    if details.decided_by is not None:
        rows.append((words.say("role.label.decided_by"), details.decided_by))
    buttons = (
        Button(APPROVE, words.say("role.button.approve"), f"同意 授权 {details.id}"),
        Button(DECLINE, words.say("role.button.decline"), f"拒绝 授权 {details.id}", color="red"),
    )
    return NoticeView(
        title=words.say("role.ask.title"),
        ref=ref(ROLE, details.id),
        body=words.say("role.ask.body", number=details.id),
        fields=tuple(rows),
        buttons=buttons if details.awaits else (),
        status=_status(words, details),
    )


def told(words: Words, access: Access, details: GrantDetails) -> TextView:
    """Tell that a role was granted, asked for, confirmed, declined or revoked."""
    text = words.say(
        "role.told.text",
        number=details.id,
        name=details.name,
        role=role_name(words, access, details.role),
        within=_within(words, details),
        **_by(access, details),
        status=_status(words, details),
        waits=details.status is GrantStatus.PENDING and not details.revoked,
        decided_by=details.decided_by,
        valid_from=details.valid_from.isoformat() if details.valid_from else None,
        valid_to=details.valid_to.isoformat() if details.valid_to else None,
    )
    return TextView(words.say("role.told.title"), text)


def command(words: Words, access: Access, details: CommandDetails) -> NoticeView:
    """Give the card that asks whether a command on the server may read as its reader, or change a role."""
    buttons = (
        Button(APPROVE, words.say("role.button.approve"), f"同意 命令 {details.id}"),
        Button(DECLINE, words.say("role.button.decline"), f"拒绝 命令 {details.id}", color="red"),
    )
    if details.what is None:
        title, body = "command.title", "command.body"
        rows = [(words.say("command.label.what"), words.say(f"access.action.{_key(details.action)}"))]
    else:
        title, body = "command.whose_title", "command.whose"
        verb, _, role = details.what.partition(":")
        change = words.say(f"command.{verb}", role=role_name(words, access, role))
        rows = [(words.say("command.label.change"), change)]
    if details.name:
        rows.append((words.say("command.label.of"), details.name))
    rows.append((words.say("command.label.login"), details.login))
    return NoticeView(
        title=words.say(title),
        ref=ref(COMMAND, details.id),
        body=words.say(body, number=details.id),
        fields=tuple(rows),
        buttons=buttons if details.status is CommandStatus.PENDING else (),
        status=words.say(f"command.status.{details.status.value}"),
    )


def explained(words: Words, access: Access, found: Explanation) -> TextView:
    """Say why somebody may do something on somebody, or why not and what it would take."""
    names = {person.id: person.name for person in access.directory.people.values()}
    facts = {
        "who": names[found.actor],
        "whom": names[found.on],
        "action": words.say(f"access.action.{_key(found.action)}"),
    }
    if found.allowed:
        lines = [words.say("access.yes", **facts)]
        lines += [f"- {_reason(words, access, reason, names)}" for reason in found.reasons]
    else:
        lines = [words.say("access.no", **facts)]
        needed = [
            words.say("access.needed", role=role_name(words, access, role), reach=words.say(f"access.reach.{reach}"))
            for role, reach in found.row.items()
        ]
        lines += [f"- {line}" for line in needed or [words.say("access.nobody")]]
    if found.action is Action.LEAVE_DECIDE:
        lines.append(words.say("access.and_asked"))
    return TextView(words.say("access.title"), "\n".join(lines))


def _reason(words: Words, access: Access, reason: Reason, names: Mapping[int, str]) -> str:
    grant = reason.grant
    parts = [
        words.say(
            "access.because",
            role=role_name(words, access, grant.role),
            reach=words.say(f"access.reach.{reason.reach.value}"),
        )
    ]
    if reason.reach is Reach.REPORTS:
        parts.append(words.say("access.line", names=_line(reason.line, names)))
    parts.append(_origin(words, access, grant))
    return "；".join(parts)


def _line(line: Sequence[int], names: Mapping[int, str]) -> str:
    return " → ".join(names[one] for one in line)


def _origin(words: Words, access: Access, grant: RoleGrant) -> str:
    """Say where a role comes from: the directory, or a grant with its day and who made it."""
    department = access.directory.departments.get(grant.department_id or 0)
    place = "、".join(
        one
        for one in (department.name if department else None, grant.legal_entity, grant.region, grant.position)
        if one
    )
    if grant.since is None:
        return words.say("access.implied", place=place)
    until = grant.until.isoformat() if grant.until else None
    by = grant.granted_by or ""
    return words.say(
        "access.granted", number=grant.id, by=by, since=company_day(grant.since).isoformat(), until=until, place=place
    )


def refusals(words: Words, name: str, key: str, count: int, minutes: int) -> TextView:
    """Tell an operator that somebody is refused again and again; not what they asked for."""
    return TextView(
        words.say("refusals.title"), words.say("refusals.text", name=name, key=key, count=count, minutes=minutes)
    )


def _key(action: Action) -> str:
    return action.value.replace(".", "_")
