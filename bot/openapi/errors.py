"""DingTalk's refusals and failures, both API families, as a few types a caller can act on.

Sources: server API pages A/0013 (error codes), A/0012 and A/1433 (throttling), A/1431 (monthly quota). The `code`
decides, not the HTTP status: an expired token is HTTP 400 and the roster services answer business errors with 401.
"""

from collections.abc import Sequence
from typing import ClassVar, TypeVar


class DingTalkError(Exception):
    """A call that did not do what was asked.

    `kind` labels metrics. `not_executed` promises that DingTalk did nothing, so sending again can't do it twice;
    `transient` says that the same call may well succeed later.
    """

    kind: ClassVar[str] = "refused"
    not_executed: bool = True
    transient: bool = False

    def __init__(
        self, code: str, message: str = "", *, http_status: int = 0, request_id: str = "", api: str = ""
    ) -> None:
        super().__init__(code, api)  # what repr() and retry logs show: never the message, it may name people
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id
        self.api = api

    def __str__(self) -> str:
        """Give the call, the code, DingTalk's words, the way out where one is known, and the request id."""
        parts = [f"{self.api or 'DingTalk'}: {self.code}", self.message, self.remedy]
        text = "; ".join(part for part in parts if part)
        return f"{text} (request {self.request_id})" if self.request_id else text

    @property
    def remedy(self) -> str:
        """The step that mends it, for an operator; empty where there is none to name."""
        return ""


class CredentialsRejected(DingTalkError):
    """The client id or secret is wrong."""

    kind = "credentials_rejected"

    @property
    def remedy(self) -> str:
        """Where the right ones are."""
        return "compare DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET with 凭证与基础信息 of the app"


class TokenRejected(DingTalkError):
    """The access token is not, or no longer, valid; a fresh one was refused as well."""

    kind = "token_rejected"
    transient = True


class Forbidden(DingTalkError):
    """The app may not do this: IP address not on the whitelist, person or department outside the data scope, …"""

    kind = "forbidden"

    @property
    def remedy(self) -> str:
        """The console page to change."""
        if self.code in {"50002", "50004"}:
            return "set 通讯录接口权限范围 of the app to 全部员工"
        if self.code == "60020" or self.code.endswith("IpNotInWhiteList"):
            return "add this server's outgoing address to 服务器出口IP of the app"
        return ""


class ScopeMissing(Forbidden):
    """The app lacks a permission. `scopes` are the codes to apply for."""

    kind = "scope_missing"
    scopes: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """The scope to apply for, and where."""
        wanted = ", ".join(self.scopes) or "the scope of this call"
        return f"apply for {wanted} in 权限管理 of the app, then publish the app version"


class Throttled(DingTalkError):
    """Too many calls in a short time; nothing was done. `retry_after` in seconds."""

    kind = "throttled"
    transient = True
    retry_after: float = 1.0


class QuotaExhausted(DingTalkError):
    """The company's monthly quota of calls is used up: until next month, or until the plan is extended."""

    kind = "quota_exhausted"

    @property
    def remedy(self) -> str:
        """What helps."""
        return "the monthly quota of the whole company is used up: wait for next month or extend the plan"


class BadRequest(DingTalkError):
    """DingTalk doesn't accept what was sent; sending it again won't help."""

    kind = "bad_request"


class TemplateMissing(BadRequest):
    """The card template doesn't exist, isn't published, or isn't bound to this app."""

    kind = "template_missing"

    @property
    def remedy(self) -> str:
        """The steps in the card platform."""
        return "import the template in 卡片平台, associate it with this app, publish it and configure its id"


class NotFound(DingTalkError):
    """The person, department, conversation or card doesn't exist (any more)."""

    kind = "not_found"


class DeliveryFailed(DingTalkError):
    """The call was accepted, yet the card reached nobody (`deliverResults[].success` is false)."""

    kind = "delivery_failed"


class Unavailable(DingTalkError):
    """DingTalk can't be reached, or failed on its side. `not_executed` is true when no request got through."""

    kind = "unavailable"
    not_executed = False
    transient = True

    @property
    def remedy(self) -> str:
        """What stands between: the network, or DingTalk's own trouble, which only waiting mends."""
        if self.not_executed:
            return "check the network to DINGTALK_OPENAPI_ENDPOINT and DINGTALK_OAPI_ENDPOINT"
        return "DingTalk itself has trouble; try again later"


