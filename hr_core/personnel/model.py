"""The steps and fields of the personnel file as data: what is asked, what reads it, how protected it is.

What a step asks for follows the roster's fields (劳动合同法实施条例第八条: number of the paper, both addresses, how to
reach a person), the payment of wages, and an emergency; nothing beyond (个人信息保护法第六条).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hr_core.errors import HRError
from hr_core.permission.matrix import Field as Protected
from hr_core.privacy.policy import Sensitive


class IdKind(StrEnum):
    """Which paper a number stands on; residence permits of Hong Kong, Macao and Taiwan carry the resident's form."""

    RESIDENT = "resident"
    FOREIGNER = "foreigner"
    OTHER = "other"


class Relation(StrEnum):
    """Who an emergency contact is to somebody."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    RELATIVE = "relative"
    FRIEND = "friend"


class Degree(StrEnum):
    """The highest education (学历)."""

    DOCTOR = "doctor"
    MASTER = "master"
    BACHELOR = "bachelor"
    COLLEGE = "college"
    SECONDARY = "secondary"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One thing that is asked: `read` names its rule, `options` what can be chosen, `shown` how it is masked."""

    key: str
    read: str
    options: tuple[str, ...] = ()
    shown: Protected | None = None
    is_account: bool = False
    """Sealed with the bank's data key instead of the identity's."""
    lead: int | None = None
    """How much of its beginning tells its owner which it is; without, the whole is shown to them."""
    passing: bool = False
    """Goes soon after the person: needed only while they are here."""


@dataclass(frozen=True, slots=True)
class Step:
    """A form's worth of questions, or of pictures; `purpose` is what needs a consent first."""

    key: str
    fields: tuple[FieldSpec, ...] = ()
    pictures: tuple[str, ...] = ()
    purpose: Sensitive | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Name everything it asks for."""
        return (*(one.key for one in self.fields), *self.pictures)


def _choice(key: str, options: type[StrEnum], *, passing: bool = False) -> FieldSpec:
    return FieldSpec(key, "choice", tuple(one.value for one in options), passing=passing)


STEPS: tuple[Step, ...] = (
    Step(
        "identity",
        (_choice("id_kind", IdKind), FieldSpec("id_number", "id_number", shown=Protected.ID_NUMBER)),
        purpose=Sensitive.IDENTITY,
    ),
    Step(
        "contact",
        (
            FieldSpec("mobile", "mobile", shown=Protected.PHONE),
            FieldSpec("home_address", "address", lead=3),
            FieldSpec("registered_address", "address", lead=3),
        ),
    ),
    Step(
        "bank",
        (
            FieldSpec("bank_account", "bank_account", shown=Protected.BANK_ACCOUNT, is_account=True),
            FieldSpec("bank_name", "words", is_account=True),
        ),
        purpose=Sensitive.BANK,
    ),
    Step(
        "emergency",
        (
            FieldSpec("emergency_name", "words", lead=1, passing=True),
            _choice("emergency_relation", Relation, passing=True),
            FieldSpec("emergency_phone", "other_mobile", shown=Protected.PHONE, passing=True),
        ),
    ),
    Step(
        "education",
        (
            _choice("degree", Degree),
            FieldSpec("school", "words"),
            FieldSpec("major", "words"),
            FieldSpec("graduated", "month"),
        ),
    ),
    Step("id_pictures", pictures=("id_front", "id_back"), purpose=Sensitive.DOCUMENTS),
    Step("diploma_picture", pictures=("diploma",), purpose=Sensitive.DOCUMENTS),
)

BY_STEP: Mapping[str, Step] = {step.key: step for step in STEPS}
FIELDS: Mapping[str, FieldSpec] = {one.key: one for step in STEPS for one in step.fields}
STEP_OF: Mapping[str, Step] = {part: step for step in STEPS for part in step.parts}
PICTURES: tuple[str, ...] = tuple(one for step in STEPS for one in step.pictures)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer isn't taken. `values` say what the rule is, never what was told."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


class AnswersWrong(HRError):
    """Some answers of a form aren't taken; nothing of it is kept until all are."""

    code = "personnel.error.wrong"

    def __init__(self, faults: Sequence[tuple[str, Fault]]) -> None:
        super().__init__(faults=[{"field": key, "code": one.code, "values": dict(one.values)} for key, one in faults])
        self.faults = tuple(faults)


class UnknownPart(HRError):
    """Nothing of this name is asked for."""

    code = "personnel.error.unknown_part"


class Unsure(HRError):
    """A name that several people have, or nobody."""

    code = "personnel.error.unsure"


class PurposeNeeded(HRError):
    """Somebody else's number is read for a purpose, in words short enough to be one."""

    code = "personnel.error.purpose_needed"


class Standing(StrEnum):
    """Where a step is: done; partly or not filled in; or its person doesn't want it kept here."""

    DONE = "done"
    MISSING = "missing"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person's file is, without a value of it."""

    employee_id: int
    steps: Mapping[str, Standing]
    missing: Mapping[str, tuple[str, ...]]
    """The parts that are still to come, by step."""

    @property
    def done(self) -> int:
        """Count the steps that are filled in."""
        return sum(one is Standing.DONE for one in self.steps.values())

    @property
    def open_steps(self) -> tuple[str, ...]:
        """Name what is still to be filled in."""
        return tuple(key for key, one in self.steps.items() if one is Standing.MISSING)

    @property
    def declined(self) -> tuple[str, ...]:
        """Name what HR takes on paper instead."""
        return tuple(key for key, one in self.steps.items() if one is Standing.DECLINED)


def progress_of(
    employee_id: int, have: frozenset[str], withdrawn: frozenset[str], chosen: Mapping[str, str]
) -> Progress:
    """Work out where each step is, from what is there, what was refused, and the choices that make parts needless."""
    steps: dict[str, Standing] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for step in STEPS:
        left = tuple(part for part in step.parts if part not in have and not _needless(part, chosen))
        if not left:
            steps[step.key] = Standing.DONE
        elif step.purpose is not None and step.purpose.value in withdrawn:
            steps[step.key] = Standing.DECLINED
        else:
            steps[step.key] = Standing.MISSING
            missing[step.key] = left
    return Progress(employee_id, steps, missing)


CHOICES = ("id_kind", "degree")
"""The fields whose answers make other parts needless."""


def _needless(part: str, chosen: Mapping[str, str]) -> bool:
    """A passport has one page with a picture; who left school after the compulsory years has no diploma to show."""
    match part:
        case "id_back":
            return chosen.get("id_kind") == IdKind.OTHER
        case "diploma":
            return chosen.get("degree") == Degree.BASIC
        case "major":
            return chosen.get("degree") == Degree.BASIC
        case _:
            return False
