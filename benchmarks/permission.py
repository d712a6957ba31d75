"""`python -m benchmarks.permission`: decisions a second, beside pycasbin in the same run and the same process.

Both are asked the same questions: may this person see that person's leave? The company is a tree of managers with
eight reports each; HR is granted for departments. pycasbin has the usual model for it: roles and domains by `g`, a
request matched in its expression. Its enforcer walks its policy for each question; ours looks a set up.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import casbin
from casbin.model import Model

from hr_core.people.model import Department, Directory, Person
from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.checker import NotAllowed, PermissionChecker
from hr_core.permission.matrix import MATRIX, Action, Reach, Role
from hr_core.permission.policy import CustomRole, Policy, RoleRow

REPORTS = 8
SIZES = (100, 1_000, 10_000)
CASBIN_SIZES = (100, 1_000)
DEPARTMENT_SIZE = 20
MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, act, scope
[role_definition]
g = _, _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && g(r.sub, p.sub, p.scope) && g2(r.obj, p.scope)
"""


def company(size: int, grants: int, roles: int) -> Access:
    """A company of `size`, with so many grants of HR for departments and so many roles of its own."""
    departments = {0: Department(0, "0", "公司")}
    departments |= {n: Department(n, str(n), str(n), 0) for n in range(1, size // DEPARTMENT_SIZE + 2)}
    people = {
        n: Person(
            n,
            str(n),
            str(n),
            departments=(n // DEPARTMENT_SIZE + 1,),
            manager_id=(n - 1) // REPORTS if n else None,
        )
        for n in range(size)
    }
    own = tuple(
        CustomRole(name=f"own_{n}", title="自定义", may=(RoleRow(action=Action.ABSENCE_VIEW, reach=Reach.DEPARTMENT),))
        for n in range(roles)
    )
    held: dict[int, tuple[RoleGrant, ...]] = {}
    for n in range(grants):
        holder = (n * 7919) % size
        held[holder] = (*held.get(holder, ()), RoleGrant(holder, Role.HR, n % (len(departments) - 1) + 1))
    return Access(Directory(date(2026, 11, 24), people, departments), held, Policy(own))


def questions(size: int, count: int) -> list[tuple[int, int]]:
    """Pairs of who asks and of whom: a quarter about oneself, a quarter of one's reports, the rest at random."""
    chance = random.Random(7)
    asked = []
    for n in range(count):
        on = chance.randrange(1, size)
        actor = (on, (on - 1) // REPORTS, chance.randrange(size), chance.randrange(size))[n % 4]
        asked.append((actor, on))
    return asked


def enforcer(access: Access) -> casbin.Enforcer:
    """The same policy for pycasbin: everybody's superiors and department as scopes."""
    model = Model()
    model.load_model_from_text(MODEL)
    made = casbin.Enforcer(model)
    rules, roles, scopes = [], [], []
    for person in access.directory.people.values():
        me = f"self:{person.id}"
        rules.append((me, "leave.view", me))
        roles.append((str(person.id), me, me))
        scopes.append((str(person.id), me))
        above = access.directory.people[person.id].manager_id
        while above is not None:
            scopes.append((str(person.id), f"below:{above}"))
            above = access.directory.people[above].manager_id
        scopes.append((str(person.id), f"department:{person.departments[0]}"))
    for manager in {p.manager_id for p in access.directory.people.values() if p.manager_id is not None}:
        scope = f"below:{manager}"
        rules.append(("manager", "leave.view", scope))
        roles.append((str(manager), "manager", scope))
    for grants in access.grants.values():
        for grant in grants:
            scope = f"department:{grant.department_id}"
            rules.append(("hr", "leave.view", scope))
            roles.append((str(grant.employee_id), "hr", scope))
    made.add_policies(list(dict.fromkeys(rules)))
    made.add_grouping_policies(list(dict.fromkeys(roles)))
    made.add_named_grouping_policies("g2", list(dict.fromkeys(scopes)))
    return made


def timed(ask: Callable[[int, int], bool], asked: Sequence[tuple[int, int]]) -> tuple[float, list[bool]]:
    """Decisions a second, and what they were."""
    began = time.perf_counter()
    answers = [ask(actor, on) for actor, on in asked]
    return len(asked) / (time.perf_counter() - began), answers


def ours(access: Access) -> Callable[[int, int], bool]:
    """The whole question, the grant it makes or the refusal it raises included."""
    checker = PermissionChecker(access)

    def ask(actor: int, on: int) -> bool:
        try:
            checker.may(actor, Action.LEAVE_VIEW, on=on)
        except NotAllowed:
            return False
        return True

    return ask


def look_up(access: Access) -> Callable[[int, int], bool]:
    """The decision alone, as lists and help ask it."""
    allows, action = access.allows, Action.LEAVE_VIEW
    return lambda actor, on: allows(actor, action, on)


def pycasbin(made: casbin.Enforcer) -> Callable[[int, int], bool]:
    """The same question to pycasbin."""
    return lambda actor, on: bool(made.enforce(str(actor), str(on), "leave.view"))


def measure(count: int, rounds: int) -> list[dict[str, Any]]:
    """Every size with few and many grants and roles; pycasbin where it ends in time. The best of the rounds."""
    rows = []
    for size in SIZES:
        for grants, roles in ((10, 0), (size, 200)):
            access = company(size, grants, roles)
            asked = questions(size, count)
            began = time.perf_counter()
            look_up(access)(0, 1)
            for actor in access.directory.people:
                access.reachable(actor, Action.LEAVE_VIEW)
            warm = time.perf_counter() - began
            row: dict[str, Any] = {"people": size, "grants": grants, "own roles": roles}
            row["rules"] = sum(len(one) for one in MATRIX.values()) + roles
            row["worked out in ms"] = round(1000 * warm, 1)
            looked, answers = max((timed(look_up(access), asked) for _ in range(rounds)), key=lambda one: one[0])
            row["decisions/s"] = round(looked)
            let = [pair for pair, allowed in zip(asked, answers, strict=True) if allowed]
            kept = [pair for pair, allowed in zip(asked, answers, strict=True) if not allowed]
            row["grants made/s"] = round(max(timed(ours(access), let)[0] for _ in range(rounds)))
            row["refusals/s"] = round(max(timed(ours(access), kept)[0] for _ in range(rounds)))
            row["allowed"] = f"{sum(answers) / len(answers):.0%}"
            if size in CASBIN_SIZES:
                few = asked[: max(8, 200_000 // (size * 20))]
                speed, theirs = timed(pycasbin(enforcer(access)), few)
                if theirs != answers[: len(few)]:
                    sys.exit("pycasbin decides otherwise: the two policies aren't the same")
                row["pycasbin/s"] = round(speed, 1)
                row["times"] = round(looked / speed)
            rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    given = parser.parse_args()
    rows = measure(given.count, given.rounds)
    names = list(dict.fromkeys(name for row in rows for name in row))
    print(" | ".join(names))
    for row in rows:
        print(" | ".join(f"{row.get(name, '')}" for name in names))
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(rows, file, indent=2)


if __name__ == "__main__":
    main()
