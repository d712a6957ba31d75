from dataclasses import replace

from hr_core.people import rules
from hr_core.people.model import Person
from tests.cast import ADMIN, CHEN, GAO, LI, LIN, PRODUCT, ROOT, SALES, STAFF, TEAM, WANG, ZHAO, directory


def person(number: int) -> Person:
    return directory().people[number]


def test_the_line_manager_comes_first() -> None:
    assert rules.next_above(directory(), LIN) == WANG


def test_without_a_line_manager_the_head_of_the_nearest_department_above() -> None:
    assert rules.next_above(directory(), CHEN) == GAO
    lin = replace(person(LIN), manager_id=None)
    assert rules.next_above(directory(lin), LIN) == WANG


def test_a_head_is_not_their_own_superior() -> None:
    wang = replace(person(WANG), manager_id=None)
    assert rules.next_above(directory(wang), WANG) == GAO


def test_a_manager_who_has_left_counts_as_none() -> None:
    lin = replace(person(LIN), manager_id=999)
    assert rules.next_above(directory(lin), LIN) == WANG


def test_nobody_stands_above_the_top() -> None:
    assert rules.next_above(directory(), GAO) is None
    assert rules.superiors(directory(), GAO) == ()


def test_superiors_are_the_whole_line() -> None:
    assert rules.superiors(directory(), LIN) == (WANG, GAO)


def test_a_reporting_cycle_ends_the_line() -> None:
    wang = replace(person(WANG), manager_id=LIN)
    assert rules.in_reporting_cycle(directory(wang), LIN)
    assert rules.superiors(directory(wang), LIN) == (WANG,)
    assert not rules.in_reporting_cycle(directory(), LIN)


def test_a_person_works_within_every_department_above_their_own() -> None:
    for department in (TEAM, PRODUCT, ROOT):
        assert rules.is_within(directory(), LIN, department)
    assert not rules.is_within(directory(), LIN, SALES)


def test_the_general_manager_leads_the_root() -> None:
    assert rules.general_manager(directory()) == GAO


def test_without_a_head_of_the_root_the_only_top_with_reports() -> None:
    gao = replace(person(GAO), heads=frozenset())
    assert rules.general_manager(directory(gao)) == GAO
    li = replace(person(LI), manager_id=None)
    assert rules.general_manager(directory(gao, li)) is None


def test_the_cast_stands_where_the_tests_think() -> None:
    assert rules.superiors(directory(), ZHAO) == (LI, GAO)
    assert rules.is_within(directory(), ADMIN, STAFF)


def test_nobody_rises_to_the_top_while_line_managers_are_being_read() -> None:
    gao = replace(person(GAO), heads=frozenset())
    assert rules.general_manager(replace(directory(gao), complete=False)) is None
    assert rules.general_manager(replace(directory(), complete=False)) == GAO, "a head of the root is one all the same"
