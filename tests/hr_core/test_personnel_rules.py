"""What people tell about themselves is read by the published examples' functions, and a slip is named as what it is."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.catalogue import words
from hr_core.people import identity
from hr_core.personnel.model import FIELDS, STEPS, Degree, Fault, IdKind, Standing, progress_of
from hr_core.personnel.rules import RULES, Facts, read_answer

TODAY = date(2026, 11, 25)
EXAMPLES = json.loads((Path(__file__).parent / "data/payroll_examples.json").read_text("utf-8"))["vectors"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PROVINCES = (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61,
             62, 63, 64, 65, 71, 81, 82, 83)  # fmt: skip
ADULTS = st.dates(TODAY - timedelta(days=90 * 365), date(2010, 11, 25))


def checked(digits: str) -> str:
    """Complete an identity number by the standard's sum."""
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


@st.composite
def numbers(draw: st.DrawFn, born: st.SearchStrategy[date] = ADULTS) -> str:
    """Identity numbers that people could have."""
    day = draw(born)
    area = f"{draw(st.sampled_from(PROVINCES))}{draw(st.integers(0, 9999)):04}"
    return checked(f"{area}{day:%Y%m%d}{draw(st.integers(1, 999)):03}")


def read(field: str, text: str, **facts: str) -> str | Fault:
    return read_answer(FIELDS[field], text, Facts(TODAY, **facts))


def code(field: str, text: str, **facts: str) -> str:
    """Give why an answer isn't taken."""
    answer = read(field, text, **facts)
    assert isinstance(answer, Fault), answer
    return answer.code


@given(numbers())
def test_every_number_that_somebody_could_have_is_taken_however_it_is_spelled(number: str) -> None:
    assert read("id_number", number) == number
    assert read("id_number", f" {number[:6]} {number[6:14]}-{number[14:].lower()} ") == number


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_never_taken(number: str, at: int, digit: str) -> None:
    if number[at] != digit:
        assert code("id_number", number[:at] + digit + number[at + 1 :]).startswith(("id_", "under_age"))


@given(numbers(), st.integers(0, 15))
def test_two_digits_swapped_are_never_taken(number: str, at: int) -> None:
    if number[at] != number[at + 1] and at < 16:
        assert isinstance(read("id_number", number[:at] + number[at + 1] + number[at] + number[at + 2 :]), Fault)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_told_why_not(text: str) -> None:
    for spec in FIELDS.values():
        for kind in ("", *IdKind):
            answer = read_answer(spec, text, Facts(TODAY, kind))
            if isinstance(answer, Fault):
                assert words().say(f"personnel.fault.{answer.code}", **answer.values)
                assert not any(text.strip() and text.strip() == str(value) for value in answer.values.values())


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("11010519491231002", "id_form"),
        ("110105194912310021", "id_check"),
        ("110105491231002", "id_fifteen"),
        ("01010519491231002X", "id_province"),
        (checked("11010519490230001"), "id_date"),
        (checked("11010520991231001"), "id_future"),
        (checked("11010520101126001"), "under_age"),
        (checked("11010518001126001"), "id_date"),
        ("１１０１０５１９４９１２３１００２X", ""),  # noqa: RUF001 - as a phone's keyboard writes it
    ],
)
def test_a_slip_in_an_identity_number_is_named(number: str, why: str) -> None:
    assert (code("id_number", number) if why else read("id_number", number)) == (why or "11010519491231002X")


def test_sixteen_is_old_enough_on_the_birthday() -> None:
    assert read("id_number", checked("11010520101125001")) == checked("11010520101125001")


def test_residence_permits_of_hong_kong_macao_and_taiwan_are_residents_numbers() -> None:
    for area in ("810000", "820000", "830000"):
        number = checked(f"{area}19900101001")
        assert read("id_number", number, id_kind="resident") == number


@pytest.mark.parametrize(
    ("kind", "number", "answer"),
    [
        ("foreigner", "911124198108030024", "911124198108030024"),
        ("foreigner", "deu 310081081001", "DEU310081081001"),
        ("foreigner", "911124198113030024", "id_date"),
        ("foreigner", "911124202001010024", "under_age"),
        ("foreigner", "11010519491231002X", "foreigner_form"),
        ("other", "e12345678", "E12345678"),
        ("other", "H 1234567", "H1234567"),
        ("other", "护照", "other_form"),
        ("other", "ABCDEF", "other_form"),
        ("resident", "E12345678", "id_form"),
    ],
)
def test_other_papers_have_their_own_forms(kind: str, number: str, answer: str) -> None:
    found = read("id_number", number, id_kind=kind)
    assert (found.code if isinstance(found, Fault) else found) == answer


