"""Opening a connection: credentials in the body, no token; a ticket comes back."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.world.stream import CALLBACK_TOPICS

_BAD = "invalidParameter.subscriptions"


async def _open(call: Call) -> Mapping[str, Any]:
    world = call.world
    if not world.app.accepts(call["clientId"], call["clientSecret"]):
        raise call.fail("authFailed", "鉴权失败")
    subscriptions = frozenset(_subscription(call, one) for one in call["subscriptions"])
    endpoint = world.base_url.replace("http", "ws", 1) + "/connect"
    return {"endpoint": endpoint, "ticket": world.stream.ticket(subscriptions)}


def _subscription(call: Call, given: Mapping[str, Any]) -> tuple[str, str]:
    kind, topic = given["type"], given["topic"]
    if kind == "EVENT" and topic != "*":
        raise call.fail(_BAD, "the topic of EVENT is *")
    if kind == "CALLBACK" and topic not in CALLBACK_TOPICS:
        call.warnings.append(f"nothing is ever pushed to the topic {topic}")
    return kind, topic


OPERATIONS = (
    Operation(
        "gateway.open", "POST", "/v1.0/gateway/connections/open", Family.NEW, "申请 Stream 连接", "stream protocol",
        _open,
        (
            Field("clientId", required=True),
            Field("clientSecret", required=True),
            Field(
                "subscriptions", "objects", required=True, unit="items",
                fields=(
                    Field("type", required=True, missing=_BAD, bad=_BAD, choices=("EVENT", "CALLBACK", "SYSTEM")),
                    Field("topic", required=True, missing=_BAD, bad=_BAD),
                ),
            ),
            Field("ua"),
            Field("localIp"),
            Field("extras", "object"),
        ),
        counted=False, token=False, date="2025-05",
        errors=(Error("authFailed", "鉴权失败", 401), Error(_BAD, "subscriptions is not valid")),
        note="401 authFailed for bad credentials is a field report (2025, 2026), not documented",
    ),
)  # fmt: skip
