"""Routes and steps as values."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from hr_core.errors import HRError


class StepRole(StrEnum):
    """Who a step asks: one line manager, head or general manager, or any HR holder in reach."""

    MANAGER = "manager"
    DEPARTMENT_HEAD = "department_head"
    GENERAL_MANAGER = "general_manager"
    HR = "hr"


class StepStatus(StrEnum):
    """A step waits its turn, is open, or has been closed one way."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class NoApprover(HRError):
    """Nobody can decide this person's request: there is no manager above them and no HR holder but themselves."""

    code = "approval.no_approver"


class RouteRule(BaseModel):
    """The steps for requests of more than `above_days`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    above_days: Decimal = Field(ge=0)
    steps: tuple[StepRole, ...] = Field(min_length=1)


class Route(BaseModel):
    """One version of a route. The first rule that fits, from the longest leave down, gives the steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int
    effective_from: date
    source: str
    rules: tuple[RouteRule, ...] = Field(min_length=1)

    def steps(self, days: Decimal) -> tuple[StepRole, ...]:
        """Give the steps for a request of `days`."""
        fitting = [rule for rule in self.rules if days > rule.above_days]
        return max(fitting, key=lambda rule: rule.above_days).steps


def load_leave_route() -> Route:
    """Read the route that ships with the product."""
    text = resources.files("hr_core.approval").joinpath("data/leave_routes.json").read_text("utf-8")
    return Route.model_validate_json(text)
