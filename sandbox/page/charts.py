"""The chart variable (C3/0012) as a picture made of shapes, and the same figures as a table for who can't see it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT = 320.0, 196.0
TOP, RIGHT, BOTTOM = 12.0, 10.0, 24.0
COLOURS = 8
NAMES = {"lineChart": "折线图", "histogram": "柱状图", "pieChart": "饼图"}
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Point:
    """One figure: where on the axis, how much, of which series."""

    x: str
    y: float
    series: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready for the page."""

    name: str
    svg: Markup
    legend: tuple[tuple[int, str, str], ...]
    """Colour number, own colour (may be empty), words."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def summary(self) -> str:
        """Give the figures in a sentence."""
        named = len(self.heads) > 2
        return "；".join(
            f"{row[0]} "
            + "，".join(f"{head} {text}" if named else text for head, text in zip(self.heads[1:], row[1:], strict=True))
            for row in self.rows[:12]
        ) + (f"；共 {len(self.rows)} 项" if len(self.rows) > 12 else "")


def draw(variable: Any) -> Chart | None:
    """Draw the variable, or nothing where its shape is wrong: a phone shows an empty space then."""
    if (
        not isinstance(variable, dict)
        or variable.get("type") not in NAMES
        or not isinstance(variable.get("data"), list)
    ):
        return None
    points = [point for item in variable["data"] if (point := _point(item)) is not None]
    if not points or len(points) != len(variable["data"]):
        return None
    kind: str = variable["type"]
    config: Mapping[str, Any] = variable["config"] if isinstance(variable.get("config"), dict) else {}
    xs = list(dict.fromkeys(point.x for point in points))
    series = list(dict.fromkeys(point.series for point in points))
    own = _own_colours(config.get("color"), len(xs) if kind == "pieChart" else len(series))
    if kind == "pieChart":
        return _pie(points, own, config)
    grid = {(point.series, point.x): point.y for point in points}
    if kind == "lineChart":
        shapes = _lines(grid, xs, series, own, smooth=config.get("lineShape") == "smooth")
    else:
        shapes = _bars(grid, xs, series, own, stack=config.get("stack") is True, rotate=config.get("rotate") is True)
    legend = tuple((i % COLOURS, own[i], name) for i, name in enumerate(series) if name)
    rows = tuple((x, *(_number(grid[one, x]) if (one, x) in grid else "" for one in series)) for x in xs)
    return Chart(NAMES[kind], _svg(shapes), legend, ("", *(name or "数值" for name in series)), rows)


def _point(item: Any) -> Point | None:
    if not isinstance(item, dict) or isinstance(item.get("y"), bool):
        return None
    y = item.get("y")
    if not isinstance(y, int | float) or not math.isfinite(y) or not isinstance(item.get("x"), str | int | float):
        return None  # y must be a number: a figure in quotes draws nothing
    return Point(str(item["x"]), float(y), str(item.get("type") or ""))


def _own_colours(given: Any, count: int) -> list[str]:
    colours = given if isinstance(given, list) else [given]
    usable = [colour for colour in colours if isinstance(colour, str) and _HEX.fullmatch(colour)]
    return [usable[i % len(usable)] if usable else "" for i in range(count)]


def _paint(number: int, own: str) -> Markup:
    painted = Markup('class="c{}"').format(number % COLOURS)
    return painted + (Markup(' fill="{0}" stroke="{0}"').format(own) if own else Markup(""))


def _svg(shapes: Iterator[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {:g} {:g}" aria-hidden="true" focusable="false">{}</svg>').format(
        WIDTH, HEIGHT, Markup("").join(shapes)
    )


def _ticks(low: float, high: float) -> list[float]:
    """Give three to six round numbers that span the figures, zero among them."""
    low, high = min(low, 0.0), max(high, 0.0)
    span = (high - low) or 1.0
    rough = span / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
    first, last = math.floor(low / step), math.ceil((high or span) / step)
    return [i * step for i in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class _Scale:
    ticks: Sequence[float]
    start: float
    length: float  # negative for an axis that grows upwards

    def at(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * self.length


def _left(labels: Sequence[str]) -> float:
    return 10 + min(max((_span(label) for label in labels), default=8), 80)


def _span(text: str) -> float:
    return sum(10.0 if ord(sign) > 0x2E7F else 5.8 for sign in text)


def _text(x: float, y: float, anchor: str, words: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, words)


def _upright(ticks: Sequence[float], xs: Sequence[str]) -> tuple[float, _Scale, list[Markup]]:
    labels = [_number(tick) for tick in ticks]
    left = _left(labels)
    scale = _Scale(ticks, HEIGHT - BOTTOM, -(HEIGHT - BOTTOM - TOP))
    frame = [
        Markup('<line class="grid" x1="{:.1f}" x2="{:g}" y1="{:.1f}" y2="{:.1f}"/>').format(
            left, WIDTH - RIGHT, scale.at(tick), scale.at(tick)
        )
        + _text(left - 5, scale.at(tick) + 3.5, "end", label)
        for tick, label in zip(ticks, labels, strict=True)
    ]
    slot = (WIDTH - RIGHT - left) / len(xs)
    every = max(1, math.ceil(max(_span(_short(x)) + 6 for x in xs) / slot))
    frame += [
        _text(left + slot * (i + 0.5), HEIGHT - 7, "middle", _short(x)) for i, x in enumerate(xs) if i % every == 0
    ]
    return left, scale, frame


def _lines(
    grid: Mapping[tuple[str, str], float], xs: list[str], series: list[str], own: list[str], *, smooth: bool
) -> Iterator[Markup]:
    left, scale, frame = _upright(_ticks(min(grid.values()), max(grid.values())), xs)
    yield from frame
    slot = (WIDTH - RIGHT - left) / len(xs)
    for number, one in enumerate(series):
        spots = [(left + slot * (i + 0.5), scale.at(grid[one, x])) for i, x in enumerate(xs) if (one, x) in grid]
        yield Markup('<path {} fill="none" d="{}"/>').format(
            _paint(number, own[number]) + Markup(' data-shape="line"'), _path(spots, smooth)
        )
        if len(spots) <= 12:
            yield from (
                Markup('<circle {} cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(_paint(number, own[number]), x, y)
                for x, y in spots
            )


def _path(spots: Sequence[tuple[float, float]], smooth: bool) -> str:
    steps = [f"M{spots[0][0]:.1f} {spots[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(spots):
        bend = (x1 - x0) / 2.5
        steps.append(
            f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}" if smooth else f"L{x1:.1f} {y1:.1f}"
        )
    return "".join(steps)


def _bars(
    grid: Mapping[tuple[str, str], float],
    xs: list[str],
    series: list[str],
    own: list[str],
    *,
    stack: bool,
    rotate: bool,
) -> Iterator[Markup]:
    tops = [sum(max(grid.get((one, x), 0.0), 0.0) for one in series) for x in xs] if stack else list(grid.values())
    ticks = _ticks(min(grid.values()), max(tops))
    if rotate:
        left = _left([_short(x) for x in xs])
        scale = _Scale(ticks, left, WIDTH - RIGHT - 14 - left)
        first, slot = TOP, (HEIGHT - BOTTOM - TOP) / len(xs)
        for tick in ticks:
            yield Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:g}" y2="{2:g}"/>').format(
                scale.at(tick), TOP, HEIGHT - BOTTOM
            )
            yield _text(scale.at(tick), HEIGHT - 7, "middle", _number(tick))
        yield from (_text(left - 5, first + slot * (i + 0.5) + 3.5, "end", _short(x)) for i, x in enumerate(xs))
    else:
        first, scale, frame = _upright(ticks, xs)
        yield from frame
        slot = (WIDTH - RIGHT - first) / len(xs)
    lanes = 1 if stack else len(series)
    thick = min(slot * 0.68 / lanes, 26.0)
    for i, x in enumerate(xs):
        base = 0.0
        for number, one in enumerate(series):
            value = grid.get((one, x))
            if value is None:
                continue
            begin = first + slot * (i + 0.5) - thick * lanes / 2 + (0 if stack else thick * number)
            here, there = scale.at(base), scale.at(base + value)
            across, along = (begin, max(thick - 1.5, 1.0)), (min(here, there), max(abs(there - here), 0.5))
            (x0, wide), (y0, high) = (along, across) if rotate else (across, along)
            yield Markup('<rect {} x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5"/>').format(
                _paint(number, own[number]), x0, y0, wide, high
            )
            base += value if stack else 0.0


def _pie(points: list[Point], own: list[str], config: Mapping[str, Any]) -> Chart | None:
    shares: dict[str, float] = {}
    for point in points:
        shares[point.x] = shares.get(point.x, 0.0) + point.y
    total = sum(shares.values())
    if total <= 0 or min(shares.values()) < 0:
        return None
    style = config.get("pieChartStyle")
    wanted = style.get("legend") if isinstance(style, dict) else None

    def words(name: str, value: float) -> str:
        if wanted == "percentage":
            return f"{name} {value / total:.0%}"
        return f"{name} {_number(value)}" if wanted == "num" else name

    legend = tuple((i % COLOURS, own[i], words(name, value)) for i, (name, value) in enumerate(shares.items()))
    rows = tuple((name, _number(value), f"{value / total:.1%}") for name, value in shares.items())
    return Chart(NAMES["pieChart"], _svg(_slices(list(shares.values()), own)), legend, ("", "数值", "占比"), rows)


def _slices(values: list[float], own: list[str]) -> Iterator[Markup]:
    middle, radius = (WIDTH / 2, HEIGHT / 2), HEIGHT / 2 - 10
    total, turned = sum(values), 0.0
    for number, value in enumerate(values):
        paint = _paint(number, own[number])
        if value == total:
            yield Markup('<circle {} cx="{:g}" cy="{:g}" r="{:g}"/>').format(paint, *middle, radius)
        elif value > 0:
            (x0, y0), (x1, y1) = (_on_circle(middle, radius, part / total) for part in (turned, turned + value))
            yield Markup(
                '<path {} data-shape="slice" d="M{:g} {:g}L{:.2f} {:.2f}A{:g} {:g} 0 {} 1 {:.2f} {:.2f}Z"/>'
            ).format(paint, *middle, x0, y0, radius, radius, int(value / total > 0.5), x1, y1)
        turned += value


def _on_circle(middle: tuple[float, float], radius: float, part: float) -> tuple[float, float]:
    angle = 2 * math.pi * part - math.pi / 2
    return middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _short(label: str) -> str:
    return label if _span(label) <= 64 else label[:5] + "…"
