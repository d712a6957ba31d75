"""A tap on a card and a look at one: what is pushed to the robot, and what its answer changes (C1/0007, C1/0008)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.world.cards import Card, DynamicSource
from sandbox.world.feed import Change
from sandbox.world.stream import CARD_TOPIC, DYNAMIC_TOPIC, Ack

if TYPE_CHECKING:
    from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the phone shows after a tap: done, or 失败 with the reason (for developers)."""

    ok: bool
    reason: str = ""
    response: Mapping[str, Any] | None = None


async def tap(world: "World", card: Card, userid: str, action_id: str, params: Mapping[str, Any]) -> Outcome:
    """Push a tap's callback and show the answer to who tapped; it counts as failed after two seconds."""
    if not card.by_stream:
        return Outcome(False, "the card was made without callbackType STREAM: nobody hears the tap")
    content = _compact({"cardPrivateData": {"actionIds": [action_id], "params": dict(params)}})
    data = {**_about(world, card, userid, "actionCallback"), "extension": "{}", "content": content, "value": content}
    card.open_taps += 1
    try:
        ack, reason = await _ask(world, CARD_TOPIC, data)
    finally:
        card.open_taps -= 1
    if ack is None:
        return Outcome(False, reason)
    response = ack.data.get("response")
    response = response if isinstance(response, dict) else {}
    _show(world, card, userid, response)
    return Outcome(True, response=response)


async def look(world: "World", card: Card, userid: str) -> Outcome:
    """Pull the dynamic data that is due for this viewer: on every look, on the first, or when its interval is over."""
    due = card.due(userid, world.clock.now())
    if not due:
        return Outcome(True)
    data = {**_about(world, card, userid, "dynamicDataCallback"), "content": _requests(due)}
    ack, reason = await _ask(world, DYNAMIC_TOPIC, data)
    card.forget(userid)
    if ack is None:
        world.feed.tell(Change("card", card.out_track_id))
        return Outcome(False, reason)
    response = ack.data.get("response")
    response = response if isinstance(response, dict) else {}
    answers = response.get("dataSourceQueryResponses")
    asked = card.pulled_at.setdefault(userid, {})
    asked.update((one.id, world.clock.now()) for one in due)
    for answer in answers if isinstance(answers, list) else []:
        _take(world, card, userid, answer)
    world.feed.tell(Change("card", card.out_track_id))
    return Outcome(True, response=response)


async def _ask(world: "World", topic: str, data: Mapping[str, Any]) -> tuple[Ack | None, str]:
    seconds = world.stream.timing.card
    push = await world.stream.push("CALLBACK", topic, data)
    if push is None:
        return None, f"nobody is connected for {topic}"
    ack = await world.stream.answer(push, seconds)
    if ack is None:
        return None, f"no answer within {seconds:g} s"
    return (ack, "") if ack.code == 200 else (None, f"answered with code {ack.code}")


def _about(world: "World", card: Card, userid: str, kind: str) -> dict[str, Any]:
    conversation = world.shows(card, userid)
    return {
        "type": kind,
        "outTrackId": card.out_track_id,
        "corpId": world.app.corp_id,
        "userId": world.id_of(userid, card.user_id_type),
        "userIdType": card.user_id_type,
        "spaceType": "im",
        "spaceId": conversation.id if conversation else "",
    }


def _requests(sources: Sequence[DynamicSource]) -> str:
    asked = [{"dynamicDataSourceId": one.id, "constParams": dict(one.params)} for one in sources]
    return _compact({"dynamicDataSourceQueryRequests": asked})


def _show(world: "World", card: Card, userid: str, response: Mapping[str, Any]) -> None:
    options = response.get("cardUpdateOptions")
    options = options if isinstance(options, dict) else {}
    data = _params(world, response.get("cardData"))
    private = _params(world, response.get("userPrivateData"))
    if data is not None:
        card.show(userid, data, by_key=options.get("updateCardDataByKey") is True)
    if private is not None:
        card.update_private(userid, private, by_key=options.get("updatePrivateDataByKey") is True)
    if data is not None or private is not None:
        world.feed.tell(Change("card", card.out_track_id))


def _params(world: "World", value: Any) -> dict[str, str] | None:
    """Read `{cardParamMap}` of an answer; what isn't a string doesn't reach the card (A/0789)."""
    params = value.get("cardParamMap") if isinstance(value, dict) else None
    if not isinstance(params, dict):
        return None
    if wrong := [key for key, one in params.items() if not isinstance(one, str)]:
        world.wire.note(f"the answer's values aren't strings: {', '.join(wrong)}", api=CARD_TOPIC)
    return {key: one for key, one in params.items() if isinstance(one, str)}


def _take(world: "World", card: Card, userid: str, answer: Any) -> None:
    """Merge one source's values into what this viewer sees; DingTalk doesn't keep them."""
    text = answer.get("data") if isinstance(answer, dict) else None
    try:
        values = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        values = None
    source = answer.get("dynamicDataSourceId") if isinstance(answer, dict) else None
    if not isinstance(values, dict):
        world.wire.note("dynamic data isn't a JSON object", api=DYNAMIC_TOPIC)
    elif source not in {one.id for one in card.sources}:
        world.wire.note("dynamic data of a source that the card doesn't have", api=DYNAMIC_TOPIC)
    else:
        card.pulled.setdefault(userid, {})[source] = values


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
