"""假期: leave types, quotas and what was done to them (A/0233 ff). Numbers are hundredths, as DingTalk counts them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class LeaveType:
    """假期规则. `source`: `external` for those made by API, `inner` for the company's own."""

    code: str
    name: str
    unit: str
    biz_type: str = "general_leave"
    natural_day: bool = False
    hours_in_day: int = 800
    source: str = "inner"
    validity_type: str = ""
    validity_value: str = ""
    certificate: dict[str, Any] = field(default_factory=dict)
    submit_rule: dict[str, Any] = field(default_factory=dict)
    visibility: list[dict[str, Any]] = field(default_factory=list)
    changed_at: int = 0

    @property
    def by_hour(self) -> bool:
        """Whether its balance counts hours."""
        return self.unit == "hour"


@dataclass(slots=True)
class Quota:
    """What one person has of one type in one period."""

    id: str
    userid: str
    leave_code: str
    cycle: str
    start: int
    end: int
    total: int
    used: int = 0


@dataclass(slots=True)
class QuotaRecord:
    """One change to a quota."""

    id: str
    quota_id: str
    userid: str
    leave_code: str
    cal_type: str
    kind: str
    amount: int
    start: int
    end: int
    reason: str
    operator: str
    at: int


@dataclass(slots=True)
class Vacation:
    """Types, quotas and records."""

    types: dict[str, LeaveType] = field(default_factory=dict)
    quotas: list[Quota] = field(default_factory=list)
    records: list[QuotaRecord] = field(default_factory=list)

    def find(self, userid: str, leave_code: str, cycle: str) -> Quota | None:
        """Give a person's quota of a period."""
        wanted = (userid, leave_code, cycle)
        return next((one for one in self.quotas if (one.userid, one.leave_code, one.cycle) == wanted), None)
