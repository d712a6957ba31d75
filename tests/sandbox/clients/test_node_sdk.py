"""The unmodified Node SDK takes this for DingTalk. Its hosts are written into it: `redirect.mjs` changes them alone.

The SDK is installed from the lock beside its robot, which holds no download addresses, on first use.
"""

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.server import Running
from sandbox.world import World
from tests.sandbox.clients.process import process

HERE = Path(__file__).parent / "node"
LOCK = HERE / "package-lock.json"

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node")]


@pytest.fixture(scope="session")
def node() -> str:
    """Node, with the SDK installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("needs Node.js and npm (Debian: nodejs, npm)")
    stamp, wanted = HERE / "node_modules" / ".lock", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm ci failed: {done.stderr.strip()}")
        stamp.write_text(wanted)
    return node


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    packages = {name: one for name, one in json.loads(LOCK.read_text())["packages"].items() if name}
    assert packages["node_modules/dingtalk-stream"]["version"].startswith("2.1.")
    assert all("resolved" not in one and one["integrity"] for one in packages.values())


async def test_the_stock_node_sdk_hears_answers_and_comes_back(node: str, sandbox: Running, world: World) -> None:
    credentials = [sandbox.client_id, sandbox.client_secret, "dinghr-notice.schema"]
    hook, bot = HERE / "redirect.mjs", HERE / "bot.mjs"
    async with process(sandbox, [node, "--import", str(hook), str(bot), *credentials]) as sdk:
        assert (await sdk.asks("lin", "你好")).content["text"] == "你好"
        assert (await sdk.asks("lin", "@机器人 大家好", TEAM_GROUP)).content["text"] == "大家好"

        card = world.cards.cards[(await sdk.asks("lin", "card")).content["out_track_id"]]
        assert (await world.press("lin", card.out_track_id, "yes")).ok
        assert card.view("lin")["status"] == "lin: yes"

        await world.company.modify_user("lin", {"title": "高级工程师"})
        await world.stream.ping(world.stream.connections[0])

        patient = world.stream.timing
        world.stream.timing = replace(patient, push=0.2, robot_again=(0.2,))
        assert (await sdk.asks("lin", "forget")).content["text"] == "forget 2"
        world.stream.timing = patient

        (old,) = world.stream.connections
        await world.stream.disconnect(old)
        await sdk.until(lambda: world.stream.connections and old not in world.stream.connections)
        assert (await sdk.asks("lin", "还在吗")).content["text"] == "还在吗"

        assert [one for one in sdk.complaints() if "came too late" not in one] == []  # 0.2 s are few
        assert not [one for one in world.wire.entries if "given up" in one.title or "not answered" in one.title]
