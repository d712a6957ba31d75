"""A robot by somebody else: aiohttp and the documents, nothing of ours. It echoes, sends cards and reads the contacts.

Run as `python -m tests.sandbox.clients.other_robot ADDRESS CLIENT_ID CLIENT_SECRET TEMPLATE`. Pages: A/0033 (token),
the protocol page of the stream SDKs (gateway, frames, acks), A/0699 (messages), A/0714, A/0783, A/0782, C1/0007,
C1/0008, A/0082, A/0062. What they left unclear, and what was done:

- The wire protocol of streams stands on no page of the document site, only with the SDKs.
- Whether `ticket` is added to the endpoint with `?` or `&`: the endpoint of every sample has no query.
- What wraps the answer to a card's callback: C1/0007 shows the inner object, the stream SDKs send `{"response": …}`.
- How long after its answer a callback is over: the guide says not to PUT the card "during" it, so a moment passes.
- Where `actionIds` and `params` stand: C1/0007 nests both in `cardPrivateData`, C1/0010 has `params` beside it.
- The smallest interval of dynamic data: 3 s by A/0780, 6 s by C1/0008; RENDER is in the guide alone.
- Whether a user who doesn't exist comes back in `invalidStaffIdList` or is `staffId.notExisted`: both are read.
- How many people a page of user/list may hold: only user/listsimple says 100.
- How long one may go on sending acks after `disconnect`: the old connection is kept until the server closes it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp

MESSAGES, CARDS, DYNAMIC = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback", "/v1.0/card/dynamicData/get"

AFTER_THE_ANSWER = 0.3


class Refused(Exception):
    """DingTalk said no."""


class OtherRobot:
    """What a developer writes who has only the documents."""

    def __init__(self, http: aiohttp.ClientSession, address: str, client_id: str, secret: str, template: str) -> None:
        self._http, self._address, self._id, self._secret, self._template = http, address, client_id, secret, template
        self._token, self._ends = "", 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Connect, and connect again whenever no connection is left."""
        while True:
            await self._listen()
            while self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    # Calls

    async def _access_token(self) -> str:
        if time.monotonic() > self._ends:
            credentials = {"appKey": self._id, "appSecret": self._secret}
            async with self._http.post(f"{self._address}/v1.0/oauth2/accessToken", json=credentials) as response:
                told = await response.json()
            self._token, self._ends = told["accessToken"], time.monotonic() + told["expireIn"] - 600
        return self._token

    async def _new(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"x-acs-dingtalk-access-token": await self._access_token()}
        async with self._http.request(method, self._address + path, json=body, headers=headers) as response:
            answer = await response.json()
            if response.status != 200:
                raise Refused(answer["code"], answer["message"])
            return answer

    async def _old(self, path: str, body: Mapping[str, Any]) -> Any:
        url, token = self._address + path, {"access_token": await self._access_token()}
        async with self._http.post(url, json=body, params=token) as response:
            answer = await response.json()
        if int(answer["errcode"]) != 0:
            raise Refused(answer["errcode"], answer["errmsg"])
        return answer["result"]

    # The stream

    async def _listen(self) -> None:
        body = {
            "clientId": self._id,
            "clientSecret": self._secret,
            "ua": "other-robot/1.0",
            "subscriptions": [
                {"type": "EVENT", "topic": "*"},
                *({"type": "CALLBACK", "topic": topic} for topic in (MESSAGES, CARDS, DYNAMIC)),
            ],
        }
        url, headers = f"{self._address}/v1.0/gateway/connections/open", {"Accept": "application/json"}
        async with self._http.post(url, json=body, headers=headers) as response:
            told = await response.json()
            if response.status != 200:
                raise Refused(told["code"], told["message"])
        socket = await self._http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]}, heartbeat=60)
        self._start(self._read(socket))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._take(socket, json.loads(message.data))

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, frame: Mapping[str, Any]) -> None:
        headers, data = frame["headers"], json.loads(frame["data"])
        match frame["type"], headers["topic"]:
            case "SYSTEM", "ping":
                await self._ack(socket, headers, data)
            case "SYSTEM", "disconnect":  # the new connection first: this one is still good for acks
                await self._listen()
            case "EVENT", _:
                await self._ack(socket, headers, {"status": "SUCCESS", "message": "ok"})
            case "CALLBACK", topic if topic == MESSAGES:
                await self._ack(socket, headers, {"response": None})
                self._start(self._answer(data))
            case "CALLBACK", topic if topic == CARDS:
                action = self._action(data)
                await self._ack(socket, headers, {"response": self._card(f"{data['userId']} 已选择 {action}")})
                self._start(self._show_everyone(data["outTrackId"], f"{action}：{data['userId']}"))
            case "CALLBACK", topic if topic == DYNAMIC:
                await self._ack(socket, headers, {"response": {"dataSourceQueryResponses": self._figures(data)}})

    @staticmethod
    async def _ack(socket: aiohttp.ClientWebSocketResponse, headers: Mapping[str, str], data: Any) -> None:
        answered = {"messageId": headers["messageId"], "contentType": "application/json"}
        await socket.send_json({"code": 200, "message": "OK", "headers": answered, "data": json.dumps(data)})

    # Messages

    async def _answer(self, message: Mapping[str, Any]) -> None:
        words, sender = message["text"]["content"].strip(), message["senderStaffId"]
        match words.split():
            case ["卡片"]:
                await self._send_card(message)
            case ["名单"]:
                names = await self._names(1)
                await self._reply(message, f"{len(names)} 人：{'、'.join(sorted(names))}")
            case ["告诉", userid, text]:
                await self._reply(message, await self._tell(message, userid, text))
            case _:
                await self._reply(message, f"@{sender} {words}", at=[sender])

    async def _tell(self, message: Mapping[str, Any], userid: str, text: str) -> str:
        param = json.dumps({"title": "留言", "text": f"**{message['senderNick']}**：{text}"}, ensure_ascii=False)
        body = {"robotCode": message["robotCode"], "userIds": [userid], "msgKey": "sampleMarkdown", "msgParam": param}
        try:
            sent = await self._new("POST", "/v1.0/robot/oToMessages/batchSend", body)
        except Refused as error:
            return f"没有送达：{error.args[0]}"
        failed = sent["invalidStaffIdList"] + sent["flowControlledStaffIdList"]
        return f"没有送达：{failed[0]}" if failed else "已送达"

    async def _reply(self, message: Mapping[str, Any], text: str, at: list[str] | None = None) -> None:
        body = {"msgtype": "text", "text": {"content": text}, "at": {"atUserIds": at or []}}
        async with self._http.post(message["sessionWebhook"], json=body) as response:
            answer = await response.json()
            if int(answer["errcode"]) != 0:
                raise Refused(answer["errcode"], answer["errmsg"])

    async def _names(self, dept_id: int) -> set[str]:
        """Walk the address book from a department down."""
        names: set[str] = set()
        page: Mapping[str, Any] = {"has_more": True, "next_cursor": 0}
        while page["has_more"]:
            asked = {"dept_id": dept_id, "cursor": page["next_cursor"], "size": 2}
            page = await self._old("/topapi/v2/user/list", asked)
            names |= {one["name"] for one in page["list"]}
        for below in await self._old("/topapi/v2/department/listsub", {"dept_id": dept_id}):
            names |= await self._names(below["dept_id"])
        return names

    # Cards

    async def _send_card(self, message: Mapping[str, Any]) -> None:
        group = message["conversationType"] == "2"
        space = f"IM_GROUP.{message['conversationId']}" if group else f"IM_ROBOT.{message['senderStaffId']}"
        buttons = [{"id": "yes", "text": "去"}, {"id": "no", "text": "不去"}]
        values = {"title": "团建", "status": "未选择", "buttons": json.dumps(buttons, ensure_ascii=False)}
        source = {
            "dynamicDataSourceId": "budget",
            "constParams": {"year": "2026"},
            "pullConfig": {"pullStrategy": "ONCE"},
        }
        body = {
            "cardTemplateId": self._template,
            "outTrackId": str(uuid4()),
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": values},
            "openDynamicDataConfig": {"dynamicDataSourceConfigs": [source]},
            "imGroupOpenSpaceModel": {"supportForward": False},
            "imRobotOpenSpaceModel": {"supportForward": False},
            "openSpaceId": f"dtv1.card//{space}",
            "imGroupOpenDeliverModel": {"robotCode": message["robotCode"]},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        }
        made = await self._new("POST", "/v1.0/card/instances/createAndDeliver", body)
        failed = [one["errorMsg"] for one in made["result"]["deliverResults"] if not one["success"]]
        if failed:
            raise Refused(*failed)

    @staticmethod
    def _action(data: Mapping[str, Any]) -> str:
        content = json.loads(data.get("content") or data["value"])
        private = content["cardPrivateData"]
        params = private.get("params") or content.get("params") or {}
        return str(params.get("action") or private["actionIds"][0])

    @staticmethod
    def _card(status: str) -> Mapping[str, Any]:
        by_key = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
        return {"cardUpdateOptions": by_key, "cardData": {"cardParamMap": {"status": status}}}

    async def _show_everyone(self, out_track_id: str, status: str) -> None:
        await asyncio.sleep(AFTER_THE_ANSWER)
        await self._new("PUT", "/v1.0/card/instances", {"outTrackId": out_track_id, **self._card(status)})

    @staticmethod
    def _figures(data: Mapping[str, Any]) -> list[Mapping[str, str]]:
        asked = json.loads(data["content"])["dynamicDataSourceQueryRequests"]
        value = json.dumps({"body": f"{data['userId']} 的预算 500 元"}, ensure_ascii=False)
        named = [one["dynamicDataSourceId"] for one in asked]
        return [{"dynamicDataSourceId": one, "dynamicDataValueType": "OBJECT", "data": value} for one in named]


async def main(address: str, client_id: str, secret: str, template: str) -> None:
    """Run until killed."""
    async with aiohttp.ClientSession() as http:
        await OtherRobot(http, address, client_id, secret, template).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
