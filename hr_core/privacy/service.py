"""Use cases: the notice, consents, a copy of one's data, corrections. Permission first, then the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.audit.store import SYSTEM, Act, AuditLog
from hr_core.clock import Clock, company_day
from hr_core.errors import HRError
from hr_core.notices import Happened, Notice, Outdated
from hr_core.permission.checker import PermissionChecker
from hr_core.permission.matrix import Action, Role
from hr_core.privacy import erase, erasure, parts  # noqa: F401 - register what this room exports and erases
from hr_core.privacy.consent import RESTS_ON
from hr_core.privacy.export import Asker, gather_all
from hr_core.privacy.policy import PrivacyPolicy
from hr_core.privacy.store import NOTICE, Answer, ConsentRow, CorrectionRow, PrivacyStore
from hr_core.vault import Vault

KIND = "privacy"
MOST_TEXT = 500
MOST_PENDING = 5


class CorrectionUnclear(HRError):
    """A correction without saying what is wrong, or longer than we keep."""

    code = "privacy.error.correction_unclear"


class TooManyCorrections(HRError):
    """Several corrections of a person wait already."""

    code = "privacy.error.too_many"


class NobodyInHR(HRError):
    """There is nobody to bring a correction to."""

    code = "privacy.error.no_hr"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as HR and its asker see it."""

    id: int
    employee_id: int
    name: str
    text: str
    answer: str
    status: str
    asked_at: datetime


