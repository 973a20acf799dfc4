"""Moving around, filter, status and order of the Queue screen, each key and click with its effect."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual import events

from mediadl.models import JobSort, JobStatus
from mediadl.screens.dialogs.menu import MenuDialog
from mediadl.service import Services
from terminal import scene
from terminal.page import opened

PENDING = tuple(
    scene.Part(f"Recording {n:02}", f"https://sounds.example/{n:02}", "generic") for n in range(60)
)

ACTIVE, WAITING, PAUSED, FAILED, DONE = 0, 9, 11, 13, 15
"""Places of jobs of that status in the everyday scene."""


async def test_an_empty_queue_tells_the_first_things_to_do(services: Services) -> None:
    async with opened(services, size=(80, 24)) as page:
        text = page.text()

        assert "Nothing here yet" in text
        assert "add an address" in text
        assert "paste" in text
        assert "see every key" in text


@pytest.mark.parametrize("keys", [("j",), ("down",)])
async def test_down_moves_to_the_next_job(services: Services, keys: tuple[str, ...]) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.press(*keys)

        assert page.table.cursor == 1


@pytest.mark.parametrize("key", ["k", "up"])
async def test_up_moves_to_the_previous_job(services: Services, key: str) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.press("j", "j", key)

        assert page.table.cursor == 1


@pytest.mark.parametrize("key", ["G", "end"])
async def test_end_goes_to_the_last_job(services: Services, key: str) -> None:
    scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        await page.press(key)
        await page.until(lambda: page.table.current is not None, "the last row is loaded")

        assert page.current.title == "Recording 59"
        assert "Recording 59" in page.text()


@pytest.mark.parametrize("keys", ["gg", ["home"]])
async def test_home_goes_to_the_first_job(services: Services, keys: Sequence[str]) -> None:
    scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        await page.press("G", *keys)
        await page.until(lambda: page.table.cursor == 0, "the first row")
        await page.until(lambda: page.table.current is not None, "the first row is loaded")

        assert page.current.title == "Recording 00"
        assert page.table.first == 0


@pytest.mark.parametrize(
    ("key", "back"), [("pagedown", "pageup"), ("ctrl+f", "ctrl+b"), ("ctrl+d", "ctrl+u")]
)
async def test_pages_move_the_cursor_by_screens(services: Services, key: str, back: str) -> None:
    scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        step = page.table.visible_rows - 1
        await page.press(key)
        down = page.table.cursor
        await page.press(back)

        assert down == (step // 2 if key == "ctrl+d" else step)
        assert page.table.cursor == 0


async def test_wheel_scrolls_and_leaves_the_cursor(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        for _ in range(5):
            await page.pilot._post_mouse_events(
                [__import__("textual.events", fromlist=["MouseScrollDown"]).MouseScrollDown],
                page.table,
                (5, 5),
            )
        await page.until(lambda: page.table.first > 2, "scrolled")
        before = page.table.cursor
        await page.press("j")

    assert before == 0


async def test_click_moves_the_cursor_and_double_click_opens(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(20, 4))
        assert page.table.cursor == 3

        await page.pilot.click(page.table, offset=(20, 4), times=2)
        await page.until(lambda: page.dialog == "DetailsDialog", "details")


async def test_click_in_the_margin_marks(services: Services) -> None:
    ids = scene.write(services, PENDING)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(0, 2))

        assert page.table.marks == {ids[1]}


async def test_right_click_opens_a_menu_of_what_can_be_done(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(20, 1 + FAILED), button=3)
        await page.until(lambda: isinstance(page.app.screen, MenuDialog), "the menu")
        await page.pilot.pause()
        menu = page.text()
        await page.press("escape")

        assert "Retry" in menu
        assert page.dialog == "QueueScreen"
        assert page.table.cursor == FAILED


async def test_click_on_a_header_sorts_and_again_turns_round(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(15, 0))
        await page.until(lambda: page.queue._query.sort is JobSort.TITLE, "sorted by title")
        await page.pilot.click(page.table, offset=(15, 0))
        await page.until(lambda: page.current.title == "Recording 59", "turned round")

        assert "Title ▾" in page.text()


# Filter, status, sort


async def test_filter_narrows_while_typing_with_a_count_and_esc_restores(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.press("/", *"recording 1")
        await page.until(lambda: page.table.total == 15, "narrowed")
        await page.until(lambda: "15 of 60" in page.text(), "the count")
        await page.press("escape")

        await page.until(lambda: page.table.total == 60, "all again")
        assert page.app.focused is page.table


async def test_words_that_arrive_in_one_breath_with_the_slash_reach_the_field(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        for character in "/recording 12":
            name = {"/": "slash", " ": "space"}.get(character, character)
            page.app.post_message(events.Key(name, character))

        await page.until(lambda: page.queue.filter_line.field.value == "recording 12", "all words")
        await page.until(lambda: page.table.total == 1, "narrowed")


async def test_enter_keeps_the_filter_and_gives_the_keys_to_the_list(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.press("/", *"59", "enter")
        await page.until(lambda: page.table.total == 1, "narrowed")

        assert page.app.focused is page.table
        assert page.current.title == "Recording 59"


async def test_a_filter_without_match_says_so(services: Services) -> None:
    scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("/", *"zzz")

        await page.until(lambda: "No job matches" in page.text(), "the note")
        await page.press("escape")
        await page.until(lambda: page.table.display, "the list is back")


async def test_leaving_the_filter_keeps_the_job_that_was_found(services: Services) -> None:
    ids = scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        await page.press("/", *"45", "enter")
        await page.until(lambda: page.table.total == 1, "narrowed")
        await page.press("j", "escape")
        await page.until(lambda: page.table.total == 60, "all again")
        await page.until(lambda: page.table.cursor == 45, "the cursor is on it")

        assert page.current.id == ids[45]
        assert "Recording 45" in page.text()


async def test_f_walks_through_statuses_that_have_jobs(services: Services) -> None:
    scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("f")
        await page.until(lambda: page.queue._tab == "pending", "pending")
        await page.press("f")
        assert page.queue._tab == ""
        await page.press("F")

        assert page.queue._tab == "pending"


async def test_click_on_a_tab_shows_that_status(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        x = page.lines()[1].index("Failed")
        await page.pilot.click(page.queue.query_one("#tabs"), offset=(x, 0))

        await page.until(lambda: page.table.total == 2, "failed ones")
        assert page.current.status is JobStatus.FAILED


async def test_s_chooses_the_order_by_a_letter(services: Services) -> None:
    scene.write(services, PENDING)
    async with opened(services) as page:
        await page.press("s")
        await page.until(lambda: page.dialog == "MenuDialog", "the menu")
        await page.press("t")
        await page.until(lambda: page.queue._query.sort is JobSort.TITLE, "by title")
        await page.until(lambda: "by title ▴" in page.text(), "said so")


async def test_reverse_turns_the_order_round(services: Services) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("S")

        await page.until(lambda: page.current.id == ids[2], "the last is first")


async def test_esc_goes_back_one_level_at_a_time_and_never_quits(services: Services) -> None:
    scene.write(services, PENDING[:5])
    async with opened(services) as page:
        page.queue.action_show_status("pending")
        await page.press("/", *"rec", "enter", "space", "v")
        table, line = page.table, page.queue.filter_line
        await page.press("escape")
        assert (table.range_active, len(table.marks)) == (False, 1)
        await page.press("escape")
        assert (len(table.marks), line.is_open) == (0, True)
        await page.press("escape")
        assert (line.is_open, page.queue._tab) == (False, "pending")
        await page.press("escape")
        assert page.queue._tab == ""
        for _ in range(3):
            await page.press("escape")

        assert page.app.is_running
        assert page.dialog == "QueueScreen"


@pytest.mark.parametrize("keys", [("q",), ("ctrl+q",), ("a", "ctrl+q"), ("/", "ctrl+q")])
async def test_quitting_leaves_the_jobs_as_they_are(services: Services, keys: tuple[str, ...]) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    before = [services.queue.get(job_id) for job_id in ids]
    async with opened(services) as page:
        for key in keys:
            await page.press(key)
        await page.until(lambda: page.app.return_value == 0, "left")

    assert [services.queue.get(job_id) for job_id in ids] == before
