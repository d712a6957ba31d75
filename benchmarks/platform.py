"""The load generator: a DingTalk that is only as real as a robot under load needs it to be.

It answers token, gateway, address book, sends and cards from memory, pushes frames over the stream, and notes when each
ack and each answer comes back. It runs in the benchmark's own process; what is measured runs in another.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
_JOINED_MS = int(datetime(2015, 3, 1, tzinfo=UTC).timestamp() * 1000)


@dataclass(slots=True)
class Push:
    """One message or click on its way: when it went, when its ack and its answer came."""

    topic: str
    data: Mapping[str, Any]
    sent: float
    acked: asyncio.Future[Mapping[str, Any]]
    answered: asyncio.Future[str]
    ack_seconds: float = 0.0
    answer_seconds: float = 0.0
    said: list[str] = field(default_factory=list)
    """The `msgUuid` of each answer by session webhook."""


@dataclass(frozen=True, slots=True)
class SentCard:
    """A card that the robot delivered."""

    track_id: str
    receiver: str
    params: Mapping[str, str]


@dataclass
class Company:
    """People enough that no two frames in flight come from the same sender: one's messages are worked in order."""

    size: int = 200
    departments: int = 10
    members: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in range(self.size):
            self.members.setdefault(2 + number % self.departments, []).append(f"u{number:05}")

    def everyone(self) -> list[str]:
        """Give all userids but the managers'."""
        return [user for members in self.members.values() for user in members[1:]]

    def manager(self, userid: str) -> str:
        """Give the manager of a person: the first of the department."""
        return self.members[self.department(userid)][0]

    def department(self, userid: str) -> int:
        """Give the department of a person."""
        return 2 + int(userid[1:]) % self.departments

    def record(self, userid: str) -> dict[str, Any]:
        """Give the address book's record."""
        manager = self.manager(userid)
        department = self.department(userid)
        return {
            "userid": userid,
            "unionid": f"n{userid}",
            "name": f"员工{userid[1:]}",
            "active": True,
            "hired_date": _JOINED_MS,
            "dept_id_list": [department],
            "leader": userid == manager,
            "leader_in_dept": [{"dept_id": department, "leader": userid == manager}],
            **({"manager_userid": manager} if userid != manager else {}),
        }


