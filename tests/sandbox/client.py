"""A robot of the plainest kind: it calls, listens and acknowledges only when told to."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.server import Running
from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC, ROBOT_TOPIC

EVERYTHING = (("EVENT", "*"), ("CALLBACK", ROBOT_TOPIC), ("CALLBACK", CARD_TOPIC), ("CALLBACK", DYNAMIC_TOPIC))
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: Any

    @property
    def code(self) -> Any:
        return self.body.get("errcode", self.body.get("code"))


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame, its data read."""

    raw: Mapping[str, Any]

    @property
    def headers(self) -> Mapping[str, str]:
        headers: Mapping[str, str] = self.raw["headers"]
        return headers

    @property
    def message_id(self) -> str:
        return self.headers["messageId"]

    @property
    def data(self) -> Any:
        return json.loads(self.raw["data"])


@dataclass(slots=True)
class Line:
    """One WebSocket connection."""

    socket: aiohttp.ClientWebSocketResponse

    async def frame(self) -> Frame:
        """Give the next frame."""
        return Frame(await self.socket.receive_json(timeout=PATIENCE))

    async def ack(self, frame: Frame, data: Any = None, *, code: int = 200) -> None:
        """Acknowledge a frame."""
        headers = {"messageId": frame.message_id, "contentType": "application/json"}
        ack = {"code": code, "message": "OK", "headers": headers, "data": json.dumps(data or {"response": None})}
        await self.socket.send_json(ack)

    async def event(self) -> tuple[str, Any]:
        """Take the next event and acknowledge it; give its type and data."""
        frame = await self.frame()
        await self.ack(frame, {"status": "SUCCESS"})
        return frame.headers["eventType"], frame.data

    async def closed(self) -> int | None:
        """Wait for the end; give the close code."""
        message = await self.socket.receive(timeout=PATIENCE)
        assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        return self.socket.close_code


@dataclass(slots=True)
class Robot:
    """Calls of both families and connections."""

    sandbox: Running
    http: aiohttp.ClientSession
    token: str = ""
    lines: list[Line] = field(default_factory=list)

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """Make a call just as it is told."""
        async with self.http.request(method, path, json=body, **more) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return Answer(response.status, json.loads(text) if is_json else text)

    async def new(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """Call the new family with a token."""
        self.token = self.token or self.sandbox.world.tokens.issue()
        headers = {"x-acs-dingtalk-access-token": self.token}
        return await self.call(method, path, body, headers=headers, **more)

    async def old(self, path: str, body: Any = None, *, method: str = "POST") -> Answer:
        """Call the old family with a token."""
        self.token = self.token or self.sandbox.world.tokens.issue()
        return await self.call(method, path, body, params={"access_token": self.token})

    async def result(self, path: str, **body: Any) -> Any:
        """Call the old family and give what it says; it must go well."""
        answer = await self.old(path, body)
        assert (answer.status, answer.code) == (200, 0), answer
        return answer.body.get("result")

    async def ticket(self, subscriptions: Sequence[tuple[str, str]] = EVERYTHING) -> Answer:
        """Ask the gateway for a connection."""
        body = {
            "clientId": self.sandbox.client_id,
            "clientSecret": self.sandbox.client_secret,
            "subscriptions": [{"type": kind, "topic": topic} for kind, topic in subscriptions],
        }
        return await self.call("POST", "/v1.0/gateway/connections/open", body)

    async def connect(self, subscriptions: Sequence[tuple[str, str]] = EVERYTHING) -> Line:
        """Connect."""
        told = (await self.ticket(subscriptions)).body
        line = Line(await self.http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]}))
        self.lines.append(line)
        return line

    async def until(self, true: Any) -> None:
        """Wait until something holds, looking again at every change."""
        with self.sandbox.world.feed.subscribe() as changes:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await anext(changes)
