"""Shifts as the group calls show them."""

from typing import Any

from sandbox.world.attendance import Shift

_EPOCH = "1970-01-01"


def times(shift: Shift) -> list[dict[str, Any]]:
    """Give the two times of a shift."""
    return [
        {"check_time": f"{_EPOCH} {shift.on}:00", "check_type": "OnDuty", "across": 0},
        {"check_time": f"{_EPOCH} {shift.off}:00", "check_type": "OffDuty", "across": shift.across},
    ]


def rests(shift: Shift) -> list[dict[str, Any]]:
    """Give the beginning and the end of its rest."""
    kinds = zip(shift.rest, ("OnDuty", "OffDuty"), strict=False)
    return [
        {"check_time": f"{_EPOCH} {clock}:00", "check_type": kind, "across": int(clock < shift.on)}
        for clock, kind in kinds
    ]


def minutes(shift: Shift) -> int:
    """Give how long it is, its rest left out."""
    begin, end = (_minute(one) for one in (shift.on, shift.off))
    rest = [_minute(one) for one in shift.rest]
    return (end - begin) % 1440 - ((rest[1] - rest[0]) % 1440 if rest else 0)


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def setting(shift: Shift) -> dict[str, Any]:
    """Give its rules as a group's page has them."""
    rules: dict[str, Any] = {
        "class_setting_id": shift.version,
        "permit_late_minutes": shift.permit,
        "serious_late_minutes": shift.serious,
        "absenteeism_late_minutes": shift.absent,
        "work_time_minutes": minutes(shift),
        "is_off_duty_free_check": "N",
    }
    return rules | dict(zip(("rest_begin_time", "rest_end_time"), rests(shift), strict=False))
