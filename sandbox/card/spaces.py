"""Where a card is shown: `openSpaceId`'s grammar, the models a space needs, delivery (A/0781)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.validate import texts
from sandbox.world import CHINA, ROBOT, Card, Change, Conversation
from sandbox.world.cards import Top

_PREFIX = "dtv1.card//"
_KNOWN = frozenset({"IM_GROUP", "IM_ROBOT", "IM_SINGLE", "ONE_BOX"})
MODELS: Mapping[str, str] = {
    "IM_GROUP": "imGroupOpenSpaceModel",
    "IM_ROBOT": "imRobotOpenSpaceModel",
    "IM_SINGLE": "imSingleOpenSpaceModel",
    "ONE_BOX": "topOpenSpaceModel",
}
_BAD_MODEL = "param.openSpaceModelInvalid"


def _refused(bad: str, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Give fields that are refused with a code, and those inside them, where they name none of their own."""
    return tuple(replace(one, bad=one.bad or bad, fields=_refused(bad, one.fields)) for one in fields)


_FORWARD = Field("supportForward", "bool", required=True, missing=_BAD_MODEL)
_SHOWN = (
    Field("lastMessageI18n", "texts"),
    Field("searchSupport", "object", fields=(Field("searchIcon"), Field("searchTypeName"), Field("searchDesc"))),
    Field("notification", "object", fields=(Field("alertContent"), Field("notificationOff", "bool"))),
)
_MODELS = (
    Field("imGroupOpenSpaceModel", "object", fields=(_FORWARD, *_SHOWN)),
    Field("imRobotOpenSpaceModel", "object", fields=(_FORWARD, *_SHOWN)),
    Field("imSingleOpenSpaceModel", "object", fields=(Field("supportForward", "bool"), *_SHOWN)),
    Field(
        "topOpenSpaceModel",
        "object",
        fields=(
            Field(
                "spaceType",
                required=True,
                choices=("ONE_BOX",),
                missing=_BAD_MODEL,
            ),
        ),
    ),
)
MODEL_FIELDS = _refused(_BAD_MODEL, _MODELS)
_NO_SPACE = "param.openSpaceIdInvalid"
_NO_MODEL = "param.openDeliverModelEmpty"
_DELIVERY = (
    Field("openSpaceId", required=True, most=1000, missing="param.openSpaceIdEmpty", bad=_NO_SPACE),
    Field(
        "imGroupOpenDeliverModel", "object",
        fields=(
            Field("robotCode", required=True, missing=_NO_MODEL),
            Field("atUserIds", "texts"),
            Field("recipients", "strings", unit="items"),
            Field("extension", "texts"),
        ),
    ),
    Field(
        "imRobotOpenDeliverModel", "object",
        fields=(Field("spaceType", choices=("IM_ROBOT",)), Field("robotCode"), Field("extension", "texts")),
    ),
    Field(
        "topOpenDeliverModel", "object",
        fields=(
            Field("expiredTimeMillis", "int", required=True, missing=_NO_MODEL),
            Field("userIds", "strings", unit="items"),
            Field("platforms", "strings", unit="items", choices=("android", "ios", "win", "mac")),
        ),
    ),
    Field(
        "imSingleOpenDeliverModel", "object", fields=(Field("atUserIds", "texts"), Field("extension", "texts")),
    ),
)  # fmt: skip


def deliver_fields(bad: str) -> tuple[Field, ...]:
    """Give what a delivery takes; a page each names its code for models of the wrong form."""
    return _refused(bad, _DELIVERY)


ERRORS = (
    Error(_NO_SPACE, "openSpaceId不符合规范"),
    Error(_BAD_MODEL, "错误的场域属性模型"),
    Error(_NO_MODEL, "场域投放模型为空"),
)
_DELIVER: Mapping[str, str] = {
    "IM_GROUP": "imGroupOpenDeliverModel",
    "IM_ROBOT": "imRobotOpenDeliverModel",
    "ONE_BOX": "topOpenDeliverModel",
}


@dataclass(frozen=True, slots=True)
class Space:
    """One place of an openSpaceId."""

    type: str
    id: str


