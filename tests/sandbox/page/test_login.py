"""The login page in a browser."""

from urllib.parse import urlencode

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.sandbox.page.conftest import Room

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("browser"),
]
_BACK = '<title>back</title><link rel="icon" href="data:,">'


async def _landing(_: web.Request) -> web.Response:
    return web.Response(text=_BACK, content_type="text/html")


async def _serious(page: Page) -> list[str]:
    found = (await Axe().run(page)).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("scripts", [True, False])
async def test_one_picks_oneself_and_consents(room: Room, scripts: bool) -> None:
    app = web.Application()
    app.router.add_get("/login", _landing)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        back = f"http://127.0.0.1:{runner.addresses[0][1]}/login"
        room.world.app.redirect_uris = {back}
        asked = {
            "client_id": room.sandbox.client_id, "redirect_uri": back, "response_type": "code",
            "scope": "openid corpid", "prompt": "consent", "state": "xyz",
        }  # fmt: skip
        async with room.opened(f"/oauth2/auth?{urlencode(asked)}", scripts=scripts) as page:
            barriers = await _serious(page) if scripts else []
            await page.get_by_label("林晓").check()
            await page.get_by_role("button", name="登录").click()
            assert await page.get_by_text("青禾科技有限公司").count() > 1
            barriers += await _serious(page) if scripts else []
            await page.get_by_role("button", name="同意").click()
            await page.wait_for_url(f"{back}?*")
            code = page.url.partition("code=")[2].partition("&")[0]
    finally:
        await runner.cleanup()
    assert barriers == []
    found = room.world.login_codes.redeem(code, "browser")
    assert found is not None
    assert (found.userid, found.corp) == ("lin", True)
