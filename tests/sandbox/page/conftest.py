"""A sandbox with nine people, and a real browser to look at it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from sandbox.company import tiny
from sandbox.page.people import address
from sandbox.server import Running, serving
from sandbox.world import Conversation, World

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_INSTALLED = CHROMIUM.exists()
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PHONE, DESKTOP = (390, 844), (1280, 860)
PATIENCE = 8000


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Running]:
    """A sandbox of its own for each test."""
    async with serving(World(tiny(), seed=7)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, once for all."""
    if not _INSTALLED:
        pytest.skip(f"SKIPPED LOUDLY: no browser at {CHROMIUM}; install Debian's chromium to try the chat page")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Room:
    """A browser in front of a sandbox."""

    sandbox: Running
    browser: Browser
    complaints: list[str]

    @property
    def world(self) -> World:
        """The sandbox's state."""
        return self.sandbox.world

    def chat(self, userid: str) -> Conversation:
        """A person's chat with the robot."""
        return self.world.chats.with_robot(userid)

    @asynccontextmanager
    async def opened(
        self,
        path: str,
        size: tuple[int, int] = DESKTOP,
        *,
        dark: bool = False,
        scripts: bool = True,
        motion: Literal["reduce", "no-preference"] = "reduce",
    ) -> AsyncIterator[Page]:
        """Open an address in a window of its own."""
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
            reduced_motion=motion,
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(self.sandbox.url + path)
        try:
            yield page
        finally:
            await context.close()

    def phone(self, userid: str, chat: str = "", **how: Any) -> Any:
        """Pick up a person's phone, in the robot's chat unless another is given."""
        return self.opened(address(userid, chat or self.chat(userid).id), **how)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest_asyncio.fixture(loop_scope="session")
async def room(sandbox: Running, browser: Browser) -> AsyncIterator[Room]:
    """The browser and the sandbox; at the end the page must not have complained (a broken CSP does)."""
    room = Room(sandbox, browser, [])
    yield room
    assert room.complaints == []
