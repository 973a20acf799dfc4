"""Orders and filters of the History screen, from menus, typed and clicked."""

from __future__ import annotations

import pytest

from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.service import Services
from terminal.history_page import fill, opened

# Order


@pytest.mark.parametrize(
    ("letter", "sort", "down"),
    [
        ("d", HistorySort.STORED, True), ("p", HistorySort.PLATFORM, False), ("o", HistorySort.SOURCE, False),
        ("s", HistorySort.SIZE, True), ("t", HistorySort.TITLE, False),
    ],
)  # fmt: skip
async def test_the_order_is_chosen_from_a_menu_and_turned_round(
    services: Services, letter: str, sort: HistorySort, down: bool
) -> None:
    ids = fill(services)
    async with opened(services) as page:
        await page.press("s")
        await page.choose(letter)
        query = page.screen.look.query
        assert (query.sort, query.descending) == (sort, down)
        await page.press("S")
        query = HistoryQuery(sort=sort, descending=not down)
        expected = [one.id for one in services.history.page(query, 0, 5)]
        await page.until(lambda: [r.id for r in page.table.loaded_rows[:5]] == expected, "turned round")

        assert len(ids) == page.table.total


async def test_click_on_a_header_sorts_and_again_turns_round(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        x = page.lines()[2].index("Size")
        await page.pilot.click(page.table, offset=(x, 0))
        await page.until(lambda: page.screen.look.query.sort is HistorySort.SIZE, "by size")
        assert page.screen.look.query.descending
        await page.pilot.click(page.table, offset=(x, 0))
        await page.until(lambda: not page.screen.look.query.descending, "turned round")

        assert "Size ▴" in page.text()


# Filters


async def test_f_walks_through_the_types_that_have_files(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        kinds = []
        for _ in range(4):
            await page.press("f")
            kinds.append(page.screen.look.query.kind)
        assert kinds == [MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO, None]
        await page.press("F")
        await page.total(15)

        assert "[♪ Audio 15]" in page.text()


async def test_a_tab_is_clicked(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        line = page.lines()[1]
        await page.pilot.click("#kinds", offset=(line.index("Videos"), 0))
        await page.total(15)

        assert page.screen.look.query.kind is MediaKind.VIDEO


async def test_platform_and_source_are_chosen_and_taken_away_by_a_click(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("p")
        await page.opens("MenuDialog")
        assert "tiktok" in page.text()
        await page.press("down", "down", "enter")
        await page.opens("HistoryScreen")
        platform = page.screen.look.query.platform
        assert platform in {"tiktok", "instagram", "generic"}
        await page.press("c")
        await page.opens("MenuDialog")
        await page.press("down", "down", "enter")
        await page.opens("HistoryScreen")
        source = page.screen.look.query.source
        await page.total(services.history.count(page.screen.look.query))
        words = next(line for line in page.lines() if "Only" in line)
        assert f"on {platform} ×" in words
        assert f"from {source} ×" in words
        assert f"{page.table.total} files" in words

        await page.pilot.click("#filtered", offset=(words.index("from"), 0))
        await page.total(20)
        assert page.screen.look.query.source == ""
        await page.press("escape")
        await page.total(60)
        assert not any("Only" in line for line in page.lines())


async def test_a_part_of_a_sources_name_is_enough(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("c")
        await page.opens("MenuDialog")
        await page.press("t")
        await page.opens("PromptDialog")
        await page.press(*"KILN", "enter")
        await page.total(15)

        assert page.screen.look.query.source == "tiny.kiln"


@pytest.mark.parametrize(
    ("letter", "words"), [("w", "the last 7 days"), ("m", "the last 30 days"), ("d", "today")]
)
async def test_spans_of_time_are_chosen(services: Services, letter: str, words: str) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("w")
        await page.choose(letter)
        look = page.screen.look
        await page.total(services.history.count(look.query))

        assert look.query.since is not None
        assert 0 < page.table.total <= 60
        assert f"{words} ×" in page.text()


async def test_a_span_of_time_is_typed_and_checked_while_typing(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("w")
        await page.opens("MenuDialog")
        await page.press("f")
        await page.opens("PromptDialog")
        await page.press(*"soon", "enter")
        assert page.dialog == "PromptDialog"
        assert "not a date" in page.text()
        for _ in range(4):
            await page.press("backspace")
        await page.press(*"5d", "space", *"2d", "enter")
        await page.opens("HistoryScreen")
        await page.total(12)

        assert "5d to 2d ×" in page.text()


async def test_sizes_are_chosen_or_typed(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("z")
        await page.choose("2")
        await page.total(51)
        assert "at least 1.0 MB ×" in page.text()
        await page.press("z")
        await page.opens("MenuDialog")
        await page.press("t")
        await page.opens("PromptDialog")
        for _ in range(8):
            await page.press("backspace")
        await page.press(*"2MB-3MB", "enter")
        await page.total(11)

        assert "2.0 MB to 3.0 MB ×" in page.text()


async def test_one_menu_leads_to_every_filter(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("m")
        await page.opens("MenuDialog")
        await page.press("z")
        await page.until(lambda: "at most 1 MB" in page.text(), "the menu of sizes")
        await page.press("1")
        await page.total(10)
        await page.press("m")
        await page.opens("MenuDialog")
        await page.press("a")
        await page.total(60)
