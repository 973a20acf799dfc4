from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.worker import Worker

from mediadl.models import DayAmount
from mediadl.widgets.timeline import Timeline, sparkline, words

DAYS = tuple(DayAmount(date(2026, 10, 25) + timedelta(n), n % 7, n * 1_000_000) for n in range(30))


def test_the_largest_value_is_a_full_block_and_nothing_a_dot() -> None:
    assert sparkline([0, 1, 50, 100], 10) == "·▁▄█"
    assert sparkline([0, 0], 10) == "··"
    assert sparkline([1], 10) == "█"
    assert sparkline([], 10) == ""


@given(st.lists(st.integers(0, 10**15), max_size=100), st.integers(0, 120))
def test_a_sparkline_has_a_cell_per_value_and_never_more_than_its_width(
    values: list[int], width: int
) -> None:
    line = sparkline(values, width)

    assert cell_len(line) == min(len(values), width)
    assert all(
        (sign == "·") == (value == 0)
        for sign, value in zip(line, values[-width:] if width else [], strict=True)
    )


@given(st.integers(0, 150))
def test_the_lines_say_the_largest_figures(width: int) -> None:
    text = str(words(DAYS, width))

    assert "most 6" in text
    assert "most 29 MB" in text


@pytest.mark.parametrize(("width", "height"), [(56, 8), (66, 9), (95, 14), (120, 30)])
@pytest.mark.parametrize("days", [DAYS, DAYS[:1], tuple(DayAmount(day.day, 0, 0) for day in DAYS)])
def test_charts_fill_exactly_their_room(width: int, height: int, days: tuple[DayAmount, ...]) -> None:
    from mediadl.widgets.day_chart import draw_charts

    left, right = draw_charts(days, width, height)

    assert len(left) == len(right) == height
    assert {len(a) + 2 + len(b) for a, b in zip(left, right, strict=True)} == {width}
    assert "\x1b" not in "".join((*left, *right))


class _Holder(App[None]):
    CSS = "Timeline { width: 100%; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.timeline = Timeline(clock=lambda: self.now)

    def compose(self) -> ComposeResult:
        yield self.timeline


async def test_charts_are_drawn_once_a_second_and_only_when_something_changed() -> None:
    app = _Holder()
    asked: list[str] = []
    async with app.run_test(size=(100, 14)) as pilot:
        worker = app.run_worker

        def counting(*args: Any, **kwargs: Any) -> Worker[Any]:
            asked.append(kwargs["name"])
            return worker(*args, **kwargs)

        app.run_worker = counting  # type: ignore[method-assign]
        app.timeline.show(DAYS)
        while not app.timeline.has_charts:
            await pilot.pause(0.01)
        for _ in range(5):
            app.timeline.show(DAYS)
            await pilot.pause()
        once = len(asked)
        for n in range(5):
            app.timeline.show((*DAYS[:-1], DayAmount(DAYS[-1].day, 50 + n, 5)))
            await pilot.pause()

        assert once == len(asked) == 1
        app.now += 2
        app.timeline._ask_again()
        await pilot.pause()
        assert asked == ["charts"] * 2


def test_charts_cost_nothing_at_the_start_of_the_program() -> None:
    code = (
        "import sys, mediadl.screens.dashboard\n"
        "sys.exit(any(name.split('.')[0] in {'plotext', 'textual_plotext'} for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, check=False).returncode == 0
