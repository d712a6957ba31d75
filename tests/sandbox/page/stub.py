"""A robot of forty lines that speaks the stream protocol, and what it sends: enough to see the page react."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from sandbox.server import Running
from sandbox.world import ROBOT, Card, Change, Conversation, World
from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC, ROBOT_TOPIC

Heard = asyncio.Queue[dict[str, Any]]
"""What the robot was told, oldest first."""

Answer = Callable[[str, dict[str, Any]], Mapping[str, Any] | None]
"""Topic and data in, the ack's `response` out; None never answers."""


@asynccontextmanager
async def robot(running: Running, answer: Answer) -> AsyncIterator[Heard]:
    """Connect a robot; gives what it heard."""
    heard: Heard = asyncio.Queue()
    topics = (ROBOT_TOPIC, CARD_TOPIC, DYNAMIC_TOPIC)
    body = {
        "clientId": running.client_id,
        "clientSecret": running.client_secret,
        "subscriptions": [{"type": "CALLBACK", "topic": topic} for topic in topics],
    }
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{running.url}/v1.0/gateway/connections/open", json=body) as opened:
            place = await opened.json()
        async with session.ws_connect(f"{place['endpoint']}?ticket={place['ticket']}") as socket:
            listening = asyncio.create_task(_listen(socket, answer, heard))
            try:
                yield heard
            finally:
                listening.cancel()


async def _listen(socket: aiohttp.ClientWebSocketResponse, answer: Answer, heard: Heard) -> None:
    async for message in socket:
        frame = json.loads(message.data)
        data = json.loads(frame["data"])
        heard.put_nowait(data)
        response = answer(frame["headers"]["topic"], data)
        if response is not None:
            ack = {
                "code": 200,
                "message": "OK",
                "headers": {"messageId": frame["headers"]["messageId"], "contentType": "application/json"},
                "data": json.dumps({"response": response}),
            }
            await socket.send_str(json.dumps(ack))


def params(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a tap sent."""
    sent: dict[str, Any] = json.loads(data["content"])["cardPrivateData"]["params"]
    return sent


def shows(**values: Any) -> dict[str, Any]:
    """An answer to a tap that changes the card for who tapped."""
    return {"cardUpdateOptions": {"updateCardDataByKey": True}, "cardData": {"cardParamMap": strings(values)}}


def strings(values: Mapping[str, Any]) -> dict[str, str]:
    """The values as cardParamMap wants them."""
    return {key: one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for key, one in values.items()}


def send_card(world: World, chat: Conversation, look: str, name: str, **values: Any) -> Card:
    """Put a card into a chat, as a delivery does."""
    template = world.cards.templates[f"dinghr-{look}.schema"]
    card = Card(name, template, strings(values), world.clock.now(), by_stream=True)
    world.cards.cards[name] = card
    message = world.post(chat, ROBOT, "card", {"out_track_id": name})
    card.messages.append(message.id)
    return card


def change_card(world: World, card: Card, **values: Any) -> None:
    """Change a card for everybody, as `PUT /v1.0/card/instances` does."""
    card.update(strings(values), by_key=True)
    world.feed.tell(Change("card", card.out_track_id))
