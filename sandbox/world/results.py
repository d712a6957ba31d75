"""What a day's punches come to: one result per checkpoint (A/0195, A/0243)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sandbox.world.attendance import Approval, Correction, Plan, Punch
from sandbox.world.schedule import plans, shift_of, span

if TYPE_CHECKING:
    from sandbox.world.world import World

TimeResult = Literal["Normal", "Early", "Late", "SeriousLate", "Absenteeism", "NotSigned"]
_BEFORE, _AFTER = timedelta(hours=8), timedelta(hours=12)  # A/0243: 前8后12


@dataclass(frozen=True, slots=True)
class Result:
    """A checkpoint's outcome, and what it rests on: a punch, an approval, a correction or nothing."""

    plan: Plan
    time: TimeResult
    location: Literal["Normal", "Outside", "NotSigned"]
    source: str
    at: datetime
    punch: Punch | None = None
    approval: Approval | Correction | None = None


def results(world: "World", planned: list[Plan]) -> list[Result]:
    """Give a day's results, of checkpoints that are still to come as well."""
    return [_result(world, one) for one in planned if one.shift_id]


def _result(world: "World", plan: Plan) -> Result:
    correction = world.attendance.corrections.get(plan.id)
    if correction is not None:
        return Result(plan, judged(world, plan, correction.at), "Normal", "APPROVE", correction.at, None, correction)
    approval = covering(world, plan.userid, plan.at)
    if approval is not None:
        return Result(plan, "Normal", "Normal", "APPROVE", plan.at, None, approval)
    punch = matched(world, plan)
    if punch is None:
        return Result(plan, "NotSigned", "NotSigned", "SYSTEM", plan.at)
    location: Literal["Normal", "Outside"] = "Outside" if punch.outside else "Normal"
    return Result(plan, judged(world, plan, punch.at), location, punch.source, punch.at, punch)


def covering(world: "World", userid: str, at: datetime) -> Approval | None:
    """Give the leave, trip or outing a person is on at an instant."""
    found = (one for one in world.attendance.approvals.values() if one.userid == userid and one.biz_type != 1)
    return next((one for one in found if one.begin <= at <= one.end), None)


def matched(world: "World", plan: Plan) -> Punch | None:
    """Give the punch that counts for a checkpoint: the first for the beginning, the last for the end."""
    begin, end = window(world, plan)
    found = [
        one for one in world.attendance.punches.get(plan.userid, ()) if not one.invalid and begin <= one.at < end
    ]  # fmt: skip
    if not found:
        return None
    pick = min if plan.check_type == "OnDuty" else max
    return pick(found, key=lambda one: one.at)


def window(world: "World", plan: Plan) -> tuple[datetime, datetime]:
    """Give when a punch counts for a checkpoint: between the middles to those before and after, where a day off leaves
    none so many hours.
    """
    shift = world.attendance.shifts[plan.shift_id]
    on, off = span(shift, plan.day)
    middle = on + (off - on) / 2
    day = timedelta(days=1)
    if plan.check_type == "OnDuty":
        before = shift_of(world, plan.userid, plan.day - day)
        return on - (on - span(before, plan.day - day)[1]) / 2 if before else on - _BEFORE, middle
    after = shift_of(world, plan.userid, plan.day + day)
    return middle, off + (span(after, plan.day + day)[0] - off) / 2 if after else off + _AFTER


def judged(world: "World", plan: Plan, at: datetime) -> TimeResult:
    """Hold a punch against its checkpoint, by whole minutes."""
    shift = world.attendance.shifts[plan.shift_id]
    at = at.replace(second=0, microsecond=0)
    if plan.check_type == "OffDuty":
        return "Early" if at < plan.at - timedelta(minutes=shift.permit) else "Normal"
    late = (at - plan.at) / timedelta(minutes=1)
    if late <= shift.permit:
        return "Normal"
    if 0 <= shift.absent < late:
        return "Absenteeism"
    return "SeriousLate" if 0 <= shift.serious < late else "Late"


def of_punch(world: "World", punch: Punch) -> Result | None:
    """Give the result a punch counts for; None if it counts for none."""
    for day in (punch.at.date(), punch.at.date() - timedelta(days=1)):
        for one in plans(world, punch.userid, day):
            if one.shift_id and matched(world, one) is punch:
                return Result(
                    one, judged(world, one, punch.at), "Outside" if punch.outside else "Normal", punch.source,
                    punch.at, punch,
                )  # fmt: skip
    return None
