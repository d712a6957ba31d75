"""Sensitive data are kept only under a consent that holds: the same on both stores."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from hr_core.audit.store import AuditLog
from hr_core.database import Database
from hr_core.privacy.consent import Consented, ConsentMissing, Consents
from hr_core.privacy.policy import Purpose, Sensitive, load_privacy_policy
from hr_core.privacy.service import PrivacyService
from tests.contracts.office import Company


@pytest.fixture
async def company(database: Database) -> Company:
    """The cast."""
    place = Company(database)
    await place.move_in("li")
    return place


async def says(company: Company, who: str, name: str, *, given: bool) -> None:
    """Let somebody give or take back a consent."""
    async with company.transaction() as services:
        privacy: PrivacyService = services[PrivacyService]  # type: ignore[assignment]
        await privacy.consent(company.ids[who], name, given=given)


async def asked(company: Company, who: str, purpose: Sensitive) -> Consented:
    """Ask as a storing service does."""
    async with company.transaction() as services:
        consents: Consents = services[Consents]  # type: ignore[assignment]
        return await consents.consented(company.ids[who], purpose)


@pytest.mark.parametrize("purpose", list(Sensitive))
async def test_nothing_is_kept_before_a_consent_nor_after_it_is_taken_back(
    company: Company, purpose: Sensitive
) -> None:
    with pytest.raises(ConsentMissing):
        await asked(company, "lin", purpose)
    await says(company, "lin", purpose, given=True)
    proof = await asked(company, "lin", purpose)
    proof.demand(purpose, company.ids["lin"])
    await says(company, "lin", purpose, given=False)
    with pytest.raises(ConsentMissing):
        await asked(company, "lin", purpose)


async def test_a_consent_is_to_one_purpose_of_one_person(company: Company) -> None:
    await says(company, "lin", "银行账号", given=True)
    proof = await asked(company, "lin", Sensitive.BANK)
    for other in (Sensitive.IDENTITY, Sensitive.MEDICAL, Sensitive.DOCUMENTS):
        with pytest.raises(ConsentMissing):
            await asked(company, "lin", other)
        with pytest.raises(PermissionError):
            proof.demand(other, company.ids["lin"])
    with pytest.raises(ConsentMissing):
        await asked(company, "chen", Sensitive.BANK)
    with pytest.raises(PermissionError):
        proof.demand(Sensitive.BANK, company.ids["chen"])


async def test_a_proof_is_made_by_nobody_else(company: Company) -> None:
    await says(company, "lin", "银行账号", given=True)
    proof = await asked(company, "lin", Sensitive.BANK)
    with pytest.raises((TypeError, ValueError)):
        replace(proof, employee_id=company.ids["chen"])  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Consented(company.ids["lin"], Sensitive.BANK, 1, object())


async def test_a_consent_to_an_earlier_wording_counts_no_more(company: Company) -> None:
    await says(company, "lin", "银行账号", given=True)
    policy = load_privacy_policy()
    raised = tuple(Purpose(**one.model_dump() | {"version": 2}) for one in policy.purposes)
    newer = policy.model_copy(update={"purposes": raised})
    async with company.database.transaction() as session:
        with pytest.raises(ConsentMissing):
            await Consents(session, newer).consented(company.ids["lin"], Sensitive.BANK)


async def test_while_something_is_stored_its_consent_cant_be_taken_back(company: Company) -> None:
    """So the withdrawal, which comes after, finds what was stored and erases it."""
    await says(company, "lin", "银行账号", given=True)
    order: list[str] = []
    held = asyncio.Event()

    async def take_back() -> None:
        await held.wait()
        await says(company, "lin", "银行账号", given=False)
        order.append("withdrawn")

    waiting: asyncio.Task[Any] = asyncio.create_task(take_back())
    async with company.transaction() as services:
        consents: Consents = services[Consents]  # type: ignore[assignment]
        await consents.consented(company.ids["lin"], Sensitive.BANK)
        held.set()
        await asyncio.wait([waiting], timeout=0.3)
        order.append("stored")
    await waiting
    assert order == ["stored", "withdrawn"]


async def test_consents_and_withdrawals_are_on_record(company: Company) -> None:
    await says(company, "lin", "证件照片", given=True)
    await says(company, "lin", "证件照片", given=False)
    async with company.transaction() as services:
        audit: AuditLog = services[AuditLog]  # type: ignore[assignment]
        rows = [(row.action, row.record) for row in await audit.entries() if row.actor == "lin"]
    assert rows == [("data.consent", "purpose:documents"), ("data.withdraw", "purpose:documents")]


def test_a_policy_that_leaves_a_purpose_out_is_refused() -> None:
    policy = load_privacy_policy().model_dump(by_alias=True)
    policy["purpose"] = policy["purpose"][1:]
    with pytest.raises(ValueError, match="nobody could consent to: medical"):
        type(load_privacy_policy()).model_validate(policy)
