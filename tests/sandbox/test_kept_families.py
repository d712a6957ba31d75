"""What the families of this folder know is kept over a restart, and forgotten by a reset."""

from typing import Any

from sandbox.company import TEAM_GROUP, tiny
from sandbox.state import dump, restore
from sandbox.world import World
from sandbox.world.clock import START
from tests.sandbox.client import Robot
from tests.sandbox.test_cards import send, to_person


async def _live(robot: Robot, world: World) -> dict[str, Any]:
    """Let something happen in each family; give what to look for."""
    world.membership.protected = {"13900000009"}
    newcomer = {"userid": "new", "name": "新人", "mobile": "13900000009", "dept_id_list": "200"}
    assert (await robot.old("/topapi/v2/user/create", newcomer)).code == 40103
    await world.company.remove_user("chen", "leave")
    group = (await robot.old("/role/add_role_group", {"name": "岗位"})).body["groupId"]
    role = (await robot.old("/role/add_role", {"roleName": "人事", "groupId": group})).body["roleId"]
    await robot.result("/topapi/role/addrolesforemps", roleIds=str(role), userIds="li")
    hook = (await robot.call("POST", "/sandbox/webhooks", {"conversation": TEAM_GROUP, "secret": "SEC"})).body["token"]
    scene = {"title": "组", "owner_user_id": "lin", "template_id": "dinghr-group", "uuid": "u"}
    made = (await robot.new("POST", "/v1.0/im/sceneGroup/create", scene)).body["open_conversation_id"]
    top = {"topOpenSpaceModel": {"spaceType": "ONE_BOX"}, "openSpaceId": f"dtv1.card//ONE_BOX.{TEAM_GROUP}"}
    await send(robot, to_person("", **top, topOpenDeliverModel={"expiredTimeMillis": world.clock.ms() + 60_000}))
    return {"role": role, "hook": hook, "made": made, "token": world.user_tokens.issue("lin").token}


async def test_all_of_it_goes_on_after_a_restart(robot: Robot, world: World) -> None:
    lived = await _live(robot, world)
    code = world.login_codes.issue("lin", "in_app")
    other = World(tiny(), seed=2, start=START)
    other.clock.freeze()
    restore(other, dump(world))
    assert other.membership == world.membership
    assert other.membership.invited["13900000009"].name == "新人"
    assert other.roles.roles[lived["role"]].members == ["li"]
    assert other.group_robots.robots[lived["hook"]].secret == "SEC"
    assert other.chats.made == {"u": lived["made"]}
    assert other.chats.conversations[lived["made"]].head == "lin"
    assert other.user_tokens.userid(lived["token"]) == "lin"
    assert other.shows(other.cards.cards["leave-1"], "lin") is not None
    redeemed = other.login_codes.redeem(code, "in_app")
    assert redeemed is not None
    assert redeemed.userid == "lin"


async def test_a_reset_forgets_all_of_it(robot: Robot, world: World) -> None:
    lived = await _live(robot, world)
    world.blocking, world.app.redirect_uris = {"lin"}, {"https://x.cn"}
    world.reset()
    assert world.membership.departures == []
    assert lived["role"] not in world.roles.roles
    assert not world.group_robots.robots
    assert lived["made"] not in world.chats.conversations
    assert world.user_tokens.userid(lived["token"]) is None
    assert (world.blocking, world.app.redirect_uris) == (set(), {"http://localhost:5173"})
