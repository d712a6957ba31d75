"""Finds the pieces of a sentence that speak of time: one regular expression, one pass, linear in the text.

Every repetition in the patterns is bounded, so no text makes them slow. The order of `_PATTERNS` matters: the first
that fits at a position wins, which is how 12月3日 never becomes 3日 and 周一天 never becomes 周一.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto

from handlers.sentences.spoken import DayOfMonth, Exactly, FromToday, MonthDay, Spoken, Weekday
from handlers.sentences.text import DIGITS, number, year_number
from hr_core.workdays.model import Half


class Kind(StrEnum):
    """What a token is for."""

    DAY = auto()
    PART = auto()
    """A half of a day, the whole of it, or a clock time that lies in one."""
    LENGTH = auto()
    VAGUE = auto()
    """Speaks of a time that is no certain day, as 下周 or 月底."""
    RANGE = auto()
    AND = auto()
    FROM = auto()
    START = auto()


class Part(StrEnum):
    """How much of a day is meant; SOME is a part that was not named."""

    WHOLE = auto()
    AM = auto()
    PM = auto()
    SOME = auto()


@dataclass(frozen=True, slots=True)
class ClockTime:
    """An hour, with the half of the day if that was said with it."""

    hour: int
    half: Half | None


Value = Spoken | Part | ClockTime | Decimal | None


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from `start` to `end` (not included). A DAY without value can't be read as one."""

    kind: Kind
    start: int
    end: int
    value: Value = None


# --- pieces of patterns ---------------------------------------------------------------------------------------------

_S = r"[ ]{0,3}"
_CN = r"(?:[二三四五六七八九]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二两三四五六七八九])"
_NN = rf"(?:\d{{1,2}}|{_CN})"
_N = rf"(?:(?<![\d.])\d{{1,2}}|{_CN})"
_YEAR = r"(?:(?<!\d)\d{4}|(?<!\d)\d{2}(?=[ ]?年)|[一二三四五六七八九〇零]{4}(?=年))"
_DI = r"(?:日|号(?![楼线门院机室店厅桌仓馆码文令电]))"
_WEEK = r"(?:周|星期|礼拜)"
_WEEK_OF = r"(?:(?:上上|上|下下下|下下|下|这|本)(?:一?个)?)"
_AM = r"(?:上午|早上|早晨|清晨|一早|早间)"
_PM = r"(?:下午|午后)"
_NIGHT = r"(?:晚上|晚间|傍晚|夜里|夜间|半夜|凌晨|中午|正午|通宵)"
_UNITS = r"(?:天|个|小时|钟头|度|元|块|万|亿|千|百|倍|折|分|公|米|斤|岁|年(?!假|休)|寸|k|K|%|版|版本)"
_JOINT = r"(?:到|至|-|~|、|和|或)"

Build = Callable[[re.Match[str]], Value]


def _exactly(match: re.Match[str]) -> Value:
    return Exactly(year_number(match["y"]), number(match["ym"]), number(match["yd"]))


def _compact(match: re.Match[str]) -> Value:
    digits = match["compact"]
    return Exactly(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _month_day(match: re.Match[str]) -> Value:
    years = {"去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}.get(match["my"] or "")
    return MonthDay(number(match["mm"]), number(match["md"]), years)


def _slashed(match: re.Match[str]) -> Value:
    return MonthDay(int(match["sm"]), int(match["sd"]))


def _dotted(match: re.Match[str]) -> Value:
    return MonthDay(int(match["dm"]), int(match["dd"]))


def _neighbours(match: re.Match[str]) -> Value:
    return FromToday(0, 1) if match["neighbours"].startswith("今") else FromToday(1, 2)


_FROM_TODAY = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}


def _from_today(match: re.Match[str]) -> Value:
    return FromToday(_FROM_TODAY[match["rel"] or match["rel1"]])


_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2, "下下下": 3}


def _weekday(match: re.Match[str]) -> Value:
    week = (match["wp"] or "").rstrip("一个")
    weeks = _WEEKS[week] if week else None
    if match["wd"] == "末":
        return Weekday(5, weeks, days=2)
    return Weekday(_weekday_number(match["wd"]), weeks)


def _weekday_number(text: str) -> int:
    return 6 if text in "日天7" else number(text) - 1


def _bare_weekday(match: re.Match[str]) -> Value:
    return Weekday(_weekday_number(match["tail"]))


def _day_of_month(match: re.Match[str]) -> Value:
    months = {"上": -1, "本": 0, "这": 0, "下": 1}.get((match["dp"] or "")[:1])
    return DayOfMonth(number(match["dn"]), months)


def _bare_day(match: re.Match[str]) -> Value:
    return DayOfMonth(number(match["bn"]))


def _day_after_joint(match: re.Match[str]) -> Value:
    return DayOfMonth(number(match["td"]))


