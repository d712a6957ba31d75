"""The limit: a bare aiohttp client that acks each frame, with `reply` also posts one answer. No robot can be faster."""

import asyncio
import json
import os
import sys

import aiohttp


async def main(reply: bool) -> None:
    """Connect once and echo until killed."""
    endpoint = os.environ["DINGTALK_OPENAPI_ENDPOINT"]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async with session.post(f"{endpoint}/v1.0/gateway/connections/open", json={"subscriptions": []}) as answer:
            ticket = await answer.json()
        answers: set[asyncio.Task[None]] = set()

        async def post(url: str, text: str) -> None:
            async with session.post(url, json={"msgtype": "text", "text": {"content": text}}) as response:
                await response.read()

        async with session.ws_connect(f"{ticket['endpoint']}?ticket={ticket['ticket']}") as socket:
            async for message in socket:
                frame = json.loads(message.data)
                data = json.loads(frame["data"])
                headers = {"messageId": frame["headers"]["messageId"], "contentType": "application/json"}
                await socket.send_str(
                    json.dumps({"code": 200, "message": "", "headers": headers, "data": '{"response": null}'})
                )
                if reply:
                    task = asyncio.create_task(post(data["sessionWebhook"], data["text"]["content"]))
                    answers.add(task)
                    task.add_done_callback(answers.discard)


if __name__ == "__main__":
    asyncio.run(main("reply" in sys.argv))
