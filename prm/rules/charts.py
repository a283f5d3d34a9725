"""Where the marks of a chart stand, in pixels of its own drawing. Templates draw them as SVG with links.

Every chart is laid out twice, wide and narrow, instead of being scaled: its words stay legible on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil, floor, log10, sqrt

from prm.rules.quarters import BUSY

WIDE, MIDDLE, NARROW = 900, 720, 320
_LETTER = 6.2  # about the width of a letter at the size of the charts


def nice_ticks(top: float, wanted: int = 4) -> list[float]:
    """Round values from 0 to at least ``top``, about ``wanted`` of them."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / wanted
    size = 10 ** floor(log10(rough))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by >= rough)
    return [step * index for index in range(ceil(top / step) + 1)]


def short(value: float) -> str:
    """A number for an axis: ``1.2m``, ``50k``."""
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What the chart over time draws of one month."""

    month: date
    pipeline: Decimal
    work: Decimal
    participation: Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the chart over time."""

    figures: MonthFigures
    x: float
    left: float
    width: float
    y: float
    work_y: float
    work_height: float
    work_x: float
    participation_y: float
    participation_height: float
    participation_x: float
    bar: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Sourced pipeline over time, and under it, on its own axis, activity."""

    width: int
    height: int
    left: int
    right: float
    base: float
    activity_top: float
    activity_base: float
    columns: list[Column]
    money: list[Tick]
    counts: list[Tick]
    months: list[Tick]

    @property
    def line(self) -> str:
        """The pipeline, as the points of a line."""
        return " ".join(f"{column.x:.1f},{column.y:.1f}" for column in self.columns)

    @property
    def area(self) -> str:
        """The same down to the base line."""
        first, last = self.columns[0].x, self.columns[-1].x
        return f"{first:.1f},{self.base:.1f} {self.line} {last:.1f},{self.base:.1f}"


_TOP, _BASE = 26.0, 186.0
_ACTIVITY_TOP, _ACTIVITY_BASE = 226.0, 296.0
_LEFT = 52


def _up(value: float, top: float) -> float:
    """The height at which an amount stands."""
    return round(_BASE - max(0.0, value) / top * (_BASE - _TOP), 1)


def _tall(value: float, top: float) -> float:
    """How tall the bar of a count is."""
    return round(max(0.0, value) / top * (_ACTIVITY_BASE - _ACTIVITY_TOP), 1)


def _column(figures: MonthFigures, x: float, step: float, money: float, counts: float) -> Column:
    """One month, its middle at ``x``; ``money`` and ``counts`` are the tops of the axes."""
    bar = round(min(14.0, step * 0.36), 1)
    work, part = _tall(float(figures.work), counts), _tall(float(figures.participation), counts)
    return Column(
        figures=figures,
        x=round(x, 1),
        left=round(x - step / 2, 1),
        width=round(step, 1),
        y=_up(float(figures.pipeline), money),
        work_y=round(_ACTIVITY_BASE - work, 1),
        work_height=work,
        work_x=round(x - bar - 0.5, 1),
        participation_y=round(_ACTIVITY_BASE - part, 1),
        participation_height=part,
        participation_x=round(x + 0.5, 1),
        bar=bar,
    )


def trend(months: Sequence[MonthFigures], width: int) -> Trend:
    """Lay out the chart over time; ``months`` has at least one, oldest first."""
    right = width - 8.0
    money = nice_ticks(float(max(month.pipeline for month in months)))
    counts = nice_ticks(float(max(max(month.work, month.participation) for month in months)), 2)
    step = (right - _LEFT) / len(months)
    columns = [
        _column(figures, _LEFT + step * (index + 0.5), step, money[-1], counts[-1])
        for index, figures in enumerate(months)
    ]
    every = max(1, ceil(42 / step))
    return Trend(
        width=width,
        height=322,
        left=_LEFT,
        right=right,
        base=_BASE,
        activity_top=_ACTIVITY_TOP,
        activity_base=_ACTIVITY_BASE,
        columns=columns,
        money=[Tick(_up(value, money[-1]), short(value)) for value in money],
        counts=[Tick(round(_ACTIVITY_BASE - _tall(value, counts[-1]), 1), short(value)) for value in counts],
        months=_month_ticks(columns[::-1][::every][::-1]),
    )


def _month_ticks(columns: Sequence[Column]) -> list[Tick]:
    """The months by name; the year is said where it changes."""
    ticks, year = [], 0
    for column in columns:
        month = column.figures.month
        ticks.append(Tick(column.x, f"{month:%b}" if month.year == year else f"{month:%b %y}"))
        year = month.year
    return ticks


@dataclass(frozen=True, slots=True)
class Spot:
    """A partner as it is put on the map."""

    name: str
    id: str
    work_per_month: Decimal
    brought: Decimal


@dataclass(slots=True)
class Mark:
    """A partner on the map; ``label`` is empty where it would lie on another's."""

    spot: Spot
    x: float
    y: float
    label: str = ""
    label_x: float = 0.0
    anchor: str = "start"


