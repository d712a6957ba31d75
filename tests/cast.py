"""The people of the tests: the same as in the demo company."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hr_core.people.model import Department, Directory, Person
from hr_core.permission.access import Access, RoleGrant
from hr_core.permission.matrix import Role
from hr_core.sync.model import DepartmentRecord, PersonRecord, PlaceRecord
from hr_core.vault import Vault
from hr_core.vault.classes import DataClass
from hr_core.vault.keys import wrap

MASTER = b"k" * 32
KEYS = tuple(
    wrap(MASTER, number, one, hashlib.sha256(one.encode()).digest(), active=True)
    for number, one in enumerate(DataClass, 1)
)
"""The same in every process: what a child seals, its parent opens."""
VAULT = Vault(MASTER, KEYS)
TODAY = date(2026, 11, 24)
"""A Tuesday."""

ROOT, PRODUCT, TEAM, SALES, STAFF = 1, 2, 3, 4, 5
GAO, WANG, LIN, LI, ZHAO, CHEN, ADMIN = 1, 2, 3, 4, 5, 6, 7

DEPARTMENTS = (
    DepartmentRecord("1", "公司"),
    DepartmentRecord("2", "产品中心", "1"),
    DepartmentRecord("3", "前端组", "2"),
    DepartmentRecord("4", "销售部", "1"),
    DepartmentRecord("5", "人事行政部", "1"),
)
PEOPLE = (
    PersonRecord("gao", "高远", "001", date(2003, 4, 1), "总经理", (PlaceRecord("1", is_head=True),), None, True),
    PersonRecord("wang", "王磊", "002", date(2012, 6, 1), "经理", (PlaceRecord("2", is_head=True),), "gao", True),
    PersonRecord("lin", "林晓", "003", date(2022, 3, 14), "工程师", (PlaceRecord("3"),), "wang", True),
    PersonRecord("li", "李静", "004", date(2014, 9, 1), "HR", (PlaceRecord("5", is_head=True),), "gao", True),
    PersonRecord("zhao", "赵敏", "005", date(2018, 1, 8), "薪酬", (PlaceRecord("5"),), "li", True),
    PersonRecord("chen", "陈浩", "006", date(2020, 5, 6), "销售", (PlaceRecord("4"),), None, True),
    PersonRecord("admin", "周管", "007", None, "IT", (PlaceRecord("5"),), "li", True),
)


@dataclass
class MovableClock:
    """A clock that tests set."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 1, 0, tzinfo=UTC))

    def now(self) -> datetime:
        """Give the instant that was set."""
        return self.at

    def forward(self, **delta: float) -> None:
        """Move on."""
        self.at += timedelta(**delta)


def directory(*people: Person) -> Directory:
    """The cast as a directory, with some people replaced or added."""
    cast = {
        GAO: Person(GAO, "gao", "高远", "001", date(2003, 4, 1), "总经理", (ROOT,), frozenset({ROOT})),
        WANG: Person(WANG, "wang", "王磊", "002", date(2012, 6, 1), "经理", (PRODUCT,), frozenset({PRODUCT}), GAO),
        LIN: Person(LIN, "lin", "林晓", "003", date(2022, 3, 14), "工程师", (TEAM,), manager_id=WANG),
        LI: Person(LI, "li", "李静", "004", date(2014, 9, 1), "HR", (STAFF,), frozenset({STAFF}), GAO),
        ZHAO: Person(ZHAO, "zhao", "赵敏", "005", date(2018, 1, 8), "薪酬", (STAFF,), manager_id=LI),
        CHEN: Person(CHEN, "chen", "陈浩", "006", date(2020, 5, 6), "销售", (SALES,)),
        ADMIN: Person(ADMIN, "admin", "周管", "007", None, "IT", (STAFF,), manager_id=LI),
    }
    cast |= {person.id: person for person in people}
    tree = {
        ROOT: Department(ROOT, "1", "公司"),
        PRODUCT: Department(PRODUCT, "2", "产品中心", ROOT),
        TEAM: Department(TEAM, "3", "前端组", PRODUCT),
        SALES: Department(SALES, "4", "销售部", ROOT),
        STAFF: Department(STAFF, "5", "人事行政部", ROOT),
    }
    return Directory(TODAY, cast, tree)


def access(*people: Person, grants: Sequence[RoleGrant] = (RoleGrant(LI, Role.HR),)) -> Access:
    """The cast with its granted roles."""
    held: dict[int, tuple[RoleGrant, ...]] = {}
    for grant in grants:
        held[grant.employee_id] = (*held.get(grant.employee_id, ()), grant)
    return Access(directory(*people), held)
