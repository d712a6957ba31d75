"""Reading the log in the chat, on record itself: an auditor all of it, everybody what others did with their data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hr_core.audit.store import SYSTEM, Act, AuditLog, AuditRow, Filter
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action

PAGE = 10

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pay": ("payslip.*", "payroll.*", "pay.*"),
        "leave": ("leave.*", "absence.*"),
        "identity": ("identity.*", "bank.*", "employee.export"),
        "medical": ("leave.reason_read", "medical.*"),
        "profile": ("employee.*", "contacts.*", "role.*", "profile.*"),
        "audit": ("audit.*",),
    }
)
"""What people ask about, as actions of the log."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first. `older` is what the next page stands before; 0 for none."""

    rows: Sequence[AuditRow]
    older: int


class AuditReading:
    """What may be read of the log, by whom; each reading is a row itself, written before the answer leaves."""

    def __init__(self, permission: PermissionChecker, audit: AuditLog) -> None:
        self._permission = permission
        self._audit = audit

    def allow(self, actor: int) -> None:
        """Raise the refusal for who isn't an auditor of the whole company."""
        self._permission.may(actor, Action.AUDIT_READ, on=None)

    async def search(
        self, actor: int, *, about: str | None = None, on: str | None = None, kind: str | None = None,
        outcome: str | None = None, before: int = 0,
    ) -> Page:  # fmt: skip
        """Give an auditor a page: of what concerns somebody, was done on them, of a kind, or was refused."""
        self.allow(actor)
        asked = {"about": about, "on": on, "kind": kind, "outcome": outcome, "before": str(before) if before else None}
        why = ", ".join(f"{name}={value}" for name, value in asked.items() if value is not None)
        self._audit.record(Act(self._key(actor), Action.AUDIT_READ.value, on=on or about, why=why))
        return await self._page(Filter(about=about, on=on, outcome=outcome, actions=KINDS.get(kind or "")), before)

    async def own(self, actor: int, *, kind: str | None = None, before: int = 0) -> Page:
        """Give somebody what others did with their data, or tried to; what happens by itself is left out."""
        self._permission.may(actor, Action.DATA_EXPORT, on=actor)
        key = self._key(actor)
        self._audit.record(Act(key, "audit.own_read", on=key, why=f"kind={kind}" if kind else None))
        return await self._page(Filter(on=key, but_by=(key, SYSTEM), actions=KINDS.get(kind or "")), before)

    async def _page(self, asked: Filter, before: int) -> Page:
        rows = await self._audit.newest(asked, PAGE + 1, before=before)
        return Page(rows[:PAGE], rows[PAGE - 1].id or 0 if len(rows) > PAGE else 0)

    def _key(self, actor: int) -> str:
        return self._permission.access.directory.people[actor].key
