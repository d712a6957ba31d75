"""The grammar of days: points (明天下午), ranges (下周三到周五), lists (明天和后天), lengths (三天).

A group is what belongs together without other words between. It is read whole or not at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from handlers.sentences.spoken import DayOfMonth, Days, Exactly, MonthDay, Spoken, Weekday
from handlers.sentences.text import plain
from handlers.sentences.tokens import ClockTime, Kind, Part, Token, tokens
from hr_core.workdays.model import Half, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DateReading:
    """What a text says about when. What it leaves open is None.

    A day without `end` has `days` to count from it (从明天起三天); a day without halves is half of it, which half was
    not said (明天半天, `days` 0.5); `days` alone is a length, halves alone a half. `unread` are pieces that speak of a
    time but name no day that can be trusted, in the writer's own characters.
    """

    start: date | None = None
    start_half: Half | None = None
    end: date | None = None
    end_half: Half | None = None
    days: Decimal | None = None
    unread: tuple[str, ...] = ()


def read_dates(text: str, today: date) -> DateReading:
    """Read an answer to "when?": a day, a half, a range or a length."""
    found = scan(plain(text), today)
    return settle(found.groups, found.lengths, found.vague, text)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring pieces that name one stretch of time; `first` is None where only a half was named.

    `readable` is False for what can't be a day or could be several things. `open_ended` is 从明天起, which needs a
    length.
    """

    start: int
    end: int
    readable: bool
    first: date | None = None
    last: date | None = None
    first_part: Part | None = None
    last_part: Part | None = None
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """Everything in a text that speaks of time."""

    tokens: tuple[Token, ...]
    groups: tuple[Group, ...]
    lengths: tuple[Token, ...]
    vague: tuple[Token, ...]


@dataclass(slots=True)
class _Point:
    """A day with its half, while it is being put together."""

    start: int
    end: int
    spoken: list[Spoken | None] = field(default_factory=list)
    parts: list[Part | ClockTime | None] = field(default_factory=list)
    vague: bool = False

    @property
    def names_a_day(self) -> bool:
        return bool(self.spoken)


def scan(text: str, today: date) -> Scan:
    """Find the groups, lengths and vague pieces of a text in its plain spelling."""
    found = tuple(tokens(text))
    groups: list[Group] = []
    inside: set[int] = set()
    at = 0
    while at < len(found):
        if found[at].kind not in (Kind.DAY, Kind.PART):
            at += 1
            continue
        group, after = _group(text, found, at, today)
        groups.append(group)
        inside.update(range(at, after))
        at = after
    lengths = tuple(token for token in found if token.kind is Kind.LENGTH)
    vague = tuple(
        token
        for index, token in enumerate(found)
        if token.kind is Kind.VAGUE and index not in inside and token.end - token.start > 1
    )
    return Scan(found, tuple(groups), lengths, vague)


# --- putting groups together ----------------------------------------------------------------------------------------


_BETWEEN = " ()[]【】的"


def _touch(text: str, left: Token | _Point, right: Token) -> bool:
    # 明天请年假到周五 is one stretch of time.
    ignored = _BETWEEN + "请休假年病事" if right.kind is Kind.RANGE and text[right.end - 1] in "到至" else _BETWEEN
    gap = text[left.end : right.start]
    return len(gap) <= 6 and not gap.strip(ignored)


