"""What can be ordered to go wrong, in the words of the panel."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.operations import ALL
from sandbox.page.topics import TOPICS
from sandbox.world import World
from sandbox.world.faults import BY_KEY, FAULTS
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


_IN_CHINESE: Mapping[str, str] = {
    "answer": "用下面写的状态码和正文应答。",
    "token": "说访问凭证已过期，要重新获取。",
    "token_early": "访问凭证从现在起对任何接口都不再有效。",
    "qps": "这一秒调用太多，被拒绝；不计费。",
    "qpm": "这一分钟调用太多，被拒绝；不计费。",
    "qps_everyone": "全平台这一秒调用太多，被拒绝；不计费。",
    "monthly": "说本月调用次数已用完；不计费。",
    "ip_ban": "得到一页 HTML 滑动验证，而不是 JSON。",
    "ip_ban_json": "得到另一种 JSON，状态 1111。",
    "busy": "接口说自己忙（旧接口 -1，新接口 500），什么也没做。",
    "unavailable": "503，没有正文。",
    "timeout": "504，什么也没做。",
    "timeout_after": "504，其实已经照做；机器人不知道。",
    "slow": "照做，但应答晚到，不填就晚 5 秒。",
    "html": "照做了，应答却是代理的一页 HTML（502）。",
    "truncated": "照做了，应答的 JSON 只有一半。",
    "errcode_text": "errcode 是文字，真假值也是文字。",
    "skew": "应答的时间快了，不填偏差就快 1 小时。",
    "drop": "连接断开，没有任何应答。",
    "flow_controlled": "收件人被限流，列在 flowControlledStaffIdList。",
    "invalid_staff": "收件人无效，列在 invalidStaffIdList。",
    "undelivered": "应答 200，但 deliverResults 说没有投放成功。",
    "no_endpoint": "网关应答 200，却没有地址。",
    "xml": "网关用 XML 应答。",
    "ticket_refused": "握手被拒绝，要重新申请票据。",
    "socket_dropped": "下一帧没有来，长连接断开。",
    "half_open": "长连接还在，但什么也不再来，也不回应 ping。",
    "stall": "长连接还回应 ping，但不再有帧。",
    "duplicate": "同一帧来两次。",
    "late": "帧晚到，不填就晚 5 秒。",
    "out_of_order": "这一帧排到后一帧之后才来。",
    "malformed": "帧只有一半，不是 JSON。",
    "oversized": "帧超过 256 KiB。",
    "no_sender": "消息没有说是谁发的。",
    "no_msg_id": "消息没有 msgId。",
    "no_text": "消息没有正文。",
    "header_spelling": "帧里写的是 header，不是 headers。",
    "time_spelling": "时间写作 timestamp，而且是文字。",
    "only_value": "点击的回传只有 value，没有 content。",
    "params_beside": "点击的 params 写在 cardPrivateData 旁边。",
    "time_skew": "帧的时间快了，不填偏差就快 1 小时。",
}
"""The sentences of `FAULTS` for who reads the panel; a kind that isn't here shows its English one."""
_MOMENTS: Mapping[str, str] = {
    "instead": "calls",
    "within": "calls",
    "answer": "calls",
    "frame": "frames",
    "handshake": "handshakes",
}
ACTIONS = (
    Order("drop", "掐断", "不打招呼就断开；机器人应在一秒内重连。"),
    Order("disconnect", "预告断开", "先推送 disconnect，不再派新消息，10 秒后关闭；机器人应先连上新的。"),
    Order("stall", "停发", "连接还在，但推送都发不出去，也就等不到应答。"),
    Order("half_open", "半开", "不推送，也不回应 WebSocket 的 ping；机器人应在 90 秒内发现。"),
    Order("resume", "恢复", "停发或半开的连接恢复正常。"),
    Order("ping", "心跳", "立刻推送一次 ping，看机器人是否原样应答。"),
)


def orders() -> dict[str, list[Order]]:
    """Give the faults of calls, of frames and of handshakes."""
    found: dict[str, list[Order]] = {of: [] for of in _MOMENTS.values()}
    for one in FAULTS:
        found[_MOMENTS[one.moment]].append(Order(one.key, one.label, _IN_CHINESE.get(one.key, one.sentence)))
    return found


def apis() -> dict[str, list[tuple[str, str]]]:
    """Give the calls by feature: name and what it does."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in ALL:
        found.setdefault(one.feature, []).append((one.name, one.summary))
    return found


def called(api: str, kind: str) -> str:
    """Give the words for what a fault is meant for."""
    fault = BY_KEY[kind]
    api = fault.api if api == ANY else api
    if api == ANY:
        return {"calls": "任何接口", "frames": "任何推送", "handshakes": "握手"}[_MOMENTS[fault.moment]]
    if api in TOPICS:
        return TOPICS[api][0]
    return next((f"{one.summary}（{one.name}）" for one in ALL if api in {one.name, one.path}), api)


def waiting(world: World) -> list[Waiting]:
    """List what is ordered and hasn't happened yet."""
    return [
        Waiting(
            place,
            BY_KEY[fault.kind].label,
            called(fault.api, fault.kind),
            fault.times,
            "，".join(
                part
                for part in (
                    f"状态 {fault.status}" if fault.kind == "answer" else "",
                    f"{fault.delay:g} 秒" if fault.delay else "",
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
