"""Nothing reaches a protected store without a grant: it doesn't type-check, and it raises."""

import re
import subprocess
import sys
from pathlib import Path

import hr_core

ROOT = Path(hr_core.__file__).parents[1]

SNIPPET = """
from datetime import date, datetime

from hr_core.leave.store import LeaveStore
from hr_core.permission.access import Reached
from hr_core.permission.checker import Grant, ListGrant, PermissionChecker
from hr_core.permission.matrix import Action
from hr_core.personnel.model import FIELDS
from hr_core.personnel.store import PersonnelStore
from hr_core.privacy.consent import Consented


async def allowed(store: LeaveStore, checker: PermissionChecker, day: date) -> None:
    grant = checker.may(1, Action.LEAVE_VIEW, on=2)
    await store.of_person(2, grant)
    await store.balance(2, "annual", day, grant)
    await store.approved_on(day, checker.over(1, Action.ABSENCE_VIEW))


async def told(store: PersonnelStore, checker: PermissionChecker, consent: Consented, at: datetime) -> None:
    await store.values(2, checker.may(1, Action.IDENTITY_VIEW, on=2))
    await store.keep(FIELDS["id_number"], "x", at, checker.may(2, Action.PERSONNEL_FILL, on=2), consent)


async def forbidden(
    store: LeaveStore, personnel: PersonnelStore, checker: PermissionChecker, day: date
) -> None:
    grant = checker.may(1, Action.LEAVE_VIEW, on=2)
    await store.of_person(2)  # no grant
    await store.balance(2, "annual", day)  # no grant
    await store.balance(2, "annual", day, True)  # something else instead
    await store.approved_on(day)  # no grant
    await store.approved_on(day, [2])  # people instead
    await store.approved_on(day, grant)  # a grant for one
    await store.among([1], Reached(everyone=True, people=frozenset()))  # a set that nobody granted
    await personnel.values(2)  # no grant
    await personnel.keep(FIELDS["id_number"], "x", datetime.min, grant)  # no consent
    await personnel.parts(grant)  # a grant for one
    Grant(1, Action.LEAVE_VIEW, 2, frozenset())  # made by hand
    ListGrant(1, Action.LEAVE_VIEW, Reached(True, frozenset()))  # made by hand
"""


def test_reading_without_a_grant_does_not_type_check(tmp_path: Path) -> None:
    file = tmp_path / "snippet.py"
    file.write_text(SNIPPET, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", ".mypy_cache", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    wrong = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    lines = SNIPPET.splitlines()
    begins = next(number for number, line in enumerate(lines, 1) if line.startswith("async def forbidden"))
    assert wrong == {number for number, line in enumerate(lines, 1) if number > begins and "#" in line}, done.stdout


SEALS = {"hr_core/permission/checker.py", "hr_core/privacy/consent.py"}
"""Who makes proofs, each with a seal of its own."""


def test_a_seal_is_known_to_who_makes_the_proof_and_to_nobody_else() -> None:
    for room in ("bot", "cards", "handlers", "hr_core"):
        for path in (ROOT / room).rglob("*.py"):
            text, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
            assert ("_SEAL = object()" in text) == (name in SEALS), path
            assert ("_SEAL" in text) == (name in SEALS), path
            assert not re.search(r"import .*_SEAL|\._SEAL", text), path