def _group(text: str, found: Sequence[Token], at: int, today: date) -> tuple[Group, int]:
    begin = at
    before = found[at - 1] if at and _touch(text, found[at - 1], found[at]) else None
    has_from = before is not None and before.kind is Kind.FROM
    # 请假到周五 names an end; its beginning is somewhere else, or nowhere.
    only_an_end = before is not None and before.kind is Kind.RANGE and text[before.end - 1] in "到至"
    point, at = _point(text, found, at)
    points, joints = [point], list[Kind]()
    open_ended = False
    while at < len(found) and _touch(text, point, found[at]):
        kind = found[at].kind
        if kind is Kind.START and not joints:
            open_ended, point.end = True, found[at].end
            at += 1
        elif kind in (Kind.RANGE, Kind.AND):
            follows = at + 1 < len(found) and _touch(text, found[at], found[at + 1])
            if not follows or found[at + 1].kind not in (Kind.DAY, Kind.PART, Kind.VAGUE):
                # 明天到医院 goes somewhere; 从明天到 has lost its end.
                only_an_end = only_an_end or (has_from and kind is Kind.RANGE)
                break
            joined, at = _point(text, found, at + 1)
            if kind is Kind.AND and not joined.names_a_day and point.names_a_day and not point.parts:
                # 下周三，上午 is that morning.
                point.parts, point.vague, point.end = joined.parts, point.vague or joined.vague, joined.end
                continue
            point = joined
            points.append(point)
            joints.append(kind)
        elif kind is Kind.DAY:
            point, at = _point(text, found, at)
            points.append(point)
            joints.append(Kind.AND)
        else:
            break
    start, end = found[begin].start, point.end
    days = None if only_an_end else _days(points, today)
    if days is None:
        return Group(start, end, readable=False), at
    read = _range(points, days) if Kind.RANGE in joints else _list(points, days)
    if read is None or (joints.count(Kind.RANGE) and len(joints) > 1):
        return Group(start, end, readable=False), at
    first, first_part, last, last_part = read
    group = Group(start, end, True, first, last, first_part, last_part, open_ended and Kind.RANGE not in joints)
    return (group if _in_order(group) else Group(start, end, readable=False)), at


def _point(text: str, found: Sequence[Token], at: int) -> tuple[_Point, int]:
    point = _Point(found[at].start, found[at].end)
    while True:
        token = found[at]
        if token.kind is Kind.DAY:
            point.spoken.append(None if token.value is None else _spoken(token))
        elif token.kind is Kind.PART:
            value = token.value
            point.parts.append(value if isinstance(value, Part | ClockTime) else None)
        elif token.kind is Kind.VAGUE:
            point.vague = True
        point.end = token.end
        at += 1
        if at == len(found) or not _touch(text, point, found[at]) or not _continues(point, found[at]):
            return point, at


def _spoken(token: Token) -> Spoken | None:
    value = token.value
    return None if isinstance(value, Part | ClockTime | Decimal) else value


def _continues(point: _Point, token: Token) -> bool:
    """Tell whether a token says more about the same day: 12月3日 周四, 明天 下午, 明天 半天."""
    if token.kind is Kind.DAY:
        # 周四周五 and 12月7号8号 are two days, 12月3日周四 is one day said twice.
        if not point.names_a_day or point.parts or type(token.value) is type(point.spoken[-1]):
            return False
        return not (isinstance(token.value, DayOfMonth) and isinstance(point.spoken[-1], MonthDay | Exactly))
    return token.kind in (Kind.PART, Kind.LENGTH, Kind.VAGUE)


def _days(points: Sequence[_Point], today: date) -> list[Days | None] | None:
    """Resolve each point's day; None stands for a half without day, and the whole is None if one can't be read."""
    resolved: list[Days | None] = []
    after: date | None = None
    for number, point in enumerate(points):
        if point.vague or None in point.parts:
            return None
        if not point.names_a_day:
            resolved.append(None)
            continue
        # 周三上午到周三下午 is one Wednesday.
        repeated = number > 0 and point.spoken == points[number - 1].spoken
        days = resolved[number - 1] if repeated else _one_day(point.spoken, today, after)
        if days is None:
            return None
        resolved.append(days)
        after = days[1]
    return resolved


def _one_day(spoken: Sequence[Spoken | None], today: date, after: date | None) -> Days | None:
    first = spoken[0]
    days = first.resolve(today, after) if first is not None else None
    if days is None:
        return None
    for other in spoken[1:]:
        if isinstance(other, Weekday) and other.weeks is None:
            agrees = other.days == 1 and days[0].weekday() == other.weekday
        elif isinstance(other, DayOfMonth) and other.months is None:
            agrees = days[0].day == other.day
        else:
            agrees = other is not None and other.resolve(today, after) == days
        if not agrees:
            return None
    return days


