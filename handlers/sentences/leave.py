"""Reading a sentence that asks for leave: whether it does, which type, when, why."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from handlers.sentences.dates import DateReading, Group, Scan, scan, settle
from handlers.sentences.text import plain
from handlers.sentences.tokens import Kind, Token

TYPE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "年假": "annual",
        "年休假": "annual",
        "年休": "annual",
        "病假": "sick",
        "事假": "personal",
        "身体不舒服": "sick",
        "身体不适": "sick",
        "不舒服": "sick",
        "生病": "sick",
        "发烧": "sick",
        "感冒": "sick",
        "看病": "sick",
        "有事": "personal",
        "私事": "personal",
    }
)
"""What people call the types. A word that ends in 假 names one; the others hint at one, and a name outweighs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveSentence(DateReading):
    """What a sentence says about leave. `reason` is in the writer's own words; `other_type` is the name of a type
    that isn't offered, where no other is named.
    """

    leave_type: str | None = None
    other_type: str | None = None
    reason: str | None = None
    asks_for_leave: bool = False


def read_leave_sentence(text: str, *, today: date, type_words: Mapping[str, str] = TYPE_WORDS) -> LeaveSentence:
    """Read one message. A question about leave, a refusal and somebody else's leave don't ask for any."""
    spelled = plain(text)
    found = scan(spelled, today)
    skeleton = _skeleton(spelled, found, type_words)
    clauses = _clauses(spelled)
    asking = [match.span() for match in _ASKS.finditer(skeleton)] or _stays_away(spelled, skeleton, clauses)
    asks = _asks_for_leave(spelled, skeleton, asking, clauses)
    because = _because(spelled, asking)
    when = _when(found, asking, clauses, because, text, today)
    return LeaveSentence(
        start=when.start,
        start_half=when.start_half,
        end=when.end,
        end_half=when.end_half,
        days=when.days,
        unread=when.unread,
        leave_type=_leave_type(spelled, type_words),
        other_type=_other_type(spelled, type_words),
        reason=_reason(text, spelled, skeleton, asking, clauses, because) if asks else None,
        asks_for_leave=asks,
    )


Extent = tuple[int, int]
Piece = TypeVar("Piece", Group, Token)

# --- the skeleton: D for what names a day, N for a length, T for the name of a type; as long as the text ------------


def _skeleton(spelled: str, found: Scan, type_words: Mapping[str, str]) -> str:
    letters = list(spelled)
    grouped = [(group.start, group.end) for group in found.groups]
    for match in _names(tuple(type_words)).finditer(spelled):
        letters[match.start() : match.end()] = "T" * len(match[0])
    for token in found.tokens:
        if token.kind not in (Kind.RANGE, Kind.AND) or _meets(token, grouped):
            letters[token.start : token.end] = ("N" if token.kind is Kind.LENGTH else "D") * (token.end - token.start)
    return "".join(letters)


OTHER_NAMES = (
    "婚假",
    "产假",
    "陪产假",
    "护理假",
    "丧假",
    "育儿假",
    "产检假",
    "哺乳假",
    "工伤假",
    "探亲假",
    "调休",
    "陪护假",
)


