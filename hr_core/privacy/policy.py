"""The privacy policy as data: the notice's version, the purposes that need consent, and the retention table."""

import tomllib
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hr_core.errors import HRError


class BadPrivacyPolicy(Exception):
    """The company's own policy file can't be used; the text says why."""


class UnknownPurpose(HRError):
    """Nothing of this name needs a consent."""

    code = "privacy.error.unknown_purpose"


class Sensitive(StrEnum):
    """What is kept only with its person's separate consent. Each is a `purpose` of the privacy policy."""

    IDENTITY = "identity"
    """Numbers of identity papers."""
    BANK = "bank"
    """Bank accounts."""
    MEDICAL = "medical"
    """Reasons of sick leave, medical papers."""
    DOCUMENTS = "documents"
    """Pictures and copies of papers: they show a face, a number, a signature."""


class Purpose(BaseModel):
    """What a separate consent is asked for (个人信息保护法第二十九条).

    `version` grows with a change of purpose, means or kind of data: then people are asked again (第十四条).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str = Field(max_length=32)
    name: str
    what: str
    version: int = Field(default=1, ge=1)
    source: str = Field(min_length=1)


class Retention(BaseModel):
    """How long a class of data is kept, and where that comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    data_class: str
    what: str
    months: int = Field(ge=0, le=1200)
    source: str = Field(min_length=1)


class PrivacyPolicy(BaseModel):
    """One company's policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    notice_version: int = Field(ge=1)
    purposes: tuple[Purpose, ...] = Field(alias="purpose")
    retention: tuple[Retention, ...]

    @model_validator(mode="after")
    def _complete(self) -> "PrivacyPolicy":
        told = [rule.data_class for rule in self.retention]
        if sorted(told) != sorted(CLASSES):
            msg = f"each of {', '.join(CLASSES)} needs its period, once"
            raise ValueError(msg)
        named = {one.key for one in self.purposes}
        if missing := [one.value for one in Sensitive if one.value not in named]:
            msg = f"nobody could consent to: {', '.join(missing)}; add a [[purpose]] for each"
            raise ValueError(msg)
        return self

    def purpose(self, name: str) -> Purpose:
        """Find a purpose by the name people say or by its key; raises `UnknownPurpose`."""
        for one in self.purposes:
            if name in {one.key, one.name}:
                return one
        raise UnknownPurpose(names="、".join(one.name for one in self.purposes))

    def kept_until(self, data_class: str, today: date) -> date:
        """Give the day before which data of a class are due to go."""
        months = next(rule.months for rule in self.retention if rule.data_class == data_class)
        return months_before(today, months)


CLASSES = (
    "chat_frames", "chat_failed", "chat_sent", "dialogue", "leave_words", "leave_record", "pay_record", "correction",
    "card", "hire_refused", "leaver_identity", "personnel_file", "personnel_passing",
)  # fmt: skip
"""Every class that has a rule in `erase.py`."""


def months_before(day: date, months: int) -> date:
    """Give the same day so many months earlier, or the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def months_after(day: date, months: int) -> date:
    """Give the same day so many months later, or the month's last day where it is shorter."""
    return months_before(day, -months)


def load_privacy_policy(own: Path | None = None) -> PrivacyPolicy:
    """Load the company's own file where there is one, else the product's; raises `BadPrivacyPolicy`."""
    if own is None or not own.exists():
        text = resources.files("hr_core.privacy").joinpath("data/policy.toml").read_text("utf-8")
        return PrivacyPolicy.model_validate(tomllib.loads(text))
    try:
        return PrivacyPolicy.model_validate(tomllib.loads(own.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        msg = f"{own}: {error}"
        raise BadPrivacyPolicy(msg) from error
