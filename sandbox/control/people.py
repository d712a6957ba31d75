"""Control calls about the clock, what people do with their phones, and the company."""

import asyncio
import base64
import binascii
import mimetypes
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from sandbox.control.ask import Ask, Control
from sandbox.control.records import record
from sandbox.world import CHINA, Conversation, Department, Message, Refused, StoredFile, User
from sandbox.world.careers import settle
from sandbox.world.files import FileKind
from sandbox.world.membership import LeaveReason
from sandbox.world.subscribed import as_it_was, group_changed

_KINDS: Mapping[str, FileKind] = {"picture": "picture", "audio": "audio", "video": "video", "file": "file"}


async def _clock(ask: Ask) -> Mapping[str, Any]:
    """Tell `now`, `version`, `frozen`; with `after` wait for a later version."""
    await ask.world.clock.changed(int(ask.number("after", 0)), ask.wait)
    clock = ask.world.clock
    return {"now": clock.now().isoformat(), "version": clock.version, "frozen": clock.frozen}


async def _move(ask: Ask) -> Mapping[str, Any]:
    """Move the clock."""
    clock = ask.world.clock
    if ask.has("set"):
        try:
            instant = datetime.fromisoformat(ask.text("set"))
        except ValueError:
            raise Refused("set must be an instant such as 2026-11-24T09:00:00+08:00") from None
        clock.set(instant if instant.tzinfo else instant.replace(tzinfo=CHINA))
    if ask.has("advance"):
        clock.advance(ask.seconds("advance"))
    if ask.flag("freeze"):
        clock.freeze()
    if ask.flag("run"):
        clock.run()
    await settle(ask.world)
    return await _clock(Ask(ask.world, {}))


def _conversation(ask: Ask) -> Conversation:
    """Give the conversation named, or the person's private chat with the robot."""
    user = ask.world.company.user(ask.text("user"))
    if not ask.has("conversation"):
        return ask.world.chats.with_robot(user.userid)
    return ask.world.conversation(user.userid, ask.text("conversation"))


async def _say(ask: Ask) -> Message:
    """Say something as a person; without `conversation` to the robot in private."""
    user, conversation, kind = ask.text("user"), _conversation(ask), ask.text("kind", "text")
    if kind == "text":
        return await ask.world.say(user, conversation.id, ask.text("text"), ask.texts("mentions"))
    if kind == "unknown":
        return await ask.world.send_unknown(user, conversation.id)
    if kind == "rich":
        parts = ask.given.get("parts")
        said = [one if isinstance(one, str) else _file(Ask(ask.world, one), "picture.png") for one in parts or []]
        return await ask.world.send_rich(user, conversation.id, said)
    if kind not in _KINDS:
        raise Refused(f"kind must be text, rich, unknown, {', '.join(_KINDS)}")
    file = _file(ask, f"{kind}.bin")
    return await ask.world.send_file(
        user, conversation.id, _KINDS[kind], file,
        duration_ms=int(ask.number("duration", 4000)), recognition=ask.text("recognition", ""),
    )  # fmt: skip


def _file(ask: Ask, name: str) -> StoredFile:
    """Give the file told by `name` and `base64`."""
    name = ask.text("name", name)
    try:
        content = base64.b64decode(ask.text("base64", ""), validate=True)
    except binascii.Error:
        raise Refused("base64 can't be read") from None
    return StoredFile(name, mimetypes.guess_type(name)[0] or "application/octet-stream", content)


async def _messages(ask: Ask) -> list[Message]:
    """List a conversation as that person's phone shows it; wait until there is something."""
    user, conversation, after = ask.text("user"), _conversation(ask), ask.text("after", "")

    def found() -> list[Message]:
        messages = conversation.messages
        ids = [message.id for message in messages]
        if after and after not in ids:
            raise Refused(f"there is no message {after}")
        later = messages[ids.index(after) + 1 :] if after else messages
        return [message for message in later if message.visible_to(user)]

    with ask.world.feed.subscribe() as changes:
        try:
            async with asyncio.timeout(ask.wait):
                while not found():
                    await anext(changes)
        except TimeoutError:
            pass
    return found()


async def _conversations(ask: Ask) -> list[Mapping[str, Any]]:
    """List conversations."""
    found = ask.world.chats.of(ask.text("user")) if ask.has("user") else ask.world.chats.conversations.values()
    return [{"id": c.id, "kind": c.kind, "title": c.title, "members": c.members, "robot": c.has_robot} for c in found]


async def _group(ask: Ask) -> Mapping[str, Any]:
    """Make a group or change one."""
    world, members = ask.world, ask.texts("members")
    for userid in members:
        world.company.user(userid)
    known = world.chats.conversations.get(ask.text("id", ""))
    if known is not None and known.kind != "group":
        raise Refused("a private chat can't be changed")
    group = known or Conversation(ask.text("id", world.ids.conversation()), "group", ask.text("title"), [])
    was = as_it_was(group)
    group.title = ask.text("title", group.title)
    group.members = members if ask.has("members") else group.members
    group.has_robot = ask.flag("robot", group.has_robot)
    group.disbanded = ask.flag("disbanded", group.disbanded)
    world.chats.conversations[group.id] = group
    if known is not None:
        await group_changed(world, was, group)
    return {"id": group.id, "title": group.title, "members": group.members, "robot": group.has_robot}


