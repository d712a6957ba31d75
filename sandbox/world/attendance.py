"""考勤: shifts, groups and who is in them, plans, punches, approvals (A/0174 ff, A/0195 ff, A/0225 ff)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from sandbox.world.vacation import Vacation

CheckType = Literal["OnDuty", "OffDuty"]
REST_SHIFT = 1
"""The shift id that means a day off when a schedule is written (A/0207)."""


@dataclass(slots=True)
class Shift:
    """班次: one stretch of work, its times as `HH:MM`. `permit`, `serious`, `absent`: minutes late, -1 for never."""

    id: int
    name: str
    on: str
    off: str
    version: int
    rest: list[str] = field(default_factory=list)
    permit: int = 0
    serious: int = -1
    absent: int = -1

    @property
    def across(self) -> int:
        """Days between its beginning and its end."""
        return int(self.off <= self.on)


@dataclass(slots=True)
class AttendanceGroup:
    """考勤组. `week`: the shift of each day from Sunday on, 0 for none; only a FIXED group has one."""

    id: int
    key: str
    name: str
    kind: Literal["FIXED", "TURN", "NONE"]
    shift_ids: list[int]
    owner: str
    managers: list[str] = field(default_factory=list)
    week: list[int] = field(default_factory=lambda: [0] * 7)
    is_default: bool = False


@dataclass(slots=True)
class Membership:
    """A person or a department in a group from a day on, or no longer in it; `extra`: 无需考勤."""

    group_id: int
    kind: Literal["user", "dept", "extra"]
    member: str
    since: date
    ended: bool = False


@dataclass(slots=True)
class Plan:
    """One checkpoint of a person's day; a day off has one with shift 0."""

    id: int
    userid: str
    day: date
    check_type: CheckType
    shift_id: int
    group_id: int
    at: datetime


@dataclass(slots=True)
class Punch:
    """打卡. `invalid` says why it isn't taken; `matched` by which of the day's checkpoints is worked out, not kept."""

    id: int
    userid: str
    at: datetime
    biz_id: str
    source: str = "USER"
    outside: bool = False
    remark: str = ""
    invalid: str = ""
    address: str = "上海市青禾路1号"
    device_id: str = ""
    photo_url: str = ""


@dataclass(slots=True)
class Approval:
    """An approved overtime (1), trip or outing (2) or leave (3), told by `approvals/finish`."""

    number: int
    approve_id: str
    userid: str
    biz_type: int
    tag: str
    sub_type: str
    begin: datetime
    end: datetime
    begin_text: str
    end_text: str
    unit: str
    duration: float
    details: dict[str, float]
    finished: datetime
    leave_code: str = ""
    jump_url: str = ""
    overtime_hours: str = ""
    overtime_to: int | None = None


@dataclass(slots=True)
class Correction:
    """补卡: a checkpoint's punch, made good afterwards."""

    number: int
    approve_id: str
    plan_id: int
    at: datetime
    tag: str


@dataclass(slots=True)
class Attendance:
    """All of it. `schedules` of the TURN groups: shift by person and day."""

    shifts: dict[int, Shift] = field(default_factory=dict)
    groups: dict[int, AttendanceGroup] = field(default_factory=dict)
    memberships: list[Membership] = field(default_factory=list)
    schedules: dict[str, int] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    punches: dict[str, list[Punch]] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    corrections: dict[int, Correction] = field(default_factory=dict)
    pushed: dict[str, int] = field(default_factory=dict)
    vacation: Vacation = field(default_factory=Vacation)
    last_id: int = 100_000_000_000

    def next_id(self) -> int:
        """Give a number of the size DingTalk prints."""
        self.last_id += 1
        return self.last_id

    def plan_by_id(self, plan_id: int) -> Plan | None:
        """Give a checkpoint that was asked for before."""
        return next((one for one in self.plans.values() if one.id == plan_id), None)

    def key_of(self, userid: str, approve_id: str) -> str:
        """Give the key an approval is kept by: ids of different people don't meet."""
        return f"{userid} {approve_id}"
