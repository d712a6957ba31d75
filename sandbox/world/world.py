"""The world: everything this DingTalk knows, and what a person can do with a phone."""

import base64
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sandbox.world import receipts, taps
from sandbox.world.app import App, Tokens
from sandbox.world.bulk import bulk
from sandbox.world.calendars import Calendars
from sandbox.world.cards import Card, CardBox
from sandbox.world.changes import Changes
from sandbox.world.chats import Chats, Conversation, Message, MessageKind
from sandbox.world.clock import START, Clock
from sandbox.world.company import Company
from sandbox.world.directory import Department, Directory, User
from sandbox.world.errors import Refused
from sandbox.world.extras import Extras
from sandbox.world.faults import Faults
from sandbox.world.feed import Change, Feed
from sandbox.world.files import FileKind, Files, StoredFile
from sandbox.world.forms import form_values
from sandbox.world.ids import Ids
from sandbox.world.inbound import heard, inbound
from sandbox.world.logins import LoginCodes, UserTokens
from sandbox.world.membership import Membership
from sandbox.world.meter import Meter
from sandbox.world.notices import Notices
from sandbox.world.pace import Pace
from sandbox.world.recorder import Recorder
from sandbox.world.roles import Roles
from sandbox.world.sessions import Sessions
from sandbox.world.shelf import Shelf
from sandbox.world.stream import ROBOT_TOPIC, Stream
from sandbox.world.taps import Outcome
from sandbox.world.todos import Todos
from sandbox.world.webhooks import GroupRobots
from sandbox.world.wire import Wire
from sandbox.world.workflow import native

Entity = TypeVar("Entity", Department, User)