class Platform:
    """The server and its generator of load. `latency` delays every API answer, in seconds."""

    def __init__(self, company: Company | None = None) -> None:
        self.company = company or Company()
        self.url = ""
        self.latency = 0.0
        self.cards: asyncio.Queue[SentCard] = asyncio.Queue()
        self.unknown: set[str] = set()
        self.calls: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._pushes: dict[str, Push] = {}
        self._sessions: dict[str, Push] = {}
        self._link: web.WebSocketResponse | None = None
        self._transport: asyncio.Transport | None = None
        self._linked = asyncio.Event()
        self._unlinked = asyncio.Event()
        self.linked_at = 0.0
        """When the stream was last connected, on the clock of `time.perf_counter`."""

    # --- generating load ----------------------------------------------------------------------------------------------

    async def connected(self, within: float = 60.0) -> None:
        """Wait until somebody is connected to the stream."""
        await asyncio.wait_for(self._linked.wait(), within)

    async def gone(self, within: float = 20.0) -> None:
        """Wait until nobody is connected."""
        await asyncio.wait_for(self._unlinked.wait(), within)

    async def gone_or(self, acked: asyncio.Future[Any], within: float) -> None:
        """Wait for an ack, for the end of the connection, or so many seconds."""
        gone = asyncio.create_task(self._unlinked.wait())
        await asyncio.wait([acked, gone], timeout=within, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()

    async def quiet(self, seconds: float = 1.5, within: float = 90.0) -> None:
        """Wait until nobody has called an API for some time: what a robot reads at its start is then behind it."""
        async with asyncio.timeout(within):
            seen = -1
            while seen != (seen := sum(self.calls.values())):  # noqa: ASYNC110 - quiet has no event
                await asyncio.sleep(seconds)

    async def say(self, userid: str, text: str) -> Push:
        """Push a private message."""
        push = self.message(userid, text)
        await self.deliver(push)
        return push

    def message(self, userid: str, text: str) -> Push:
        """Make a private message that is still to be delivered."""
        number = next(self._numbers)
        now = int(time.time() * 1000)
        data = {
            "msgId": f"msg{number}==",
            "msgtype": "text",
            "text": {"content": text},
            "conversationType": "1",
            "conversationId": f"cid-{userid}",
            "senderStaffId": userid,
            "senderNick": userid,
            "senderId": "$:LWCP_v1:$x",
            "senderCorpId": "corp",
            "chatbotUserId": "$:LWCP_v1:$r",
            "chatbotCorpId": "corp",
            "robotCode": "ding-bench",
            "isAdmin": False,
            "createAt": now,
            "sessionWebhook": f"{self.url}/robot/sendBySession?session={number}",
            "sessionWebhookExpiredTime": now + 5_400_000,
        }
        push = self._sessions[str(number)] = self._made(ROBOT_TOPIC, data)
        return push

    async def click(self, userid: str, track_id: str, content: Mapping[str, Any]) -> Push:
        """Push a card callback."""
        text = json.dumps({"cardPrivateData": content}, ensure_ascii=False)
        data = {
            "type": "actionCallback", "outTrackId": track_id, "corpId": "corp", "userId": userid, "userIdType": 1,
            "spaceType": "im", "spaceId": f"cid-{userid}", "extension": "{}", "content": text, "value": text,
        }  # fmt: skip
        push = self._made(CARD_TOPIC, data)
        await self.deliver(push)
        return push

    async def drop(self) -> None:
        """Cut the stream's TCP connection."""
        if self._link is None or self._transport is None:
            raise RuntimeError("nobody is connected")
        self._link = None
        self._linked.clear()
        self._transport.abort()

    async def deliver(self, push: Push) -> None:
        """Push a frame, or push it again: under a new `messageId`, as DingTalk does."""
        if self._link is None:
            raise RuntimeError("nobody is connected")
        message_id = f"f{next(self._numbers)}"
        headers = {"topic": push.topic, "messageId": message_id, "contentType": "application/json", "time": "1"}
        frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers, "data": json.dumps(push.data)}
        self._pushes[message_id] = push
        push.sent = time.perf_counter()
        await self._link.send_str(json.dumps(frame))

    @staticmethod
    def _made(topic: str, data: Mapping[str, Any]) -> Push:
        loop = asyncio.get_running_loop()
        return Push(topic, data, 0.0, loop.create_future(), loop.create_future())

    # --- being DingTalk -----------------------------------------------------------------------------------------------

    async def _open(self, request: web.Request) -> web.Response:
        return web.json_response({"endpoint": f"{self.url.replace('http', 'ws', 1)}/connect", "ticket": "t"})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=0.5)
        await socket.prepare(request)
        self._link, self._transport = socket, request.transport
        self.linked_at = time.perf_counter()
        self._linked.set()
        self._unlinked.clear()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                ack = json.loads(message.data)
                push = self._pushes.pop(ack["headers"]["messageId"], None)
                if push is not None and not push.acked.done():
                    push.ack_seconds = time.perf_counter() - push.sent
                    push.acked.set_result(ack)
        if self._link is socket:
            self._link = None
            self._linked.clear()
            self._unlinked.set()
        return socket

    async def _session(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.latency:
            await asyncio.sleep(self.latency)
        push = self._sessions[request.query["session"]]
        push.said.append(json.loads(body).get("msgUuid", ""))
        if not push.answered.done():
            push.answer_seconds = time.perf_counter() - push.sent
            push.answered.set_result(body.decode())
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _api(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read() or b"{}")
        self.calls[request.path] = self.calls.get(request.path, 0) + 1
        if self.latency:
            await asyncio.sleep(self.latency)
        answer = self._answer(request.path, body)
        if answer is None:
            self.unknown.add(f"{request.method} {request.path}")
            return web.json_response({"code": "NotFound", "message": request.path}, status=404)
        return web.json_response(answer)

    def _answer(self, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        match path:
            case "/v1.0/oauth2/accessToken":
                return {"accessToken": "token", "expireIn": 7200}
            case "/v1.0/robot/oToMessages/batchSend" | "/v1.0/robot/groupMessages/send":
                return {"processQueryKey": "k", "invalidStaffIdList": [], "flowControlledStaffIdList": []}
            case "/v1.0/card/instances/createAndDeliver":
                receiver = body["openSpaceId"].rpartition(".")[2]
                self.cards.put_nowait(SentCard(body["outTrackId"], receiver, body["cardData"]["cardParamMap"]))
                delivery = {"spaceId": receiver, "success": True, "carrierId": "k"}
                return {"success": True, "result": {"outTrackId": body["outTrackId"], "deliverResults": [delivery]}}
            case "/v1.0/card/instances":
                return {"success": True, "result": True}
        result = self._contacts(path, body)
        return None if result is None else {"errcode": 0, "errmsg": "ok", **result}

    def _contacts(self, path: str, body: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: PLR0911 - a table
        company = self.company
        match path:
            case "/auth/scopes":
                return {"auth_org_scopes": {"authed_dept": [1], "authed_user": []}}
            case "/topapi/v2/department/listsub":
                rows = [{"dept_id": d, "name": f"部门{d}", "parent_id": 1} for d in company.members]
                return {"result": rows if body.get("dept_id", 1) == 1 else []}
            case "/topapi/v2/department/get":
                dept = body["dept_id"]
                if dept == 1:
                    return {"result": {"dept_id": 1, "name": "公司", "dept_manager_userid_list": []}}
                managers = [company.members[dept][0]]
                record = {"dept_id": dept, "name": f"部门{dept}", "parent_id": 1, "dept_manager_userid_list": managers}
                return {"result": record}
            case "/topapi/v2/user/list":
                members = company.members.get(body["dept_id"], [])
                start, size = body.get("cursor", 0), body.get("size", 100)
                page = [company.record(user) for user in members[start : start + size]]
                more = start + size < len(members)
                return {"result": {"has_more": more, "list": page, **({"next_cursor": start + size} if more else {})}}
            case "/topapi/v2/user/get":
                return {"result": company.record(body["userid"])}
        return None


@asynccontextmanager
async def serving(company: Company | None = None) -> AsyncIterator[Platform]:
    """Serve the platform on a free port."""
    platform = Platform(company)
    app = web.Application()
    app.router.add_post("/v1.0/gateway/connections/open", platform._open)
    app.router.add_get("/connect", platform._connect)
    app.router.add_post("/robot/sendBySession", platform._session)
    app.router.add_route("*", "/{path:.*}", platform._api)
    runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    platform.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield platform
    finally:
        await runner.cleanup()
