"""docs/stream.md names a test for every defect and every figure, and each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_names_a_test_for_each_defect_and_no_test_that_is_not_there() -> None:
    page = (ROOT / "docs" / "stream.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", page, re.MULTILINE)
    there = {
        name
        for path in (ROOT / "tests" / "bot").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert [int(number) for number, _ in rows] == list(range(1, 23))
    assert all("`test_" in tests for _, tests in rows)
    assert set(re.findall(r"`(test_\w+)`", page)) <= there
