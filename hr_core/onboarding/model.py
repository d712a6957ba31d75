"""A hire as values: what HR asks for, its steps, its tasks, and what can stand against it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hr_core.errors import HRError
from hr_core.lifecycle.rules import Contract

KIND = "onboarding"


class HireStatus(StrEnum):
    """Where a hire stands. Until it is done or over, nobody else can hire somebody with the same mobile."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"  # For the newcomer, who has to accept DingTalk's invitation.
    STUCK = "stuck"  # A step failed; HR decides.
    STOPPED = "stopped"
    DONE = "done"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


UNDER_WAY = (HireStatus.RUNNING, HireStatus.WAITING, HireStatus.STUCK, HireStatus.STOPPED)
OPEN = (HireStatus.PENDING, *UNDER_WAY, HireStatus.CANCELLING)


class StepName(StrEnum):
    """The chain, in its order."""

    NUMBER = "number"
    ACCOUNT = "account"
    RECORD = "record"
    ATTENDANCE = "attendance"
    TASKS = "tasks"
    WELCOME = "welcome"


STEPS = tuple(StepName)


class StepStatus(StrEnum):
    """How a step stands."""

    WAITING = "waiting"
    INVITED = "invited"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNDONE = "undone"


class Employment(StrEnum):
    """How somebody is employed."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    INTERN = "intern"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says. `months` is a fixed contract's length."""

    employment: Employment = Employment.FULL_TIME
    contract: Contract = Contract.FIXED
    months: int | None = None
    probation_months: int = 0


@dataclass(frozen=True, slots=True)
class HireWish:
    """What HR asks for. `former` is the employee who comes back, once HR has said that it is the same person."""

    name: str
    mobile: str
    department: int
    first_day: date
    terms: Terms
    position: str = ""
    manager: int | None = None
    former: int | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a step outside needs to know. Keys are the directory's."""

    hire: int
    userid: str
    name: str
    mobile: str
    department_key: str
    position: str
    number: str
    first_day: date
    manager_key: str | None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """The next thing to do for a hire: a step, or to take it back. `invited` was asked before and has to accept."""

    step: StepName
    undo: bool
    newcomer: Newcomer
    external_id: str | None = None
    invited: bool = False
    by_hand: bool = False
    """The account was left out: somebody makes it by hand."""
    recorded: bool = False
    attendance_group: int | None = None


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of it. `error` is a code, never what somebody else's answer says: it may name people."""

    status: StepStatus
    external_id: str | None = None
    error: str | None = None


class AlreadyHired(HRError):
    """Somebody with this mobile is being hired, or works here by an earlier hire."""

    code = "onboarding.error.already"

    def __init__(self, hire: int, name: str) -> None:
        super().__init__(hire=hire, name=name)


class ProbationTooLong(HRError):
    """The law allows less for such a contract."""

    code = "onboarding.error.probation"

    def __init__(self, limit: int, asked: int, *, rehire: bool) -> None:
        super().__init__(limit=limit, asked=asked, rehire=rehire)


class FirstDayPast(HRError):
    """The first day lies too far back."""

    code = "onboarding.error.past"

    def __init__(self, first_day: date, earliest: date) -> None:
        super().__init__(first_day=first_day, earliest=earliest)


class NumbersUsedUp(HRError):
    """The scheme has no digits left."""

    code = "onboarding.error.numbers"

    def __init__(self, prefix: str, digits: int) -> None:
        super().__init__(prefix=prefix, digits=digits)


class AlreadyBegun(HRError):
    """The first day has come: what ends it now is leaving, not cancelling."""

    code = "onboarding.error.begun"


class NotStuck(HRError):
    """There is no failed step to decide about."""

    code = "onboarding.error.not_stuck"


class CannotSkip(HRError):
    """The steps after this one need what it makes."""

    code = "onboarding.error.no_skip"

    def __init__(self, step: StepName) -> None:
        super().__init__(step=step.value)


class ReasonMissing(HRError):
    """A step is skipped with a reason."""

    code = "onboarding.error.reason"

    def __init__(self, hire: int) -> None:
        super().__init__(hire=hire)


class TextTooLong(HRError):
    """What was said is longer than we keep."""

    code = "onboarding.error.too_long"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)