async def _cards(ask: Ask) -> list[Mapping[str, Any]]:
    """List the cards a person sees, with the values they see."""
    user = ask.text("user")
    shown: list[Mapping[str, Any]] = []
    for card in ask.world.cards.cards.values():
        if ask.world.shows(card, user) is not None and ask.text("card", card.out_track_id) == card.out_track_id:
            facts = {"card": card.out_track_id, "template": card.template.id, "name": card.template.name}
            shown.append({**facts, "values": card.view(user), "raw": card.values(user)})
    return shown


async def _click(ask: Ask) -> Any:
    """Tap; the last form is pushed as it is, be it forged."""
    world, user, card = ask.world, ask.text("user"), ask.text("card")
    if ask.has("button"):
        return await world.press(user, card, ask.text("button"), ask.text("comment") if ask.has("comment") else None)
    if ask.has("form"):
        return await world.submit(user, card, ask.mapping("form"))
    return await world.click(user, card, ask.text("action"), ask.mapping("params"))


async def _look(ask: Ask) -> Any:
    """Bring a card into view, which pulls its dynamic data."""
    return await ask.world.look(ask.text("user"), ask.text("card"))


async def _company(ask: Ask) -> Mapping[str, Any]:
    """List departments and people."""
    directory = ask.world.directory
    return {"departments": list(directory.departments.values()), "users": list(directory.users.values())}


async def _add_user(ask: Ask) -> User:
    """Add a person: `user_add_org`."""
    ask.text("userid"), ask.text("name")
    fields = {"dept_ids": [1], **record(ask, User)}
    return await ask.world.company.add_user(User(**fields))


async def _modify_user(ask: Ask) -> User:
    """Change a person: `user_modify_org`."""
    return await ask.world.company.modify_user(ask.text("userid"), record(ask, User, "userid"))


async def _remove_user(ask: Ask) -> Mapping[str, Any]:
    """Let a person leave: `user_leave_org`."""
    reason = next((one for one in get_args(LeaveReason) if one == ask.text("reason", "delete")), None)
    if reason is None:
        raise Refused(f"reason must be one of {', '.join(get_args(LeaveReason))}")
    await ask.world.company.remove_user(ask.text("userid"), reason)
    return {}


async def _add_department(ask: Ask) -> Department:
    """Add a department: `org_dept_create`."""
    ask.number("dept_id"), ask.text("name")
    fields = record(ask, Department)
    return await ask.world.company.add_department(Department(**{"parent_id": 1, **fields}))


async def _modify_department(ask: Ask) -> Department:
    """Change a department: `org_dept_modify`."""
    dept_id = int(ask.number("dept_id"))
    return await ask.world.company.modify_department(dept_id, record(ask, Department, "dept_id"))


async def _remove_department(ask: Ask) -> Mapping[str, Any]:
    """Remove an empty department: `org_dept_remove`."""
    await ask.world.company.remove_department(int(ask.number("dept_id")))
    return {}


_USER = "`userid`, any of `name`, `dept_ids`, `manager`, `title`, `hired`, `mobile`, `email`, …"
_DEPARTMENT = "`dept_id`, any of `name`, `parent_id`, `order`, `managers`"

CONTROLS = (
    Control("GET", "/sandbox/clock", "`after`, `wait`", _clock),
    Control("POST", "/sandbox/clock", "`set` ISO, `advance` seconds, `freeze`, `run`", _move),
    Control(
        "POST",
        "/sandbox/messages",
        "`user`, `conversation`?, `text`, `mentions`?; or `kind` picture/audio/video/file, "
        "`name`, `base64`, `duration`, `recognition`; or `kind` rich, `parts` [text or {`name`, `base64`}]; "
        "or `kind` unknown",
        _say,
    ),
    Control("GET", "/sandbox/messages", "`user`, `conversation`?, `after`?, `wait`?", _messages),
    Control("GET", "/sandbox/conversations", "`user`?", _conversations),
    Control("POST", "/sandbox/groups", "`id`?, `title`, `members`, `robot`, `disbanded`", _group),
    Control("GET", "/sandbox/cards", "`user`, `card`?", _cards),
    Control(
        "POST",
        "/sandbox/clicks",
        "`user`, `card`, and `button` + `comment`?, or `form` {field: value}, or `action` + `params`",
        _click,
    ),
    Control("POST", "/sandbox/looks", "`user`, `card`", _look),
    Control("GET", "/sandbox/company", "", _company),
    Control("POST", "/sandbox/users", _USER, _add_user),
    Control("PATCH", "/sandbox/users", _USER, _modify_user),
    Control("DELETE", "/sandbox/users", "`userid`, `reason` delete/leave/oapi/cancel/unknown", _remove_user),
    Control("POST", "/sandbox/departments", _DEPARTMENT, _add_department),
    Control("PATCH", "/sandbox/departments", _DEPARTMENT, _modify_department),
    Control("DELETE", "/sandbox/departments", "`dept_id`", _remove_department),
)
