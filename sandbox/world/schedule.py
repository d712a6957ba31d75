"""Who has to come when: groups by membership, a day's shift, its checkpoints."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sandbox.world.attendance import REST_SHIFT, AttendanceGroup, CheckType, Membership, Plan, Shift
from sandbox.world.clock import CHINA
from sandbox.world.holidays import MAKEUP, OFF

if TYPE_CHECKING:
    from sandbox.world.world import World


def group_of(world: "World", userid: str, day: date) -> AttendanceGroup | None:
    """Give the one group a person is in that day: their own before their department's, the nearest department first."""
    user = world.directory.users.get(userid)
    if user is None or (user.hired is not None and day < user.hired):
        return None
    latest: dict[tuple[str, str], Membership] = {}
    for one in world.attendance.memberships:
        if one.since <= day:
            latest[one.kind, one.member] = one
    places = [("user", userid), *(("dept", str(above)) for one in user.dept_ids for above in world.directory.path(one))]
    found = next((latest[one] for one in places if one in latest and not latest[one].ended), None)
    exempt = latest.get(("extra", userid))
    if found is None or (exempt is not None and not exempt.ended and exempt.group_id == found.group_id):
        return None
    return world.attendance.groups.get(found.group_id)


def members(world: "World", group: AttendanceGroup) -> list[str]:
    """Give everybody in a group today."""
    today = world.clock.now().date()
    return [one for one in world.directory.users if (found := group_of(world, one, today)) and found.id == group.id]


def named(world: "World", group: AttendanceGroup) -> list[Membership]:
    """Give people, departments and the exempt as the group names them today."""
    today = world.clock.now().date()
    latest: dict[tuple[str, str], Membership] = {}
    for one in world.attendance.memberships:
        if one.since <= today or one.group_id == group.id:
            latest[one.kind, one.member] = one
    return [one for one in latest.values() if one.group_id == group.id and not one.ended]


def shift_id_of(world: "World", group: AttendanceGroup, userid: str, day: date) -> int | None:
    """Give a day's shift in a group: 0 for a day off, None when nothing is planned."""
    if group.kind == "NONE":
        return None
    if group.kind == "TURN":
        planned = world.attendance.schedules.get(f"{userid} {day}")
        return 0 if planned == REST_SHIFT else planned
    if day in OFF:
        return 0
    return group.week[1 if day in MAKEUP else day.isoweekday() % 7]


def shift_of(world: "World", userid: str, day: date) -> Shift | None:
    """Give the shift a person works that day."""
    group = group_of(world, userid, day)
    shift_id = shift_id_of(world, group, userid, day) if group else None
    return world.attendance.shifts.get(shift_id or 0)


def plans(world: "World", userid: str, day: date) -> list[Plan]:
    """Give a day's checkpoints; their ids stay the same however often they are asked for."""
    group = group_of(world, userid, day)
    shift_id = shift_id_of(world, group, userid, day) if group else None
    if group is None or shift_id is None:
        return []
    shift = world.attendance.shifts.get(shift_id)
    if shift is None:
        return [_plan(world, Plan(0, userid, day, "OnDuty", 0, group.id, moment(day, "00:00")), "Rest")]
    on, off = span(shift, day)
    checks: tuple[tuple[CheckType, datetime], ...] = (("OnDuty", on), ("OffDuty", off))
    return [_plan(world, Plan(0, userid, day, check, shift.id, group.id, at), check) for check, at in checks]


def _plan(world: "World", plan: Plan, name: str) -> Plan:
    key = f"{plan.userid} {plan.day} {name}"
    known = world.attendance.plans.get(key)
    plan.id = known.id if known else world.attendance.next_id()
    world.attendance.plans[key] = plan
    return plan


def moment(day: date, clock: str, days: int = 0) -> datetime:
    """Give the instant of a time written `HH:MM`."""
    return datetime.combine(day + timedelta(days=days), time.fromisoformat(clock), CHINA)


def span(shift: Shift, day: date) -> tuple[datetime, datetime]:
    """Give a shift's beginning and end on a day."""
    return moment(day, shift.on), moment(day, shift.off, shift.across)


def working(shift: Shift, day: date) -> list[tuple[datetime, datetime]]:
    """Give the stretches of work on a day: the shift without its rest."""
    on, off = span(shift, day)
    if not shift.rest:
        return [(on, off)]
    begin, end = (moment(day, one, int(one < shift.on)) for one in shift.rest)
    return [(on, begin), (end, off)]
