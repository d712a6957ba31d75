"""Files people sent: fetched from DingTalk's places only, never more than asked for, never unfolded."""

import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.openapi import DingTalk, DingTalkError, FileRefused, Limits
from bot.openapi.files import HOSTS, file_address
from tests.bot.openapi_server import MovableClock, Platform, answer, platform

DOWNLOAD = "/v1.0/robot/messageFiles/download"


@pytest.fixture
async def platform_() -> AsyncIterator[Platform]:
    async with platform() as served:
        yield served


@pytest.fixture
async def ding(platform_: Platform) -> AsyncIterator[DingTalk]:
    async with DingTalk(
        openapi_endpoint=platform_.url, oapi_endpoint=platform_.url, client_id="ding-id", client_secret="s",
        robot_code="robot-1", clock=MovableClock(), limits=Limits(calls_per_second=10_000, first_wait=0.01),
        file_hosts=("localhost",),
    ) as client:  # fmt: skip
        yield client


async def test_a_file_is_fetched_by_its_code(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DOWNLOAD, answer(downloadUrl=platform_.url + "/file?Expires=1"))
    platform_.on("/file", web.Response(body=b"x" * 1000))
    assert await ding.files.fetch("code-1") == b"x" * 1000
    assert platform_.to(DOWNLOAD)[0].body == {"downloadCode": "code-1", "robotCode": "robot-1"}
    assert "x-acs-dingtalk-access-token" not in platform_.to("/file")[0].headers


@pytest.mark.parametrize("told", [True, False])
async def test_a_file_above_the_size_is_dropped_whatever_it_says(
    platform_: Platform, ding: DingTalk, *, told: bool
) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(10_000):
                await response.write(b"x" * 64_000)
        except OSError:
            cut.append(True)
        return response

    cut: list[bool] = []
    platform_.on(DOWNLOAD, answer(downloadUrl=platform_.url + "/file"))
    platform_.on("/file", web.Response(body=b"x" * 5001) if told else endless)
    with pytest.raises(FileRefused) as refused:
        await ding.files.fetch("code-1", most=5000)
    assert refused.value.code == "file.too_large"


async def test_what_is_packed_on_the_way_isnt_unfolded(platform_: Platform, ding: DingTalk) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    platform_.on(DOWNLOAD, answer(downloadUrl=platform_.url + "/file"))
    headers = {"Content-Encoding": "gzip"}
    platform_.on("/file", lambda _: _respond(web.Response(body=bomb, headers=headers)))
    assert await ding.files.fetch("code-1", most=100_000) == bomb


async def _respond(response: web.Response) -> web.Response:
    return response


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 500])
async def test_no_redirect_is_followed(platform_: Platform, ding: DingTalk, status: int) -> None:
    platform_.on(DOWNLOAD, answer(downloadUrl=platform_.url + "/file"))
    headers = {"Location": platform_.url + "/inside"}
    platform_.on("/file", lambda _: _respond(web.Response(status=status, headers=headers)))
    with pytest.raises(DingTalkError):
        await ding.files.fetch("code-1")
    assert not platform_.to("/inside")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "file:///etc/passwd",
        "ftp://a.aliyuncs.com/x",
        "gopher://a.aliyuncs.com/x",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8701/metrics",
        "http://[::1]/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://0x7f000001/",
        "http://2130706433/",
        "https://evil.example/x",
        "https://dingtalk.com.evil.example/x",
        "https://evildingtalk.com/x",
        "https://oss.aliyuncs.com@evil.example/x",
        "https://user:word@oss.aliyuncs.com/x",
        "https://oss.aliyuncs.com:8443/x",
        "https://oss.aliyuncs.com:99999/x",
        "https://evil.example#.dingtalk.com",
        "https://evil.example/.dingtalk.com",
        "https://evil.example\\.dingtalk.com/x",
    ],
)
async def test_an_address_that_isnt_dingtalks_is_never_asked(platform_: Platform, ding: DingTalk, url: str) -> None:
    platform_.on(DOWNLOAD, answer(downloadUrl=url))
    with pytest.raises(FileRefused):
        await ding.files.fetch("code-1")
    with pytest.raises(FileRefused):
        file_address(url, HOSTS)


async def test_a_known_name_that_leads_inside_a_network_is_never_asked(platform_: Platform, ding: DingTalk) -> None:
    platform_.on(DOWNLOAD, answer(downloadUrl="https://localhost/file"))
    with pytest.raises(DingTalkError) as refused:
        await ding.files.fetch("code-1")
    assert (refused.value.kind, refused.value.code) == ("unavailable", "not reachable")
    assert not platform_.to("/file")


def test_a_file_travels_over_tls_even_where_the_address_says_otherwise() -> None:
    told = "http://wukong-x.oss-cn-hangzhou.aliyuncs.com/a%2Fb.file?Signature=5B%3D&Expires=1"
    assert file_address(told, HOSTS) == told.replace("http://", "https://")
    assert file_address("http://down.DingTalk.com:80/x?y#z", HOSTS) == "https://down.dingtalk.com/x?y"
