"""Figures where there are no cards: a locked file that is taken back, or a link that works once."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pikepdf
import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import Message
from tests.conversations.office import Office, opened
from tests.conversations.payday import FIGURES, OCTOBER, release

ADDRESS = "https://hr.example"
PASSWORD = re.compile(r"\*\*([a-z2-9]{4}(?:-[a-z2-9]{4}){2})\*\*")
LINK = re.compile(rf"{ADDRESS}(/s/[A-Za-z0-9_-]{{43}})\)")


async def heard(office: Office, userid: str, kind: str, count: int = 1) -> list[Message]:
    """Wait for messages of a kind."""

    def find() -> list[Message] | None:
        found = [one for one in getattr(office, userid).messages() if one.kind == kind and not one.recalled]
        return found if len(found) >= count else None

    found: list[Message] = await office.until(find, f"{userid} is sent a {kind}")
    return found


async def password_of(office: Office, userid: str) -> str:
    """Read the password that follows the file."""
    phone = getattr(office, userid)
    text = await office.until(
        lambda: next(
            (str(m.content["text"]) for m in phone.messages() if PASSWORD.search(str(m.content.get("text")))), None
        ),
        "the password comes",
    )
    found = PASSWORD.search(text)
    assert found
    return found[1]


def content_of(office: Office, message: Message) -> bytes:
    """The bytes of a file that was sent."""
    return office.sandbox.world.files.stored[message.content["media_id"]].content


async def test_the_file_is_locked_and_both_are_taken_back(text_office: Office) -> None:
    office = text_office
    await release(office)
    await office.lin.says("工资条")
    file = (await heard(office, "lin", "file"))[0]
    assert file.content["name"] == "2026年10月工资条.pdf"
    content = content_of(office, file)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(content))
    password = await password_of(office, "lin")
    assert "首次使用告知" in str(office.lin.messages()[-1].content)
    with pikepdf.open(io.BytesIO(content), password=password) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
    assert not any(figure.encode() in content for figure in FIGURES)
    assert "payslip.view" in await office.audited("lin", "allowed")
    await office.quiet()
    await office.moves_clock(office.sandbox.clock.now() + timedelta(minutes=6))
    told = [one for one in office.lin.messages() if one.kind == "file" or PASSWORD.search(str(one.content.get("text")))]
    assert len(told) == 2
    await office.until(lambda: all(one.recalled for one in told) or None, "file and password are taken back")


async def test_each_file_has_a_password_of_its_own(text_office: Office) -> None:
    office = text_office
    await release(office)
    for said in ("工资条", "和上月比", "今年一共"):
        await office.lin.says(said)
    await heard(office, "lin", "file", 3)
    await office.quiet()
    found = [PASSWORD.search(str(one.content.get("text"))) for one in office.lin.messages()]
    passwords = {match[1] for match in found if match}
    assert len(passwords) == 3


async def test_in_a_group_the_file_comes_to_the_private_chat(text_office: Office) -> None:
    office = text_office
    await release(office)
    await office.lin.says("@机器人 工资条", TEAM_GROUP)
    await heard(office, "lin", "file")
    assert office.group(TEAM_GROUP) == ["我已经私聊回复您了。"]
    assert not [one for one in office.wang.messages() if one.kind == "file"]


@pytest.fixture
async def reachable(tmp_path: Path) -> AsyncIterator[Office]:
    """Without cards, with an address that phones reach."""
    async with opened(tmp_path, "text", dinghr_public_url=ADDRESS) as office:
        yield office


async def given(office: Office, said: str = "工资条") -> str:
    """Ask, and read the link: its path at the robot's own web."""
    told = await office.lin.asks(said)
    assert not any(figure in told for figure in FIGURES)
    found = LINK.search(told)
    assert found, told
    return f"http://127.0.0.1:{office.robot.web.port}{found[1]}"


async def test_a_link_shows_it_once_and_a_preview_uses_nothing_up(reachable: Office) -> None:
    await release(reachable)
    link = await given(reachable)
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(link) as answer:
                page = await answer.text()
                assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "noindex" in answer.headers["X-Robots-Tag"]
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert not any(figure in page for figure in FIGURES)
        assert "payslip.view" not in await reachable.audited("lin", "allowed")
        answers = await asyncio.gather(*(session.post(link) for _ in range(4)))
        pages = [await answer.text() for answer in answers]
        assert sorted(answer.status for answer in answers) == [200, 410, 410, 410]
        assert sum("18,378.07" in page for page in pages) == 1
        async with session.get(link) as answer:
            assert answer.status == 410
    assert (await reachable.audited("lin", "allowed")).count("payslip.view") == 1


async def test_a_link_lapses_and_a_guess_is_nothing(reachable: Office) -> None:
    await release(reachable)
    link = await given(reachable, "10月工资")
    await reachable.moves_clock(reachable.sandbox.clock.now() + timedelta(minutes=11))
    async with aiohttp.ClientSession() as session:
        for address in (link, f"{link[:-1]}A", link.rpartition("/")[0] + "/" + "a" * 43):
            for method in ("GET", "POST"):
                async with session.request(method, address) as answer:
                    assert answer.status == 410
                    text = await answer.text()
                    assert not any(figure in text for figure in FIGURES)


async def test_a_link_of_who_has_left_shows_nothing(reachable: Office) -> None:
    await release(reachable)
    link = await given(reachable)
    await reachable.sandbox.world.company.remove_user("lin")
    await reachable.left("lin")
    async with aiohttp.ClientSession() as session, session.post(link) as answer:
        assert answer.status == 410
        text = await answer.text()
        assert not any(figure in text for figure in FIGURES)
    assert "payslip.view" in await reachable.audited(str(await reachable.employee("lin")))


async def test_what_changed_and_the_year_go_the_same_way(reachable: Office) -> None:
    numbers = await release(reachable)
    assert numbers[OCTOBER]
    async with aiohttp.ClientSession() as session:
        for said, figure in (("为什么比上月少了433", "-433.07"), ("今年一共", "37,189.21")):
            async with session.post(await given(reachable, said)) as answer:
                assert figure in await answer.text()
    entries = json.dumps([[e.request, e.response] for e in reachable.sandbox.world.wire.entries], default=str)
    assert "433.07" not in entries
