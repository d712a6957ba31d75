"""What goes wrong on request: the next calls of an API, the next frames of a topic, the next handshake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

ROBOT, CARD = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"

Moment = Literal["instead", "within", "answer", "frame", "handshake"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way to go wrong: what a button calls it, and what it does.

    `moment`: instead of a call's answer (or, on request, after the call was carried out), within the call, with the
    answer of a call that is carried out, with a frame, or at the handshake. `api` is what it befalls unless told.
    """

    key: str
    label: str
    sentence: str
    moment: Moment = "instead"
    api: str = "*"


FAULTS: tuple[FaultKind, ...] = (
    FaultKind("answer", "指定应答", "The answer is the `status` and `body` given."),
    FaultKind("token", "令牌过期", "The token has expired (InvalidAuthentication, 42001)."),
    FaultKind("token_early", "令牌提前失效", "The token ends early: it isn't valid any more for any call (40014)."),
    FaultKind("qps", "应用每秒限流", "More calls in the second than the app may make (90018)."),
    FaultKind("qpm", "应用每分钟限流", "More calls in the minute than the app may make."),
    FaultKind("qps_everyone", "接口全局限流", "More calls of the API than everyone together may make (90002)."),
    FaultKind("monthly", "本月调用用完", "The month's calls are used up (ApiCountLimitForOrg, 90020)."),
    FaultKind("ip_ban", "IP 被封（网页）", "The address made too many calls: an HTML page instead of JSON."),
    FaultKind("ip_ban_json", "IP 被封（JSON）", "The address made too many calls: JSON of another kind, status 1111."),
    FaultKind("busy", "系统繁忙", "DingTalk is busy (500 system.busy, errcode -1)."),
    FaultKind("unavailable", "服务不可用", "503 without a body."),
    FaultKind("timeout", "网关超时（未执行）", "504, and nothing was done (with `after_action` it was)."),
    FaultKind("timeout_after", "网关超时（已执行）", "504, though the call was carried out."),
    FaultKind("slow", "应答缓慢", "The answer comes `delay` seconds late, five unless told.", "within"),
    FaultKind("html", "代理的网页", "A proxy's page (502) is the answer, though the call was carried out.", "answer"),
    FaultKind("truncated", "应答截断", "The answer's JSON ends in the middle.", "answer"),
    FaultKind("errcode_text", "错误码为字符串", "errcode is a text and flags are texts.", "answer"),
    FaultKind("skew", "时钟偏差（应答）", "The Date header is `by` seconds ahead, an hour unless told.", "answer"),
    FaultKind("drop", "连接中断", "The connection ends without an answer."),
    FaultKind("flow_controlled", "部分用户被限流", "All or the users in `body` are in flowControlledStaffIdList.",
              "within", "robot.to_people"),
    FaultKind("invalid_staff", "部分用户无效", "All or the users in `body` are in invalidStaffIdList.",
              "within", "robot.to_people"),
    FaultKind("undelivered", "卡片投放失败", "deliverResults say success=false inside a 200.", "within"),
    FaultKind("no_endpoint", "网关无地址", "The gateway answers 200 without an endpoint.", "answer", "gateway.open"),
    FaultKind("xml", "网关返回 XML", "The gateway answers in XML.", "answer", "gateway.open"),
    FaultKind("ticket_refused", "拒绝票据", "The handshake refuses the ticket.", "handshake"),
    FaultKind("socket_dropped", "长连接中断", "The socket ends in place of the next frame.", "frame"),
    FaultKind("half_open", "长连接半开", "The socket stays but nothing comes any more, pongs neither.", "frame"),
    FaultKind("stall", "长连接停滞", "The socket stays and answers pings, but no frame comes any more.", "frame"),
    FaultKind("duplicate", "重复推送", "The frame comes twice.", "frame"),
    FaultKind("late", "迟到推送", "The frame comes `delay` seconds late, five unless told.", "frame"),
    FaultKind("out_of_order", "乱序推送", "The frame comes after the one that follows it, or `delay` seconds late.",
              "frame"),
    FaultKind("malformed", "帧不是 JSON", "The frame ends in the middle.", "frame"),
    FaultKind("oversized", "超大帧", "The frame has more than 256 KiB.", "frame"),
    FaultKind("no_sender", "缺 senderStaffId", "The message doesn't say who sent it.", "frame", ROBOT),
    FaultKind("no_msg_id", "缺 msgId", "The message has no msgId.", "frame", ROBOT),
    FaultKind("no_text", "缺正文", "The message has no text and no content.", "frame", ROBOT),
    FaultKind("header_spelling", "header 拼写", "The frame says `header` for `headers`.", "frame"),
    FaultKind("time_spelling", "timestamp 拼写", "timeStamp and createAt are `timestamp`, and texts.", "frame"),
    FaultKind("only_value", "回调只有 value", "The tap's callback has `value` and no `content`.", "frame", CARD),
    FaultKind("params_beside", "params 位置不同", "The tap's params stand beside cardPrivateData.", "frame", CARD),
    FaultKind("time_skew", "时钟偏差（推送）", "The frame's time is `by` seconds ahead, an hour unless told.", "frame"),
)  # fmt: skip
BY_KEY: Mapping[str, FaultKind] = {one.key: one for one in FAULTS}


@dataclass(slots=True)
class Fault:
    """How the next `times` calls of `api` (its name, its path, or `*`), frames (topic, event type) or handshakes go.

    `after_action`: the call is carried out first. `delay` and `by` are seconds; `status` and `body` are the answer's.
    """

    api: str
    kind: str = "answer"
    status: int = 500
    body: Any = None
    times: int = 1
    delay: float = 0.0
    after_action: bool = False
    by: float = 3600.0

    @property
    def moment(self) -> Moment:
        """When it strikes."""
        return BY_KEY[self.kind].moment


class Faults:
    """The queue, first come first served."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, api: str, path: str) -> Fault | None:
        """Give the fault meant for this call, using it up."""
        return self._take({"instead", "within", "answer"}, {api, path})

    def take_frame(self, topic: str, event_type: str) -> Fault | None:
        """Give the fault meant for this frame, using it up."""
        return self._take({"frame"}, {topic, event_type})

    def take_handshake(self) -> Fault | None:
        """Give the fault meant for this handshake, using it up."""
        return self._take({"handshake"}, ())

    def _take(self, moments: set[Moment], names: Iterable[str]) -> Fault | None:
        for fault in self.waiting:
            meant = fault.api if fault.api != "*" else BY_KEY[fault.kind].api
            if fault.moment in moments and meant in {*names, "*"}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