class World:
    """All state, one attribute per kind, and a phone's operations. Everything lives in one event loop."""

    TRANSIENT = frozenset(
        {
            "base_url",
            "_company",
            "_start",
            "_granted",
            "ids",
            "feed",
            "wire",
            "company",
            "recorder",
            "states",
            "scenarios",
        }
    )
    """What isn't kept over a restart: where it listens, what it begins anew with, and what only passes through."""

    def __init__(
        self, company: Company, *, app: App | None = None, start: datetime = START, seed: int | None = None,
        folder: Path | None = None,
    ) -> None:  # fmt: skip
        self.base_url = ""
        self._company = company
        self._start = start
        self.ids = Ids(seed)
        self.feed = Feed()
        self.recorder = Recorder(self)
        self.states = Shelf(folder / "states" if folder else None)
        self.scenarios = Shelf(folder / "scenarios" if folder else None)
        self.clock = Clock(self.feed, start, self.recorder)
        self.app = app or App()
        self._granted = deepcopy(self.app)
        self.tokens = Tokens(self.clock, self.ids)
        self.wire = Wire(self.clock, self.feed)
        self.meter = Meter(self.clock)
        self.pace = Pace()
        self.faults = Faults()
        self.stream = Stream(self.app, self.clock, self.ids, self.wire, self.meter, self.feed, self.faults)
        self.company = Changes(self)
        self.flow_controlled: set[str] = set()
        self.blocking: set[str] = set()
        """Who blocked the robot: cards don't reach them."""
        with bulk():
            self._fill()

    def _fill(self) -> None:
        self.directory = Directory()
        self.hrm = deepcopy(self._company.hrm)
        self.attendance = deepcopy(self._company.attendance)
        self.chats = Chats()
        self.cards = CardBox()
        self.sessions = Sessions(self.ids)
        self.files = Files(self.ids)
        self.notices = Notices()
        self.todos = Todos()
        self.calendars = Calendars()
        self.extras = Extras()
        self.workflow = native(self._start)
        self.login_codes = LoginCodes(self.clock, self.ids)
        self.user_tokens = UserTokens(self.clock, self.ids)
        self.membership = Membership()
        self.roles = Roles()
        self.group_robots = GroupRobots(self.ids)
        for department in self._company.departments:
            self.directory.departments[department.dept_id] = _own(department)
        for user in self._company.users:
            self.enter(_own(user))
        for group in self._company.groups:
            self.chats.conversations[group.id] = Conversation(
                group.id, "group", group.title, list(group.members), group.has_robot
            )

    def reset(self) -> None:
        """Begin anew: company, chats, cards, what the app was granted, clock, meter, faults, wire.

        Connections, the token and the timing stay.
        """
        with bulk():
            self._fill()
        granted = deepcopy(self._granted)
        self.app.scopes, self.app.departments, self.app.people = granted.scopes, granted.departments, granted.people
        self.app.calls_per_second, self.app.redirect_uris = granted.calls_per_second, granted.redirect_uris
        self.app.events, self.app.addresses = granted.events, granted.addresses
        self.faults.waiting.clear()
        self.flow_controlled.clear()
        self.blocking.clear()
        self.meter.clear()
        self.pace.clear()
        self.wire.entries.clear()
        self.clock.set(self._start)
        self.feed.tell(Change("reset", ""))

    def fill(self, company: Company) -> None:
        """Begin anew with another company."""
        self._company = company
        self.reset()

    def enter(self, user: User) -> None:
        """Give a person a place in the company and a private chat with the robot."""
        user.unionid = user.unionid or f"union-{user.userid}"
        self.directory.users[user.userid] = user
        if not self.chats.conversations.find("owner", user.userid):
            conversation = Conversation(self.ids.conversation(), "robot", self.app.robot_name, [user.userid])
            self.chats.conversations[conversation.id] = conversation

    # What a phone does

    async def say(self, userid: str, conversation_id: str, text: str, mentions: Sequence[str] = ()) -> Message:
        """Send a text. In a group the robot hears it only when it contains `@` and its name (or `@机器人`)."""
        told = {"text": text, "mentions": list(mentions)}
        with self.recorder.step("POST /sandbox/messages", user=userid, **self._in(conversation_id), **told):
            conversation = self._open(userid, conversation_id)
            if not text.strip():
                raise Refused("there is nothing to say")
            message = self.post(conversation, userid, "text", {"text": text}, mentions=tuple(mentions))
            words = text if conversation.kind == "robot" else heard(self.app.robot_name, text)
            if conversation.has_robot and words is not None:
                await self._tell_robot(conversation, message, {"msgtype": "text", "text": {"content": words}})
            return message

    async def send_file(
        self, userid: str, conversation_id: str, kind: FileKind, file: StoredFile,
        *, duration_ms: int = 4000, recognition: str = "",
    ) -> Message:  # fmt: skip
        """Send a picture, speech with what recognition heard, a video or a file. A robot gets them in private only."""
        conversation = self._open(userid, conversation_id)
        media_id = self.files.keep(file)
        content: dict[str, Any] = {"downloadCode": self.files.code(media_id)}
        match kind:
            case "picture":
                content["pictureDownloadCode"] = self.files.code(media_id)
            case "audio":
                content |= {"duration": duration_ms, "recognition": recognition}
            case "video":
                content |= {"duration": duration_ms, "videoType": "mp4"}
            case "file":
                content["fileName"] = file.name
        shown = {"media_id": media_id, "name": file.name, "duration": duration_ms, "recognition": recognition}
        kinds: dict[str, MessageKind] = {"picture": "image", "audio": "audio", "video": "video", "file": "file"}
        told = {"kind": kind, "duration": duration_ms, "recognition": recognition, **_in_base64(file)}
        with self.recorder.step("POST /sandbox/messages", user=userid, **self._in(conversation_id), **told):
            message = self.post(conversation, userid, kinds[kind], shown)
            if conversation.kind == "robot":
                await self._tell_robot(conversation, message, {"msgtype": kind, "content": content})
            return message

    async def send_unknown(self, userid: str, conversation_id: str) -> Message:
        """Send the robot what its kind can't read, such as a location: a field report (2025), in no document."""
        conversation = self.conversation(userid, conversation_id)
        message = self.post(conversation, userid, "text", {"text": "[位置]"})
        if conversation.kind == "robot":
            body = {"msgtype": "unknownMsgType", "content": {"unknownMsgType": "暂不支持的消息类型"}}
            with self.recorder.step("POST /sandbox/messages", user=userid, kind="unknown"):
                await self._tell_robot(conversation, message, body)
        return message

    async def send_rich(self, userid: str, conversation_id: str, parts: Sequence[str | StoredFile]) -> Message:
        """Send text and pictures in one message; a group's robot hears it when a text mentions it."""
        conversation = self._open(userid, conversation_id)
        shown: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        mentioned = conversation.kind == "robot"
        for part in parts:
            if isinstance(part, str):
                words = heard(self.app.robot_name, part) if conversation.kind == "group" else None
                mentioned = mentioned or words is not None
                shown.append({"text": part})
                told.append({"text": part if words is None else words})
            else:
                media_id = self.files.keep(part)
                shown.append({"media_id": media_id})
                codes = {"downloadCode": self.files.code(media_id), "pictureDownloadCode": self.files.code(media_id)}
                told.append({"type": "picture", **codes})
        said = [part if isinstance(part, str) else _in_base64(part) for part in parts]
        place = self._in(conversation_id)
        with self.recorder.step("POST /sandbox/messages", user=userid, **place, kind="rich", parts=said):
            message = self.post(conversation, userid, "richText", {"parts": shown})
            if conversation.has_robot and mentioned:
                await self._tell_robot(conversation, message, {"msgtype": "richText", "content": {"richText": told}})
            return message

    async def press(self, userid: str, out_track_id: str, button_id: str, comment: str | None = None) -> Outcome:
        """Press a button of a notice or report; a disabled or missing one can't be pressed."""
        card = self.card(userid, out_track_id)
        values = card.view(userid)
        buttons = values.get("buttons")
        button = next((b for b in buttons if b.get("id") == button_id), None) if isinstance(buttons, list) else None
        if button is None or button.get("disabled") in {True, "true"}:
            raise Refused(f"card {out_track_id} shows {userid} no button {button_id} that can be pressed")
        params = {"action": button_id, "ref": values.get("ref", "")}
        if "comment" in card.template.variables:
            params["comment"] = comment if comment is not None else values.get("comment", "")
        told = {"user": userid, "card": out_track_id, "button": button_id, "comment": comment}
        with self.recorder.step("POST /sandbox/clicks", **told):
            return await self.click(userid, out_track_id, card.template.button_component, params)

    async def submit(self, userid: str, out_track_id: str, values: Mapping[str, Any]) -> Outcome:
        """Submit a form: plain values by field name, put into the shapes of C3/0014; required ones are checked."""
        form = self.card(userid, out_track_id).view(userid).get("form")
        fields = form.get("fields") if isinstance(form, dict) else None
        if not isinstance(fields, list):
            raise Refused(f"card {out_track_id} shows {userid} no form")
        with self.recorder.step("POST /sandbox/clicks", user=userid, card=out_track_id, form=dict(values)):
            return await self.click(userid, out_track_id, "form", {"form": form_values(fields, values)})

    async def click(self, userid: str, out_track_id: str, action_id: str, params: Mapping[str, Any]) -> Outcome:
        """Push the callback of a tap just as it is told, be it forged, and show what the answer brings."""
        card = self.cards.cards.get(out_track_id)
        if card is None:
            raise Refused(f"there is no card {out_track_id}")
        told = {"user": userid, "card": out_track_id, "action": action_id, "params": dict(params)}
        with self.recorder.step("POST /sandbox/clicks", **told):
            return await taps.tap(self, card, userid, action_id, params)

    async def look(self, userid: str, out_track_id: str) -> Outcome:
        """Have a card come into view: its dynamic data is pulled as its strategy says (C1/0008)."""
        with self.recorder.step("POST /sandbox/looks", user=userid, card=out_track_id):
            return await taps.look(self, self.card(userid, out_track_id), userid)

    def forward(self, userid: str, out_track_id: str, conversation_id: str) -> Message:
        """Pass a card on to another conversation, if it was made with supportForward."""
        card, conversation = self.card(userid, out_track_id), self._open(userid, conversation_id)
        if not card.supports_forward:
            raise Refused(f"card {out_track_id} can't be forwarded")
        message = self.post(conversation, userid, "card", {"out_track_id": out_track_id})
        card.messages.append(message.id)
        return message

    # What the API's rooms use

    def conversation(self, userid: str, conversation_id: str) -> Conversation:
        """Give a conversation the person is in; raises `Refused`."""
        conversation = self.chats.conversations.get(conversation_id)
        if conversation is None or userid not in conversation.members or userid not in self.directory.users:
            raise Refused(f"{userid} is in no conversation {conversation_id}")
        return conversation

    def card(self, userid: str, out_track_id: str) -> Card:
        """Give a card that this person's phone shows; raises `Refused`."""
        card = self.cards.cards.get(out_track_id)
        if card is None or not self.shows(card, userid):
            raise Refused(f"{userid} has no card {out_track_id}")
        return card

    def post(
        self, conversation: Conversation, sender: str, kind: MessageKind, content: dict[str, Any], **more: Any
    ) -> Message:
        """Put a message into a conversation."""
        message = Message(self.ids.message(), conversation.id, sender, kind, content, self.clock.now(), **more)
        self.chats.add(message)
        if sender in self.directory.users:
            self.read(sender, conversation.id)
        self.feed.tell(Change("message", message.id, conversation.id))
        return message

    def shows(self, card: Card, userid: str) -> Conversation | None:
        """Give the conversation in which a person's phone shows a card; None if it doesn't."""
        for message in (self.chats.messages.get(one) for one in card.messages):
            if message is None:
                continue
            conversation = self.chats.conversations[message.conversation_id]
            if userid in conversation.members and message.visible_to(userid):
                return conversation
        for conversation in (self.chats.conversations[one] for one in card.tops):
            if userid in conversation.members and card.on_top(conversation.id, userid, self.clock.now()):
                return conversation
        return None

    def read(self, userid: str, conversation_id: str) -> None:
        """Note that the person has the conversation on the screen: what the robot said there is read."""
        for message in reversed(self.conversation(userid, conversation_id).messages):
            if message.from_robot and userid in message.read_by:
                return  # whatever was before it had been read with it
            if message.from_robot:
                receipts.read(self, message, userid)

    def id_of(self, userid: str, id_type: int) -> str:
        """Give a person's id as a card asked for it: 1 userid, 2 unionid."""
        user = self.directory.users.get(userid)
        return user.unionid if id_type == 2 and user is not None else userid

    def _in(self, conversation_id: str) -> dict[str, str]:
        """Name a group; a private chat needs no name, its id is a new one next time."""
        conversation = self.chats.conversations.get(conversation_id)
        return {} if conversation is not None and conversation.kind == "robot" else {"conversation": conversation_id}

    def _open(self, userid: str, conversation_id: str) -> Conversation:
        """Give a conversation the person can write to."""
        conversation = self.conversation(userid, conversation_id)
        if conversation.kind == "notice":
            raise Refused("work notifications can't be answered")
        return conversation

    async def aclose(self) -> None:
        """End what runs beside."""
        await self.stream.aclose()

    async def _tell_robot(self, conversation: Conversation, message: Message, body: dict[str, Any]) -> None:
        data = inbound(self, conversation, message, body)
        message.raw = data
        await self.stream.callback(ROBOT_TOPIC, data, self.stream.timing.robot_again)


def _own(value: Entity) -> Entity:
    """Copy a department or a person with lists and tables of its own."""
    made = object.__new__(type(value))
    for one in fields(value):
        held = getattr(value, one.name)
        object.__setattr__(made, one.name, held.copy() if isinstance(held, list | dict) else held)
    return made


def _in_base64(file: StoredFile) -> dict[str, str]:
    return {"name": file.name, "base64": base64.b64encode(file.content).decode()}
