"""A punch: kept, and pushed as `attendance_check_record` (E/0125)."""

from typing import TYPE_CHECKING, Any

from sandbox.world.attendance import Punch
from sandbox.world.feed import Change
from sandbox.world.schedule import group_of
from sandbox.world.subscribed import day_changed

if TYPE_CHECKING:
    from sandbox.world.world import World

LATITUDE, LONGITUDE = 31.2304, 121.4737
_MINUTE_MS = 60_000


async def keep(world: "World", punch: Punch) -> Punch:
    """Keep a punch and push it, at most once a minute for each person."""
    attendance = world.attendance
    attendance.punches.setdefault(punch.userid, []).append(punch)
    world.feed.tell(Change("company", punch.userid))
    now = world.clock.ms()
    last = attendance.pushed.get(punch.userid)
    if last is None or not 0 <= now - last < _MINUTE_MS:
        attendance.pushed[punch.userid] = now
        await world.stream.event("attendance_check_record", {"dataList": [_told(world, punch)]})
    await day_changed(world, punch.userid, punch.at.date())
    return punch


def _told(world: "World", punch: Punch) -> dict[str, Any]:
    group = group_of(world, punch.userid, punch.at.date())
    told: dict[str, Any] = {
        "userId": punch.userid,
        "corpId": world.app.corp_id,
        "checkTime": int(punch.at.timestamp() * 1000),
        "bizId": punch.biz_id,
        "address": punch.address,
        "locationResult": "Outside" if punch.outside else "Normal",
        "checkByUser": punch.source == "USER",
    }
    if group is not None:
        told["groupId"] = group.key
    if punch.source == "USER":
        told |= {"locationMethod": "MAP", "latitude": LATITUDE, "longitude": LONGITUDE}
    else:
        told["deviceSN"] = punch.device_id
    return told


def new(world: "World", userid: str, **facts: Any) -> Punch:
    """Make a punch; without a time it is now."""
    facts.setdefault("at", world.clock.now())
    return Punch(world.attendance.next_id(), userid, biz_id=world.ids.hex(32).upper(), **facts)