class OutcomeUnknown(DingTalkError):
    """The request went out and no answer came: it may or may not have been done."""

    kind = "outcome_unknown"
    not_executed = False
    transient = True


class UnexpectedAnswer(DingTalkError):
    """Something that isn't the API's answer: a proxy's page, the block page of a banned IP address, a redirect.

    `retry_after` is how long a blocked address has to wait, in seconds; 0 when it didn't say.
    """

    kind = "unexpected_answer"
    not_executed = False
    transient = True
    retry_after: float = 0.0


_CREDENTIALS = {"invalidclientidorsecret", "invalid.client", "authfailed", "40089"}
_TOKEN = {"invalidauthentication", "40001", "40014", "41001", "42001"}
_QUOTA = {"forbidden.accessdenied.apicountlimitfororg", "90020"}
_PER_MINUTE = "forbidden.accessdenied.qpmlimitforappkeyandapi"
_THROTTLED = {
    "forbidden.accessdenied.qpslimitforappkeyandapi",
    "forbidden.accessdenied.qpslimitforapi",
    _PER_MINUTE,
    "send.too.fast",
    "too.many.group",
    "too.many.people",
    "toomuch.msg",
    "qps.exceed.limit",
    "request.overlimit",
    "oaplus.query.limit",
    "410100",
    *map(str, range(90001, 90020)),
}
_NO_SCOPE = {"forbidden.accessdenied.accesstokenpermissiondenied", "60011"}
_FORBIDDEN = {"50002", "50004", "60020", "41028", "43007"}
_NO_TEMPLATE = {"param.templatenotexist", "param.templateunpublished", "param.cardtemplateidempty"}
_NOT_FOUND = {
    "33012",
    "60003",
    "60121",
    "param.cardnotexist",
    "param.useridnotexist",
    "staffid.notexisted",
    "robot.oto.notexist",
    "group.disbanded",
    "invalid.openconversationid",
    "300001",  # session webhook gone
    "session.expired",
    "session.notexisted",
}
_TIMED_OUT = {"15", "isp.top-remote-connection-timeout"}
_TURNED_AWAY = {"-1", "system.busy", "serviceunavailable"}  # 系统繁忙, 请求过于频繁 (A/0013): refused, not half done
_BUSY = {"-1", "system.error", "system.busy", "systemerror", "serviceunavailable"}
_PER_MINUTE_WAIT = 60.0
_E = TypeVar("_E", bound=DingTalkError)


def typed(  # noqa: PLR0911 - a table of cases reads best as one
    code: str, message: str, *, http_status: int, request_id: str, api: str, scopes: Sequence[str], sub_code: str = ""
) -> DingTalkError:
    """Give the error that a failure answer stands for."""

    def build(kind: type[_E]) -> _E:
        return kind(code, message, http_status=http_status, request_id=request_id, api=api)

    known = {code.lower(), sub_code.lower()} - {""}
    if known & _CREDENTIALS:
        return build(CredentialsRejected)
    if known & _TOKEN:
        return build(TokenRejected)
    if known & _QUOTA:
        return build(QuotaExhausted)
    if known & _THROTTLED or http_status == 429:
        throttled = build(Throttled)
        throttled.retry_after = _PER_MINUTE_WAIT if _PER_MINUTE in known else Throttled.retry_after
        return throttled
    if known & _NO_SCOPE or scopes:
        missing = build(ScopeMissing)
        missing.scopes = tuple(scopes)
        return missing
    if known & _FORBIDDEN or any(one.startswith("forbidden.") for one in known):
        return build(Forbidden)
    if known & _NO_TEMPLATE:
        return build(TemplateMissing)
    if known & _NOT_FOUND or http_status == 404:
        return build(NotFound)
    if known & _TIMED_OUT or http_status == 504:
        return build(OutcomeUnknown)
    if known & _BUSY or http_status >= 500:
        unavailable = build(Unavailable)
        unavailable.not_executed = bool(known & _TURNED_AWAY)
        return unavailable
    if code == "88":  # no sub code: DingTalk's own authentication service didn't answer
        return build(TokenRejected if sub_code else Unavailable)
    return build(BadRequest)
