"""Numbers of papers and accounts go through a real process on cards, which is killed in between; they lie nowhere."""

import json
from pathlib import Path
from typing import Any

from sandbox.company import TEAM_GROUP, tiny
from sandbox.page.stubs import picture
from sandbox.server import serving
from sandbox.world import Card, StoredFile, World
from sandbox.world.wire import Entry
from tests.conversations.office import TEMPLATES
from tests.security.test_nothing_lies_about import found_in, heard, on_disk, robot, soon

NUMBER, WRONG = "11010519491231002X", "110105194912310021"
ACCOUNT, MOBILE, CALLED = "6222021234567890128", "13911182222", "13800138000"
ADDRESS, CONTACT = "浦东新区标记路甲乙丙丁号", "联系人标记戊己"
SECRETS = (NUMBER, WRONG, NUMBER[:17], ACCOUNT, MOBILE, CALLED, ADDRESS, CONTACT)
PATIENT = {name.upper(): value for name, value in TEMPLATES.items()}


class Lin:
    """A newcomer's phone on a sandbox's world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chat = world.chats.with_robot("lin").id

    async def card(self, about: str) -> Card:
        """Wait for a card."""

        def find() -> list[Card]:
            return [
                card for card in self.world.cards.cards.values() if about in json.dumps(card.data, ensure_ascii=False)
            ]

        await soon(find, f"a card about {about}")
        return find()[-1]

    async def agrees(self, about: str) -> None:
        """Agree on a consent's card."""
        card = await self.card(f"是否同意提供{about}")
        assert (await self.world.press("lin", card.out_track_id, "agree", None)).ok

    async def submits(self, about: str, **values: Any) -> Any:
        """Send a form."""
        card = await self.card(about)
        outcome = await self.world.click("lin", card.out_track_id, "form", {"form": values})
        assert outcome.ok, outcome.reason
        return outcome.response

    async def says(self, text: str, group: str = "") -> None:
        """Say something."""
        await self.world.say("lin", group or self.chat, text)


def ours(entry: Entry) -> bytes:
    """What the robot sent: its calls, and its answers to what came."""
    told = entry.request if entry.direction == "out" else entry.response
    return json.dumps(told, ensure_ascii=False, default=str).encode()


async def test_numbers_lie_nowhere_and_progress_outlives_a_killed_process(tmp_path: Path) -> None:
    home, log, after = tmp_path / "home", tmp_path / "robot.log", tmp_path / "after.log"
    home.mkdir()
    async with serving(World(tiny(), seed=7)) as sandbox:
        lin = Lin(sandbox.world)
        async with robot(sandbox, home, log, **PATIENT):
            await lin.says(NUMBER)
            await lin.says(f"@机器人 {NUMBER}", TEAM_GROUP)
            await soon(lambda: "没有保存" in heard(sandbox.world, "lin"), "a number that nobody asked for")
            await lin.says("填写资料")
            await lin.agrees("证件号码")
            kind = {"index": 0, "value": "resident"}
            refused = await lin.submits("身份证件（1/7）", id_kind=kind, id_number=WRONG)
            assert "校验码" in json.dumps(refused, ensure_ascii=False)
            await lin.submits("身份证件（1/7）", id_kind=kind, id_number=NUMBER)
            await lin.card("联系方式（2/7）")
        # The process was killed, not stopped.
        async with robot(sandbox, home, after, **PATIENT):
            await lin.submits(
                "联系方式（2/7）", mobile=MOBILE, home_address=ADDRESS, registered_address="上海市" + ADDRESS
            )
            await lin.agrees("银行账号")
            await lin.submits("工资卡（3/7）", bank_account=ACCOUNT, bank_name="招商银行")
            await lin.submits(
                "紧急联系人（4/7）",
                emergency_name=CONTACT,
                emergency_relation={"index": 1, "value": "parent"},
                emergency_phone=CALLED,
            )
            await lin.card("学历（5/7）")
            await lin.says("同意提供 证件照片")
            await lin.says("更正 身份证照片")
            await lin.card("请发身份证人像面照片")
            photo = StoredFile("IMG_20261125.png", "image/png", picture())
            await sandbox.world.send_file("lin", lin.chat, "picture", photo)
            await lin.card("请发身份证国徽面照片")
            await lin.says("我的资料")
            await lin.card("我的资料（已完成 4/7）")
            await lin.says("导出我的数据")
            await soon(lambda: any(f.name.endswith(".zip") for f in sandbox.world.files.stored.values()), "the copy")
            disk = on_disk(home)
        assert any("-wal" in name for name in disk), "the log of changes is searched as well"
        for name, content in disk.items():
            assert found_in(content, SECRETS) == [], name
            assert picture()[40:200] not in content, name
        assert found_in(log.read_bytes() + after.read_bytes(), SECRETS) == []
        for entry in sandbox.world.wire.entries:
            if "/media/upload" not in entry.path:  # The copy itself, which goes to its owner as a file.
                assert found_in(ours(entry), SECRETS) == [], (entry.title, entry.path)
