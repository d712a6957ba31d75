"""Granting on both stores: who has to agree, who is told, and when a grant counts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest
from sqlmodel import select

from hr_core.audit.store import AuditRow
from hr_core.database import Database
from hr_core.notices import Happened
from hr_core.people.store import PeopleStore
from hr_core.permission.access import Access
from hr_core.permission.alarm import MANY, RefusalAlarm
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.confirmation import CommandService
from hr_core.permission.matrix import Action
from hr_core.permission.service import (
    DepartmentNeeded,
    Granted,
    NobodyToConfirm,
    NotHeld,
    RoleProblem,
    RolesApart,
    RoleService,
    RoleWish,
    UnknownRole,
)
from tests.cast import TODAY
from tests.contracts.office import Company, syncing


@pytest.fixture
async def company(database: Database) -> Company:
    company = Company(database)
    await company.move_in()
    return company


@asynccontextmanager
async def roles_of(company: Company) -> AsyncIterator[RoleService]:
    async with company.transaction() as services:
        roles = services[RoleService]
        assert isinstance(roles, RoleService)
        yield roles


async def grant(
    company: Company, key: str, role: str, by: str = "operator", **more: object
) -> tuple[Granted, Happened]:
    async with roles_of(company) as roles:
        return await roles.grant(company.ids[key], RoleWish(role, **more), by)  # type: ignore[arg-type]


async def decide(company: Company, key: str, grant_id: int, *, approve: bool = True) -> Happened | None:
    async with roles_of(company) as roles:
        return await roles.decide(company.ids[key], grant_id, approve=approve)


async def revoke(company: Company, key: str, role: str) -> Happened:
    async with roles_of(company) as roles:
        return await roles.revoke(company.ids[key], RoleWish(role), "operator")


async def access(company: Company) -> Access:
    async with company.transaction() as services:
        found = services[Access]
        assert isinstance(found, Access)
        return found


async def holders(company: Company, role: str) -> set[str]:
    facts = await access(company)
    return {facts.directory.people[one].key for one in facts.holders(role)}


def told(company: Company, happened: Happened, kind: str) -> set[str]:
    names = {number: key for key, number in company.ids.items()}
    return {names[notice.to] for notice in happened.notices if notice.kind == kind and isinstance(notice.to, int)}


@pytest.mark.parametrize("role", ["hr", "payroll", "auditor"])
async def test_the_first_counts_at_once_and_the_second_when_somebody_agrees(company: Company, role: str) -> None:
    first, happened = await grant(company, "li", role)
    assert not first.pending
    assert told(company, happened, "role.told") == {"li"}
    second, happened = await grant(company, "chen", role)
    assert second.pending
    assert told(company, happened, "role.confirm") == {"li"}
    assert told(company, happened, "role.told") == {"chen"}
    assert await holders(company, role) == {"li"}
    happened = await decide(company, "li", second.grant_id) or Happened()
    assert await holders(company, role) == {"li", "chen"}
    assert "chen" in told(company, happened, "role.told")


async def test_a_declined_grant_never_counts(company: Company) -> None:
    await grant(company, "li", "hr")
    second, _ = await grant(company, "chen", "hr")
    await decide(company, "li", second.grant_id, approve=False)
    assert await decide(company, "li", second.grant_id) is None
    assert await holders(company, "hr") == {"li"}


async def test_only_a_second_person_confirms(company: Company) -> None:
    await grant(company, "li", "hr")
    await grant(company, "zhao", "payroll")
    await grant(company, "admin", "operator")
    second, _ = await grant(company, "chen", "hr")
    for key in ("chen", "admin", "lin", "wang", "gao", "zhao"):
        with pytest.raises(NotAllowed):
            await decide(company, key, second.grant_id)
        with pytest.raises(NotAllowed) as missing:
            await decide(company, key, 999)
        assert missing.value.code == "refusal.role_confirm"
    assert await holders(company, "hr") == {"li"}


async def test_who_asked_doesnt_confirm(company: Company) -> None:
    await grant(company, "li", "hr")
    second, happened = await grant(company, "chen", "hr", by="li")
    assert told(company, happened, "role.confirm") == {"gao"}
    with pytest.raises(NotAllowed):
        await decide(company, "li", second.grant_id)
    await decide(company, "gao", second.grant_id)
    assert await holders(company, "hr") == {"li", "chen"}


async def test_hr_and_the_roles_holders_are_told_of_every_grant_and_revocation(company: Company) -> None:
    await grant(company, "li", "hr")
    await grant(company, "zhao", "payroll")
    second, happened = await grant(company, "chen", "payroll")
    assert told(company, happened, "role.confirm") == {"li", "zhao"}
    happened = await decide(company, "zhao", second.grant_id) or Happened()
    assert told(company, happened, "role.told") == {"li", "chen"}
    assert told(company, await revoke(company, "chen", "payroll"), "role.told") == {"li", "zhao", "chen"}
    _, happened = await grant(company, "admin", "operator")
    assert told(company, happened, "role.told") == {"li", "admin"}
    assert await holders(company, "payroll") == {"zhao"}


async def test_taking_a_role_from_everybody_is_no_way_round_the_second_person(company: Company) -> None:
    await grant(company, "li", "hr")
    await revoke(company, "li", "hr")
    other, happened = await grant(company, "chen", "hr")
    assert other.pending
    assert told(company, happened, "role.confirm") == {"gao"}, "nobody holds it, so the general manager"
    back, _ = await grant(company, "li", "hr")
    assert not back.pending, "who held it gets it back at once"


async def test_where_nobody_could_confirm_the_command_says_what_to_do(company: Company) -> None:
    await grant(company, "li", "hr")
    await revoke(company, "li", "hr")
    with pytest.raises(NobodyToConfirm, match="dinghr sync"):
        await grant(company, "gao", "hr")
    assert await holders(company, "hr") == set()


async def test_a_pending_grant_can_be_taken_back(company: Company) -> None:
    await grant(company, "li", "hr")
    second, _ = await grant(company, "chen", "hr")
    again, happened = await grant(company, "chen", "hr")
    assert (again.before, again.grant_id, happened) == (True, second.grant_id, Happened())
    await revoke(company, "chen", "hr")
    assert await decide(company, "li", second.grant_id) is None
    assert await holders(company, "hr") == {"li"}
    with pytest.raises(NotHeld):
        await revoke(company, "chen", "hr")


@pytest.mark.parametrize(
    ("first", "second"), [("operator", "hr"), ("payroll", "operator"), ("auditor", "payroll"), ("auditor", "operator")]
)
async def test_a_forbidden_pair_is_refused_by_name(company: Company, first: str, second: str) -> None:
    await grant(company, "chen", first)
    with pytest.raises(RolesApart, match=f"dinghr role revoke chen {first}"):
        await grant(company, "chen", second)


async def test_a_grant_that_waits_forbids_its_pair_too(company: Company) -> None:
    await grant(company, "li", "payroll")
    await grant(company, "chen", "payroll")
    with pytest.raises(RolesApart):
        await grant(company, "chen", "auditor")


@pytest.mark.parametrize(
    ("role", "problem"),
    [("boss", UnknownRole), ("manager", UnknownRole), ("employee", UnknownRole), ("hrbp", DepartmentNeeded)],
)
async def test_what_cant_be_granted_is_refused_by_name(company: Company, role: str, problem: type[RoleProblem]) -> None:
    with pytest.raises(problem, match=role):
        await grant(company, "chen", role)


async def test_an_hrbp_is_of_departments_below_the_top(company: Company) -> None:
    facts = await access(company)
    by_key = {one.key: one.id for one in facts.directory.departments.values()}
    with pytest.raises(DepartmentNeeded, match="grant hr"):
        await grant(company, "chen", "hrbp", department_id=by_key["1"])
    await grant(company, "chen", "hrbp", department_id=by_key["2"])
    facts = await access(company)
    assert facts.allows(company.ids["chen"], Action.LEAVE_VIEW, company.ids["lin"])
    assert not facts.allows(company.ids["chen"], Action.LEAVE_VIEW, company.ids["zhao"])


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (None, TODAY, True),
        (TODAY, None, True),
        (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=1), False),
    ],
)
async def test_a_grant_counts_from_its_first_day_to_its_last(
    company: Company, first: date | None, last: date | None, counts: bool
) -> None:
    await grant(company, "li", "hr", valid_from=first, valid_to=last)
    assert (await holders(company, "hr") == {"li"}) == counts


async def test_a_grant_ends_by_itself_the_day_after_its_last(company: Company) -> None:
    await grant(company, "li", "hr", valid_to=TODAY)
    company.clock.forward(days=1)
    assert await holders(company, "hr") == set()


async def test_two_firsts_from_tomorrow_on_are_one_first(company: Company) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert not (await grant(company, "li", "hr", valid_from=tomorrow))[0].pending
    assert (await grant(company, "chen", "hr", valid_from=tomorrow))[0].pending


async def test_every_step_is_on_record(company: Company) -> None:
    await grant(company, "li", "hr")
    second, _ = await grant(company, "chen", "hr")
    await decide(company, "li", second.grant_id)
    await revoke(company, "chen", "hr")
    async with company.database.read() as session:
        rows = [
            (r.actor, r.action, r.on, r.why)
            for r in await session.exec(select(AuditRow).order_by("id"))
            if r.record == "role:hr"
        ]
    assert rows == [
        ("operator", "role.grant", "li", None),
        ("operator", "role.grant", "chen", "pending"),
        ("li", "role.confirm", "chen", "approve"),
        ("operator", "role.revoke", "chen", None),
    ]


async def test_a_fact_of_a_person_is_in_the_directory(company: Company) -> None:
    async with company.database.transaction() as session:
        row = (await PeopleStore(session).employees_by_key(["lin"]))["lin"]
        row.legal_entity, row.region = "青禾上海", "华东"
        session.add(row)
        await PeopleStore(session).touch()
    await grant(company, "zhao", "hr", region="华东")
    facts = await access(company)
    assert facts.reachable(company.ids["zhao"], Action.LEAVE_DECIDE).people == {company.ids["lin"]}


# --- commands that read as somebody ---------------------------------------------------------------------------------


@asynccontextmanager
async def commands_of(company: Company) -> AsyncIterator[CommandService]:
    async with company.transaction() as services:
        commands = services[CommandService]
        assert isinstance(commands, CommandService)
        yield commands


async def asked(company: Company, who: str, on: str) -> int:
    async with commands_of(company) as commands:
        return (await commands.ask(company.ids[who], Action.LEAVE_VIEW, company.ids[on], "root"))[0]


async def closed(company: Company, command_id: int) -> bool:
    async with commands_of(company) as commands:
        return await commands.close(command_id)


async def test_a_yes_opens_one_command_once(company: Company) -> None:
    command_id = await asked(company, "wang", "lin")
    async with commands_of(company) as commands:
        assert await commands.decide(company.ids["wang"], command_id, approve=True)
        assert await commands.decide(company.ids["wang"], command_id, approve=False) is None
    assert await closed(company, command_id)
    assert not await closed(company, command_id)


async def test_a_no_a_silence_and_a_late_yes_open_nothing(company: Company) -> None:
    declined = await asked(company, "wang", "lin")
    async with commands_of(company) as commands:
        await commands.decide(company.ids["wang"], declined, approve=False)
    assert not await closed(company, declined)
    silent = await asked(company, "wang", "lin")
    assert not await closed(company, silent)
    async with commands_of(company) as commands:
        assert await commands.decide(company.ids["wang"], silent, approve=True) is None
    assert not await closed(company, silent)


async def test_only_the_person_whose_name_it_is_answers(company: Company) -> None:
    command_id = await asked(company, "wang", "lin")
    for who in ("gao", "lin", "admin"):
        async with commands_of(company) as commands:
            with pytest.raises(NotAllowed) as refusal:
                await commands.decide(company.ids[who], command_id, approve=True)
            with pytest.raises(NotAllowed) as missing:
                await commands.decide(company.ids[who], 999, approve=True)
            assert refusal.value.code == missing.value.code
            assert await commands.details(company.ids[who], command_id) is None
    assert not await closed(company, command_id)


async def test_who_may_not_read_it_isnt_asked(company: Company) -> None:
    with pytest.raises(NotAllowed):
        await asked(company, "chen", "lin")


# --- refused again and again ----------------------------------------------------------------------------------------


async def refused(company: Company, who: str, times: int = 1) -> set[str]:
    """Who is told after so many refusals."""
    heard: set[str] = set()
    for _ in range(times):
        async with company.transaction() as services:
            alarm, checker = services[RefusalAlarm], services[PermissionChecker]
            assert isinstance(alarm, RefusalAlarm)
            assert isinstance(checker, PermissionChecker)
            act = checker.refuse(company.ids[who], Action.LEAVE_VIEW, on=company.ids["lin"]).act
            heard |= told(company, Happened(await alarm.refused(act)), "refusals.told")
    return heard


async def test_the_operators_hear_of_many_refusals_once_an_hour(company: Company) -> None:
    await grant(company, "admin", "operator")
    assert await refused(company, "chen", MANY - 1) == set()
    assert await refused(company, "wang", MANY - 1) == set(), "somebody else's don't count"
    assert await refused(company, "chen") == {"admin"}
    assert await refused(company, "chen", MANY) == set()
    company.clock.forward(minutes=61)
    assert await refused(company, "chen", MANY) == {"admin"}


async def test_refusals_far_between_are_no_alarm(company: Company) -> None:
    await grant(company, "admin", "operator")
    for _ in range(3 * MANY):
        company.clock.forward(minutes=3)
        assert await refused(company, "chen") == set()


async def test_an_operator_isnt_told_of_themselves(company: Company) -> None:
    await grant(company, "admin", "operator")
    assert await refused(company, "admin", MANY) == set()


async def test_who_left_is_no_second_person(company: Company) -> None:
    await grant(company, "li", "hr")
    async with company.database.transaction() as session:
        await syncing(session).left(["li"])
    _, happened = await grant(company, "chen", "hr")
    assert told(company, happened, "role.confirm") == {"gao"}
