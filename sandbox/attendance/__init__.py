"""考勤: punches (A/0195 ff), groups (A/0173 ff), plans (A/0203 ff), approvals (A/0225 ff), leave (A/0233 ff)."""

from sandbox.attendance.approvals import OPERATIONS as APPROVALS
from sandbox.attendance.groups import OPERATIONS as GROUPS
from sandbox.attendance.leave_types import OPERATIONS as LEAVE_TYPES
from sandbox.attendance.members import OPERATIONS as MEMBERS
from sandbox.attendance.punches import OPERATIONS as PUNCHES
from sandbox.attendance.quotas import OPERATIONS as QUOTAS
from sandbox.attendance.reports import OPERATIONS as REPORTS
from sandbox.attendance.schedules import OPERATIONS as SCHEDULES

OPERATIONS = (*PUNCHES, *GROUPS, *MEMBERS, *SCHEDULES, *REPORTS, *APPROVALS, *LEAVE_TYPES, *QUOTAS)

__all__ = ["OPERATIONS"]
