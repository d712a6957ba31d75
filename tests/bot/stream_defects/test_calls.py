"""What the SDK's helpers (dingtalk-stream 0.24.3) do with an answer, beside our calls."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from sandbox.company import tiny
from sandbox.server import serving
from sandbox.world import World
from tests.bot.openapi_server import TOKEN_PATH, Platform, answer, ok, refused
from tests.bot.stream_defects.subject import Subject

CARD, DELIVER = "/v1.0/card/instances", "/v1.0/card/instances/deliver"
CREATE_AND_DELIVER = "/v1.0/card/instances/createAndDeliver"
NOBODY_GOT_IT = ok(result={"outTrackId": "t-1", "deliverResults": [{"success": False, "errorMsg": "no such user"}]})


@pytest.fixture
async def ways_out() -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy that lets nothing through, and the hosts it was asked for."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split()[1])
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}", asked


async def test_the_event_loop_runs_on_while_a_token_is_fetched(subject: Subject, ding: Platform) -> None:
    """The SDK's `async_` card calls fetch theirs with `requests`, without a time-out."""
    came, go = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.Request) -> web.Response:
        came.set()
        await go.wait()
        return answer(accessToken="t", expireIn=7200)

    ding.on(TOKEN_PATH, slowly)
    async with subject.robot(ding.url, listen=False) as robot:
        sending = asyncio.create_task(robot.ask("send_card_in_two_steps"))
        await asyncio.wait_for(came.wait(), 10)
        assert await robot.answers(within=1.0) is subject.either(stock=False, ours=True)
        go.set()
        await sending


async def test_every_call_goes_to_the_configured_host(
    subject: Subject, ding: Platform, ways_out: tuple[str, list[str]]
) -> None:
    """The SDK reads its endpoint once, when it is imported, and uploads to oapi.dingtalk.com whatever that says."""
    proxy, asked = ways_out
    async with subject.robot(ding.url, listen=False, env={"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}) as robot:
        await robot.ask("call_the_old_family")
    assert asked == subject.either(stock=["oapi.dingtalk.com:443"], ours=[])
    assert len(ding.to("/topapi/v2/user/get")) == subject.either(stock=0, ours=1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [(refused("param.templateNotExist"), "TemplateMissing"), (NOBODY_GOT_IT, "DeliveryFailed")],
)
async def test_a_card_that_nobody_got_is_a_failure(
    subject: Subject, ding: Platform, reply: web.Response, error: str
) -> None:
    ding.on(CREATE_AND_DELIVER, reply)
    async with subject.robot(ding.url, listen=False) as robot:
        outcome = await robot.ask("send_card")
    assert outcome.get("raised") == subject.either(stock=None, ours=error)
    assert bool(outcome.get("result")) is subject.either(stock=True, ours=False)


async def test_a_card_that_could_not_be_created_is_not_delivered(subject: Subject, ding: Platform) -> None:
    for path in (CARD, CREATE_AND_DELIVER):
        ding.on(path, refused("param.templateNotExist"))
    async with subject.robot(ding.url, listen=False) as robot:
        outcome = await robot.ask("send_card_in_two_steps")
    assert len(ding.to(DELIVER)) == subject.either(stock=1, ours=0)
    assert ("raised" in outcome) is subject.either(stock=False, ours=True)


async def test_changing_one_value_keeps_the_others(subject: Subject) -> None:
    """Without `cardUpdateOptions` an update replaces the whole card (A/0782)."""
    async with serving(World(tiny(), seed=7)) as sandbox:
        credentials = {"CLIENT_ID": sandbox.client_id, "CLIENT_SECRET": sandbox.client_secret}
        async with subject.robot(sandbox.url, listen=False, env=credentials) as robot:
            params = {"title": "请假申请", "body": "林晓 请假半天", "buttons": "[]", "status": "待审批", "ref": "1"}
            sent = await robot.ask("send_card", template="dinghr-notice.schema", params=params)
            await robot.ask("change_card", track_id=sent["result"], params={"status": "已同意"})
        [card] = sandbox.world.cards.cards.values()
        assert card.data["status"] == "已同意"
        assert card.data.get("title", "") == subject.either(stock="", ours="请假申请")


@pytest.mark.parametrize("staff_id", ["lin", None])
async def test_a_refused_reply_is_a_failure_and_names_nobody_unasked(
    subject: Subject, ding: Platform, staff_id: str | None
) -> None:
    """The SDK gives the refusal back as if it were an answer, and always mentions the sender, known or not."""
    ding.on("/robot/sendBySession", answer(errcode=310000, errmsg="the words are not allowed"))
    async with subject.robot(ding.url, listen=False) as robot:
        outcome = await robot.ask("reply", webhook=f"{ding.url}/robot/sendBySession?session=x", staff_id=staff_id)
    assert ("raised" in outcome) is subject.either(stock=False, ours=True)
    mentioned = ding.to("/robot/sendBySession")[0].body.get("at", {}).get("atUserIds")
    assert mentioned == subject.either(stock=[staff_id], ours=None)


async def test_a_rejected_token_is_replaced(subject: Subject, ding: Platform) -> None:
    """The SDK keeps a token for two hours, whatever DingTalk says of it."""

    async def only_the_second(request: web.Request) -> web.Response:
        good = request.headers["x-acs-dingtalk-access-token"] == "token-2"
        return ok() if good else refused("InvalidAuthentication", 401)

    ding.on(CARD, only_the_second)
    async with subject.robot(ding.url, listen=False) as robot:
        for _ in range(2):
            await robot.ask("change_card", track_id="t-1", params={})
    tokens = [call.headers["x-acs-dingtalk-access-token"] for call in ding.to(CARD)]
    assert tokens[:2] == subject.either(stock=["token-1", "token-1"], ours=["token-1", "token-2"])


async def test_those_who_want_a_token_at_once_share_it(subject: Subject, ding: Platform) -> None:
    wanted = 6
    everyone = asyncio.Event()

    async def when_all_have_asked(request: web.Request) -> web.Response:
        if len(ding.to(TOKEN_PATH)) == subject.either(stock=wanted, ours=1):
            everyone.set()
        await asyncio.wait_for(everyone.wait(), 10)
        return answer(accessToken="t", expireIn=7200)

    ding.on(TOKEN_PATH, when_all_have_asked)
    async with subject.robot(ding.url, listen=False) as robot:
        await robot.ask("change_cards", count=wanted)
    assert (len(ding.to(TOKEN_PATH)), len(ding.to(CARD))) == (subject.either(stock=wanted, ours=1), wanted)
