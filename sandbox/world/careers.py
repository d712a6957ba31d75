"""What becomes of people in 智能人事, each with the event DingTalk pushes for it (E/0142 ff)."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sandbox.world.clock import CHINA
from sandbox.world.directory import User
from sandbox.world.errors import Refused
from sandbox.world.hrm import CONFIRMATION, ENTRY, LEAVING, PROBATION, REGULAR, Dismissal, Employee, Newcomer

if TYPE_CHECKING:
    from sandbox.world.world import World


async def record_changed(world: "World", userid: str) -> None:
    """Push that a roster record was changed."""
    await world.stream.event("hrm_user_record_change", {"staffId": userid, "actionType": "userInfoChange"})


async def moved(world: "World", userid: str, change_type: int) -> None:
    """Push an entry, a confirmation, a transfer or a dismissal."""
    data = {"staffId": userid, "changeType": change_type, "bizTime": world.clock.ms()}
    await world.stream.event("hrm_mdm_user_change", data)


async def announce(world: "World", newcomer: Newcomer) -> None:
    """Expect somebody: their onboarding is prepared."""
    world.hrm.newcomers[newcomer.userid] = newcomer
    await _onboarding(world, newcomer.userid, "init")


async def enter(world: "World", tmp_userid: str, userid: str) -> User:
    """Let a newcomer begin, under another userid than the temporary one (A/0945)."""
    newcomer = world.hrm.newcomers.get(tmp_userid)
    if newcomer is None:
        raise Refused(f"there is no newcomer {tmp_userid}")
    day = datetime.fromtimestamp(newcomer.entry_at / 1000, CHINA) if newcomer.entry_at else world.clock.now()
    info = newcomer.info
    places = [int(one) for one in info.get("depts", "").split("|") if one.isdigit()]
    user = User(
        userid, newcomer.name, places or [1], mobile=newcomer.mobile, title=info.get("position", ""),
        job_number=info.get("jobNumber", ""), work_place=info.get("workPlace", ""), hired=day.date(),
    )  # fmt: skip
    await world.company.add_user(user)
    del world.hrm.newcomers[tmp_userid]
    world.hrm.employees[userid] = Employee(userid, PROBATION, newcomer.sections)
    await _onboarding(world, userid, "start")
    await moved(world, userid, ENTRY)
    return user


async def _onboarding(world: "World", userid: str, status: Literal["init", "start"]) -> None:
    data = {
        "corpId": world.app.corp_id,
        "staffIds": [userid],
        "solutionType": "onboarding",
        "solutionStatus": status,
    }
    await world.stream.event("hrm_solution_manage", data)


async def confirm(world: "World", userid: str, day: date) -> None:
    """Confirm a probationer: at once for a day that is past, otherwise by a job (A/0957) at the midnight that follows
    or begins it.
    """
    record, today = world.hrm.employee(userid), world.clock.now().date()
    record.confirm_on = day if day < today else max(day, today + timedelta(days=1))
    record.sections.setdefault("sys01", [{}])[0]["sys01-regularTime"] = day.isoformat()
    await settle(world)


async def settle(world: "World") -> None:
    """Carry out the confirmations whose day has come."""
    today = world.clock.now().date()
    for record in list(world.hrm.employees.values()):
        if record.confirm_on is not None and record.confirm_on <= today:
            record.confirm_on = None
            if record.status == LEAVING:
                world.hrm.dismissals[record.userid].status_before = REGULAR
            else:
                record.status = REGULAR
            await moved(world, record.userid, CONFIRMATION)


def give_notice(world: "World", notice: Dismissal) -> None:
    """Put a person on the list of those who are leaving."""
    world.hrm.employee(notice.userid).status = LEAVING
    world.hrm.dismissals[notice.userid] = notice


def take_back(world: "World", userid: str) -> None:
    """Take a person off that list."""
    world.hrm.employee(userid).status = world.hrm.dismissals.pop(userid).status_before
