"""OA approval: templates, instances, tasks; official ones (A/0491 ff) and the process centre's own (A/0510 ff)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Method = Literal["AND", "OR", "NONE", "ONE_BY_ONE"]
Status = Literal["RUNNING", "TERMINATED", "COMPLETED"]
TaskStatus = Literal["NEW", "RUNNING", "PAUSED", "CANCELED", "COMPLETED", "TERMINATED"]
BizAction = Literal["NONE", "MODIFY", "REVOKE"]

LEAVE = "PROC-5D1C7E52-6A0F-4B0B-9C36-0A2F4E8D1001"
"""The native leave form; its code is fixed so that settings can name it."""
CORRECTION = "PROC-5D1C7E52-6A0F-4B0B-9C36-0A2F4E8D1002"
"""The native form for a forgotten punch."""


@dataclass(slots=True)
class Component:
    """One field of a form. `label` is what instances name it by."""

    kind: str
    id: str
    label: str = ""
    alias: str = ""
    required: bool = False
    props: dict[str, Any] = field(default_factory=dict)
    children: list["Component"] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """One node of a flow. Without `people` the originator's manager decides; with `select` the originator chooses who,
    among `people` if there are any.
    """

    id: str
    name: str = "审批人"
    method: Method = "OR"
    people: list[str] = field(default_factory=list)
    select: bool = False

    @property
    def actor_key(self) -> str:
        """The key by which the originator's choice names it."""
        return f"manual_{self.id}"


@dataclass(slots=True)
class Form:
    """A template. `own`: of the process centre. `suite`: a native form's business category, which no API can start."""

    code: str
    uuid: str
    name: str
    components: list[Component]
    created: datetime
    modified: datetime
    description: str = ""
    own: bool = False
    suite: str = ""
    attendance: int = 0
    status: Literal["PUBLISHED", "INVALID", "SAVED"] = "PUBLISHED"
    withdrawable: bool = True
    flow: list[Step] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    features: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Task:
    """Somebody's part in an instance."""

    id: int
    userid: str
    activity: str
    name: str
    created: datetime
    status: TaskStatus = "RUNNING"
    result: Literal["", "AGREE", "REFUSE", "REDIRECTED"] = ""
    finished: datetime | None = None
    url: str = ""


@dataclass(slots=True)
class Record:
    """What was done to an instance."""

    userid: str
    at: datetime
    type: str
    result: str = "NONE"
    remark: str = ""
    activity: str = ""
    name: str = ""
    images: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Instance:
    """One request on its way. `steps` is its flow, `at` the number of the step that is open."""

    id: str
    code: str
    business_id: str
    title: str
    originator: str
    dept_id: int
    created: datetime
    values: list[dict[str, Any]]
    steps: list[Step] = field(default_factory=list)
    at: int = 0
    status: Status = "RUNNING"
    result: Literal["", "agree", "refuse"] = ""
    finished: datetime | None = None
    approvers: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    cc_at: str = ""
    tasks: list[Task] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    biz_action: BizAction = "NONE"
    biz_data: str = ""
    main: str = ""
    attached: list[str] = field(default_factory=list)
    own: bool = False
    url: str = ""


@dataclass(slots=True)
class Workflow:
    """Templates by code and instances by id, oldest first."""

    forms: dict[str, Form] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)

    def tasks(self) -> Iterator[tuple[Instance, Task]]:
        """Give every task with its instance."""
        for instance in self.instances.values():
            for task in instance.tasks:
                yield instance, task

    def task(self, task_id: int) -> tuple[Instance, Task] | None:
        """Find a task."""
        return next((pair for pair in self.tasks() if pair[1].id == task_id), None)


def native(now: datetime) -> Workflow:
    """Give what every company has: the native leave form and the one for a forgotten punch.

    Their components and the leave form's category are assumed: the pages print neither.
    """
    reason = Component("TextareaField", "TextareaField-reason", "请假事由", required=True)
    holiday = Component("DDHolidayField", "DDHolidayField-leave", '["开始时间","结束时间"]', required=True)
    supply = Component("DDDateField", "DDDateField-supply", "补卡时间", required=True)
    why = Component("TextareaField", "TextareaField-supply", "补卡理由")
    forms = [
        Form(LEAVE, "FORM-5D1C7E52-1001", "请假", [holiday, reason], now, now, suite="attendance.leave", attendance=2),
        Form(
            CORRECTION, "FORM-5D1C7E52-1002", "补卡", [supply, why], now, now, suite="attendance.supply", attendance=1
        ),
    ]
    for form in forms:
        form.flow = [Step(f"{form.attendance}c5d_1001")]
    return Workflow({form.code: form for form in forms})
