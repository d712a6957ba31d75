"""Opening a connection: credentials in the body, no token; a ticket comes back."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Family, Field, Operation
from sandbox.world.stream import CALLBACK_TOPICS


async def _open(call: Call) -> Mapping[str, Any]:
    world = call.world
    if not world.app.accepts(call["clientId"], call["clientSecret"]):
        raise call.fail("authFailed", "鉴权失败", status=401)
    subscriptions = frozenset(_subscription(call, one) for one in call["subscriptions"])
    endpoint = world.base_url.replace("http", "ws", 1) + "/connect"
    return {"endpoint": endpoint, "ticket": world.stream.ticket(subscriptions)}


def _subscription(call: Call, given: Mapping[str, Any]) -> tuple[str, str]:
    kind, topic = given.get("type"), given.get("topic")
    if kind not in {"EVENT", "CALLBACK", "SYSTEM"} or not isinstance(topic, str) or not topic:
        raise call.fail("invalidParameter.subscriptions", "each subscription needs type and topic")
    if kind == "EVENT" and topic != "*":
        raise call.fail("invalidParameter.subscriptions", "the topic of EVENT is *")
    if kind == "CALLBACK" and topic not in CALLBACK_TOPICS:
        call.warnings.append(f"nothing is ever pushed to the topic {topic}")
    return str(kind), topic


OPERATIONS = (
    Operation(
        "gateway.open", "POST", "/v1.0/gateway/connections/open", Family.NEW, "申请 Stream 连接", "stream protocol",
        _open,
        (
            Field("clientId", required=True),
            Field("clientSecret", required=True),
            Field("subscriptions", "objects", required=True, unit="items"),
            Field("ua"),
            Field("localIp"),
            Field("extras", "object"),
        ),
        counted=False, token=False, date="2025-05",
        note="401 authFailed for bad credentials is a field report (2025, 2026), not documented",
    ),
)  # fmt: skip
