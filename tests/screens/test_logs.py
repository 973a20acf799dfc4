"""The Logs screen: moving around, following and filters, each key and click with its effect."""

from __future__ import annotations

import pytest
from textual import events

from mediadl.service import Services
from terminal.logs_page import opened, write


async def test_it_opens_at_the_end_and_says_what_there_is(services: Services) -> None:
    async with opened(services, 200) as page:
        text = page.text()

        assert page.line.message == "step 199"
        assert "line 200 of 200" in text
        assert "following" in text
        assert "[All 200]" in text
        assert "Errors 50" in text
        assert "error" in text


async def test_an_empty_log_says_so(services: Services) -> None:
    async with opened(services) as page:
        assert "The log is empty." in page.text()


# Moving


@pytest.mark.parametrize("key", ["k", "up"])
async def test_up_moves_to_the_line_before_and_pauses(services: Services, key: str) -> None:
    async with opened(services, 100) as page:
        await page.press(key)

        assert page.line.message == "step 98"
        assert not page.lines_table.following
        assert "paused" in page.text()


@pytest.mark.parametrize("key", ["j", "down"])
async def test_down_to_the_last_line_follows_again(services: Services, key: str) -> None:
    async with opened(services, 100) as page:
        await page.press("k", key)

        assert page.line.message == "step 99"
        assert page.lines_table.following