@given(st.text("0123456789", min_size=11, max_size=18))
def test_a_card_passes_luhn_and_a_slip_doesnt(digits: str) -> None:
    doubled = sum(sum(divmod(2 * int(one), 10)) for one in digits[::-2])
    number = digits + str(-(doubled + sum(map(int, digits[-2::-2]))) % 10)
    assert read("bank_account", " ".join((number[:4], number[4:]))) == number
    assert code("bank_account", number[:-1] + str((int(number[-1]) + 1) % 10)) == "bank_check"


@given(st.text("0123456789", min_size=9, max_size=9), st.sampled_from("3456789"))
def test_a_mobile_is_read_with_its_country_and_its_hyphens(rest: str, second: str) -> None:
    number = f"1{second}{rest}"
    assert read("mobile", f"+86 {number[:3]}-{number[3:7]}-{number[7:]}") == number
    assert code("emergency_phone", number, mobile=number) == "own_mobile"


@pytest.mark.parametrize("text", ["12011182222", "1391118222", "139111822223", "010-12345678", "mobile"])
def test_what_is_no_mobile_is_told_so(text: str) -> None:
    assert code("mobile", text) == "mobile_form"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2020-06", "2020-06"), ("2020年6月", "2020-06"), ("2020.6", "2020-06"), ("202006", "2020-06"),
        ("2020-06-30", "2020-06"), ("2027-07", "2027-07"), ("2028-07", "month_far"), ("2020-13", "month_form"),
        ("六月", "month_form"), ("1920-06", "month_form"),
    ],
)  # fmt: skip
def test_a_month_is_read_as_people_write_it(text: str, answer: str) -> None:
    found = read("graduated", text)
    assert (found.code if isinstance(found, Fault) else found) == answer


def test_the_examples_of_rules_run_are_met_by_what_the_forms_use() -> None:
    """The form reads through the same functions, so it takes what the example calls valid and nothing else."""
    assert RULES["id_number"].__globals__["id_number_fault"] is identity.id_number_fault
    seen = 0
    for row in EXAMPLES:
        told, valid = row["inputs"], row["expected"].get("valid")
        match row["kind"]:
            case "id_card":
                answer = read_answer(
                    FIELDS["id_number"], told["id_number"], Facts(date.fromisoformat(told["today"]), "resident")
                )
                young = isinstance(answer, Fault) and answer.code == "under_age"
                assert young or isinstance(answer, str) == valid, row["id"]
            case "bank_card":
                assert isinstance(read("bank_account", told["card_number"]), str) == valid, row["id"]
            case "mobile_number":
                answer = read("mobile", told["number"])
                assert isinstance(answer, str) == valid, row["id"]
                assert not valid or answer == row["expected"]["normalized"]
            case _:
                continue
        seen += 1
    assert seen >= 4


def test_every_field_step_option_and_fault_has_its_words() -> None:
    for step in STEPS:
        assert words().say(f"personnel.step.{step.key}")
        for spec in step.fields:
            assert words().say(f"personnel.field.{spec.key}")
            assert all(words().say(f"personnel.option.{spec.key}.{one}") for one in spec.options)
        for part in step.pictures:
            assert words().say(f"personnel.part.{part}")


EVERYTHING = frozenset(part for step in STEPS for part in step.parts)


def test_progress_counts_what_is_there_and_respects_a_no() -> None:
    nothing = progress_of(1, frozenset(), frozenset({"bank", "documents"}), {})
    assert (nothing.done, nothing.declined) == (0, ("bank", "id_pictures", "diploma_picture"))
    assert nothing.open_steps == ("identity", "contact", "emergency", "education")
    whole = progress_of(1, EVERYTHING, frozenset({"bank"}), {})
    assert whole.done == len(STEPS), "what is there counts, whatever was said since"


@pytest.mark.parametrize(
    ("chosen", "without"),
    [({"id_kind": IdKind.OTHER}, {"id_back"}), ({"degree": Degree.BASIC}, {"diploma", "major"})],
)
def test_what_a_choice_makes_needless_isnt_missed(chosen: dict[str, str], without: set[str]) -> None:
    assert progress_of(1, EVERYTHING - without, frozenset(), chosen).done == len(STEPS)
    missed = progress_of(1, EVERYTHING - without, frozenset(), {})
    assert Standing.MISSING in missed.steps.values()
