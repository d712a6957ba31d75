"""One conversation as one person's phone shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.page import cards, people
from sandbox.page.markdown import Picture
from sandbox.page.values import shown
from sandbox.world import Conversation, Message, World

MOST = 200
"""Only the last ones are shown; a phone would load more on scrolling up."""
_GAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message."""

    key: str
    rev: str
    mine: bool
    robot: bool
    tint: int
    initials: str
    sender: str
    named: bool
    iso: str
    time: str
    divider: str
    said: str
    kind: str
    content: dict[str, Any]
    card: cards.CardView | None
    pulls: str
    """How its dynamic data stands: nothing to pull, `waiting`, or `pulled`."""


def pictures(world: World) -> Picture:
    """Give the way from a media id to its address; what isn't stored here has none."""
    return lambda media_id: f"/sandbox/media/{media_id}" if media_id in world.files.stored else None


def thread(world: World, conversation: Conversation, userid: str) -> list[MessageView]:
    """Show the conversation, oldest first."""
    views: list[MessageView] = []
    before: datetime | None = None
    told = ""
    for message in [one for one in conversation.messages if one.visible_to(userid)][-MOST:]:
        fresh = before is None or message.at - before > _GAP or message.at < before
        divider = people.stamp(message.at, world.clock.now()) if fresh else ""
        # A time that the reader has just seen isn't said again.
        time = "" if fresh or f"{message.at:%H:%M}" == told else f"{message.at:%H:%M}"
        views.append(_view(world, conversation, message, userid, divider, time))
        before, told = message.at, f"{message.at:%H:%M}"
    return views


def _view(
    world: World, conversation: Conversation, message: Message, userid: str, divider: str, time: str
) -> MessageView:
    track_id = str(message.content.get("out_track_id", ""))
    instance = world.cards.cards.get(track_id) if message.kind == "card" else None
    values = instance.view(userid) if instance else {}
    name = people.sender_name(world, message)
    pulls = ""
    if instance and any(one.strategy != "NONE" for one in instance.sources):
        pulls = "pulled" if instance.pulled.get(userid) else "waiting"
    return MessageView(
        key=people.digest(message.id),
        rev=people.digest(divider, time, values, pulls),
        mine=message.sender == userid,
        robot=message.from_robot,
        tint=people.tint(message.sender),
        initials=name[-2:],
        sender=name,
        named=conversation.kind == "group",
        iso=message.at.isoformat(timespec="seconds"),
        time=time,
        divider=divider,
        said="，".join(filter(None, (f"{name}：{people.said(world, message, userid)}", shown(values.get("status"))))),
        kind=message.kind,
        content=message.content,
        card=cards.view(track_id, instance.template.name, values, pictures(world)) if instance else None,
        pulls=pulls,
    )
