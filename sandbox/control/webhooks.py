"""Control calls about the custom robots of groups."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.world import Refused
from sandbox.world.webhooks import MOST_KEYWORDS, PATH, GroupRobot


async def _list(ask: Ask) -> list[Mapping[str, Any]]:
    """List the groups' custom robots, with their addresses."""
    return [_told(ask, one) for one in ask.world.group_robots.robots.values()]


async def _set(ask: Ask) -> Mapping[str, Any]:
    """Put a custom robot into a group, or change the one of that `token`."""
    robots = ask.world.group_robots
    if ask.has("token"):
        robot = robots.robots.get(ask.text("token"))
        if robot is None:
            raise Refused("there is no such robot")
    else:
        group = ask.world.chats.conversations.get(ask.text("conversation"))
        if group is None or group.kind != "group":
            raise Refused("conversation must be a group")
        robot = robots.add(group.id, ask.text("name", "自定义机器人"))
    keywords, ranges = ask.texts("keywords"), addresses(ask)
    if len(keywords) > MOST_KEYWORDS:
        raise Refused(f"{MOST_KEYWORDS} keywords at most")
    if ask.has("keywords"):
        robot.keywords = tuple(keywords)
    if ask.has("addresses"):
        robot.addresses = ranges
    robot.secret = ask.text("secret", robot.secret)
    robot.stopped = ask.flag("stopped", robot.stopped)
    robot.removed = ask.flag("removed", robot.removed)
    return _told(ask, robot)


def addresses(ask: Ask) -> tuple[str, ...]:
    """Give the addresses and ranges that are named."""
    found = tuple(ask.texts("addresses"))
    for one in found:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise Refused(f"{one} must be an IPv4 address or a range such as 1.1.1.0/24") from None
    return found


def _told(ask: Ask, robot: GroupRobot) -> Mapping[str, Any]:
    return {
        "token": robot.token, "url": f"{ask.world.base_url}{PATH}?access_token={robot.token}", "name": robot.name,
        "conversation": robot.conversation_id, "keywords": robot.keywords, "secret": robot.secret,
        "addresses": robot.addresses, "stopped": robot.stopped, "removed": robot.removed,
    }  # fmt: skip


CONTROLS = (
    Control("GET", "/sandbox/webhooks", "", _list),
    Control(
        "POST",
        "/sandbox/webhooks",
        "`conversation`, `name`, or `token`; `keywords`, `secret`, `addresses`, `stopped`, `removed`",
        _set,
    ),
)
