"""How much a transaction takes on."""

from hr_core.database.pace import Pace


def test_a_transaction_that_took_too_long_is_followed_by_smaller_ones() -> None:
    pace = Pace(200, limit_ms=50)
    sizes = [pace.size]
    for ms in (26.0, 80.0, 400.0, 400.0):
        pace.took(ms, pace.size)
        sizes.append(pace.size)
    assert sizes == [50, 25, 12, 10, 10]


def test_it_grows_while_full_ones_are_quick_and_no_further_than_allowed() -> None:
    pace = Pace(200, limit_ms=50)
    pace.took(2.0, 3)
    assert pace.size == 50
    for _ in range(5):
        pace.took(5.0, pace.size)
    assert pace.size == 200
    pace.took(20.0, 200)
    assert pace.size == 200
