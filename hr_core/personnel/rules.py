"""Reading what people tell about themselves: a rule for each kind of answer. It gives one spelling, or why not.

Forms and check digits are those of `people/identity.py`, which `dinghr rules run` uses too.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from hr_core.people.identity import (
    bank_card_digits,
    birth_date_in,
    id_number_fault,
    is_bank_card_number,
    read_mobile_number,
)
from hr_core.personnel.model import Fault, FieldSpec, IdKind

YOUNGEST = 16
"""劳动法第十五条: nobody under sixteen is employed."""
OLDEST = 100
MOST_WORDS, LEAST_ADDRESS, MOST_ADDRESS = 60, 6, 120

_NEW_FOREIGNER = re.compile(r"9[0-9]{16}[0-9X]")
_OLD_FOREIGNER = re.compile(r"[A-Z]{3}[0-9]{12}")
_OTHER = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")
_FIFTEEN = re.compile(r"[0-9]{15}")
_MONTH = re.compile(r"(\d{4})\s*(?:年|[-./])\s*(\d{1,2})\s*(?:月)?(?:[-./]?\s*\d{1,2}\s*日?)?")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})")
_BLANKS = re.compile(r"[\s·-]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an answer is judged against: the company's day, and answers that stand already or come with it."""

    today: date
    id_kind: str = ""
    mobile: str = ""


def read_answer(spec: FieldSpec, text: str, facts: Facts) -> str | Fault:
    """Read one answer by its field's rule."""
    told = unicodedata.normalize("NFKC", text).strip()
    if not told:
        return Fault("missing")
    if spec.read == "choice":
        return told if told in spec.options else Fault("not_offered")
    return RULES[spec.read](told, facts)


def read_id(text: str, facts: Facts) -> str | Fault:
    """Read the number of the paper that was chosen."""
    number = _BLANKS.sub("", text).upper()
    match facts.id_kind:
        case IdKind.FOREIGNER:
            return _foreigners(number, facts.today)
        case IdKind.OTHER:
            # Passports and permits of every country: letters and digits, nothing else is certain.
            return number if _OTHER.fullmatch(number) else Fault("other_form")
        case _:
            return _residents(number, facts.today)


def _residents(number: str, today: date) -> str | Fault:
    """公民身份号码 (GB 11643-1999); residence permits of Hong Kong, Macao and Taiwan begin with 81, 82, 83."""
    if _FIFTEEN.fullmatch(number):
        return Fault("id_fifteen")
    fault = id_number_fault(number, today)
    if fault is not None:
        return Fault(f"id_{fault.value}", {"length": len(number)} if fault.value == "form" else {})
    return _of_age(number, today)


def _foreigners(number: str, today: date) -> str | Fault:
    """外国人永久居留身份证: 18 characters from 9 on, or the earlier 3 letters and 12 digits.

    Assumed: the check character isn't judged, since its rule isn't published with the card.
    """
    if _OLD_FOREIGNER.fullmatch(number):
        return number
    if not _NEW_FOREIGNER.fullmatch(number):
        return Fault("foreigner_form")
    born = birth_date_in(number)
    if born is None or born > today:
        return Fault("id_date")
    return _of_age(number, today)


def _of_age(number: str, today: date) -> str | Fault:
    """劳动法第十五条."""
    born = birth_date_in(number)
    if born is None:
        return Fault("id_date")
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < YOUNGEST:
        return Fault("under_age", {"youngest": YOUNGEST})
    return number if years <= OLDEST else Fault("id_date")


def read_bank_account(text: str, _facts: Facts) -> str | Fault:
    """Read a bank card's number: 12 to 19 digits, Luhn."""
    digits = bank_card_digits(text)
    if digits is None:
        return Fault("bank_form")
    return digits if is_bank_card_number(digits) else Fault("bank_check")


def read_mobile(text: str, _facts: Facts) -> str | Fault:
    """Read a mainland mobile number."""
    return read_mobile_number(text) or Fault("mobile_form")


def read_other_mobile(text: str, facts: Facts) -> str | Fault:
    """Read somebody else's mobile number: in an emergency one's own doesn't help."""
    number = read_mobile_number(text)
    if number is None:
        return Fault("mobile_form")
    return Fault("own_mobile") if number == facts.mobile else number


def read_words(text: str, _facts: Facts) -> str | Fault:
    """Read a name: some words on one line."""
    told = " ".join(text.split())
    return told if len(told) <= MOST_WORDS else Fault("too_long", {"most": MOST_WORDS})


def read_address(text: str, _facts: Facts) -> str | Fault:
    """Read an address that a letter would reach."""
    told = " ".join(text.split())
    if len(told) < LEAST_ADDRESS:
        return Fault("address_short")
    return told if len(told) <= MOST_ADDRESS else Fault("too_long", {"most": MOST_ADDRESS})


def read_month(text: str, facts: Facts) -> str | Fault:
    """Read a month, 2020-06 or 2020年6月; studies may end within a year from now."""
    found = _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text)
    if found is None:
        return Fault("month_form")
    year, month = int(found[1]), int(found[2])
    if not (1 <= month <= 12 and year >= 1950):
        return Fault("month_form")
    if (year, month) > (facts.today.year + 1, facts.today.month):
        return Fault("month_far")
    return f"{year:04}-{month:02}"


RULES: Mapping[str, Callable[[str, Facts], str | Fault]] = MappingProxyType(
    {
        "id_number": read_id,
        "bank_account": read_bank_account,
        "mobile": read_mobile,
        "other_mobile": read_other_mobile,
        "words": read_words,
        "address": read_address,
        "month": read_month,
    }
)
"""By the name a field gives; `choice` needs none."""