@lru_cache(maxsize=8)
def _names(words: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted({word for word in words if word.endswith("假")} | {*OTHER_NAMES}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


# --- does it ask? ---------------------------------------------------------------------------------------------------

_WISH = r"(?:想|要|需要|打算|准备|申请|希望|得|必须)"
_ASKS = re.compile(
    # 请[明天下午半天]年假, 请个假, 休三天年假
    r"(?:D[D ,]{0,40})?(?:我|就|先|也|还|再|都|在| ){0,4}(?:想|要|需|打|算|准|备|申|希|望|得|必|须|需要){0,6}"
    r"(?:(?:[请休]|申请|告)(?:[个了一下次些点的 ()长短]|带薪|几天|[DN]){0,60}(?:T|假(?!期|如|设|装|条|单|日))"
    # 想请三天, 要休明天
    rf"|{_WISH}(?:在|从|于|[DN ]){{0,60}}[请休](?:个|一下|[ ])?[DN]{{1,60}}(?![内前后])"
    r"|D[请休]D|[请休]N{1,8}(?!内|之内|以内|前|后)"
    r"|(?:也|还|再)(?:想|要)?(?:请|休)(?![问教客])"
    r"|想休(?!学))"
)
_ONLY_PIECES = re.compile(r"[我的休就是个 .!~DNT]{2,120}")
_ABOUT = re.compile(
    r"怎么|如何|怎样|咋|余额|剩|还有(?:几|多少|没)|多少|流程|规定|政策|制度|规则|条件|什么|啥|为何|哪|记录|进度|状态|批了|通过了"
    r"|区别|是否|算不算|扣|模板|需要.{0,8}(?:证明|材料|条)|查询|查看|查一?下|看看|我的(?:请假|休假|申请|年假|假)"
)
_FEW_DAYS = re.compile(rf"{_WISH}(?:[DN ]){{0,60}}[请休]几天")
_POLITE = re.compile(r"[吗么] ?[?!]? ?$|\?|能不能|能否|可否|可不可以|是不是|有没有")
_MAY_I = re.compile(
    r"^[ ]{0,3}(?:我|D|[ ]){0,60}(?:能不能|可不可以|能否|可否|能|可以)(?:D|N| ){0,60}"
    r"[请休](?:个|一下|下|N|D| ){0,60}(?:T|假)"
)
_REFUSES = re.compile(
    r"(?<![得要能好])(?:不|别|没|无需|不再|甭)(?:想|要|用|再|能|打算|需要|给我|D|N| ){0,60}"
    r"[请休](?:N|D|的|了| |个){0,60}(?:T|假|$)"
    r"|(?:假|T)(?:我|先|就|都){0,2}(?:不|别)(?:请|休|用)|取消|撤回|撤销|销假|假了[吗没么]|我的(?:请假|休假)"
    r"|[请休](?:过|了)(?:D|N|几天|的| ){0,60}(?:T|假)|已经[请休]|^ ?(?:同意|拒绝|批准|驳回)"
)
_OTHERS = re.compile(
    r"(?:他们?|她们?|同事|员工|下属|谁|有人|大家|别人|领导|老板)(?:D|N| |都|也|又|说|想|要|已经|会|在|没){0,60}[请休]"
)


def _asks_for_leave(spelled: str, skeleton: str, asking: Sequence[Extent], clauses: Sequence[Extent]) -> bool:
    if _REFUSES.search(skeleton) or _OTHERS.search(skeleton) or _ABOUT.search(spelled):
        return False
    if "几天" in spelled and not _FEW_DAYS.search(skeleton):
        return False
    names_time = "D" in skeleton or "N" in skeleton
    if not asking:
        pieces = (skeleton[start:end] for start, end in clauses)
        return names_time and any("T" in piece and _ONLY_PIECES.fullmatch(piece) for piece in pieces)
    return names_time or not _POLITE.search(spelled) or bool(_MAY_I.search(skeleton))


_STAYS_AWAY = re.compile(
    r"(?:[我人就也先可能应该得要都D ]|身体|有点?事){0,60}"
    r"(?:不来|来不了|去不了|到不了|不去公司|不到公司|不上班|上不了班|不能(?:来|去|上班)|没法(?:来|去|上班)|没办法(?:来|去|上班))"
    r"(?:公司|单位|办公室|上班|班上){0,2}[了啦啊呢哦哈]{0,2}[ .!~]*"
)


def _stays_away(spelled: str, skeleton: str, clauses: Sequence[Extent]) -> list[Extent]:
    """Find who says to stay away on a day, as 周五上午不来了: that is asking too, where nobody else is named."""
    if "D" not in skeleton or _POLITE.search(spelled):
        return []
    return [(start, end) for start, end in clauses if _STAYS_AWAY.fullmatch(skeleton, start, end)]


# --- which type? ----------------------------------------------------------------------------------------------------

_CARING = re.compile(
    r"陪|带|送|照顾|家里|孩子|小孩|宝宝|老人|父母|父亲|母亲|[爸妈]|老婆|老公|爱人|妻子|丈夫|家人|儿子|女儿|奶奶|爷爷"
)
_NOT = re.compile(r"(?:不是|没|不用|不请|不要|没有|不)$")


def _leave_type(spelled: str, type_words: Mapping[str, str]) -> str | None:
    named = {type_words.get(match[0]) for match in _names(tuple(type_words)).finditer(spelled)}
    if named:
        return named.pop() if len(named) == 1 else None
    hinted: set[str] = set()
    for match in _hints(tuple(type_words)).finditer(spelled):
        before = spelled[max(0, match.start() - 12) : match.start()]
        near = re.split(r"[,;!?]", before)[-1]
        if _NOT.search(near):
            continue
        if type_words[match[0]] == "sick" and _CARING.search(near):
            return None  # Somebody else is ill; what that is called here is the company's to say.
        hinted.add(type_words[match[0]])
    return hinted.pop() if len(hinted) == 1 else None


def _other_type(spelled: str, type_words: Mapping[str, str]) -> str | None:
    named = {match[0] for match in _names(tuple(type_words)).finditer(spelled)}
    return named.pop() if len(named) == 1 and not named & set(type_words) else None


@lru_cache(maxsize=8)
def _hints(words: tuple[str, ...]) -> re.Pattern[str]:
    hints = sorted((word for word in words if not word.endswith("假")), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, hints)) or "(?!)")


