"""Interactive cards: create and deliver, update (A/0782, A/0783). Clicks come back through the stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .answer import field, records, text, truth
from .errors import BadRequest, DeliveryFailed
from .operation import Family, Operation
from .transport import Calls

CREATE_AND_DELIVER = Operation(
    "cards.create_and_deliver",
    "POST",
    "/v1.0/card/instances/createAndDeliver",
    Family.NEW,
    "A/0783",
    "Card.Instance.Write",
    idempotent=True,  # by outTrackId: a repeat answers param.cardAlreadyExist
)
CREATE = Operation("cards.create", "POST", "/v1.0/card/instances", Family.NEW, "A/0780", "Card.Instance.Write")
UPDATE = Operation(
    "cards.update", "PUT", "/v1.0/card/instances", Family.NEW, "A/0782", "Card.Instance.Write", idempotent=True
)
SOURCE = "dinghr"
"""The name of our one dynamic data source; what a pull is about is looked up by the card it is for."""
_USERID = 1  # `userIdType`: ids in the request and in clicks are userids, not unionids


@dataclass(frozen=True, slots=True)
class ToPerson:
    """The private chat between a person and the robot."""

    userid: str


@dataclass(frozen=True, slots=True)
class ToGroup:
    """A group the robot is in."""

    open_conversation_id: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A card that is out. `carrier_id` is the key for recall and read status; empty when it was out before."""

    carrier_id: str
    already: bool = False


class Cards(Protocol):
    """Sends and changes cards."""

    async def create_and_deliver(
        self, out_track_id: str, template_id: str, params: Mapping[str, str], to: ToPerson | ToGroup, *, title: str,
        alert: str = "", pulls: bool = False,
    ) -> Delivered:  # fmt: skip
        """Send a card: `title` shows in the chat list, `alert` in the notification.

        One that `pulls` asks us for data whenever it comes on a screen (C1/0008; A/0780 doesn't list RENDER).

        The same `out_track_id` again is the same card. After `DeliveryFailed` the instance exists, but nobody has it:
        send under another id.
        """
        ...

    async def update(self, out_track_id: str, params: Mapping[str, str], *, by_key: bool = True) -> None:
        """Change a card for everyone who sees it; `by_key=False` replaces all its variables."""
        ...


class CardsApi(Cards):
    """Cards over HTTP."""

    def __init__(self, calls: Calls, robot_code: str) -> None:
        self._calls = calls
        self._robot_code = robot_code

    async def create_and_deliver(
        self, out_track_id: str, template_id: str, params: Mapping[str, str], to: ToPerson | ToGroup, *, title: str,
        alert: str = "", pulls: bool = False,
    ) -> Delivered:  # fmt: skip
        """Send a card."""
        body = {
            "cardTemplateId": template_id,
            "outTrackId": out_track_id,
            "callbackType": "STREAM",
            "userIdType": _USERID,
            "cardData": {"cardParamMap": dict(params)},
            **self._space(to, title, alert),
        }
        if pulls:
            source = {"dynamicDataSourceId": SOURCE, "pullConfig": {"pullStrategy": "RENDER"}}
            body["openDynamicDataConfig"] = {"dynamicDataSourceConfigs": [source]}
        try:
            answer = await self._calls.call(CREATE_AND_DELIVER, body)
        except BadRequest as refusal:
            if refusal.code.lower() == "param.cardalreadyexist":
                return Delivered("", already=True)
            raise
        return _delivered(answer)

    async def update(self, out_track_id: str, params: Mapping[str, str], *, by_key: bool = True) -> None:
        """Change a card for everyone who sees it."""
        options = {"updateCardDataByKey": by_key, "updatePrivateDataByKey": by_key}
        await self._calls.call(
            UPDATE,
            {
                "outTrackId": out_track_id,
                "userIdType": _USERID,
                "cardData": {"cardParamMap": dict(params)},
                "cardUpdateOptions": options,  # left out, everything not named here would be wiped
            },
        )

    def _space(self, to: ToPerson | ToGroup, title: str, alert: str) -> Mapping[str, Any]:
        space: dict[str, Any] = {"supportForward": False, "lastMessageI18n": {"ZH_CN": title}}
        if alert:
            space["notification"] = {"alertContent": alert, "notificationOff": False}
        match to:
            case ToPerson(userid):
                return {
                    "openSpaceId": f"dtv1.card//IM_ROBOT.{userid}",
                    "imRobotOpenSpaceModel": space,
                    "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self._robot_code},
                }
            case ToGroup(conversation):
                return {
                    "openSpaceId": f"dtv1.card//IM_GROUP.{conversation}",
                    "imGroupOpenSpaceModel": space,
                    "imGroupOpenDeliverModel": {"robotCode": self._robot_code},
                }


def _delivered(answer: Mapping[str, Any]) -> Delivered:
    """Read the results per space; ours is always one, and HTTP 200 says nothing about it."""
    result = field(answer, "result")
    deliveries = records(field(result, "deliverResults") if isinstance(result, dict) else None)
    if not deliveries:
        raise DeliveryFailed("no deliverResults", api=CREATE_AND_DELIVER.name)
    for one in deliveries:
        if not truth(field(one, "success")):
            raise DeliveryFailed("delivery failed", text(field(one, "errorMsg")), api=CREATE_AND_DELIVER.name)
    return Delivered(text(field(deliveries[0], "carrierId")))
