"""Separate consent to sensitive personal information, before anything is stored (个人信息保护法第二十八、二十九条).

`consented` is to consent what `may` is to permission: a store of sensitive data takes the `Consented` that only
`Consents` makes, so that nothing is kept without a consent that still holds. In a service:

    grant = self._permission.may(actor, Action.…, on=employee)
    consent = await self._consents.consented(employee, Sensitive.BANK)  # raises ConsentMissing: answers how to give it
    await self._store.keep_account(sealed, grant, consent)  # the store: consent.demand(Sensitive.BANK, employee)

Whoever stores under a consent also says what goes when it is taken back: `@rests_on(Sensitive.BANK)`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import InitVar, dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.errors import HRError
from hr_core.privacy.policy import PrivacyPolicy, Sensitive
from hr_core.privacy.store import Answer, PrivacyStore


class ConsentMissing(HRError):
    """Nothing of this kind is kept yet: its person hasn't consented, or has taken the consent back.

    The answer tells the person how to consent; a newcomer's form may ask for the consent first and come again.
    """

    code = "privacy.error.consent_missing"

    def __init__(self, purpose: Sensitive, name: str, what: str) -> None:
        super().__init__(name=name, what=what)
        self.purpose = purpose


_SEAL = object()


@dataclass(frozen=True, slots=True)
class Consented:
    """Proof that a person has consented to one purpose, as of this transaction. Only `Consents` makes it."""

    employee_id: int
    purpose: Sensitive
    version: int
    """Of the purpose as the person was told it."""
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse a proof that somebody else made."""
        if seal is not _SEAL:
            msg = "a Consented comes from Consents.consented"
            raise TypeError(msg)

    def demand(self, purpose: Sensitive, employee_id: int) -> None:
        """Be what a store asks before it writes; raises `PermissionError` for another purpose or person."""
        if (self.purpose, self.employee_id) != (purpose, employee_id):
            msg = f"no consent to {purpose.value} of this person"
            raise PermissionError(msg)


Forget = Callable[[AsyncSession, int], Awaitable[int]]
"""Erases what rested on a person's consent, in the caller's transaction; gives how many values."""

RESTS_ON: dict[str, list[Forget]] = {}


def rests_on(purpose: Sensitive) -> Callable[[Forget], Forget]:
    """Declare what is erased when a consent is taken back; each capability declares its own tables'."""

    def register(forget: Forget) -> Forget:
        RESTS_ON.setdefault(purpose, []).append(forget)
        return forget

    return register


class Consents:
    """What people have consented to, for one transaction. Purposes come from the privacy policy."""

    def __init__(self, session: AsyncSession, policy: PrivacyPolicy) -> None:
        self._store = PrivacyStore(session)
        self._policy = policy

    async def consented(self, employee_id: int, purpose: Sensitive) -> Consented:
        """Give the proof, or raise `ConsentMissing`.

        The newest answer counts, and one given to an earlier wording doesn't. Until the transaction ends the answer
        can't be taken back, so that what is stored under it is there for the withdrawal to erase.
        """
        told = self._policy.purpose(purpose.value)
        await self._store.hold_answers(employee_id)
        row = await self._store.newest(employee_id, purpose.value)
        if row is None or row.answer != Answer.GIVEN or row.version < told.version:
            raise ConsentMissing(purpose, told.name, told.what)
        return Consented(employee_id, purpose, row.version, _SEAL)

    async def withdrawn(self, employee_id: int, purpose: Sensitive) -> bool:
        """Tell whether somebody has said no: then nothing of it is kept, even where no consent is needed first."""
        await self._store.hold_answers(employee_id)
        row = await self._store.newest(employee_id, purpose.value)
        return row is not None and row.answer == Answer.WITHDRAWN