# --- when? ----------------------------------------------------------------------------------------------------------


def _clauses(spelled: str) -> list[Extent]:
    return [match.span() for match in re.finditer(r"[^,;!?]+", spelled)]


def _within(extents: Sequence[Extent], start: int, end: int) -> Sequence[Extent]:
    """Give the extents that share something with start to end; they are in order and apart from each other."""
    first = bisect_right(extents, start, key=lambda extent: extent[1])
    return extents[first : bisect_left(extents, end, key=lambda extent: extent[0])]


def _meets(piece: Group | Token, extents: Sequence[Extent]) -> bool:
    return bool(_within(extents, piece.start, piece.end))


def _when(
    found: Scan, asking: Sequence[Extent], clauses: Sequence[Extent], because: Extent | None, text: str, today: date
) -> DateReading:
    """Prefer what stands in the request itself, then in its clause, then anywhere; a reason's days come last.

    我昨天发烧了，今天想请病假 asks for today.
    """
    reason = [because] if because else []
    near = [clause for clause in clauses if _within(asking, *clause)]
    free_groups = [group for group in found.groups if not _meets(group, reason)]
    dated = [group for group in free_groups if group.first is not None or not group.readable]
    halves = [group for group in free_groups if group.first is None and group.readable]
    lengths = [token for token in found.lengths if not _meets(token, reason)]
    chosen = _nearest(dated, asking, near)
    close_halves = [group for group in halves if _meets(group, near)]
    if close_halves and not any(_meets(group, near) for group in chosen):
        # 明天上午开会，下午请假: the half in the request is the one meant.
        chosen = [replace(group, first_part=None, last_part=None) for group in chosen]
    if not dated:
        chosen = [group for group in found.groups if _meets(group, reason) and group.first and group.first >= today]
    return settle(
        [*chosen, *_nearest(halves, asking, near)],
        _nearest(lengths, asking, near),
        [token for token in found.vague if not _meets(token, reason)],
        text,
    )


def _nearest(pieces: Sequence[Piece], asking: Sequence[Extent], near: Sequence[Extent]) -> list[Piece]:
    for extents in (asking, near):
        close = [piece for piece in pieces if _meets(piece, extents)]
        if close:
            return close
    return list(pieces)


# --- why? -----------------------------------------------------------------------------------------------------------

