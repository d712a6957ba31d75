"""The phones: what a person sees and does."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.page import cards, forms, messages, people, stubs
from sandbox.page.site import HEADERS, Site, done, guarded, json_answer, to, wants_json
from sandbox.world import Change, Conversation, Refused, StoredFile, User
from sandbox.world.files import SHOWN, FileKind
from sandbox.world.stream import ROBOT_TOPIC

PHRASES = ("我想请明天下午半天年假", "年假余额", "帮助")
"""What an empty chat with the robot suggests."""

ATTACHMENTS: Mapping[FileKind, str] = {"picture": "图片", "file": "文件", "audio": "语音", "video": "视频"}
"""What a file from one's own disk can be sent as."""

_FAILED = "操作失败，请稍后重试"


class Chat:
    """A phone for every person."""

    def __init__(self, site: Site) -> None:
        self._site, self._world = site, site.world

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        get, post = app.router.add_get, app.router.add_post
        get("/", guarded(self.chat))
        get("/page/chat", guarded(self.chat_news))
        post("/page/say", guarded(self.say))
        post("/page/send", guarded(self.send))
        post("/page/upload", guarded(self.upload))
        post("/page/act", guarded(self.act))
        post("/page/submit", guarded(self.submit))
        post("/page/look", guarded(self.look))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Show a person's phone, as far as the address names one."""
        try:
            me, chat = self._who(request.query)
        except Refused:
            if "chat" not in request.query:
                raise
            # A conversation from before the sandbox was started anew: the person's phone is what was meant.
            return to(people.address(request.query.get("as", "")))
        pane = "list" if me else "people"
        if chat is not None and me is not None:
            pane = "chat"
            self._seen(chat, me)
        elif me is not None:
            # A wide window shows the robot's chat beside the list; a narrow one shows the list alone.
            chat = self._world.chats.with_robot(me.userid)
        if chat is not None and me is not None and "looked" not in request.query:
            self._come_on_screen(chat, me)
        find = request.query.get("find", "").strip().lower()
        everyone = people.everyone(self._world, find)
        return self._site.html(
            request,
            "chat.html.j2",
            "chat",
            pane=pane,
            me=people.person(self._world, me) if me else None,
            cast=people.cast(self._world),
            everyone=everyone,
            headcount=len(self._world.directory.users),
            find=find,
            kinds=stubs.KINDS.items(),
            attachments=ATTACHMENTS.items(),
            phrases=_phrases(me),
            to_try=people.to_try(self._world),
            robot=self._world.app.robot_name,
            entrances=self._world.extras.entrances,
            **self._phone(me, chat),
        )

    async def chat_news(self, request: web.Request) -> web.StreamResponse:
        """Give the parts of a phone that change, for the page to put in place."""
        try:
            me, chat = self._who(request.query)
        except Refused:
            return json_answer({"gone": True})
        if chat is not None and me is not None and request.query.get("seen") == "yes":
            self._seen(chat, me)
        facts = self._phone(me, chat) | {"me": people.person(self._world, me) if me else None}
        shown = (*people.cast(self._world), *people.everyone(self._world))
        return json_answer(
            {
                "clock": self._site.clock(),
                "online": facts["online"],
                "unread": {one.userid: one.unread for one in shown},
                "conversations": self._site.render("conversations.html.j2", **facts),
                "messages": self._site.render("messages.html.j2", **facts),
            }
        )

    # What a person does

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Say a text."""
        form, me, chat = await self._posted(request)
        text = (forms.text_of(form, "text") or "").strip()
        if text:
            await self._world.say(me.userid, chat.id, text)
        return done(request, people.address(me.userid, chat.id))

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send a sample of another kind."""
        form, me, chat = await self._posted(request)
        kind = forms.text_of(form, "kind") or ""
        if kind not in stubs.KINDS:
            raise Refused(f"no sample of {kind}")
        await stubs.send(self._world, me.userid, chat.id, kind)
        return done(request, people.address(me.userid, chat.id))

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Send a file of one's own as a picture, a file, speech or a video."""
        form, me, chat = await self._posted(request)
        given = form.getall("file", [None])[0]
        kind = next((one for one in ATTACHMENTS if one == forms.text_of(form, "kind")), None)
        if not isinstance(given, web.FileField) or kind is None:
            raise Refused("no file, or nothing that it could be sent as")
        if kind == "picture" and given.content_type not in SHOWN:
            raise Refused(f"a picture must be one of {', '.join(sorted(SHOWN))}")
        file = StoredFile(given.filename, given.content_type, given.file.read())
        recognition = (forms.text_of(form, "recognition") or "").strip()
        await self._world.send_file(me.userid, chat.id, kind, file, recognition=recognition)
        return done(request, people.address(me.userid, chat.id))

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Tap a card's button, or a cell of its table that asks."""
        form, me, chat = await self._posted(request)
        track_id, back = forms.text_of(form, "card") or "", people.address(me.userid, chat.id)
        action = forms.text_of(form, "action")
        if action is not None:
            outcome = await self._world.press(me.userid, track_id, action, forms.text_of(form, "comment"))
        else:
            values = self._world.card(me.userid, track_id).view(me.userid)
            params = cards.cell_of(values.get("table"), forms.text_of(form, "cell") or "")
            if params is None:
                raise Refused("no such cell")
            outcome = await self._world.click(me.userid, track_id, "table", params)
        return done(request, back, *([] if outcome.ok else [_FAILED, outcome.reason]))

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """Submit a card's form; what is required and missing is said before anything is sent."""
        form, me, chat = await self._posted(request)
        track_id, back = forms.text_of(form, "card") or "", people.address(me.userid, chat.id)
        fields = forms.fields_of(self._world.card(me.userid, track_id).view(me.userid).get("form"))
        if not fields:
            raise Refused("the card shows no form")
        filled, missing = forms.submitted(fields, form)
        if missing:
            if not wants_json(request):
                raise web.HTTPUnprocessableEntity(text="\n".join(missing.values()), headers=HEADERS)
            return json_answer({"missing": missing})
        outcome = await self._world.click(me.userid, track_id, "form", {"form": filled})
        return done(request, back, *([] if outcome.ok else [_FAILED, outcome.reason]))

    async def look(self, request: web.Request) -> web.StreamResponse:
        """Have a card before one's eyes: its dynamic data is asked for."""
        form, me, chat = await self._posted(request)
        outcome = await self._world.look(me.userid, forms.text_of(form, "card") or "")
        back = f"{people.address(me.userid, chat.id)}&looked=yes"
        return done(request, back, *([] if outcome.ok else ["没有取到数据", outcome.reason]))

    # What they share

    def _who(self, query: Mapping[str, str]) -> tuple[User | None, Conversation | None]:
        """Give the person and the conversation an address names; raises `Refused` where it names what isn't there."""
        userid, conversation_id = query.get("as", ""), query.get("chat", "")
        if not userid:
            return None, None
        user = self._world.company.user(userid)
        return user, self._world.conversation(userid, conversation_id) if conversation_id else None

    async def _posted(self, request: web.Request) -> tuple[forms.Filled, User, Conversation]:
        form = await request.post()
        me, chat = self._who({key: forms.text_of(form, key) or "" for key in ("as", "chat")})
        if me is None or chat is None:
            raise Refused("nobody's phone")
        return form, me, chat

    def _come_on_screen(self, chat: Conversation, me: User) -> None:
        """Have a conversation opened: what is pulled at every look is nowhere until it has been asked for again."""
        for message in chat.messages:
            card = self._world.cards.cards.get(str(message.content.get("out_track_id", "")))
            if card is not None:
                card.forget(me.userid)

    def _seen(self, chat: Conversation, me: User) -> None:
        if people.mark_read(self._world, chat, me.userid):
            self._world.feed.tell(Change("message", "", chat.id))

    def _phone(self, me: User | None, chat: Conversation | None) -> dict[str, Any]:
        listed = people.conversations(self._world, me.userid, chat.id if chat else "") if me else []
        return {
            "online": any(one.wants("CALLBACK", ROBOT_TOPIC) for one in self._world.stream.connections),
            "conversations": listed,
            "chat": next((one for one in listed if one.current), None),
            "messages": messages.thread(self._world, chat, me.userid) if me and chat else [],
        }


def _phrases(me: User | None) -> tuple[str, ...]:
    """Give what an empty chat suggests to this person, their own part of the story first."""
    own = people.TO_TRY.get(me.userid, "") if me else ""
    return (*([own] if own else []), *(phrase for phrase in PHRASES if phrase != own))
