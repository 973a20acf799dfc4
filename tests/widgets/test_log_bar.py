from __future__ import annotations

from textual.app import App, ComposeResult

from mediadl.logs import LogQuery
from mediadl.widgets.log_bar import LevelTabs, LogFilters, LogState


class Bars(App[None]):
    def compose(self) -> ComposeResult:
        yield LevelTabs(id="levels")
        yield LogFilters(id="filters")


async def said(state: LogState, width: int = 120) -> tuple[str, str]:
    async with Bars().run_test(size=(width, 10)) as pilot:
        tabs, filters = pilot.app.query_one(LevelTabs), pilot.app.query_one(LogFilters)
        tabs.show(state)
        filters.show(state)
        return tabs.text, filters.text


async def test_levels_say_how_many_lines_are_at_least_that_grave() -> None:
    tabs, _ = await said(LogState(LogQuery(level="warning"), (1, 20, 300, 4000)))

    assert "All 4,321" in tabs
    assert "Info+ 4,320" in tabs
    assert "[Warnings+ 4,300]" in tabs
    assert "Errors 4,000" in tabs


async def test_paused_says_how_many_lines_came() -> None:
    tabs, _ = await said(LogState(LogQuery(), following=False, pending=37))

    assert tabs.rstrip().endswith("‖ paused, 37 new")


async def test_filters_say_what_is_chosen_and_how_far_the_search_is() -> None:
    state = LogState(LogQuery(module="workers", job=7), found=1000, line=12, searched=0.418, range_words="1h")

    _, filters = await said(state)

    for words in ("module [workers]", "job [7]", "time [1h]", "searched 41 %", "line 12 of 1,000"):
        assert words in filters


async def test_on_a_narrow_line_what_is_chosen_stays() -> None:
    state = LogState(LogQuery(level="error", module="workers"), (10**6,) * 4, following=False, pending=5)

    tabs, filters = await said(state, 40)

    assert "[Errors 1,000,000]" in tabs
    assert "paused, 5 new" in tabs
    assert "[workers]" in filters


async def test_on_a_narrow_line_errors_stay_longer_than_lesser_levels() -> None:
    tabs, _ = await said(LogState(LogQuery(), (10**6,) * 4), 56)

    assert "[All 4,000,000]" in tabs
    assert "Errors 1,000,000" in tabs
    assert "Info+" not in tabs


async def test_a_search_that_just_began_says_nothing_yet() -> None:
    _, filters = await said(LogState(LogQuery(), searched=0.0))

    assert "searched" not in filters