_MARKER = re.compile(r"因为|由于|(?:原因|理由|事由)(?:是|:)")
_LABEL = re.compile(r"(?:时间|日期|天数|时长|类型|类别|假别|开始|结束|起止).{0,4}:")
_EDGES = " ,;.!?:、-~，。；！？：\u3000\n\t"
# Atomic: what was taken for a filler once stays one, so a run of them can't be taken apart in many ways.
_FILLER = re.compile(
    r"(?>所以|因此|特此|一下|一共|总共|大概|打算|准备|申请|需要|麻烦|帮我|给我|谢谢|本人|能不能|可不可以|可以|能否|可否|要不然|要不|不如"
    r"|[我想要故特请休个的假了在从就先得共也还再吧啊呢哦哈能吗DNT ,;.!?:、~()-])*+$"
)
_POLITENESS = re.compile(
    r" ?(?:.{0,4}[您你]好|大家好|hi|hello|嗨|哈喽|在吗|早|早安|.{0,4}[早上中下晚][上午]好"
    r"|谢谢.{0,4}|多谢.{0,3}|感谢.{0,6}|麻烦.{0,8}|辛苦.{0,4}|.{0,8}批准.{0,3}|[可就]?以?吗|行吗|好吗|可否|行不行|不好意思|抱歉|打扰.{0,3}|我是.{1,8}|我叫.{1,8}"
    r"|.{0,4}(?:总|经理|老师|领导|主管|老板|哥|姐|HR)) ?",
    re.IGNORECASE,
)
_SOUNDS_LIKE_A_REASON = re.compile(r"[去陪带送接看办搬回参考体有处照探修装面拔术打养旅领签开家身孩病烧疼痛冒伤课赛礼]")


def _because(spelled: str, asking: Sequence[Extent]) -> Extent | None:
    """Find the words after 因为: to the end, or to where the request or another label begins."""
    marker = _MARKER.search(spelled)
    if marker is None:
        return None
    label = _LABEL.search(spelled, marker.end())
    ends = [start for start, _ in asking if start >= marker.end()] + ([label.start()] if label else [])
    return marker.end(), min(ends, default=len(spelled))


def _reason(
    text: str,
    spelled: str,
    skeleton: str,
    asking: Sequence[Extent],
    clauses: Sequence[Extent],
    because: Extent | None,
) -> str | None:
    """Give the words after 因为, else what is left when the request, the days and the politeness are taken away."""
    if because:
        whole = [(max(start, because[0]), min(end, because[1])) for start, end in clauses]
        pieces = [(left, right) for left, right in whole if left < right]
    else:
        pieces = [piece for clause in clauses for piece in _unsaid(clause, spelled, skeleton, asking)]
    said = [
        text[left:right].strip(_EDGES)
        for left, right in pieces
        if len(spelled[left:right].strip(_EDGES)) >= 2
        and not _FILLER.match(skeleton, left, right)
        and not _POLITENESS.fullmatch(spelled, left, right)
    ]
    return "，".join(said) or None


def _unsaid(clause: Extent, spelled: str, skeleton: str, asking: Sequence[Extent]) -> list[Extent]:
    """Cut the request, and the days around it, out of a clause; a clause without a request stays whole."""
    inside = _within(asking, *clause)
    if not inside:
        return [clause]
    begins = [clause[0], *(end for _, end in inside)]
    ends = [*(start for start, _ in inside), clause[1]]
    rest = [_without_days(left, right, skeleton) for left, right in zip(begins, ends, strict=True) if left < right]
    # Before the request may stand who asks (小明想请假); that is no reason.
    return [piece for piece in rest if piece[0] >= inside[0][1] or _SOUNDS_LIKE_A_REASON.search(spelled, *piece)]


def _without_days(left: int, right: int, skeleton: str) -> Extent:
    while left < right and skeleton[left] in "DNT 的":
        left += 1
    while left < right and skeleton[right - 1] in "DNT 我":
        right -= 1
    return left, right