@pytest.mark.parametrize(
    ("back", "key"), [("pageup", "pagedown"), ("ctrl+b", "ctrl+f"), ("ctrl+u", "ctrl+d")]
)
async def test_pages_move_by_screens(services: Services, back: str, key: str) -> None:
    async with opened(services, 300, size=(100, 24)) as page:
        step = page.lines_table.visible_rows - 1
        await page.press(back)
        up = page.lines_table.cursor
        await page.press(key)

        assert 299 - up == (step // 2 if key == "ctrl+d" else step)
        assert page.lines_table.cursor == 299


async def test_home_goes_to_the_first_line(services: Services) -> None:
    async with opened(services, 500) as page:
        await page.press("home")
        await page.until(lambda: page.shown[:1] == ["step 0"], "the first line is shown")

        assert page.line.message == "step 0"
        assert "line 1 of 500" in page.text()


async def test_g_g_goes_to_the_first_line(services: Services) -> None:
    async with opened(services, 500) as page:
        await page.press("g", "g")

        await page.until(lambda: page.shown[:1] == ["step 0"], "the first line is shown")


@pytest.mark.parametrize("key", ["G", "end"])
async def test_end_goes_to_the_last_line_and_follows(services: Services, key: str) -> None:
    async with opened(services, 500) as page:
        await page.press("home", key)
        await page.until(lambda: page.shown[-1:] == ["step 499"], "the last line is shown")

        assert page.lines_table.following


# Following


async def test_at_the_end_new_lines_move_along(services: Services) -> None:
    async with opened(services, 100, size=(100, 24)) as page:
        write(services, 5, word="new", start=100)
        await page.total(105)

        assert page.line.message == "new 104"
        assert page.shown[-1] == "new 104"
        assert "following" in page.text()


async def test_scrolled_up_the_view_stays_and_new_lines_are_counted(services: Services) -> None:
    async with opened(services, 100, size=(100, 24)) as page:
        await page.press("pageup", "pageup")
        before = page.shown, page.line.message
        write(services, 37, word="new", start=100)
        await page.total(137)

        assert (page.shown, page.line.message) == before
        assert "37 new" in page.text()

        await page.press("G")
        await page.until(lambda: page.shown[-1:] == ["new 136"], "the end")
        assert "37 new" not in page.text()


async def test_space_pauses_and_goes_on(services: Services) -> None:
    async with opened(services, 100, size=(100, 24)) as page:
        await page.press("space")
        write(services, 3, word="new", start=100)
        await page.total(103)
        held = page.line.message, page.lines_table.pending
        await page.press("space")
        await page.until(lambda: page.lines_table.following, "follows")

        assert held == ("step 99", 3)
        assert page.line.message == "new 102"


async def test_wheel_up_pauses_and_wheel_to_the_bottom_follows(services: Services) -> None:
    async with opened(services, 100, size=(100, 24)) as page:
        table = page.lines_table
        for _ in range(20):
            await page.pilot._post_mouse_events([events.MouseScrollUp], table, (5, 5))
        await page.until(lambda: table.first < 60, "scrolled up")
        paused = table.following
        for _ in range(40):
            await page.pilot._post_mouse_events([events.MouseScrollDown], table, (5, 5))

        await page.until(lambda: table.following, "follows")
        assert not paused


async def test_click_on_paused_goes_to_the_end(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("home")
        x = page.lines()[1].index("paused")
        await page.pilot.click("#levels", offset=(x, 0))

        await page.until(lambda: page.lines_table.following, "follows")


async def test_lines_of_a_new_day_follow(services: Services) -> None:
    async with opened(services, 10) as page:
        newer = services.home.logs / "mediadl-2099-01-01.jsonl"
        newer.write_text(
            '{"at":"2099-01-01T00:00:00.000Z","level":"info","module":"x","pid":1,"message":"happy new year"}\n'
        )
        await page.total(11)

        assert page.line.message == "happy new year"


async def test_a_late_line_of_the_day_before_leaves_the_reader_on_his_line(services: Services) -> None:
    older = services.home.logs / "mediadl-2020-01-01.jsonl"
    line = '{"at":"2020-01-01T00:00:00.000Z","level":"info","module":"x","pid":1,"message":"%s"}\n'
    older.write_text("".join(line % f"old {n}" for n in range(50)))
    async with opened(services, 100, size=(100, 24)) as page:
        await page.press("pageup", "pageup")
        await page.pilot.pause()
        before = page.line.message
        with older.open("a") as stream:
            stream.write(line % "late")
        await page.total(151)

        await page.until(lambda: page.line.message == before, "the same line")
        assert before in page.shown
        assert not page.lines_table.following


async def test_lines_of_a_day_that_is_deleted_leave_the_reader_on_his_line(services: Services) -> None:
    older = services.home.logs / "mediadl-2020-01-01.jsonl"
    line = '{"at":"2020-01-01T00:00:00.000Z","level":"info","module":"x","pid":1,"message":"%s"}\n'
    older.write_text("".join(line % f"old {n}" for n in range(50)))
    async with opened(services, 100, size=(100, 24)) as page:
        await page.press("pageup", "pageup")
        await page.pilot.pause()
        before = page.line.message, page.shown
        older.unlink()
        await page.total(100)

        assert (page.line.message, page.shown) == before


async def test_a_flood_keeps_the_view_of_one_who_reads(services: Services) -> None:
    async with opened(services, 300, size=(100, 24)) as page:
        await page.press("home")
        await page.until(lambda: page.shown[:1] == ["step 0"], "the first line")
        for n in range(5):
            write(services, 400, word="flood", start=300 + 400 * n)
            await page.pilot.pause(0.1)
        await page.total(2300)

        assert page.line.message == "step 0"
        assert page.shown[0] == "step 0"


# Filters


async def test_f_walks_through_the_levels_and_back(services: Services) -> None:
    async with opened(services, 100) as page:
        totals = []
        for key in ("f", "f", "f", "f", "F"):
            await page.press(key)
            await page.settled()
            await page.until(
                lambda: page.logs.query_of_lines.level != "debug" or page.lines_table.total == 100, "all"
            )
            totals.append(page.lines_table.total)

    assert totals == [75, 50, 25, 100, 25]


async def test_click_on_a_level_shows_it(services: Services) -> None:
    async with opened(services, 100) as page:
        x = page.lines()[1].index("Errors")
        await page.pilot.click("#levels", offset=(x, 0))

        await page.total(25)
        assert {row.line.level for row in page.lines_table.visible_lines} == {"error"}


@pytest.mark.parametrize(
    ("word", "opens"), [("all modules", "MenuDialog"), ("any time", "MenuDialog"), ("all jobs", "LogsScreen")]
)
async def test_click_on_a_filter_does_what_its_key_does(services: Services, word: str, opens: str) -> None:
    async with opened(services, 100) as page:
        x = page.lines()[2].index(word)
        await page.pilot.click("#log-filters", offset=(x, 0))
        await page.opens(opens)

        assert opens == "MenuDialog" or "about no job" in page.toasts()


async def test_m_shows_one_module_or_a_part_of_the_program(services: Services) -> None:
    async with opened(services, 99) as page:
        await page.press("m")
        await page.opens("MenuDialog")
        menu = page.text()
        # all modules, app, workers, ...
        await page.press("j", "j", "enter")
        await page.total(66)

        assert "workers.runner" in menu
        assert {row.line.module for row in page.lines_table.visible_lines} == {
            "workers.pool",
            "workers.runner",
        }
        assert "[workers]" in page.text()


async def test_b_shows_the_job_of_the_line_and_all_again(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("k", "k", "k", "k")
        assert page.line.job == 7
        await page.press("b")
        await page.total(20)
        assert "job [7]" in page.text()

        await page.press("b")
        await page.total(100)


async def test_b_on_a_line_without_a_job_says_why_not(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("b")

        assert "about no job" in page.toasts()


async def test_shift_b_asks_for_a_number(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("B")
        await page.opens("PromptDialog")
        await page.press(*"x")
        assert "not a number" in page.text()
        await page.press("enter")
        assert page.dialog == "PromptDialog"
        await page.press("backspace", "7", "enter")

        await page.total(20)


async def test_t_shows_a_span_of_time(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("t")
        await page.opens("MenuDialog")
        await page.press("j", "j", "enter")
        await page.until(lambda: "time [1h]" in page.text(), "said so")
        await page.press("t")
        await page.opens("MenuDialog")
        await page.press("k", "k", "k", "enter")
        await page.opens("PromptDialog")
        for _ in range(3):
            await page.press("backspace")
        await page.press(*"2020-01-01..2020-01-02", "enter")

        await page.total(0)
        assert "No line matches" in page.text()


async def test_slash_filters_while_typing_with_a_count_and_esc_restores(services: Services) -> None:
    async with opened(services, 200) as page:
        await page.press("/", *"STEP 19")
        await page.total(11)
        assert "11 of 200" in page.text()
        assert page.line.message == "step 199"

        await page.press("escape")
        await page.total(200)
        assert page.app.focused is page.lines_table


async def test_esc_keeps_the_line_that_was_found(services: Services) -> None:
    async with opened(services, 900, size=(100, 24)) as page:
        await page.press("/", *"step 33", "enter")
        await page.total(11)
        await page.press("home")
        await page.until(lambda: page.line.message == "step 33", "the first match")
        await page.press("escape")
        await page.total(900)

        await page.until(lambda: page.line.message == "step 33", "it is under the cursor")
        assert "step 33" in page.shown
        assert "step 30" in page.shown
        assert not page.lines_table.following


async def test_enter_in_the_filter_gives_the_keys_to_the_list(services: Services) -> None:
    async with opened(services, 50) as page:
        await page.press("/", "4", "enter")

        assert page.app.focused is page.lines_table
        assert page.logs.filter_line.is_open


async def test_esc_goes_back_one_level_at_a_time_and_never_quits(services: Services) -> None:
    async with opened(services, 100) as page:
        page.logs.action_show_level("info")
        page.logs._take_span("24h")
        await page.settled()
        await page.press("k", "k", "b")
        await page.press("/", "s", "enter")
        steps = []
        for _ in range(6):
            await page.press("escape")
            query = page.logs.query_of_lines
            steps.append((query.text, query.job, bool(query.since), query.level))

        assert steps[0][0] == ""
        assert steps[-1] == ("", None, False, "debug")
        assert page.app.is_running
        assert page.dialog == "LogsScreen"