HALF_DAY = Decimal("0.5")

Read = tuple[date | None, Part | None, date | None, Part | None]


def _range(points: Sequence[_Point], days: Sequence[Days | None]) -> Read | None:
    first, last = days[0], days[-1]
    if last is None:
        last = first
    begin = _part(points[0].parts, "begin")
    end = _part(_with_half_of(points[0].parts, points[-1].parts), "end")
    if begin is Part.SOME and end in (Part.SOME, None) and not points[-1].names_a_day:
        return (first[0], begin, first[1], begin) if first else None  # 明天三点到五点 lies in one half.
    if Part.SOME in (begin, end) or (first is None and last is not None):
        return None
    if first is not None and points[-1].names_a_day and last is not None and last[0] <= first[1] and not begin:
        return None  # 周五到周五, 12月5日到3日: a slip, or a year away.
    return (first[0] if first else None, begin, last[1] if last else None, end)


def _list(points: Sequence[_Point], days: Sequence[Days | None]) -> Read | None:
    """Read days that follow each other without a gap; 周三和周五 is no stretch of time."""
    if len(points) == 1:
        part = _part(points[0].parts, "only")
        return (days[0][0], part, days[0][1], part) if days[0] else (None, part, None, part)
    spans: list[Span] = []
    whole: set[bool] = set()
    current: Days | None = None
    for point, own in zip(points, days, strict=True):
        current = own or current
        part = _part(point.parts, "only")
        whole.add(part is None)
        if current is None or part is Part.SOME:
            return None
        half_from = Half.PM if part is Part.PM else Half.AM
        half_to = Half.AM if part is Part.AM else Half.PM
        spans.append(Span(current[0], half_from, current[1], half_to))
    gapless = all(left.after == right.first for left, right in pairwise(spans))
    # 明天和后天上午 may be one morning or two.
    if not gapless or len(whole) > 1:
        return None
    first, last = spans[0], spans[-1]
    begin = Part.PM if first.start_half is Half.PM else None
    end = Part.AM if last.end_half is Half.AM else None
    return (first.start, begin, last.end, end)


def _with_half_of(
    begin: Sequence[Part | ClockTime | None], end: Sequence[Part | ClockTime | None]
) -> Sequence[Part | ClockTime | None]:
    """Let an hour at the end inherit the half of the day from the beginning: 下午两点到四点."""
    start, stop = (next((p for p in parts if isinstance(p, ClockTime)), None) for parts in (begin, end))
    if stop is None or stop.half is not None or len(end) > 1:
        return end
    from_half = _part(begin, "begin")
    if from_half not in (Part.AM, Part.PM):
        return end
    later = start is None or stop.hour > start.hour
    if from_half is Part.PM:
        return [Part.PM] if later or stop.hour >= 13 else [Part.SOME]
    return [Part.AM if later and stop.hour <= 12 else Part.PM]


def _part(parts: Iterable[Part | ClockTime | None], role: str) -> Part | None:
    said = {_part_of_hour(part, role) if isinstance(part, ClockTime) else part for part in parts if part}
    if not said:
        return None
    if said == {Part.AM, Part.PM}:
        return Part.WHOLE
    return said.pop() if len(said) == 1 else Part.SOME


def _part_of_hour(time: ClockTime, role: str) -> Part:
    """Give the half an hour lies in. 三点 alone may be any; leave that begins at twelve is the afternoon's."""
    if time.half is not None:
        return Part.AM if time.half is Half.AM else Part.PM
    if time.hour >= 13:
        return Part.PM
    if role == "begin" and time.hour >= 7:
        return Part.PM if time.hour == 12 else Part.AM
    return Part.SOME


