"""Tokens and the gateway (A/0032, A/0033, A/0037, the stream protocol)."""

from collections.abc import Mapping
from typing import Any

from sandbox.world.stream import CARD_TOPIC
from tests.sandbox.clients.typed import Row, Typed


async def _app(it: Typed) -> Mapping[str, Any]:
    return {"appKey": it.sandbox.client_id, "appSecret": it.sandbox.client_secret}


async def _client(it: Typed) -> Mapping[str, Any]:
    app = it.world.app
    return {
        "corpId": app.corp_id, "client_id": app.client_id, "client_secret": app.client_secret,
        "grant_type": "client_credentials",
    }  # fmt: skip


async def _logged_in(it: Typed) -> Mapping[str, Any]:
    it.world.app.scopes.add("open_app_api_base")
    code = it.world.login_codes.issue("lin", "browser", corp=True)
    app = {"clientId": it.sandbox.client_id, "clientSecret": it.sandbox.client_secret}
    return {**app, "code": code, "grantType": "authorization_code"}


async def _connection(it: Typed) -> Mapping[str, Any]:
    return {
        "clientId": it.sandbox.client_id, "clientSecret": it.sandbox.client_secret, "localIp": "127.0.0.1",
        "extras": {"x": "y"},
        "subscriptions": [{"type": "EVENT", "topic": "*"}, {"type": "CALLBACK", "topic": CARD_TOPIC}],
    }  # fmt: skip


ROWS = (
    Row("oauth.token", _app, {"accessToken": str, "expireIn": 7200}),
    Row("oauth.unified_token", _client, {"access_token": str, "expires_in": 7200}),
    Row("oauth.user_token", _logged_in, {"accessToken": str, "refreshToken": str, "expireIn": 7200, "corpId": str}),
    Row(
        "gateway.open", _connection, {"endpoint": str, "ticket": str}, unsent=frozenset({"ua"}),
        why="the protocol page and every stream SDK send it",
    ),
)  # fmt: skip
