"""A refusal tells nothing: not by its words, not by its time; and who tries again and again is told of."""

import statistics
import time
from collections.abc import Awaitable, Callable

from hr_core.permission.alarm import MANY
from tests.conversations.office import Office
from tests.conversations.test_access import dinghr, until_heard

TRIES = 9


async def as_long(one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]]) -> None:
    """Compare the medians of interleaved tries; coarse, and three times, so that a busy machine doesn't decide it."""
    ratios = []
    for _ in range(3):
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(TRIES):
            for ask, found in zip((one, other), taken, strict=True):
                began = time.perf_counter()
                await ask()
                found.append(time.perf_counter() - began)
        first, second = map(statistics.median, taken)
        ratios.append(max(first, second) / min(first, second))
        if ratios[-1] < 1.6:
            return
    raise AssertionError(f"one refusal takes {min(ratios):.1f} times as long as the other")


async def request_of_lins(office: Office) -> None:
    await office.lin.asks("明天请一天病假，复查")
    await office.lin.asks("提交")
    await office.quiet()


async def test_in_the_chat_a_refusal_sounds_and_takes_as_if_nothing_were_there(text_office: Office) -> None:
    office = text_office
    await request_of_lins(office)
    told: set[str] = set()

    async def ask(number: int) -> None:
        told.add(await office.chen.asks(f"同意 {number}"))

    await as_long(lambda: ask(1), lambda: ask(9999))
    assert len(told) == 1


async def test_on_the_command_line_a_refusal_sounds_and_takes_as_if_nobody_were_there(text_office: Office) -> None:
    office = text_office
    told: set[tuple[int, str, str]] = set()

    async def ask(userid: str) -> None:
        done = await dinghr(office, "leave", "list", userid, "--as", "chen")
        told.add((done.code, done.out, done.said))

    await as_long(lambda: ask("lin"), lambda: ask("nobody"))
    assert len(told) == 1


async def test_refusals_on_the_command_line_count_for_the_alarm_as_well(text_office: Office) -> None:
    office = text_office
    await dinghr(office, "role", "grant", "admin", "operator")
    for _ in range(MANY):  # By the system's clock; the robot's is the sandbox's here.
        assert (await dinghr(office, "leave", "list", "lin", "--as", "chen")).code == 1
    told = await until_heard(office, "admin", "被拒绝")
    assert "陈浩" in told
    assert "林晓" not in told
