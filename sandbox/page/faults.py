"""What can be ordered to go wrong, in the words of the panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from sandbox.operations import ALL
from sandbox.world import World
from sandbox.world.faults import FaultKind
from sandbox.world.stream import Connection

ANY = "*"
MOST_TIMES = 100


@dataclass(frozen=True, slots=True)
class Order:
    """A fault or an action: its key, a name, and a sentence of what will happen."""

    key: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fault that waits for its call."""

    place: int
    label: str
    api: str
    times: int
    details: str


@dataclass(frozen=True, slots=True)
class Line:
    """A connection of the robot's."""

    id: str
    topics: str
    state: str
    since: str


_FAULTS: Mapping[str, tuple[str, str]] = {
    "busy": ("系统繁忙", "接口说自己忙（旧接口 -1，新接口 500），什么也没做。"),
    "timeout": ("网关超时", "等不到结果，只得到 504；机器人不知道做没做。"),
    "drop": ("断在半路", "连接断开，没有任何应答。"),
    "qps": ("每秒限流", "这一秒调用太多，被拒绝；不计费。"),
    "qpm": ("每分钟限流", "这一分钟调用太多，被拒绝；不计费。"),
    "monthly": ("本月用完", "说本月调用次数已用完；不计费。"),
    "token": ("令牌无效", "说访问凭证不合法或已过期，要重新获取。"),
    "ip_ban": ("出口被封", "得到一页 HTML 滑动验证，而不是 JSON。"),
    "answer": ("自定应答", "用下面写的状态码和正文应答。"),
}
ACTIONS = (
    Order("drop", "掐断", "不打招呼就断开；机器人应在一秒内重连。"),
    Order("disconnect", "预告断开", "先推送 disconnect，不再派新消息，10 秒后关闭；机器人应先连上新的。"),
    Order("stall", "停发", "连接还在，但推送都发不出去，也就等不到应答。"),
    Order("half_open", "半开", "不推送，也不回应 WebSocket 的 ping；机器人应在 90 秒内发现。"),
    Order("resume", "恢复", "停发或半开的连接恢复正常。"),
    Order("ping", "心跳", "立刻推送一次 ping，看机器人是否原样应答。"),
)


def orders() -> list[Order]:
    """Give the faults of calls, those with words of their own first."""
    kinds = get_args(FaultKind)
    known = [kind for kind in _FAULTS if kind in kinds]
    return [
        Order(kind, *_FAULTS.get(kind, (kind, ""))) for kind in (*known, *(one for one in kinds if one not in known))
    ]


def label(kind: str) -> str:
    """Give a fault's name."""
    return _FAULTS[kind][0] if kind in _FAULTS else kind


def apis() -> dict[str, list[tuple[str, str]]]:
    """Give the calls by feature: name and what it does."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in ALL:
        found.setdefault(one.feature, []).append((one.name, one.summary))
    return found


def called(api: str) -> str:
    """Give the words for the call a fault is meant for."""
    if api == ANY:
        return "任何接口"
    return next((f"{one.summary}（{one.name}）" for one in ALL if api in {one.name, one.path}), api)


def waiting(world: World) -> list[Waiting]:
    """List what is ordered and hasn't happened yet."""
    return [
        Waiting(
            place,
            label(fault.kind),
            called(fault.api),
            fault.times,
            "，".join(
                part
                for part in (
                    f"状态 {fault.status}" if fault.kind == "answer" else "",
                    f"等 {fault.delay:g} 秒" if fault.delay else "",
                    "照做之后" if fault.after_action else "",
                )
                if part
            ),
        )
        for place, fault in enumerate(world.faults.waiting)
    ]


def lines(world: World) -> list[Line]:
    """List the robot's connections."""
    return [
        Line(
            one.id,
            f"{len(one.subscriptions)} 个订阅",
            _state(one),
            f"{one.opened_at:%H:%M:%S}",
        )
        for one in world.stream.connections
    ]


def _state(connection: Connection) -> str:
    if connection.leaving:
        return "即将断开"
    if connection.half_open:
        return "半开"
    return "停发" if connection.stalled else "正常"
