"""How a company takes people on, as data: numbers, account, attendance groups, approval, the list of tasks."""

import tomllib
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hr_core.approval.model import StepRole


class BadOnboardingPolicy(Exception):
    """The company's own file can't be used; the text says why."""


class TaskOwner(StrEnum):
    """Whose task it is; `it` is whoever has the operator's role. Nobody there: HR who hires."""

    HR = "hr"
    MANAGER = "manager"
    IT = "it"
    NEWCOMER = "newcomer"


class _Policy(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumberScheme(_Policy):
    """Employee numbers: `prefix` and `digits` digits. Without department and legal entity it is everybody's."""

    prefix: str = Field(max_length=12, pattern=r"^[A-Za-z0-9-]*$")
    digits: int = Field(ge=1, le=12)
    first: int = Field(default=1, ge=0)
    department: str | None = None
    legal_entity: str | None = None


class AttendanceGroup(_Policy):
    """An attendance group of DingTalk for a department's people, or for everybody's."""

    group: int
    department: str | None = None


class TaskTemplate(_Policy):
    """A task of every hire: `due` workdays after the first day, before it when negative."""

    title: str = Field(min_length=1, max_length=60)
    owner: TaskOwner
    due: int = Field(ge=-60, le=250)


class OnboardingPolicy(_Policy):
    """One version. A hire keeps what its steps made; a later version changes later steps only."""

    version: int = Field(ge=1)
    effective_from: date
    source: str = Field(min_length=1)
    account: Literal["user", "preentry"] = "user"
    approval: tuple[Literal[StepRole.DEPARTMENT_HEAD, StepRole.GENERAL_MANAGER, StepRole.HR], ...] = Field(min_length=1)
    numbers: tuple[NumberScheme, ...] = Field(alias="number", min_length=1)
    attendance_groups: tuple[AttendanceGroup, ...] = Field(default=(), alias="attendance_group")
    place: str = Field(default="", max_length=80)
    """Where a newcomer goes on the first day; the welcome leaves it out while it is empty."""
    bring: tuple[str, ...] = Field(default=(), max_length=10)
    """What they bring."""
    tasks: tuple[TaskTemplate, ...] = Field(default=(), alias="task", max_length=20)

    @model_validator(mode="after")
    def _reachable(self) -> "OnboardingPolicy":
        if not any(one.department is None and one.legal_entity is None for one in self.numbers):
            msg = "number: one scheme without department and legal_entity is needed, for everybody else"
            raise ValueError(msg)
        if len(set(self.approval)) != len(self.approval):
            msg = "approval: the same step stands there twice"
            raise ValueError(msg)
        return self


def load_onboarding_policy(own: Path | None = None) -> OnboardingPolicy:
    """Load the company's own file where there is one, else the product's; raises `BadOnboardingPolicy`."""
    if own is None or not own.exists():
        text = resources.files("hr_core.onboarding").joinpath("data/policy.toml").read_text("utf-8")
        return OnboardingPolicy.model_validate(tomllib.loads(text))
    try:
        return OnboardingPolicy.model_validate(tomllib.loads(own.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise BadOnboardingPolicy(f"{own}: {error}") from error
