"""The sandbox can be used from the documents alone: a robot that knows nothing else lives in it."""

import sys

from sandbox.company import TEAM_GROUP
from sandbox.server import Running
from sandbox.world import Card, World
from tests.sandbox.clients.process import process


def _status(card: Card, userid: str) -> str:
    return str(card.view(userid)["status"])


async def test_a_robot_written_from_the_documents_works_here(sandbox: Running, world: World) -> None:
    credentials = [sandbox.client_id, sandbox.client_secret, "dinghr-notice.schema"]
    command = [sys.executable, "-m", "tests.sandbox.clients.other_robot", sandbox.url, *credentials]
    async with process(sandbox, command) as other:
        echo = await other.asks("lin", "@机器人 你好", TEAM_GROUP)
        assert (echo.content["text"], echo.mentions) == ("@lin 你好", ("lin",))

        assert (await other.asks("lin", "告诉 wang 我晚点到")).content["text"] == "已送达"
        assert "我晚点到" in world.chats.with_robot("wang").messages[-1].content["text"]
        assert (await other.asks("lin", "告诉 nobody 在吗")).content["text"] == "没有送达：staffId.notExisted"

        names = (await other.asks("lin", "名单")).content["text"]
        assert names == f"9 人：{'、'.join(sorted(one.name for one in world.directory.users.values()))}"

        card = world.cards.cards[(await other.asks("lin", "@机器人 卡片", TEAM_GROUP)).content["out_track_id"]]
        assert (await world.look("wang", card.out_track_id)).ok
        assert (card.view("wang")["body"], card.view("lin").get("body")) == ("wang 的预算 500 元", None)
        tap = await world.press("wang", card.out_track_id, "yes")
        assert tap.response is not None
        assert tap.response["cardData"]["cardParamMap"] == {"status": "wang 已选择 yes"}
        await other.until(lambda: _status(card, "wang") == _status(card, "lin") == "yes：wang")

        (old,) = world.stream.connections
        await world.stream.disconnect(old)
        await other.until(lambda: len(world.stream.connections) == 1 and old not in world.stream.connections)
        assert (await other.asks("lin", "还在吗")).content["text"] == "@lin 还在吗"
        await world.stream.ping(world.stream.connections[0])
        await world.company.modify_user("lin", {"title": "高级工程师"})
        await other.until(lambda: world.wire.entries[-1].kind == "ack")
        (refusal,) = other.complaints()
        assert "staffId.notExisted" in refusal
