"""Control calls about what administrators and people do in 智能人事 and 考勤."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.world import CHINA, Refused, User, careers, punching
from sandbox.world.attendance import Punch
from sandbox.world.vacation import Quota


async def _hrm(ask: Ask) -> Mapping[str, Any]:
    """Tell whether the company uses 智能人事, and who is confirmed, leaving or about to join."""
    hrm = ask.world.hrm
    return {
        "enabled": hrm.enabled,
        "upgraded": hrm.upgraded,
        "confirmations": {one.userid: one.confirm_on for one in hrm.employees.values() if one.confirm_on},
        "dismissals": list(hrm.dismissals.values()),
        "newcomers": list(hrm.newcomers.values()),
    }


async def _set_hrm(ask: Ask) -> Mapping[str, Any]:
    """Let the company use 智能人事 or not, with 职位管理 (`upgraded`) or without."""
    hrm = ask.world.hrm
    hrm.enabled = ask.flag("enabled", hrm.enabled)
    hrm.upgraded = ask.flag("upgraded", hrm.upgraded)
    return await _hrm(ask)


async def _enter(ask: Ask) -> User:
    """Let a newcomer begin, under a new userid: `user_add_org`, `hrm_solution_manage`, `hrm_mdm_user_change`."""
    return await careers.enter(ask.world, ask.text("newcomer"), ask.text("userid"))


async def _quota(ask: Ask) -> Quota:
    """Set a person's balance as an administrator does by hand, in hundredths: `leave_quota_update`."""
    world, user = ask.world, ask.world.company.user(ask.text("user"))
    vacation = world.attendance.vacation
    kind = next((one for one in vacation.types.values() if ask.text("leave") in {one.code, one.name}), None)
    cycle = ask.text("cycle", f"{world.clock.now():%Y}")
    quota = vacation.find(user.userid, kind.code, cycle) if kind else None
    if kind is None or quota is None:
        raise Refused(f"{user.userid} has no such leave in {cycle}")
    quota.total = int(ask.number("total", quota.total))
    quota.used = int(ask.number("used", quota.used))
    operator = next(one.userid for one in world.directory.users.values() if one.admin)
    data = {"leaveCode": kind.code, "opUserId": operator, "userId": user.userid, "updateType": "ADD"}
    await world.stream.event("leave_quota_update", data)
    return quota


async def _punch(ask: Ask) -> Punch:
    """Punch the clock as a person, now unless `at` says when; `invalid` is why it isn't taken.

    It is pushed as `attendance_check_record`, at most once a minute for each person.
    """
    user = ask.world.company.user(ask.text("user"))
    facts: dict[str, Any] = {name: ask.text(name, "") for name in ("remark", "invalid")}
    facts |= {name: ask.text(name) for name in ("address", "device_id", "photo_url", "source") if ask.has(name)}
    if facts.get("source", "USER") not in _SOURCES:
        raise Refused(f"source must be one of {', '.join(_SOURCES)}")
    if ask.has("at"):
        try:
            instant = datetime.fromisoformat(ask.text("at"))
        except ValueError:
            raise Refused("at must be an instant such as 2026-11-24T09:00:00+08:00") from None
        facts["at"] = instant if instant.tzinfo else instant.replace(tzinfo=CHINA)
    punch = punching.new(ask.world, user.userid, outside=ask.flag("outside"), **facts)
    return await punching.keep(ask.world, punch)


async def _punches(ask: Ask) -> list[Punch]:
    """List a person's punches."""
    return ask.world.attendance.punches.get(ask.world.company.user(ask.text("user")).userid, [])


_SOURCES = ("ATM", "BEACON", "DING_ATM", "USER", "BOSS", "SYSTEM", "AUTO_CHECK")

CONTROLS = (
    Control("GET", "/sandbox/hrm", "", _hrm),
    Control("POST", "/sandbox/hrm", "`enabled`, `upgraded`", _set_hrm),
    Control("POST", "/sandbox/hrm/entries", "`newcomer`, `userid`", _enter),
    Control("POST", "/sandbox/quotas", "`user`, `leave` name or code, `cycle`?, `total`?, `used`?", _quota),
    Control("GET", "/sandbox/punches", "`user`", _punches),
    Control(
        "POST",
        "/sandbox/punches",
        "`user`, `at`? ISO, `outside`?, `remark`?, `invalid`?, `source`? USER/ATM/…, `address`?, `device_id`?, "
        "`photo_url`?",
        _punch,
    ),
)
