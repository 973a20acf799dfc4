"""The History screen: moving, order, filters and search, each key and click with its effect."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from mediadl.app import MediadlApp
from mediadl.events import Event, EventKind
from mediadl.models import HistoryQuery, HistorySort, Identity
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dialogs.delete_files import DeleteFilesDialog
from mediadl.screens.dialogs.file_details import FileDetailsDialog
from mediadl.screens.history import HistoryScreen
from mediadl.service import Services
from mediadl.store import downloads
from store.making import download
from terminal.history_page import fill, opened

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]


@pytest.mark.parametrize(
    ("scope", "screen"),
    [
        (Scope.HISTORY, HistoryScreen),
        (Scope.FILE, FileDetailsDialog),
        (Scope.DELETE_FILES, DeleteFilesDialog),
    ],
)
def test_every_action_has_a_method_and_every_key_one_meaning(scope: Scope, screen: type[Any]) -> None:
    keys: list[str] = []
    for action in actions_of(scope):
        assert callable(getattr(screen, f"action_{action.name}"))
        keys += action.keys
    if scope is Scope.HISTORY:
        keys += [key for action in actions_of(Scope.APP) for key in action.keys]

    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_files_are_seen_in_every_window(services: Services, size: tuple[int, int]) -> None:
    fill(services)
    async with opened(services, size) as page:
        text = page.text()

        assert "[All 60]" in text
        assert "Picture 059" in text
        assert "6.0 MB" in text
        assert time.strftime("%Y-%m-%d", time.localtime(page.file.stored_at)) in text
        assert "tiny.kiln" in text
        assert ("Platform" in text) == (size[0] >= 80)
        assert ("059.jpg" in text) == (size[0] >= 120)
        assert ("audio" in text) == (size[0] >= 120 or size[1] >= 24)


async def test_an_empty_history_tells_what_to_do(services: Services) -> None:
    async with opened(services, (80, 24)) as page:
        assert "No files yet" in page.text()
        assert "add an address" in page.text()
        await page.press("enter", "d", "o", "y")
        assert page.dialog == "HistoryScreen"


# Moving: the keys are those of every list


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (("j",), 1), (("down", "down"), 2), (("j", "j", "k"), 1), (("down", "up"), 0), (("G",), 59), (("end",), 59),
        (("G", "home"), 0), (("G", "g", "g"), 0), (("pagedown", "pageup"), 0), (("ctrl+f", "ctrl+b"), 0),
        (("ctrl+d", "ctrl+u"), 0),
    ],
    ids=str,
)  # fmt: skip
async def test_keys_move_the_cursor(services: Services, keys: tuple[str, ...], cursor: int) -> None:
    fill(services)
    async with opened(services, (80, 24)) as page:
        for key in keys:
            await page.press(key)

        await page.until(lambda: page.table.cursor == cursor, f"row {cursor}")


async def test_the_cursor_stays_on_its_file_while_others_come(services: Services) -> None:
    fill(services)
    async with opened(services, (80, 24)) as page:
        await page.press("j", "j", "j")
        before = page.file.id
        with services.store.write() as tx:
            for n in range(100, 105):
                downloads.add(tx, download(n, stored_at=time.time() + n))
        await page.press("4")
        page.screen.hear([Event(EventKind.ITEM_STORED)])
        await page.total(65)

        await page.until(lambda: page.table.current is not None, "loaded")
        assert page.file.id == before


async def test_only_news_about_files_is_read_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services)
    async with opened(services) as page:
        asked: list[object] = []
        monkeypatch.setattr(page.screen._reader, "ask", asked.append)
        page.screen.hear([Event(EventKind.JOB_CHANGED)])
        page.screen.hear([])
        assert not asked

        page.screen.hear([Event(EventKind.HISTORY_CHANGED, payload={"restored": 1, "ids": [1]})])
        assert asked


# Search


async def test_search_narrows_while_typing_with_a_count_and_esc_restores(services: Services) -> None:
    fill(services)
    async with opened(services, (80, 24)) as page:
        await page.search("harbour 05")
        await page.total(10)
        await page.until(lambda: "10 of 60" in page.text(), "the count")
        await page.press("enter")
        assert page.app.focused is page.table
        await page.press("j", "j")
        before = page.file.id
        await page.press("escape")
        await page.total(60)

        await page.until(lambda: page.table.current is not None, "loaded")
        assert page.file.id == before


async def test_odd_words_are_safe_and_nothing_found_says_so(services: Services) -> None:
    fill(services)
    async with opened(services, (80, 24)) as page:
        await page.press("/")
        page.screen.filter_line.field.value = '"NEAR( zzz*^'
        await page.total(0)

        assert "No file matches" in page.text()
        await page.press("escape")
        await page.total(60)
        assert "Picture 059" in page.text()


async def test_an_order_that_needs_the_whole_list_still_pages(services: Services) -> None:
    fill(services, 400)
    async with opened(services, (80, 24)) as page:
        await page.press("z")
        await page.choose("2")
        await page.press("s")
        await page.choose("t")
        await page.total(391)
        await page.press("G")
        await page.until(lambda: page.table.current is not None, "the last row")

        assert page.file.title == "Picture 399 of the harbour"
        await page.press("home")
        await page.until(lambda: page.table.current is not None, "the first row")
        assert page.file.title == "Picture 009 of the harbour"


# Marks


async def test_marks_ranges_and_all_are_those_of_every_list(services: Services) -> None:
    ids = fill(services)
    async with opened(services) as page:
        await page.press("space", "space")
        assert page.table.marks == {ids[59], ids[58]}
        await page.press("j", "v", "j", "j", "v")
        assert len(page.table.marks) == 5
        assert "5 marked" in page.text()
        await page.press("escape")
        assert not page.table.marks
        await page.press("f", "*")
        await page.until(lambda: len(page.table.marks) == 30, "all images")
        await page.press("*")
        assert not page.table.marks


async def test_a_range_over_rows_that_are_not_loaded_is_taken(services: Services) -> None:
    fill(services, 300)
    async with opened(services, (80, 24)) as page:
        await page.press("z")
        await page.choose("2")
        await page.press("v", "G", "v")

        await page.until(lambda: len(page.table.marks) == 291, "the whole range")


async def test_esc_goes_back_one_level_at_a_time_and_never_quits(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("f")
        await page.search("harbour")
        await page.press("enter", "space", "v", "j")
        for gone in (
            lambda: not page.table.range_active,
            lambda: not page.table.marks,
            lambda: not page.screen.filter_line.is_open,
            lambda: page.screen.look.query == HistoryQuery(),
            lambda: page.app.is_running,
        ):
            await page.press("escape")
            await page.until(gone, "one level back")


async def test_right_click_opens_a_menu_of_what_can_be_done(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(20, 4), button=3)
        await page.opens("MenuDialog")

        assert "Download again" in page.text()
        await page.press("escape")
        assert page.table.cursor == 3


# Remembered


async def test_the_view_is_the_same_at_the_next_start(services: Services) -> None:
    fill(services)
    async with opened(services) as page:
        await page.press("f", "z")
        await page.choose("2")
        await page.press("s")
        await page.choose("t")
        await page.press("j", "j", "j")
        before = page.file.id
        look = page.screen.look
        state = page.screen.view_state()

    again = HistoryScreen(services)
    again.restore(state)
    assert again.look == look
    app = MediadlApp(services)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert before == state["file"]


@pytest.mark.parametrize(
    "state",
    [
        {"kind": "cheese", "sort": 7, "when": "never", "min": -4, "zoom": "x", "platform": 3, "file": "x"},
        {"when": "9 9 9", "min": True, "max": "1", "descending": "yes", "zoom": 10**9},
        {},
    ],
)
def test_an_odd_state_is_left_out(services: Services, state: dict[str, Any]) -> None:
    screen = HistoryScreen(services)

    screen.restore(state)

    query = screen.look.query
    assert (query.kind, query.sort, query.since, query.platform) == (None, HistorySort.STORED, None, "")
    assert abs(screen.look.zoom) < 10


async def test_hostile_titles_change_nothing_but_their_own_text(services: Services) -> None:
    fill(services, 3)
    hostile = "[@click=app.quit]x[/] \x1b]52;c;AAAA\x1b\\ \u202eabc\x9b31m"
    with services.store.write() as tx:
        one = download(
            9, title=hostile, source=hostile, platform=hostile, path=f"/media/{hostile}", url=hostile,
            identity=Identity(hostile, hostile), stored_at=time.time() + 5,
        )  # fmt: skip
        downloads.add(tx, one)
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")
        await page.pilot.pause()
        text = page.text()
        await page.press("escape", "p")
        await page.opens("MenuDialog")
        text += page.text()

        assert "[@click=app.quit]x[/]" in text
        assert not set(text) & {"\x1b", "\x9b", "\u202e"}


async def test_files_are_listed_although_the_folder_is_gone(services: Services, tmp_path: Path) -> None:
    fill(services, 3, folder=tmp_path / "media")
    (tmp_path / "media").rename(tmp_path / "elsewhere")
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")

        await page.until(lambda: "the file is missing" in page.text(), "the state of the file")


async def test_no_key_breaks_anything(services: Services) -> None:
    fill(services)
    async with opened(services, (80, 24)) as page:
        for action in actions_of(Scope.HISTORY):
            for key in action.keys:
                await page.press(key)
                while page.dialog != "HistoryScreen":
                    await page.press("escape")
                if page.screen.filter_line.is_open:
                    await page.press("escape")

        assert page.app.is_running
        assert "Unexpected" not in page.toasts()
        assert services.history.count(HistoryQuery()) == 60


async def test_the_smallest_window_is_still_of_use(services: Services) -> None:
    fill(services)
    async with opened(services, (40, 12)) as page:
        await page.press("j")

        assert "Picture 058" in page.text()
        assert page.lines()[-1].strip()


async def test_add_opens_the_dialog(services: Services) -> None:
    async with opened(services) as page:
        await page.press("a")
        await page.opens("AddDialog")