def _in_order(group: Group) -> bool:
    if group.first is None or group.last is None:
        return True
    reversed_halves = group.first_part is Part.PM and group.last_part is Part.AM
    return group.first < group.last or (group.first == group.last and not reversed_halves)


# --- from groups and lengths to a reading ---------------------------------------------------------------------------


def settle(groups: Sequence[Group], lengths: Sequence[Token], vague: Sequence[Token], text: str) -> DateReading:
    """Give the one reading that all pieces agree on. A piece that can't be read, or a second day, leaves none."""
    dated = [group for group in groups if group.first is not None or not group.readable]
    bad = [group for group in dated if not group.readable]
    if bad:
        return _unread(text, bad)
    days = {token.value for token in lengths}
    length = days.pop() if len(days) == 1 else None
    if lengths and not isinstance(length, Decimal):
        return _unread(text, lengths)
    chosen = _agreed(dated)
    if dated and chosen is None:
        return _unread(text, dated)
    halves = {(group.first_part, group.last_part) for group in groups if group.first is None}
    halves = {parts for parts in halves if Part.SOME not in parts}
    if len(halves) == 1:
        chosen = _with_half(chosen, *halves.pop())
    stated = length if isinstance(length, Decimal) else None
    reading = DateReading(days=stated) if chosen is None else _with_length(chosen, stated)
    if reading is None:
        return _unread(text, [*dated, *lengths])
    return reading if reading.start is not None else replace(reading, unread=_unread(text, vague).unread)


def _unread(text: str, pieces: Iterable[Group | Token]) -> DateReading:
    """Give what the writer wrote there, each place once."""
    found: dict[str, None] = {}
    end = 0
    for piece in sorted(pieces, key=lambda p: (p.start, -p.end)):
        if piece.end > end:
            found[text[piece.start : piece.end].strip()] = None
            end = piece.end
    return DateReading(unread=tuple(found))


def _with_half(group: Group | None, first: Part | None, last: Part | None) -> Group:
    """Let a half that was said apart from its day join it: 明天请半天假，下午."""
    if group is None:
        return Group(0, 0, readable=True, first_part=first, last_part=last)
    if group.first_part is None and group.last_part is None:
        return replace(group, first_part=first, last_part=last)
    return group


def _agreed(groups: Sequence[Group]) -> Group | None:
    """Give the group that the others repeat; one may have the half that another leaves out."""
    if len({(group.first, group.last) for group in groups}) != 1:
        return None
    told = [group for group in groups if group.first_part or group.last_part] or list(groups)
    return told[0] if len({(group.first_part, group.last_part) for group in told}) == 1 else None


def _with_length(group: Group, days: Decimal | None) -> DateReading | None:
    """Join a stretch of time with a length; None where they contradict each other, or no end can be found."""
    first_half = Half.PM if group.first_part is Part.PM else Half.AM
    last_half = Half.AM if group.last_part is Part.AM else Half.PM
    whole = DateReading(start=group.first, start_half=first_half, end=group.last, end_half=last_half)
    if group.first is None or group.last is None:
        return whole if days in (None, HALF_DAY) else DateReading(days=days)
    if group.first == group.last and group.first_part == group.last_part:
        return None if group.open_ended and days is None else _one_day_with_length(whole, group.first_part, days)
    natural = Decimal(len(Span(group.first, first_half, group.last, last_half))) / 2
    # Rest days inside make the length shorter than the stretch, by whole days.
    return whole if days is None or (1 <= days <= natural and (natural - days) % 1 == 0) else None


def _one_day_with_length(day: DateReading, part: Part | None, days: Decimal | None) -> DateReading | None:
    if days == HALF_DAY or (days is None and part is Part.SOME):
        if part is Part.WHOLE:
            return None
        half_is_known = part in (Part.AM, Part.PM)
        return day if half_is_known else replace(day, start_half=None, end_half=None, days=HALF_DAY)
    if days is None or (days == 1 and part in (None, Part.WHOLE)):
        return day
    return None if part is Part.SOME else replace(day, end=None, end_half=None, days=days)
