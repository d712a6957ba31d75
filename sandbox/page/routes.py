"""The page's addresses: two views, what keeps them alive, and what a person does with a phone."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.page import cards, forms, markdown, messages, people, stubs, wire
from sandbox.world import CHINA, Change, Conversation, Refused, User, World
from sandbox.world.feed import Subscription
from sandbox.world.stream import ROBOT_TOPIC

PHRASES = ("我想请明天下午半天年假", "年假余额", "帮助")
"""What an empty chat with the robot suggests."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HEARTBEAT = 15.0
_FAILED = "操作失败，请稍后重试"


class Page:
    """The chat page over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._listening: set[Subscription] = set()
        self._ended = False
        self._templates = Environment(
            loader=PackageLoader("sandbox.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        picture = messages.pictures(world)
        self._templates.globals |= {
            "md": lambda text: markdown.render(str(text), "message", picture),
            "link": lambda label, href: markdown.link(label, str(href)),
            "picture": picture,
        }

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        get, post = app.router.add_get, app.router.add_post
        get("/", _guarded(self.chat))
        get("/wire", _guarded(self.wire))
        get("/page/chat", _guarded(self.chat_news))
        get("/page/entries", _guarded(self.entries))
        get("/page/events", self.events)
        post("/page/say", _guarded(self.say))
        post("/page/send", _guarded(self.send))
        post("/page/act", _guarded(self.act))
        post("/page/submit", _guarded(self.submit))
        post("/page/look", _guarded(self.look))
        post("/page/clock", _guarded(self.clock))
        app.router.add_static("/page/static", Path(__file__).parent / "static")
        app.on_response_prepare.append(_ask_again)
        app.on_shutdown.append(self._end_streams)

    # What is seen

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Show a person's phone, as far as the address names one."""
        try:
            me, chat = self._who(request.query)
        except Refused:
            if "chat" not in request.query:
                raise
            # A conversation from before the sandbox was started anew: the person's phone is what was meant.
            return _to(people.address(request.query.get("as", "")))
        pane = "list" if me else "people"
        if chat is not None and me is not None:
            pane = "chat"
            self._seen(chat, me)
        elif me is not None:
            # A wide window shows the robot's chat beside the list; a narrow one shows the list alone.
            chat = self._world.chats.with_robot(me.userid)
        cast, everyone = people.cast_and_everyone(self._world)
        return self._html(
            "chat.html.j2",
            view="chat",
            pane=pane,
            here=request.path_qs,
            me=people.person(self._world, me) if me else None,
            cast=cast,
            everyone=everyone,
            find=request.query.get("find", "").strip().lower(),
            kinds=stubs.KINDS.items(),
            phrases=_phrases(me),
            to_try=people.to_try(self._world),
            robot=self._world.app.robot_name,
            entrances=self._world.extras.entrances,
            chat_href=request.path_qs,
            wire_href=_with_phone("/wire", request),
            **self._phone(me, chat),
        )

    async def chat_news(self, request: web.Request) -> web.StreamResponse:
        """Give the parts of a phone that change, for the page to put in place."""
        try:
            me, chat = self._who(request.query)
        except Refused:
            return _json({"gone": True})
        if chat is not None and me is not None and request.query.get("seen") == "yes":
            self._seen(chat, me)
        facts = self._phone(me, chat) | {"me": people.person(self._world, me) if me else None}
        cast, everyone = people.cast_and_everyone(self._world)
        return _json(
            {
                "clock": self._clock(),
                "online": facts["online"],
                "unread": {one.userid: one.unread for one in (*cast, *everyone)},
                "conversations": self._render("conversations.html.j2", **facts),
                "messages": self._render("messages.html.j2", **facts),
            }
        )

    async def wire(self, request: web.Request) -> web.StreamResponse:
        """Show the wire."""
        query = request.query
        kinds = [kind for kind in query.getall("kind", []) if kind in wire.KINDS] or list(wire.KINDS)
        words, counted = query.get("q", ""), "counted" in query
        return self._html(
            "wire.html.j2",
            view="wire",
            here=request.path_qs,
            chat_href=_with_phone("/", request),
            wire_href=request.path_qs,
            clock=self._clock(),
            meter=wire.readings(self._world),
            wire_kinds=wire.KINDS.items(),
            shown_kinds=kinds,
            counted=counted,
            q=words,
            entries=wire.rows(self._world, words=words, kinds=kinds, counted=counted),
        )

    async def entries(self, request: web.Request) -> web.StreamResponse:
        """Give the rows after a number, and the meter."""
        after = request.query.get("after", "")
        rows = wire.rows(self._world, after=int(after) if after.isdecimal() else 0)
        return _json(
            {
                "clock": self._clock(),
                "meter": self._render("meter.html.j2", meter=wire.readings(self._world)),
                "rows": self._render("entries.html.j2", entries=rows),
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Say that something changed, until the browser goes or the sandbox ends; the page then asks what."""
        wanted = _ON_WIRE if request.query.get("of") == "wire" else _IN_CHAT
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        # A browser that has gone is found out by writing to it.
        with self._world.feed.subscribe() as changes, suppress(ConnectionResetError):
            self._listening.add(changes)
            try:
                await response.write(b"retry: 1000\nevent: hello\ndata: {}\n\n")
                while not self._ended:
                    await response.write(await _next_event(changes, wanted))
            finally:
                self._listening.remove(changes)
        return response

    # What a person does

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Say a text."""
        form, me, chat = await self._posted(request)
        text = (forms.text_of(form, "text") or "").strip()
        if text:
            await self._world.say(me.userid, chat.id, text)
        return _done(request, people.address(me.userid, chat.id))

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send a sample of another kind."""
        form, me, chat = await self._posted(request)
        kind = forms.text_of(form, "kind") or ""
        if kind not in stubs.KINDS:
            raise Refused(f"no sample of {kind}")
        await stubs.send(self._world, me.userid, chat.id, kind)
        return _done(request, people.address(me.userid, chat.id))

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
        return _done(request, back, *([] if outcome.ok else [_FAILED, outcome.reason]))

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """Submit a card's form; what is required and missing is said before anything is sent."""
        form, me, chat = await self._posted(request)
        track_id, back = forms.text_of(form, "card") or "", people.address(me.userid, chat.id)
        fields = forms.fields_of(self._world.card(me.userid, track_id).view(me.userid).get("form"))
        if not fields:
            raise Refused("the card shows no form")
        filled, missing = forms.submitted(fields, form)
        if missing:
            if not _wants_json(request):
                raise web.HTTPUnprocessableEntity(text="\n".join(missing.values()), headers=_HEADERS)
            return _json({"missing": missing})
        outcome = await self._world.click(me.userid, track_id, "form", {"form": filled})
        return _done(request, back, *([] if outcome.ok else [_FAILED, outcome.reason]))

    async def look(self, request: web.Request) -> web.StreamResponse:
        """Have a card before one's eyes: its dynamic data is asked for."""
        form, me, chat = await self._posted(request)
        await self._world.look(me.userid, forms.text_of(form, "card") or "")
        return _done(request, people.address(me.userid, chat.id))

    async def clock(self, request: web.Request) -> web.StreamResponse:
        """Move, stop or run the clock."""
        form = await request.post()
        clock = self._world.clock
        match form.get("step"):
            case "5m":
                clock.advance(timedelta(minutes=5))
            case "1h":
                clock.advance(timedelta(hours=1))
            case "morning":
                morning = clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
                clock.set(morning if clock.now() < morning else morning + timedelta(days=1))
            case "set":
                clock.set(_instant(form.get("to")))
            case "freeze":
                clock.freeze()
            case "run":
                clock.run()
            case _:
                raise Refused("no such step")
        back = urlsplit(str(form.get("back", "/")))
        return _done(request, f"{back.path}?{back.query}" if back.path in {"/", "/wire"} else "/")

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

    def _seen(self, chat: Conversation, me: User) -> None:
        if people.mark_read(self._world, chat, me.userid):
            self._world.feed.tell(Change("message", "", chat.id))

    def _phone(self, me: User | None, chat: Conversation | None) -> dict[str, Any]:
        listed = people.conversations(self._world, me.userid, chat.id if chat else "") if me else []
        return {
            "clock": self._clock(),
            "online": any(one.wants("CALLBACK", ROBOT_TOPIC) for one in self._world.stream.connections),
            "conversations": listed,
            "chat": next((one for one in listed if one.current), None),
            "messages": messages.thread(self._world, chat, me.userid) if me and chat else [],
        }

    def _clock(self) -> dict[str, Any]:
        now = self._world.clock.now()
        return {
            "ms": self._world.clock.ms(),
            "iso": now.isoformat(timespec="seconds"),
            "words": people.full_stamp(now),
            "input": f"{now:%Y-%m-%dT%H:%M}",
            "frozen": self._world.clock.frozen,
        }

    def _render(self, template: str, **facts: Any) -> str:
        return self._templates.get_template(template).render(facts)

    def _html(self, template: str, **facts: Any) -> web.Response:
        text = self._render(template, company=self._world.app.corp_name, **facts)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)

    async def _end_streams(self, app: web.Application) -> None:
        self._ended = True
        for changes in self._listening:
            changes.put(Change("lagging", ""))  # wakes it, so that it sees the end


_IN_CHAT = frozenset({"message", "card", "clock", "company", "connection", "reset", "lagging"})
_ON_WIRE = frozenset({"wire", "clock", "reset", "lagging"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application, world: World) -> None:
    """Add the page's routes to the sandbox's application."""
    Page(world).mount(app)


def _guarded(handler: Handler) -> Handler:
    """Turn away what other sites send, and say in words what can't be done."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise web.HTTPForbidden(text="only from the sandbox's own page")
        try:
            return await handler(request)
        except Refused as refusal:
            if _wants_json(request):
                return _json({"toast": "现在不能这样做", "reason": str(refusal)}, status=409)
            raise web.HTTPNotFound(text=f"{refusal}\n", headers=_HEADERS) from refusal

    return guarded


async def _ask_again(request: web.Request, response: web.StreamResponse) -> None:
    """Have browsers ask whether scripts and styles are still the same, so that an update is seen at once."""
    if request.path.startswith("/page/static/"):
        response.headers.setdefault("Cache-Control", "no-cache")


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _done(request: web.Request, back: str, toast: str = "", reason: str = "") -> web.Response:
    """Answer an action: the page's script hears how it went, a browser without it goes back to the page."""
    if _wants_json(request):
        return _json({"toast": toast, "reason": reason})
    return _to(back)


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={**_HEADERS, "Location": address})


def _with_phone(path: str, request: web.Request) -> str:
    """Give the other view's address, so that one comes back to the same phone."""
    held = {name: request.query[name] for name in ("as", "chat") if name in request.query}
    return f"{path}?{urlencode(held)}" if held else path


def _json(value: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(
        text=json.dumps(value, ensure_ascii=False), status=status, content_type="application/json", headers=_HEADERS
    )


async def _next_event(changes: AsyncIterator[Change], wanted: Collection[str]) -> bytes:
    """Give the next change as an event, or after a while a sign of life."""
    try:
        async with asyncio.timeout(_HEARTBEAT):
            async for change in changes:
                if change.kind in wanted:
                    told = json.dumps({"kind": change.kind, "chat": change.conversation_id})
                    return f"event: change\ndata: {told}\n\n".encode()
    except TimeoutError:
        pass
    return b": still here\n\n"


def _instant(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=CHINA)
    except ValueError as error:
        raise Refused("no such time") from error


def _phrases(me: User | None) -> tuple[str, ...]:
    """Give what an empty chat suggests to this person, their own part of the story first."""
    own = people.TO_TRY.get(me.userid, "") if me else ""
    return (*([own] if own else []), *(phrase for phrase in PHRASES if phrase != own))