def spaces(call: Call) -> list[Space]:
    """Read `dtv1.card//TYPE.ID;TYPE.ID`."""
    text = call["openSpaceId"]
    parts = text.removeprefix(_PREFIX).split(";") if text.startswith(_PREFIX) else []
    found = []
    for part in parts:
        kind, dot, space_id = part.partition(".")
        if kind.upper() not in _KNOWN or not dot or not space_id:
            raise call.fail(_NO_SPACE, f"openSpaceId: {part} is not valid")
        found.append(Space(kind.upper(), space_id))
    if not found:
        raise call.fail(_NO_SPACE, f"openSpaceId must look like {_PREFIX}IM_ROBOT.userId")
    return found


def add_models(call: Call, card: Card) -> None:
    """Give a card the spaces it may be shown in."""
    for kind, name in MODELS.items():
        model = call.fields.get(name)
        if model is not None:
            card.spaces[kind] = model


def check_models(call: Call, wanted: list[Space], models: Mapping[str, Any]) -> None:
    """Refuse a delivery without the space model or the deliver model it needs."""
    for space in wanted:
        if models.get(space.type) is None:
            raise call.fail("param.openSpaceModelInvalid", f"{MODELS[space.type]} is mandatory for {space.type}")
        name = _DELIVER.get(space.type)
        deliver = call.fields.get(name) if name else {}
        if name and deliver is None:
            raise call.fail(_NO_MODEL, f"{name} is mandatory for {space.type}")


def deliver(call: Call, card: Card, wanted: list[Space]) -> list[dict[str, Any]]:
    """Show the card in each space; what fails is told in its own result, inside a 200."""
    return [_deliver(call, card, space) for space in wanted]


def _deliver(call: Call, card: Card, space: Space) -> dict[str, Any]:
    world = call.world
    result: dict[str, Any] = {"spaceType": space.type, "spaceId": space.id, "success": False, "carrierId": ""}
    deliver_model = call.fields.get(_DELIVER.get(space.type, "")) or {}
    robot_code = deliver_model.get("robotCode")
    if robot_code and robot_code != world.app.robot_code:
        return {**result, "errorMsg": "robotCode doesn't exist"}
    if call.wrong("undelivered", [space.id]):
        return {**result, "errorMsg": "deliver failed"}
    conversation = _conversation(call, card, space)
    if isinstance(conversation, str):
        return {**result, "errorMsg": conversation}
    if space.type == "ONE_BOX":
        _put_on_top(call, card, conversation, deliver_model)
        return {**result, "success": True, "errorMsg": ""}
    only_for = frozenset(texts(deliver_model.get("recipients"))) or None
    carrier = world.ids.key()
    model = card.spaces.get(space.type, {})
    last = (model.get("lastMessageI18n") or {}).get("ZH_CN", "")
    message = world.post(
        conversation, ROBOT, "card", {"out_track_id": card.out_track_id, "last_message": last},
        query_key=carrier, only_for=only_for, mentions=tuple(deliver_model.get("atUserIds") or ()),
    )  # fmt: skip
    card.messages.append(message.id)
    card.carriers[conversation.id] = carrier
    return {**result, "success": True, "carrierId": carrier, "errorMsg": ""}


def _put_on_top(call: Call, card: Card, conversation: Conversation, model: Mapping[str, Any]) -> None:
    """Show a card at the top of a group; there is no message, so there is no carrierId of use."""
    ends = datetime.fromtimestamp(model["expiredTimeMillis"] / 1000, CHINA)
    only_for = frozenset(model["userIds"] or ()) or None
    card.tops[conversation.id] = Top(ends, only_for, tuple(model["platforms"] or ()))
    call.world.feed.tell(Change("card", card.out_track_id, conversation.id))


def _conversation(call: Call, card: Card, space: Space) -> Conversation | str:
    """Give the conversation a space stands for, or why there is none."""
    world = call.world
    if space.type == "IM_ROBOT":
        user = world.directory.by_unionid(space.id) if card.user_id_type == 2 else world.directory.users.get(space.id)
        if user is None or user.userid in world.blocking:
            return "the user blocked the robot" if user else "the user doesn't exist"
        return world.chats.with_robot(user.userid)
    if space.type == "IM_SINGLE":
        return f"the sandbox shows no cards in {space.type}"
    conversation = world.chats.conversations.get(space.id)
    if conversation is None or conversation.kind != "group" or conversation.disbanded:
        return (
            "the group was disbanded" if conversation and conversation.disbanded else "the conversation doesn't exist"
        )
    return conversation if conversation.has_robot else "the robot isn't in the group"
