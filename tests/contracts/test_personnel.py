"""Personnel files in a real store: nothing is written without grant and consent, values open in their place alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from hr_core.attachments import Picture
from hr_core.database import Database
from hr_core.people.store import EmployeeRow
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.personnel.model import FIELDS, AnswersWrong, PurposeNeeded
from hr_core.personnel.records import PersonnelRecords
from hr_core.personnel.service import PersonnelService
from hr_core.personnel.store import (
    IdentityReadingRow,
    PersonnelDocumentRow,
    PersonnelFieldRow,
    PersonnelStore,
    slot_of,
)
from hr_core.privacy.consent import ConsentMissing, Consents
from hr_core.privacy.erase import erase_due
from hr_core.privacy.policy import Sensitive, load_privacy_policy, months_before
from hr_core.privacy.service import PrivacyService
from hr_core.vault.reseal import reseal
from hr_core.vault.vault import SealBroken
from tests.cast import TODAY, VAULT
from tests.contracts.office import Company

NUMBER, ACCOUNT = "11010519491231002X", "6222021234567890128"
PAPER = Picture("image/png", 1, 1, b"\x89PNG a picture of a paper")


@pytest.fixture
async def company(database: Database) -> Company:
    """The cast, Li in HR."""
    place = Company(database)
    await place.move_in("li")
    return place


async def consents(company: Company, who: str, *purposes: Sensitive, given: bool = True) -> None:
    """Let somebody agree, or take it back."""
    async with company.transaction() as services:
        privacy: PrivacyService = services[PrivacyService]  # type: ignore[assignment]
        for purpose in purposes:
            await privacy.consent(company.ids[who], purpose.value, given=given)


async def fills(company: Company, who: str, step: str, **told: str) -> None:
    """Fill a step in."""
    async with company.transaction() as services:
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        await personnel.fill(company.ids[who], step, told)


async def whole(company: Company, who: str = "lin") -> None:
    """Fill in what is most protected."""
    await consents(company, who, Sensitive.IDENTITY, Sensitive.BANK, Sensitive.DOCUMENTS)
    await fills(company, who, "identity", id_kind="resident", id_number=NUMBER)
    await fills(company, who, "bank", bank_account=ACCOUNT, bank_name="招商银行")
    await fills(
        company, who, "emergency", emergency_name="林父", emergency_relation="parent", emergency_phone="13800138000"
    )
    async with company.transaction() as services:
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        await personnel.keep_picture(company.ids[who], "id_front", PAPER)


async def parts(company: Company) -> set[str]:
    """Name everything that is kept of anybody."""
    async with company.database.read() as session:
        fields = await session.exec(select(PersonnelFieldRow.field))
        pictures = await session.exec(select(PersonnelDocumentRow.kind))
        return {*fields, *pictures}


async def test_nothing_is_kept_without_a_consent(company: Company) -> None:
    with pytest.raises(ConsentMissing):
        await fills(company, "lin", "identity", id_kind="resident", id_number=NUMBER)
    with pytest.raises(ConsentMissing):
        async with company.transaction() as services:
            personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
            await personnel.keep_picture(company.ids["lin"], "id_front", PAPER)
    assert await parts(company) == set()


async def test_one_wrong_answer_keeps_none_of_a_form(company: Company) -> None:
    await consents(company, "lin", Sensitive.BANK)
    with pytest.raises(AnswersWrong) as wrong:
        await fills(company, "lin", "bank", bank_account=ACCOUNT[:-1] + "0", bank_name="招商银行")
    assert [(key, fault.code) for key, fault in wrong.value.faults] == [("bank_account", "bank_check")]
    assert ACCOUNT[:-1] not in str(wrong.value)
    assert await parts(company) == set()


async def test_the_store_demands_the_owners_grant_and_the_right_consent(company: Company) -> None:
    await consents(company, "lin", Sensitive.IDENTITY, Sensitive.BANK)
    lin, li = company.ids["lin"], company.ids["li"]
    async with company.database.transaction() as session:
        services = await company.workplace.services(session, "test")
        checker: PermissionChecker = services[PermissionChecker]  # type: ignore[assignment]
        asked: Consents = services[Consents]  # type: ignore[assignment]
        bank = await asked.consented(lin, Sensitive.BANK)
        store, at = PersonnelStore(session, VAULT), company.clock.now()
        own = checker.may(lin, Action.PERSONNEL_FILL, on=lin)
        seen = checker.may(li, Action.IDENTITY_VIEW, on=lin)
        for grant, consent in ((own, None), (own, bank), (seen, bank)):
            with pytest.raises(PermissionError):
                await store.keep(FIELDS["id_number"], NUMBER, at, grant, consent)
        with pytest.raises(PermissionError):
            await store.values(company.ids["chen"], seen)
        with pytest.raises(PermissionError):
            await store.parts(checker.over(li, Action.ABSENCE_VIEW))


async def test_a_value_moved_to_somebody_else_doesnt_open(company: Company) -> None:
    await whole(company)
    lin, chen = company.ids["lin"], company.ids["chen"]
    async with company.database.transaction() as session:
        await session.exec(
            update(PersonnelFieldRow)
            .where(col(PersonnelFieldRow.slot) == slot_of(lin, "id_number"))
            .values(slot=slot_of(chen, "id_number"), employee_id=chen)
        )
    async with company.transaction() as services:
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        with pytest.raises(SealBroken):
            await personnel.own(chen)


async def test_values_lie_sealed_by_class_and_are_sealed_anew(company: Company) -> None:
    await whole(company)
    async with company.database.read() as session:
        rows = {row.field: row for row in await session.exec(select(PersonnelFieldRow))}
        (document,) = await session.exec(select(PersonnelDocumentRow))
    assert rows["id_number"].value_sealed is not None
    assert rows["id_number"].number_index is not None
    assert rows["bank_account"].account_sealed is not None
    assert rows["bank_account"].value_sealed is None
    everything = b"".join(
        (one.value_sealed or b"") + (one.account_sealed or b"") + (one.number_index or b"") for one in rows.values()
    )
    for secret in (NUMBER, ACCOUNT, "林父"):
        assert secret.encode() not in everything
    assert PAPER.content not in document.content_sealed
    assert [step.broken async for step in reseal(company.database, VAULT)] == []


async def test_a_consent_that_is_taken_back_erases_what_rested_on_it_and_no_more(company: Company) -> None:
    await whole(company)
    await consents(company, "lin", Sensitive.BANK, given=False)
    assert not await parts(company) & {"bank_account", "bank_name"}
    assert {"id_number", "id_front"} <= await parts(company)
    await consents(company, "lin", Sensitive.DOCUMENTS, given=False)
    assert "id_front" not in await parts(company)


async def test_a_leavers_pictures_go_after_a_month_and_the_file_after_three_years(company: Company) -> None:
    await whole(company)
    policy = load_privacy_policy()

    async def left(months: int) -> set[str]:
        async with company.database.transaction() as session:
            row = await session.get(EmployeeRow, company.ids["lin"])
            assert row is not None
            row.left_on = months_before(TODAY, months) - timedelta(days=1)
            session.add(row)
        await erase_due(company.database, policy, TODAY)
        return await parts(company)

    assert {"id_front", "emergency_name"} <= await left(0)
    kept = await left(1)
    assert not kept & {"id_front", "emergency_name", "emergency_phone", "emergency_relation"}
    assert {"id_number", "bank_account"} <= kept
    assert await left(36) == set()


async def test_equal_numbers_are_found_without_opening_any(company: Company) -> None:
    await whole(company)
    await consents(company, "chen", Sensitive.IDENTITY)
    async with company.transaction() as services:
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        happened = await personnel.fill(
            company.ids["chen"], "identity", {"id_kind": "resident", "id_number": NUMBER.lower()}
        )
    assert [(one.to, one.kind) for one in happened.notices] == [(company.ids["li"], "personnel.duplicate")]
    async with company.transaction() as services:
        records: PersonnelRecords = services[PersonnelRecords]  # type: ignore[assignment]
        assert await records.duplicates(company.ids["li"], company.ids["chen"]) == ("陈浩", ["林晓"])
        with pytest.raises(NotAllowed):
            await records.duplicates(company.ids["wang"], company.ids["chen"])


async def test_a_number_is_looked_at_for_a_purpose_by_its_asker_for_minutes(company: Company) -> None:
    await whole(company)
    li, lin = company.ids["li"], company.ids["lin"]
    async with company.transaction() as services:
        records: PersonnelRecords = services[PersonnelRecords]  # type: ignore[assignment]
        for why in ("", "x", "核对 11010519491231002X", "很" * 61):
            with pytest.raises(PurposeNeeded):
                await records.ask(li, lin, "id_number", why)
        number, account = (
            await records.ask(li, lin, "id_number", "办社保"),
            await records.ask(li, lin, "bank_account", "核对"),
        )
        shown = (await records.look(li, number))[1]
        assert shown is not None
        assert (shown.text, shown.clear) == (NUMBER, True)
        masked = (await records.look(li, account))[1]
        assert masked is not None
        assert not masked.clear, "HR sees no account in clear"
        with pytest.raises(NotAllowed):
            await records.look(company.ids["zhao"], number)
    company.clock.forward(minutes=5)
    async with company.transaction() as services:
        records = services[PersonnelRecords]  # type: ignore[assignment]
        assert await records.reading(li, number) is None
        with pytest.raises(NotAllowed):
            await records.look(li, number)
        await records.ask(li, lin, "id_number", "再看一次")
    async with company.database.read() as session:
        assert (await session.exec(select(func.count()).select_from(IdentityReadingRow))).one() == 1