class PrivacyService:
    """What a person may ask about their own data."""

    def __init__(
        self,
        session: AsyncSession,
        permission: PermissionChecker,
        audit: AuditLog,
        vault: Vault,
        clock: Clock,
        policy: PrivacyPolicy,
        source: str | None,
        told: set[int],
    ) -> None:
        self._session = session
        self._store = PrivacyStore(session)
        self._permission = permission
        self._audit = audit
        self._vault = vault
        self._clock = clock
        self._source = source
        self._told = told
        self.policy = policy

    # --- notice and consents ------------------------------------------------------------------------------------------

    async def tell(self, employee_id: int) -> bool:
        """Note that a person is being told how their data are used; False when they were before."""
        if employee_id in self._told:
            return False
        known = await self._store.newest(employee_id, NOTICE)
        if known is not None and known.version >= self.policy.notice_version:
            self._told.add(employee_id)
            return False
        self._note(employee_id, NOTICE, self.policy.notice_version, Answer.TOLD)
        key = self._permission.access.directory.people[employee_id].key
        self._audit.record(Act(SYSTEM, "data.notice", on=key, record=f"notice:{self.policy.notice_version}"))
        return True

    async def consent(self, actor: int, name: str, *, given: bool) -> str:
        """Give or take back a separate consent; what rested on it is erased. Gives the purpose's name."""
        purpose = self.policy.purpose(name)
        await self._store.hold_answers(actor, to_change=True)
        self._note(actor, purpose.key, purpose.version, Answer.GIVEN if given else Answer.WITHDRAWN)
        for forget in () if given else RESTS_ON.get(purpose.key, ()):
            await forget(self._session, actor)
        self._did(actor, "data.consent" if given else "data.withdraw", f"purpose:{purpose.key}", on=actor)
        return purpose.name

    async def consents(self, actor: int) -> list[tuple[str, str, Answer | None]]:
        """Give each purpose with what the person last said to it."""
        found = []
        for purpose in self.policy.purposes:
            row = await self._store.newest(actor, purpose.key)
            holds = row is not None and row.version >= purpose.version
            found.append((purpose.name, purpose.what, Answer(row.answer) if row and holds else None))
        return found

    # --- a copy -------------------------------------------------------------------------------------------------------

    async def request_copy(self, actor: int) -> None:
        """Allow, and put on record, that a person gets a copy of what is held about them."""
        self._permission.may(actor, Action.DATA_EXPORT, on=actor)
        self._did(actor, Action.DATA_EXPORT.value, None, on=actor)

    async def copy(self, actor: int) -> Mapping[str, Any]:
        """Give everything that is held about a person, as it is now."""
        self._permission.may(actor, Action.DATA_EXPORT, on=actor)
        person = self._permission.access.directory.people[actor]
        gathered = await gather_all(Asker(actor, person.key, self._session, self._vault))
        return {"生成时间": self._clock.now(), **gathered}

    @property
    def today(self) -> str:
        """The company's day, as ISO."""
        return company_day(self._clock.now()).isoformat()

    # --- corrections --------------------------------------------------------------------------------------------------

    async def ask_correction(self, actor: int, text: str) -> Happened:
        """Keep what somebody wants put right, and bring it to everybody in HR who may decide it."""
        self._permission.may(actor, Action.DATA_CORRECT, on=actor)
        if not 0 < len(text) <= MOST_TEXT:
            raise CorrectionUnclear(most=MOST_TEXT)
        if await self._store.pending_corrections(actor) >= MOST_PENDING:
            raise TooManyCorrections(most=MOST_PENDING)
        to = [one for one in self._permission.access.holders(Role.HR, over=actor) if one != actor]
        if not to:
            raise NobodyInHR
        row = CorrectionRow(employee_id=actor, asked_at=self._clock.now())
        self._store.add(row)
        await self._store.flush()
        number = row.id or 0
        row.text_sealed = self._vault.seal(text, "correction", "text", number)
        self._store.add(row)
        self._did(actor, Action.DATA_CORRECT.value, f"correction:{number}", on=actor)
        return Happened(tuple(Notice(one, f"{KIND}.correction", number) for one in to))

    async def decide_correction(self, actor: int, number: int, *, done: bool, answer: str) -> Happened:
        """Answer a correction; a second answer changes nothing."""
        row = await self._store.locked(number)
        if row is None or row.employee_id == actor:
            raise self._permission.refuse(actor, Action.DATA_CORRECT_DECIDE, record=f"correction:{number}")
        self._permission.may(actor, Action.DATA_CORRECT_DECIDE, on=row.employee_id, record=f"correction:{number}")
        if row.status != "pending":
            return Happened()
        if len(answer) > MOST_TEXT:
            raise CorrectionUnclear(most=MOST_TEXT)
        row.status = "done" if done else "declined"
        row.decided_by, row.decided_at = actor, self._clock.now()
        row.answer_sealed = self._vault.seal(answer, "correction", "answer", number) if answer else None
        self._store.add(row)
        self._did(actor, Action.DATA_CORRECT_DECIDE.value, f"correction:{number}", on=row.employee_id)
        others = tuple(
            one for one in self._permission.access.holders(Role.HR, over=row.employee_id) if one != row.employee_id
        )
        return Happened((Notice(row.employee_id, f"{KIND}.corrected", number),), Outdated(KIND, number, others))

    async def correction(self, viewer: int, number: int) -> Correction:
        """Give a correction to its asker, or to HR."""
        row = await self._store.locked(number)
        if row is None:
            raise self._permission.refuse(viewer, Action.DATA_CORRECT_DECIDE, record=f"correction:{number}")
        if row.employee_id != viewer:
            self._permission.may(viewer, Action.DATA_CORRECT_DECIDE, on=row.employee_id, record=f"correction:{number}")
            self._did(viewer, "data.correction_read", f"correction:{number}", on=row.employee_id)
        person = self._permission.access.directory.people.get(row.employee_id)
        return Correction(
            number,
            row.employee_id,
            person.name if person else "",
            self._vault.open(row.text_sealed, "correction", "text", number) if row.text_sealed else "",
            self._vault.open(row.answer_sealed, "correction", "answer", number) if row.answer_sealed else "",
            row.status,
            row.asked_at,
        )

    def _note(self, employee_id: int, purpose: str, version: int, answer: Answer) -> None:
        now = self._clock.now()
        self._store.add(
            ConsentRow(
                employee_id=employee_id, purpose=purpose, version=version, answer=answer.value, at=now,
                source=self._source,
            )
        )  # fmt: skip

    def _did(self, actor: int, action: str, record: str | None, *, on: int) -> None:
        people = self._permission.access.directory.people
        self._audit.record(Act(people[actor].key, action, on=people[on].key if on in people else None, record=record))
