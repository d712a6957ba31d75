"""Three robots behind one app on one PostgreSQL: each can do everything, and together they do it once."""

import asyncio
import itertools
from datetime import datetime, timedelta
from functools import partial

import pytest

from hr_core.audit.store import OPERATOR
from hr_core.people.store import PeopleStore
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from sandbox.company import HR_GROUP
from sandbox.world import Card
from sandbox.world.stream import CARD_TOPIC, ROBOT_TOPIC
from tests.reliability.conftest import Open
from tests.reliability.people import Ask
from tests.reliability.rounds import SETTLE_SECONDS, Plan, Round

pytestmark = [
    pytest.mark.xdist_group("reliability"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]


def plan(seed: int, *faults: str, leaves: int = 3) -> Plan:
    """Three robots, and something that goes wrong."""
    return Plan(seed, "postgres", faults, "cards", leaves=leaves, questions=4, replicas=3)


def in_turn(round_: Round) -> None:
    """Have DingTalk push to one connection after another rather than to any."""
    turn = itertools.count()
    round_.world.stream._ids.pick = lambda count: next(turn) % count  # type: ignore[method-assign]


async def begun(round_: Round) -> None:
    """Start the robots."""
    await asyncio.gather(*(round_.start_robot() for _ in range(round_.plan.replicas)))
    round_.grants = await round_.evidence().grants_now()
    assert len(round_.world.stream.connections) == round_.plan.replicas


async def makes_hr(round_: Round, *userids: str) -> None:
    """Grant the role as an operator does."""
    async with round_.store.open() as database, database.transaction() as session:
        for row in (await PeopleStore(session).employees_by_key(userids)).values():
            granted = RoleGrantRow(
                employee_id=row.id or 0, role=Role.HR.value, granted_at=datetime.now().astimezone(), granted_by=OPERATOR
            )
            await RoleStore(session).add(granted)


async def test_pushes_go_to_any_and_each_is_worked_once(open_round: Open) -> None:
    async with open_round(plan(21, "frames.again", leaves=4)) as round_:
        in_turn(round_)
        assert await round_.goes() == []
        pushes = round_.world.stream.pushes.values()
        heard = {one.connection for one in pushes if one.topic in {ROBOT_TOPIC, CARD_TOPIC}}
        assert len(heard) == 3


async def test_robots_that_start_together_on_an_empty_database_all_come_up(open_round: Open) -> None:
    async with open_round(plan(22), template=False) as round_:
        await begun(round_)
        await round_.people.asks(Ask("lin", "年假余额"))


async def test_two_who_decide_in_the_same_instant_decide_once(open_round: Open) -> None:
    async with open_round(plan(23)) as round_:
        in_turn(round_)
        await begun(round_)
        await makes_hr(round_, "li", "zhao")
        people, world = round_.people, round_.world

        def fresh(who: str, template: str, about: str) -> Card | None:
            found = [one for one in people.cards(who, template) if about in str(one.data)]
            return found[-1] if found and found[-1].out_track_id not in people.taken else None

        async def presses(who: str, card: Card, text: str) -> None:
            people.taken.add(card.out_track_id)
            button = next(one["id"] for one in card.view(who)["buttons"] if one["text"] == text)
            assert (await world.press(who, card.out_track_id, button)).ok

        for start, end in (("2026-11-30", "2026-12-03"), ("2026-12-07", "2026-12-10"), ("2026-12-14", "2026-12-17")):
            form: Card = await people.says_until("chen", "请假", lambda: fresh("chen", "form", "填好后提交"))
            people.taken.add(form.out_track_id)
            fields = {"type": "sick", "start": start, "start_half": "AM", "end": end, "end_half": "PM"}
            assert (await world.submit("chen", form.out_track_id, fields)).ok
            above: Card = await people.until(lambda: fresh("qinfeng", "notice", "陈浩"), 10)
            await presses("qinfeng", above, "同意")
            cards = [await people.until(partial(fresh, who, "notice", "陈浩"), 10) for who in ("li", "zhao")]
            await asyncio.gather(presses("li", cards[0], "同意"), presses("zhao", cards[1], "拒绝"))
        await round_.until_settled(SETTLE_SECONDS)
        assert round_.violations == []
        facts = await round_.evidence().read()
        assert len(facts.requests) == 3
        for request in facts.requests:
            decided = [
                row for row in facts.audit if row.record == f"leave:{request.id}" and row.action == "leave.decide"
            ]
            assert [row.outcome for row in decided] == ["allowed", "allowed"]
            assert decided[1].why == {"approved": "approve", "rejected": "reject"}[request.status]
            told = [row.view for row in facts.outbox if row.subject == request.id]
            assert told.count("leave.decided") == 1
            assert told.count("leave.absence") == (request.status == "approved")
            shown = {
                round_.world.cards.cards[card.track_id].view(facts.keys[card.recipient]).get("status")
                for card in facts.cards
                if card.subject == request.id and facts.keys[card.recipient] in {"li", "zhao"}
            }
            assert shown == {{"approved": "已同意", "rejected": "已拒绝"}[request.status]}


@pytest.mark.parametrize("point", ["inbox.stored", "inbox.claimed", "outbox.sending"])
async def test_what_one_leaves_behind_when_it_is_killed_another_does(point: str, open_round: Open) -> None:
    async with open_round(plan(24)) as round_:
        await begun(round_)
        armed = await round_.replace_robot(armed=f"{point}:kill")
        await armed.ready()
        in_turn(round_)
        talk = asyncio.gather(
            *(round_.people.wants(round_.wishes.leave(end="approve")) for _ in range(3)),
            *(round_.people.asks(round_.wishes.question()) for _ in range(6)),
        )
        assert await round_.died(15.0, armed)
        round_.robots.remove(armed)
        await talk
        await round_.until_settled(SETTLE_SECONDS)
        assert await round_.verdict() == []


@pytest.mark.parametrize("point", ["inbox.stored", "inbox.claimed", "outbox.rendered", "outbox.sending"])
async def test_one_that_sleeps_beyond_its_lease_writes_nothing_when_it_wakes(point: str, open_round: Open) -> None:
    async with open_round(plan(25)) as round_:
        await begun(round_)
        armed = await round_.replace_robot(armed=f"{point}:stop")
        await armed.ready()
        in_turn(round_)
        talk = asyncio.gather(
            *(round_.people.wants(round_.wishes.leave(end="approve")) for _ in range(3)),
            *(round_.people.asks(round_.wishes.question()) for _ in range(6)),
        )
        assert await round_.people.until(lambda: armed.is_paused or None, 15.0)
        await talk  # Without it: its rows are taken over when its lease is over.
        await round_.until_settled(SETTLE_SECONDS, restart=False)
        before = await round_.evidence().read()
        armed.go_on()
        await asyncio.sleep(3.0)  # It wakes, finds its transactions gone and its rows another's.
        after = await round_.evidence().read()
        assert [row.id for row in after.outbox if row.id not in {one.id for one in before.outbox}] == []
        assert {row.id: (row.status, row.owner) for row in after.outbox} == {
            row.id: (row.status, row.owner) for row in before.outbox
        }
        assert [row.model_dump() for row in after.ledger] == [row.model_dump() for row in before.ledger]
        assert await round_.verdict() == []


async def test_a_job_is_done_once_by_three(open_round: Open) -> None:
    async with open_round(plan(26)) as round_:
        await begun(round_)
        clock = round_.world.clock
        group = round_.world.chats.conversations[HR_GROUP]
        clock.set(clock.now().replace(hour=9, minute=0) + timedelta(seconds=5))
        assert await round_.people.until(lambda: any(one.from_robot for one in group.messages) or None, 20.0)
        await asyncio.sleep(3.0)  # Long enough for every robot's tick.
        await round_.until_settled(SETTLE_SECONDS)
        assert sum(one.from_robot for one in group.messages) == 1
        assert await round_.verdict() == []


async def test_a_rolling_restart_under_load_loses_nothing(open_round: Open) -> None:
    async with open_round(plan(27)) as round_:
        await begun(round_)
        talk = asyncio.gather(
            *(round_.people.wants(round_.wishes.leave()) for _ in range(6)),
            *(round_.people.asks(round_.wishes.question()) for _ in range(10)),
        )
        for robot in list(round_.robots):
            round_.robots.remove(robot)
            round_.gone.append(robot)
            await round_.start_robot()
            assert await robot.end() == 0
        await talk
        await round_.until_settled(SETTLE_SECONDS)
        assert await round_.verdict() == []