def _length(match: re.Match[str]) -> Value:
    text = match["ln"]
    if text == "半":
        return Decimal("0.5")
    whole, point, fraction = text.partition("点")
    if point:
        days = Decimal(f"{number(whole) if whole != '零' else 0}.{DIGITS[fraction]}")
    else:
        days = Decimal(text) if text.isascii() else Decimal(number(text))
    if match["lh"] or match["lh2"]:
        days += Decimal("0.5")
    halves = days * 2
    return Decimal(int(halves)) / 2 if halves > 0 and halves % 1 == 0 else None


def _clock(match: re.Match[str]) -> Value:
    hour = number(match["th"])
    said = match["tq"] or ""
    if hour > 24 or int(match["tm"] or 0) > 59 or re.fullmatch(_NIGHT, said):
        return None
    if said and re.fullmatch(_AM, said):
        return ClockTime(hour, Half.AM)
    return ClockTime(hour, Half.PM if said else None)


_MORNINGS = frozenset({"上午", "早上", "早晨", "清晨", "一早", "早间", "上半", "前半", "早"})


def _half(match: re.Match[str]) -> Value:
    return Part.AM if (match["hw"] or match["hw1"] or match["hw2"]) in _MORNINGS else Part.PM


def _whole(_: re.Match[str]) -> Value:
    return Part.WHOLE


def _none(_: re.Match[str]) -> Value:
    return None


# --- the patterns, most specific first ------------------------------------------------------------------------------

