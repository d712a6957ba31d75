"""智能人事: what the roster holds beside the contacts, newcomers, leavers, positions (A/0934 ff)."""

from dataclasses import dataclass, field
from datetime import date

from sandbox.world.directory import User

PROBATION, REGULAR, LEAVING, NO_STATUS = "2", "3", "5", "-1"
"""员工状态 as `sys01-employeeStatus` and the on-job list have it (A/0946)."""
ENTRY, CONFIRMATION, TRANSFER, DISMISSAL = 1, 2, 3, 4
"""changeType of `hrm_mdm_user_change` (E/0005)."""

Sections = dict[str, list[dict[str, str]]]
"""A group's rows of values by field code; groups without details have one row."""


@dataclass(slots=True)
class Employee:
    """A person's roster record; `confirm_on` is a confirmation (转正) that waits for its day."""

    userid: str
    status: str = NO_STATUS
    sections: Sections = field(default_factory=dict)
    confirm_on: date | None = None


@dataclass(slots=True)
class Newcomer:
    """Somebody about to join. The userid is a temporary one (A/0945)."""

    userid: str
    name: str
    mobile: str
    entry_at: int | None = None
    info: dict[str, str] = field(default_factory=dict)
    sections: Sections = field(default_factory=dict)


@dataclass(slots=True)
class Dismissal:
    """Somebody who is leaving, or has left: then `user` keeps the contact record as it was."""

    userid: str
    last_day: int
    status_before: str
    voluntary: list[str] = field(default_factory=list)
    passive: list[str] = field(default_factory=list)
    memo: str = ""
    handover: str = ""
    user: User | None = None


@dataclass(slots=True)
class Position:
    """职位. Without departments or ranks it goes with any."""

    id: str
    name: str
    job_id: str
    dept_ids: list[int] = field(default_factory=list)
    rank_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Rank:
    """职级."""

    id: str
    name: str
    grade: int


@dataclass(slots=True)
class Job:
    """职务."""

    id: str
    name: str
    description: str = ""


@dataclass(slots=True)
class Hrm:
    """All of it. `enabled`: the company uses 智能人事; `upgraded`: with 职位管理."""

    enabled: bool = True
    upgraded: bool = True
    employees: dict[str, Employee] = field(default_factory=dict)
    newcomers: dict[str, Newcomer] = field(default_factory=dict)
    dismissals: dict[str, Dismissal] = field(default_factory=dict)
    positions: list[Position] = field(default_factory=list)
    ranks: list[Rank] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    voluntary_reasons: dict[str, str] = field(default_factory=dict)
    passive_reasons: dict[str, str] = field(default_factory=dict)

    @property
    def positions_managed(self) -> bool:
        """Whether titles and departments are changed in 智能人事 alone (A/0161, errcode 12150)."""
        return self.enabled and self.upgraded

    def employee(self, userid: str) -> Employee:
        """Give a person's record, an empty one for somebody whom only the contacts know."""
        return self.employees.setdefault(userid, Employee(userid))

    def leaver(self, userid: str) -> Dismissal | None:
        """Give the dismissal of somebody who has left."""
        found = self.dismissals.get(userid)
        return found if found is not None and found.user is not None else None

    def left(self, user: User, now: int) -> Dismissal:
        """Note that a person was removed from the contacts: whatever was prepared for it is lost (A/0950)."""
        record = self.employee(user.userid)
        prepared = self.dismissals.pop(user.userid, None)
        before = prepared.status_before if prepared else record.status
        gone = self.dismissals[user.userid] = Dismissal(user.userid, now, before, user=user)
        record.confirm_on = None
        return gone
