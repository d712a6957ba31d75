"""The harness in short: each fail point once, some of each kind of fault, seeds that are fixed. `make soak` goes on."""

import pytest

from hr_core.failpoints import POINTS
from tests.reliability.conftest import Open
from tests.reliability.faults import APART, FAULTS, WIRED
from tests.reliability.people import Mode
from tests.reliability.rounds import Plan

pytestmark = [
    pytest.mark.xdist_group("reliability"),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
]


async def test_every_fail_point_on_the_list_is_one_in_the_code_and_the_other_way_round() -> None:
    assert set(POINTS) == WIRED | APART


@pytest.mark.parametrize("point", sorted(WIRED))
async def test_killed_at_a_fail_point_it_loses_nothing_and_doubles_nothing(point: str, open_round: Open) -> None:
    plan = Plan(11, "sqlite", (f"point:{point}",), "cards", leaves=2, questions=1)
    async with open_round(plan) as round_:
        assert await round_.goes() == []
        assert point in round_.reached


@pytest.mark.parametrize("mode", ["cards", "text"])
async def test_whatever_dingtalk_does_nothing_is_lost_or_doubled(mode: str, open_round: Open) -> None:
    faults = ("api.ambiguous", "stream.drop", "frames.again", "frames.disorder")
    async with open_round(Plan(12, "sqlite", faults, mode, leaves=2, questions=2)) as round_:  # type: ignore[arg-type]
        assert await round_.goes() == []


SANDBOX = sorted(name for name, one in FAULTS.items() if name.startswith("sandbox.") and not one.rare)


@pytest.mark.parametrize("part", range(3))
async def test_whatever_the_sandbox_can_do_nothing_is_lost_or_doubled(part: int, open_round: Open) -> None:
    mode: Mode = "text" if part == 0 else "cards"
    async with open_round(Plan(14, "sqlite", tuple(SANDBOX[part::3]), mode, leaves=1, questions=1)) as round_:
        assert await round_.goes() == []


@pytest.mark.parametrize(
    ("faults", "store"),
    [
        (("kill", "stop"), "sqlite"),
        (("sqlite.locked", "sqlite.full"), "sqlite"),
        (("point:transaction.after_commit", "point:outbox.sent", "kill"), "postgres"),
        (("postgres.cut", "postgres.read_only"), "postgres"),
        (("postgres.restart", "postgres.paused"), "postgres"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
async def test_whatever_dies_or_stalls_nothing_is_lost_or_doubled(
    faults: tuple[str, ...], store: str, open_round: Open
) -> None:
    async with open_round(Plan(13, store, faults, "cards", leaves=2, questions=2)) as round_:  # type: ignore[arg-type]
        assert await round_.goes() == []


async def test_a_seed_gives_the_same_plan_again() -> None:
    assert Plan.drawn(5, "postgres") == Plan.drawn(5, "postgres")
    assert {name for seed in range(2000) for name in Plan.drawn(seed, "postgres").faults} == {
        name
        for name, fault in FAULTS.items()
        if "postgres" in fault.stores and (not name.startswith("point:") or name.removeprefix("point:") in WIRED)
    }
