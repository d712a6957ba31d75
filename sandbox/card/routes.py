"""The card calls. HTTP 200 says nothing about a delivery: each space has its own `success`."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.card import spaces, values
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world import Card, Change

_SCOPE = "Card.Instance.Write"
_TEMPLATE = Field("cardTemplateId", required=True, missing="param.cardTemplateIdEmpty")
_TRACK = Field("outTrackId", required=True, most=64, missing="param.outTrackIdEmpty", over="outTrackId.outOfLimit")
_ID_TYPE = Field("userIdType", "int", default=1, least=1, most=2, unit="value", bad="param.invalid")
_CREATE = (
    _TEMPLATE,
    _TRACK,
    _ID_TYPE,
    Field("userId"),
    Field("callbackType", choices=("STREAM", "HTTP"), bad="param.invalid"),
    Field("callbackRouteKey"),
    values.data("cardData", required=True),
    values.PRIVATE,
    values.DYNAMIC,
    Field("cardAtUserIds", "strings", unit="items"),
    *spaces.MODEL_FIELDS,
)
_CREATE_ERRORS = (
    *values.TEMPLATE_ERRORS,
    *values.VALUE_ERRORS,
    Error("param.cardAlreadyExist", "卡片已经存在"),
)


def _made(call: Call) -> Card:
    """Make the instance; the caller keeps it once everything else was found right."""
    template = values.template(call)
    if call["outTrackId"] in call.world.cards.cards:
        raise call.fail("param.cardAlreadyExist", "outTrackId exists already")
    if call["callbackType"] == "HTTP":
        call.warnings.append(f"callbacks in HTTP mode aren't called here: {call['callbackRouteKey'] or 'no route key'}")
    elif call["callbackType"] != "STREAM":
        call.warnings.append("without callbackType STREAM nobody hears a tap on this card")
    card = Card(
        call["outTrackId"], template, values.params(call, call["cardData"], template, "cardData"),
        call.world.clock.now(), by_stream=call["callbackType"] == "STREAM", user_id_type=call["userIdType"],
        private=values.private(call, call["privateData"], template, call["userIdType"]), sources=values.sources(call),
    )  # fmt: skip
    spaces.add_models(call, card)
    return card


async def _create(call: Call) -> Mapping[str, Any]:
    call.world.cards.add(_made(call))
    return {"success": True, "result": call["outTrackId"]}


async def _deliver(call: Call) -> Mapping[str, Any]:
    card = values.existing(call)
    wanted = spaces.spaces(call)
    spaces.check_models(call, wanted, card.spaces)
    return {"success": True, "result": spaces.deliver(call, card, wanted)}


async def _create_and_deliver(call: Call) -> Mapping[str, Any]:
    wanted = spaces.spaces(call)
    card = _made(call)
    spaces.check_models(call, wanted, card.spaces)
    call.world.cards.add(card)
    results = spaces.deliver(call, card, wanted)
    return {"success": True, "result": {"outTrackId": card.out_track_id, "deliverResults": results}}


async def _update(call: Call) -> Mapping[str, Any]:
    card = values.existing(call)
    data, private = call["cardData"], call["privateData"]
    if not data and not private:
        raise call.fail("param.cardDataAndPrivateDataBothEmpty", "cardData and privateData are both empty")
    if card.open_taps:
        call.warnings.append("an update while a tap waits for its answer: the guide says not to (C1/0007)")
    options = call["cardUpdateOptions"] or {}
    public = values.params(call, data, card.template, "cardData") if data else None
    own = values.private(call, private, card.template, call["userIdType"])
    if public is not None:
        card.update(public, by_key=options.get("updateCardDataByKey") is True)
    for userid, mine in own.items():
        card.update_private(userid, mine, by_key=options.get("updatePrivateDataByKey") is True)
    call.world.feed.tell(Change("card", card.out_track_id))
    return {"success": True, "result": True}


async def _add_spaces(call: Call) -> Mapping[str, Any]:
    card = values.existing(call)
    if not any(call.fields.get(name) for name in spaces.MODELS.values()):
        raise call.fail("param.emptyAppendSpaces", "appendSpaces is empty")
    spaces.add_models(call, card)
    return {"success": True, "result": True}


OPERATIONS = (
    Operation(
        "card.create", "POST", "/v1.0/card/instances", Family.NEW, "创建卡片", "A/0780", _create, _CREATE, _SCOPE,
        errors=_CREATE_ERRORS, bad="param.invalid", note="what `result` holds is assumed",
    ),
    Operation(
        "card.deliver", "POST", "/v1.0/card/instances/deliver", Family.NEW, "投放卡片", "A/0781", _deliver,
        (_TRACK, _ID_TYPE, *spaces.deliver_fields("param.spaceDeliverModelEmpty")), _SCOPE,
        errors=(values.NO_CARD, *spaces.ERRORS, Error("param.spaceDeliverModelEmpty", "场域投放模型格式错误")),
    ),
    Operation(
        "card.create_and_deliver", "POST", "/v1.0/card/instances/createAndDeliver", Family.NEW, "创建并投放卡片",
        "A/0783", _create_and_deliver, (*_CREATE, *spaces.deliver_fields("param.openDeliverModelError")),
        _SCOPE, errors=(*_CREATE_ERRORS, *spaces.ERRORS, Error("param.openDeliverModelError", "场域投放模型格式错误")),
        bad="param.invalid",
        note="that a missing space model or supportForward is param.openSpaceModelInvalid is assumed",
    ),
    Operation(
        "card.update", "PUT", "/v1.0/card/instances", Family.NEW, "更新卡片", "A/0782", _update,
        (
            _TRACK,
            _ID_TYPE,
            values.data("cardData"),
            values.PRIVATE,
            Field(
                "cardUpdateOptions", "object",
                fields=(Field("updateCardDataByKey", "bool"), Field("updatePrivateDataByKey", "bool")),
            ),
        ),
        _SCOPE,
        errors=(
            Error("param.cardDataAndPrivateDataBothEmpty", "cardData和privateData同时为空"),
            values.NO_CARD,
            *values.VALUE_ERRORS,
        ),
    ),
    Operation(
        "card.add_spaces", "PUT", "/v1.0/card/instances/spaces", Family.NEW, "新增卡片场域", "A/0787", _add_spaces,
        (_TRACK, *(one for one in spaces.MODEL_FIELDS if one.name != spaces.MODELS["IM_SINGLE"])), _SCOPE,
        errors=(values.NO_CARD, Error("param.emptyAppendSpaces", "appendSpaces为空")),
    ),
)  # fmt: skip
