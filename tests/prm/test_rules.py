"""Periods, shares, quarters, metrics and charts, without a database."""

from datetime import date
from decimal import Decimal

import pytest

from prm.rules.charts import NARROW, WIDE, MonthFigures, Spot, nice_ticks, partner_map, short, trend
from prm.rules.metrics import METRICS, MetricKind
from prm.rules.periods import Period, last_months, read_month, read_period, shift
from prm.rules.quarters import MEANING, Quarter, quarter_of
from prm.rules.shares import Share

NOVEMBER = date(2026, 11, 1)


def test_sourced_pipeline_is_first_and_participation_comes_after_every_outcome() -> None:
    kinds = [metric.kind for metric in METRICS.values()]
    assert next(iter(METRICS)) == "sourced_pipeline"
    assert kinds.index(MetricKind.PARTICIPATION) > max(
        i for i, kind in enumerate(kinds) if kind is MetricKind.OUTCOME
    )
    assert all(metric.key == key and len(metric.formula) > 40 for key, metric in METRICS.items())


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert shift(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert shift(date(2025, 12, 1), 1) == date(2026, 1, 1)
    period = last_months(12, NOVEMBER)
    assert (period.first, period.end, period.length) == (date(2025, 12, 1), date(2026, 11, 30), 12)
    assert len(list(period.months())) == 12
    assert read_period("18", NOVEMBER).length == 18
    for junk in ("", "5", "-1", "1e9", "١٢"):
        assert read_period(junk, NOVEMBER).length == 12


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", NOVEMBER),
        ("2026-13", None),
        ("2026-00", None),
        ("26-11", None),
        ("2026-11-01", None),
        ("2026-11\n", None),
        ("0001-01", None),
        ("9999-12", None),
        ("", None),
    ],
)
def test_months_are_read_strictly(text: str, month: date | None) -> None:
    assert read_month(text) == month


@pytest.mark.parametrize(
    ("part", "whole", "headline", "evidence"),
    [
        (0, 0, "Cannot tell", "No closed deals yet"),
        (0, 1, "Cannot tell", "Only one so far: no"),
        (1, 1, "Cannot tell", "Only one so far: yes"),
        (2, 2, "Cannot tell", "Both closed deals so far, too few for a share"),
        (0, 3, "Cannot tell", "None of 3 closed deals so far, too few for a share"),
        (2, 3, "Cannot tell", "2 of 3 closed deals so far, too few for a share"),
        (7, 7, "Cannot tell", "All 7 closed deals so far, too few for a share"),
        (4, 8, "50%", "4 of 8 closed deals; between 22% and 78%"),
        (40, 100, "40%", "40 of 100 closed deals; between 31% and 50%"),
        (0, 50, "0%", "0 of 50 closed deals; between 0% and 7%"),
    ],
)
def test_shares_of_small_numbers_are_not_told(part: int, whole: int, headline: str, evidence: str) -> None:
    share = Share(part, whole, "closed deals")
    assert (share.headline, share.evidence) == (headline, evidence)


def test_quarters() -> None:
    two, less, one, none = Decimal(2), Decimal("1.9"), Decimal(1), Decimal(0)
    assert quarter_of(two, one) is Quarter.WORKING
    assert quarter_of(less, one) is Quarter.QUIET
    assert quarter_of(two, none) is Quarter.BUSY
    assert quarter_of(less, none) is Quarter.ASLEEP
    assert set(MEANING) == set(Quarter)


def test_ticks_are_round_and_reach_the_top() -> None:
    assert nice_ticks(0) == [0.0, 1.0]
    assert nice_ticks(1_350_000) == [0, 500_000, 1_000_000, 1_500_000]
    for top in (0.3, 7, 99, 12_345, 9e11):
        ticks = nice_ticks(top)
        assert ticks[-1] >= top
        assert len(ticks) <= 6
    assert [short(value) for value in (0, 950, 2_500, 1_000_000, 3.2e9)] == [
        "0",
        "950",
        "2.5k",
        "1m",
        "3.2bn",
    ]


def _months(count: int) -> list[MonthFigures]:
    period: Period = last_months(count, NOVEMBER)
    return [
        MonthFigures(month, Decimal(1000 * index), Decimal(index), Decimal(3))
        for index, month in enumerate(period.months())
    ]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("count", [1, 3, 12, 36])
def test_the_chart_over_time_stays_inside_its_drawing(width: int, count: int) -> None:
    chart = trend(_months(count), width)
    assert len(chart.columns) == count
    for column in chart.columns:
        assert chart.left <= column.left
        assert column.left + column.width <= chart.right + 1
        assert 0 <= column.y <= chart.base
        assert column.work_y >= chart.activity_top
        assert column.participation_height > 0
    gaps = [b.at - a.at for a, b in zip(chart.months, chart.months[1:], strict=False)]
    assert all(gap >= 36 for gap in gaps)
    assert chart.months[-1].text.startswith("Nov")
    assert chart.columns[0].y == chart.base  # nothing is drawn at the bottom, not left out


def test_negative_figures_do_not_leave_the_chart() -> None:
    chart = trend([MonthFigures(NOVEMBER, Decimal(-5), Decimal(0), Decimal(0))], WIDE)
    assert chart.columns[0].y == chart.base


@pytest.mark.parametrize(("width", "count"), [(WIDE, 60), (NARROW, 9)])
def test_names_on_the_map_never_lie_on_each_other(width: int, count: int) -> None:
    spots = [
        Spot(f"Partner number {index}", str(index), Decimal(index % 7), Decimal(index % 5 * 1000))
        for index in range(count)
    ]
    chart = partner_map(spots, width)
    assert len(chart.marks) == count
    assert all(chart.left <= mark.x <= chart.right for mark in chart.marks)
    assert all((mark.y > chart.base) == (mark.spot.brought == 0) for mark in chart.marks)
    boxes = []
    for mark in chart.marks:
        if mark.label:
            length = len(mark.label) * 6.2
            start = mark.label_x if mark.anchor == "start" else mark.label_x - length
            boxes.append((start, mark.y - 6, start + length, mark.y + 6))
    assert boxes
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart


def test_an_empty_map_can_be_drawn() -> None:
    assert partner_map([], WIDE).marks == []