@dataclass(slots=True)
class Map:
    """Activity across, sourced pipeline up; below the line those who brought none."""

    width: int
    height: int
    left: int
    right: float
    top: float
    base: float
    floor: float
    border: float
    across: float
    strip: float
    middle_left: float = 0.0
    middle_right: float = 0.0
    marks: list[Mark] = field(default_factory=list)
    money: list[Tick] = field(default_factory=list)
    works: list[Tick] = field(default_factory=list)


def partner_map(spots: Sequence[Spot], width: int) -> Map:
    """Lay out the map. Amounts go up by their square root, so that small ones can be told apart."""
    left, right, top, base, below = 52, width - 12.0, 26.0, 250.0, 318.0
    works = nice_ticks(max([float(spot.work_per_month) for spot in spots] + [float(BUSY) * 2]), 4)
    money = nice_ticks(max([float(spot.brought) for spot in spots] + [0.0]), 4)

    def across(value: float) -> float:
        return round(left + 8 + value / works[-1] * (right - left - 16), 1)

    def up(value: float) -> float:
        return round(base - sqrt(value / money[-1]) * (base - top), 1)

    border = across(float(BUSY))
    chart = Map(
        width=width,
        height=360,
        left=left,
        right=right,
        top=top,
        base=base,
        floor=below,
        border=border,
        across=right - left,
        strip=below - base,
        middle_left=round((left + border) / 2, 1),
        middle_right=round((border + right) / 2, 1),
        money=[Tick(up(value), short(value)) for value in money],
        works=[Tick(across(value), short(value)) for value in works],
    )
    lanes: dict[int, int] = {}
    for spot in sorted(spots, key=lambda s: (-s.brought, s.name)):
        x = across(float(spot.work_per_month))
        if spot.brought > 0:
            y = up(float(spot.brought))
        else:  # those who brought nothing share a strip; neighbours step down instead of lying on each other
            place = int(x // 14)
            lanes[place] = lanes.get(place, -1) + 1
            y = base + 26 + (lanes[place] % 4) * 11
        chart.marks.append(Mark(spot=spot, x=x, y=y))
    _label(chart)
    return chart


def _label(chart: Map) -> None:
    """Name as many marks as fit without lying on another name or mark."""
    taken = [(mark.x - 5, mark.y - 5, mark.x + 5, mark.y + 5) for mark in chart.marks]
    for mark in chart.marks:
        name = mark.spot.name if len(mark.spot.name) <= 22 else mark.spot.name[:21] + "…"
        length = len(name) * _LETTER
        for anchor, start in (("start", mark.x + 8), ("end", mark.x - 8 - length)):
            box = (start, mark.y - 6, start + length, mark.y + 6)
            if box[0] < chart.left or box[2] > chart.right + 8 or any(_meet(box, other) for other in taken):
                continue
            mark.label, mark.anchor = name, anchor
            mark.label_x = mark.x + 8 if anchor == "start" else mark.x - 8
            taken.append(box)
            break


type _Box = tuple[float, float, float, float]


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