_PATTERNS: tuple[tuple[Kind | None, str, Build], ...] = (
    # No time at all: greetings, 有一天, 说明下午…
    (
        None,
        rf"[早上中下晚][上午]好|第{_N}[天日]|下午茶|有[一1]点|(?:提前|至少|最多|满|有|第|头|某)[一1](?:天|日)|天天|(?:说|声|证|表)明(?=[早晚上下])",
        _none,
    ),
    # Days
    (
        Kind.DAY,
        rf"(?P<y>{_YEAR}){_S}[-/.年]{_S}(?P<ym>{_NN}){_S}[-/.月]{_S}(?P<yd>{_NN})(?:{_S}{_DI})?(?!\d)",
        _exactly,
    ),
    (Kind.DAY, r"(?P<compact>(?<!\d)20\d{6}(?!\d))", _compact),
    (
        Kind.VAGUE,
        r"(?:正|腊|冬)月(?:初?[一二三四五六七八九十廿]{1,3})?|大?初[一二三四五六七八九十]|八月十五(?![日号])",
        _none,
    ),
    (
        Kind.DAY,
        rf"(?:(?P<my>[去今本明后]年)的?{_S})?(?P<mm>{_N}){_S}月份?{_S}(?P<md>{_NN})"
        rf"(?:{_S}{_DI}|(?!\d|{_S}[天个年月次点周号时:]|\.\d))",
        _month_day,
    ),
    (Kind.DAY, r"(?<![\d./:A-Za-z])(?P<sm>\d{1,2})/(?P<sd>\d{1,2})(?![\d/A-Za-z%]|\.\d)", _slashed),
    # 1.5 alone may be a day and a half, or January 5th.
    (Kind.VAGUE, rf"(?<![\d./:A-Za-z-])\d\.5(?![\d./A-Za-z]|{_S}{_UNITS}|{_S}[日号])", _none),
    (
        Kind.DAY,
        r"(?<![\d./:A-Za-z])(?P<dm>0?[1-9]|1[0-2])\.(?P<dd>0?[1-9]|[12]\d|3[01])"
        rf"(?:{_S}{_DI}|(?![\d./A-Za-z]|{_S}{_UNITS}))",
        _dotted,
    ),
    (Kind.DAY, r"(?P<neighbours>今明|明后)(?:两|二|2)?天", _neighbours),
    (Kind.VAGUE, rf"(?:这|那|过|前|后|近|最近|接下来|未来)(?:{_CN}|几|\d)天|大{{2,5}}[前后]天|改天|哪天", _none),
    (
        Kind.DAY,
        r"(?<!大)(?:(?P<rel>大后|大前|[前昨今明后])[天日儿]|(?P<rel1>[昨今明])(?=[早晚]|上午|下午))",
        _from_today,
    ),
    # Weeks. 周三四 and 周三四天 could be two days or a length; 两周一次 is no Monday.
    (Kind.VAGUE, rf"每(?:个|一)?{_WEEK}[一二三四五六日天末]?", _none),
    (Kind.VAGUE, rf"{_WEEK_OF}?{_WEEK}(?:一二|二三|三四|四五|五六|六日)[三四五六日]{{0,4}}天?", _none),
    (Kind.VAGUE, rf"{_WEEK_OF}?{_WEEK}[一二三四五六]天(?!津)", _none),
    (
        Kind.DAY,
        rf"(?:(?P<wp>{_WEEK_OF})|(?<=[周期拜][一二三四五六日天])|(?<![一二两三四五六\d半几隔个])){_WEEK}"
        rf"(?P<wd>[一二三四五六日天末](?!次)|[1-7](?!\d|{_S}[天日号月个]|[./]\d))",
        _weekday,
    ),
    (
        Kind.DAY,
        r"(?<=[到至~-])(?P<tail>[一二三四五六日])(?=$|[ ,;!?)]|[请休年病事的全都我想要共]|上午|下午|早上)",
        _bare_weekday,
    ),
    (Kind.VAGUE, rf"{_WEEK_OF}{_WEEK}", _none),
    # Days of a month
    (Kind.DAY, rf"(?P<dp>本月|这个?月|下个?月|上个?月){_S}的?{_S}(?P<dn>{_N}){_S}{_DI}", _day_of_month),
    (
        Kind.DAY,
        rf"(?P<bn>{_N})(?:{_S}号(?![楼线门院机室店厅桌仓馆码文令电])|(?={_S}{_JOINT}{_S}{_NN}{_S}{_DI}))",
        _bare_day,
    ),
    (Kind.DAY, rf"(?<=[到至~、和-])(?P<td>{_NN}){_S}日", _day_after_joint),
    (Kind.VAGUE, rf"{_N}{_S}日(?!常)", _none),
    (Kind.VAGUE, r"(?:本|这个?|下个?|上个?|年|月)月?[底初中末](?![级学小间])|(?:本|这个?|下个?|上个?)月", _none),
    (
        Kind.VAGUE,
        r"元旦|春节|过年(?!假)|除夕|清明节?|五一|劳动节|端午节?|中秋节?|国庆节?|十一(?![月号日天点个年])|圣诞节?|年[前后]",
        _none,
    ),
    (Kind.VAGUE, rf"{_N}{_S}月份?(?:底|初|末|[上中下]旬)?", _none),
    # Lengths. Hours, weeks and months are no certain number of half-days.
    (
        Kind.LENGTH,
        rf"(?:{_NN}|几|半){_S}{_JOINT}{_S}{_NN}{_S}个?半?天|[一二两三四五六七八九]{{2}}天|{_NN}{_S}[几多]天",
        _none,
    ),
    (Kind.VAGUE, rf"(?:{_N}|半){_S}个?半?天(?:之|以)?[后前内]", _none),
    (
        Kind.LENGTH,
        rf"(?:(?:{_N}|\d{{1,3}}\.\d|半|几){_S}(?:个?半?{_S}(?:小时|钟头|分钟)|个半?月|半月|个?{_WEEK}(?![一二三四五六日天末]))"
        rf"|{_N}{_S}个?自然日|\d{{4,9}}{_S}个?天|{_N}个半天)(?![了多没不])",
        _none,
    ),
    (None, r"[大小老好]半天", _none),
    (Kind.PART, r"(?:一?整|全)(?:个?[天日])|上下午|整整一天", _whole),
    (Kind.PART, r"(?P<hw>[上下前后]半)[天日]", _half),
    (
        Kind.LENGTH,
        rf"(?<![\d./A-Za-z-])(?P<ln>\d{{1,3}}(?:\.\d{{1,3}})?|[零一二两三四五六七八九]点[五零]|{_CN}|半)"
        rf"(?P<lh>{_S}个半)?{_S}个?(?:整|完整)?{_S}(?:工作日|天(?P<lh2>半)?|日(?=假))(?![了多没不])",
        _length,
    ),
    # Halves and hours
    (
        Kind.PART,
        rf"(?:(?P<tq>{_AM}|{_PM}|{_NIGHT}){_S})?(?P<th>(?<![\d.:])\d{{1,2}}|(?<![\d有早晚快慢好差多少大小]){_CN})"
        rf"(?:{_S}[点时](?!间|候|差|评|名|餐|菜|赞|都|也|儿|不|没|事|点)(?:{_S}(?:半|整|钟|[一三]刻|{_NN}{_S}分?(?!{_S}[天月号日])))?"
        r"|:(?P<tm>\d{2})(?!\d))",
        _clock,
    ),
    (Kind.PART, rf"(?:一?整?个|一)?(?P<hw1>{_AM}|{_PM})(?!好)|(?<=[今明昨])(?P<hw2>早)上?", _half),
    (Kind.PART, rf"{_NIGHT}|(?<=[今明昨])晚", _none),
    # Joints
    (Kind.RANGE, r"(?:一直|直)?(?:到|至)|-{1,3}|~{1,3}|→", _none),
    (Kind.AND, r"以及|还有|[和与跟及、,&+]", _none),
    (Kind.FROM, r"[从自]", _none),
    (Kind.START, r"开始(?:算起?)?|起(?![床来身诉码草火诺伏])|以后|之后", _none),
    (Kind.VAGUE, r"(?:之|以)?[前内]|左右|前后|附近", _none),
)

_SCAN = re.compile("|".join(f"(?P<k{i}>{pattern})" for i, (_, pattern, _) in enumerate(_PATTERNS)))


def tokens(plain_text: str) -> Iterator[Token]:
    """Give the tokens in order; the text between them says nothing about time."""
    for match in _SCAN.finditer(plain_text):
        kind, _, build = _PATTERNS[int((match.lastgroup or "k0")[1:])]
        if kind is not None:
            yield Token(kind, match.start(), match.end(), build(match))
