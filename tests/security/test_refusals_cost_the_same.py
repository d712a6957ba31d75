"""Two refusals that must not be told apart cost the same: neither words nor work say whether a record is there."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from hr_core.database import Database
from hr_core.leave.service import LeaveService, LeaveWish
from hr_core.permission.checker import NotAllowed
from hr_core.privacy.erasure import ErasureService, Step
from hr_core.privacy.service import PrivacyService
from hr_core.workdays.model import Half, Span
from tests.cast import TODAY
from tests.contracts.office import Company


async def work(company: Company, ask: Any) -> tuple[str, int]:
    """Give a refusal's words and how often the database was asked."""
    asked: list[str] = []

    def executing(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    async with company.transaction() as services:
        event.listen(Engine, "before_cursor_execute", executing)
        try:
            with pytest.raises(NotAllowed) as refused:
                await ask(services)
        finally:
            event.remove(Engine, "before_cursor_execute", executing)
    return refused.value.code, len(asked)


async def test_a_refusal_costs_the_same_whether_or_not_the_record_is_there(database: Database) -> None:
    company = Company(database)
    await company.move_in("li")
    chen, lin, li = (company.ids[key] for key in ("chen", "lin", "li"))
    async with company.leave() as leave:
        request, _ = await leave.submit(lin, LeaveWish("personal", Span(TODAY, Half.AM, TODAY, Half.PM)))
    async with company.transaction() as services:
        privacy: PrivacyService = services[PrivacyService]  # type: ignore[assignment]
        await privacy.ask_correction(lin, "x")
        erasures: ErasureService = services[ErasureService]  # type: ignore[assignment]
        person = await erasures.person("lin")
        assert person is not None
        number, _ = await erasures.ask(person, li, "root")

    def asks(what: int) -> list[Any]:
        return [
            lambda services: services[LeaveService].decide(chen, what, approve=True),
            lambda services: services[LeaveService].withdraw(chen, what),
            lambda services: services[LeaveService].details(chen, what),
            lambda services: services[PrivacyService].decide_correction(chen, what, done=True, answer=""),
            lambda services: services[PrivacyService].correction(chen, what),
            lambda services: services[ErasureService].decide(chen, what, Step.ERASE),
            lambda services: services[ErasureService].details(chen, what),
        ]

    assert request == number == 1
    for there, not_there in zip(asks(1), asks(9999), strict=True):
        assert await work(company, there) == await work(company, not_there)
