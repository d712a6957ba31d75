"""Who read what the robot said, and what it took back: noted, and told to an app that asked for it (E/0111, E/0112)."""

from typing import TYPE_CHECKING, Any

from sandbox.world import subscribed
from sandbox.world.chats import Message
from sandbox.world.subscribed import READ, RECALLED

if TYPE_CHECKING:
    from sandbox.world.world import World


def read(world: "World", message: Message, userid: str) -> None:
    """Note that a person has a message on the screen; the first time counts."""
    if userid in message.read_by:
        return
    message.read_by[userid] = world.clock.now()
    if message.from_robot and message.query_key:
        _tell(world, READ, message, userid, str(world.clock.ms()))  # a text here, a number in the sister event


def recall(world: "World", message: Message) -> None:
    """Take a message back."""
    message.recalled = True
    owner = world.chats.conversations[message.conversation_id].owner
    _tell(world, RECALLED, message, owner, world.clock.ms())


def _tell(world: "World", event: str, message: Message, userid: str, at: str | int) -> None:
    user = world.directory.users.get(userid)
    data: dict[str, Any] = {
        "unionId": user.unionid if user else "",
        "userId": userid,
        "operatTime": at,
        "robotCode": world.app.robot_code,
        "openConversationId": message.conversation_id,
        "processQueryKey": message.query_key,
    }
    world.stream.background(subscribed.push(world, event, data))
