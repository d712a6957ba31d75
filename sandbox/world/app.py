"""The company's own app at DingTalk: credentials, what it was granted, its tokens."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from sandbox.world.clock import Clock
from sandbox.world.ids import Ids

TOKEN_SECONDS = 7200
SCOPES = frozenset(
    {
        "qyapi_base", "qyapi_robot_sendmsg", "Card.Instance.Write", "qyapi_get_department_list", "qyapi_get_member",
        "qyapi_get_department_member", "qyapi_get_member_by_mobile", "fieldMobile", "fieldEmail",
        "qyapi_hrm_read_user", "qyapi_hrm_manager", "Pro.HrmPreentry.ReadWrite", "Hrm.Process.ReadWrite",
        "qyapi_get_attendance_data", "qyapi_attendance_group_read", "qyapi_attendance_group_manage",
        "Pro.AttendanceRecord.Write", "Pro.AttendanceAccounts.Read", "qyapi_holiday_readonly", "qyapi_holiday_manage",
        "hrmPersonal", "hrmBankCard", "hrmUrgentContacts",
        "Workflow.Form.Write", "Workflow.Form.Read", "Workflow.Instance.Write", "Workflow.Instance.Read", "qyapi_aflow",
        "Todo.Todo.Write", "Todo.Todo.Read", "Todo.PersonalTodo.Write", "Calendar.Event.Write", "Calendar.Event.Read",
        "Calendar.EventSchedule.Read", "Robot.SingleChat.ReadWrite", "Premium.Ding.Write",
        "open_app_api_base", "Contact.User.Read", "Contact.User.mobile", "qyapi_manage_addresslist",
        "qyapi_addresslist_search", "Contact.Common.Read", "Card.Streaming.Write", "qyapi_chat_manage",
        "qyapi_chat_read",
    }
)  # fmt: skip
"""What the demo's app was granted. `fieldMobile`, `fieldEmail`: the console's 企业员工手机号信息 and 邮箱等个人信息;
`hrmPersonal`, `hrmBankCard`, `hrmUrgentContacts`: the roster's groups sys02, sys04, sys06.
"""


@dataclass(slots=True)
class App:
    """The app and its robot. `departments` and `people` are its data scope (通讯录接口权限范围)."""

    TRANSIENT: ClassVar[frozenset[str]] = frozenset({"client_id", "client_secret", "robot_code"})

    client_id: str = "dingsandbox"
    client_secret: str = field(default="sandbox-secret-for-laptops-only", repr=False)
    robot_code: str = ""
    robot_name: str = "人事助手"
    corp_id: str = "dingsandboxcorp0001"
    corp_name: str = "青禾科技有限公司"
    agent_id: int = 3900000001
    unified_app_id: str = "8f0c2d5e-5a1b-4c77-9c55-2b6f1d0e7a10"
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    departments: set[int] = field(default_factory=lambda: {1})
    people: set[str] = field(default_factory=set)
    calls_per_second: int = 20
    redirect_uris: set[str] = field(default_factory=lambda: {"http://localhost:5173"})
    """安全设置 > 重定向URL: where a login may lead back to."""
    addresses: tuple[str, ...] = ()
    """服务器出口IP: from where the app may call; from anywhere while there is none."""
    events: set[str] = field(default_factory=set)
    """事件订阅: what is ticked beside what is always pushed here (`subscribed.EVENTS`)."""

    def __post_init__(self) -> None:
        self.robot_code = self.robot_code or self.client_id  # equal for a company's own app

    def accepts(self, client_id: object, client_secret: object) -> bool:
        """Whether these are the app's credentials."""
        return (
            client_id == self.client_id
            and isinstance(client_secret, str)
            and hmac.compare_digest(client_secret.encode(), self.client_secret.encode())
        )

    def missing(self, scopes: Iterable[str]) -> list[str]:
        """Give the scopes that weren't granted."""
        return [scope for scope in scopes if scope and scope not in self.scopes]


class Tokens:
    """The app's access tokens. Within its 7200 seconds the same one is given again and extended (A/0033)."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._token = ""
        self._ends: datetime = clock.now()

    def issue(self) -> str:
        """Give a token that lasts two hours from now."""
        if not self.valid(self._token):
            self._token = self._ids.secret()
        self._ends = self._clock.now() + timedelta(seconds=TOKEN_SECONDS)
        return self._token

    def valid(self, token: str) -> bool:
        """Whether a token would be taken now."""
        return bool(token) and token == self._token and self._clock.now() < self._ends

    def known(self, token: str) -> bool:
        """Whether it is our token, be it expired."""
        return bool(token) and token == self._token

    def revoke(self) -> None:
        """End the token early."""
        self._token = ""
