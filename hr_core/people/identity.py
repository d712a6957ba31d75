"""Numbers that name people and firms, checked as far as a number can be: form and check digit, never existence."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_ID_FORM = re.compile(r"[0-9]{17}[0-9X]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_FIRM_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRM_FORM = re.compile(rf"[{_FIRM_CHARACTERS}]{{2}}[0-9]{{6}}[{_FIRM_CHARACTERS}]{{10}}")
_MOBILE_FORM = re.compile(r"(?:\+86)?(1[3-9][0-9]{9})")
_BANK_FORM = re.compile(r"[0-9]{12,19}")
_GROUPING = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class IdCard:
    """What a valid resident ID number says."""

    number: str
    birth_date: date
    is_male: bool


class IdFault(StrEnum):
    """Why a text is no resident ID number."""

    FORM = "form"
    PROVINCE = "province"
    DATE = "date"
    FUTURE = "future"
    CHECK = "check"


def id_number_fault(text: str, today: date) -> IdFault | None:
    """GB 11643-1999: say what is wrong with an 18-character number, x for X accepted; None when it can be one.

    Only the province is checked: counties are created and abolished, and a table of them rejects real people.
    """
    number = text.strip().upper()
    if not _ID_FORM.fullmatch(number):
        return IdFault.FORM
    if not _PROVINCES.match(number):
        return IdFault.PROVINCE
    born = birth_date_in(number)
    if born is None:
        return IdFault.DATE
    if born > today:
        return IdFault.FUTURE
    check = _ID_CHECKS[sum(int(digit) * w for digit, w in zip(number, _ID_WEIGHTS, strict=False)) % 11]
    return None if check == number[17] else IdFault.CHECK


def read_id_number(text: str, today: date) -> IdCard | None:
    """Read an 18-character number; None when it can't be one."""
    number = text.strip().upper()
    born = birth_date_in(number) if id_number_fault(text, today) is None else None
    return IdCard(number, born, int(number[16]) % 2 == 1) if born is not None else None


def birth_date_in(number: str) -> date | None:
    """Give the date that stands in the seventh to fourteenth place; None when it is no day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def bank_card_digits(text: str) -> str | None:
    """Give a number's 12 to 19 digits, blanks and hyphens left out; None when it has others."""
    digits = _GROUPING.sub("", text)
    return digits if _BANK_FORM.fullmatch(digits) else None


def is_bank_card_number(text: str) -> bool:
    """12 to 19 digits that pass Luhn's check, which finds slips and proves nothing."""
    digits = bank_card_digits(text)
    if digits is None:
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def is_unified_social_credit_code(text: str) -> bool:
    """GB 32100-2015: 18 characters, six of them the area's digits, the last a check."""
    code = text.strip()
    if not _FIRM_FORM.fullmatch(code):
        return False
    total = sum(_FIRM_CHARACTERS.index(character) * pow(3, at, 31) for at, character in enumerate(code[:17]))
    return _FIRM_CHARACTERS[-total % 31] == code[17]


def read_mobile_number(text: str) -> str | None:
    """Read a mainland mobile number, +86, blanks and hyphens allowed; gives its eleven digits."""
    match = _MOBILE_FORM.fullmatch(_GROUPING.sub("", text))
    return match[1] if match else None
