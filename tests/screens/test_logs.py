"""The Logs screen: every key and click with its effect."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from textual import events

from mediadl import logs
from mediadl.logs import LogWriter
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.logs_dialogs import LogLineDialog
from mediadl.service import Services
from terminal import scene
from terminal.logs_page import LogsPage, opened, write


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
        await page.pilot.click("#levels", offset=(x - 1, 0))

        await page.until(lambda: page.lines_table.following, "follows")


async def test_lines_of_a_new_day_follow(services: Services) -> None:
    async with opened(services, 10) as page:
        newer = services.home.logs / "mediadl-2099-01-01.jsonl"
        newer.write_text(
            '{"at":"2099-01-01T00:00:00.000Z","level":"info","module":"x","pid":1,"message":"happy new year"}\n'
        )
        await page.total(11)

        assert page.line.message == "happy new year"


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
        await page.pilot.click("#levels", offset=(x - 1, 0))

        await page.total(25)
        assert {row.line.level for row in page.lines_table.visible_lines} == {"error"}


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


# The line


async def test_enter_opens_the_whole_line_and_y_copies_it(services: Services) -> None:
    LogWriter(services.home.logs).write("error", "app", "first\nsecond\n  third", 7)
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("LogLineDialog")
        text = page.text()
        await page.press("y")
        copied = page.app.clipboard
        await page.press("escape")

        assert "second" in text
        assert "  third" in text
        assert "job 7" in text
        assert copied.endswith("ERROR app job 7: first\nsecond\n  third")
        assert page.dialog == "LogsScreen"


@pytest.mark.parametrize("key", ["j", "k", "pagedown", "pageup", "space"])
async def test_a_long_line_scrolls_in_its_dialog(services: Services, key: str) -> None:
    LogWriter(services.home.logs).write("error", "app", "\n".join(f"frame {n}" for n in range(200)))
    async with opened(services, size=(80, 24)) as page:
        await page.press("enter")
        await page.opens("LogLineDialog")
        dialog = page.app.screen
        assert isinstance(dialog, LogLineDialog)
        await page.press("pagedown")
        before = dialog._text.scroll_offset.y
        await page.press(key)

        assert (dialog._text.scroll_offset.y > before) == (key in {"j", "pagedown", "space"})


async def test_a_message_of_several_lines_shows_its_first_and_how_many_more(services: Services) -> None:
    LogWriter(services.home.logs).write("error", "app", "first\nsecond\nthird")
    async with opened(services) as page:
        line = next(line for line in page.lines() if "first" in line)

        assert "first +2" in line
        assert "second" not in page.text()


async def test_y_copies_the_whole_line(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("y")

        assert page.app.clipboard.endswith("INFO app: step 9")
        assert "Copied" in page.toasts()


async def test_double_click_opens_the_line(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.pilot.click(page.lines_table, offset=(20, 4), times=2)

        await page.opens("LogLineDialog")


async def test_right_click_offers_what_can_be_done(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.pilot.click(page.lines_table, offset=(20, 4), button=3)
        await page.opens("MenuDialog")

        assert "Copy line" in page.text()


async def test_o_opens_the_job_of_the_line(services: Services) -> None:
    (job_id,) = scene.write(services, [scene.Part("Old film", "https://films.example/1", "generic")])
    LogWriter(services.home.logs).write("info", "app", "about it", job_id)
    async with opened(services) as page:
        await page.press("o")
        await page.opens("DetailsDialog")
        await page.until(lambda: "Old film" in page.text(), "the job")
        await page.press("escape")

        assert page.dialog == "LogsScreen"


async def test_o_in_the_dialog_opens_the_job(services: Services) -> None:
    (job_id,) = scene.write(services, [scene.Part("Old film", "https://films.example/1", "generic")])
    LogWriter(services.home.logs).write("info", "app", "about it", job_id)
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("LogLineDialog")
        await page.press("o")

        await page.opens("DetailsDialog")


async def test_o_for_a_job_that_is_gone_says_so(services: Services) -> None:
    LogWriter(services.home.logs).write("info", "app", "about it", 999)
    async with opened(services) as page:
        await page.press("o")

        await page.until(lambda: "Not found" in page.toasts(), "the toast")


async def test_w_shows_the_line_in_full_below_the_list(services: Services) -> None:
    LogWriter(services.home.logs).write("info", "app", "word " * 60 + "finally")
    async with opened(services, size=(80, 24)) as page:
        before = page.text()
        await page.press("w")
        await page.until(lambda: "finally" in page.text(), "the whole line")
        await page.press("w")

        assert "finally" not in before
        await page.until(lambda: "finally" not in page.text(), "hidden again")


async def test_arrows_move_long_messages_sideways(services: Services) -> None:
    LogWriter(services.home.logs).write(
        "info", "app", "begin " + "x" * 60 + " middle " + "y" * 60 + " the end"
    )
    async with opened(services, size=(80, 24)) as page:
        for _ in range(6):
            await page.press("right")
        there = page.text()
        for _ in range(9):
            await page.press("left")

        assert "the end" in there
        assert "begin" in page.text()


async def test_a_match_beyond_the_edge_comes_into_view(services: Services) -> None:
    LogWriter(services.home.logs).write("info", "app", "x " * 200 + "needle in hay")
    async with opened(services, size=(80, 24)) as page:
        await page.press("/", *"needle")

        await page.until(lambda: "needle in hay" in page.text(), "the match")


# The log


async def test_e_exports_what_is_filtered_and_never_overwrites(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("f", "f", "f")
        await page.total(25)
        await page.press("e")
        await page.opens("PromptDialog")
        await page.press("enter")
        await page.until(lambda: "Exported" in page.toasts(), "exported")
        (path,) = Path.home().glob("mediadl-log-*.jsonl")
        records = [json.loads(line) for line in path.read_text().splitlines()]

        assert len(records) == 25
        assert {record["level"] for record in records} == {"error"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

        page.logs._export(page.logs.query_of_lines, path)
        await page.until(lambda: "exists already" in page.toasts(), "refused")


async def test_esc_in_the_export_writes_nothing(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("e")
        await page.opens("PromptDialog")
        await page.press("escape")

        assert page.dialog == "LogsScreen"
        assert list(Path.home().glob("mediadl-log-*")) == []


@pytest.mark.parametrize("key", ["c", "d", "delete"])
async def test_clear_asks_with_numbers_and_empties_the_log(services: Services, key: str) -> None:
    async with opened(services, 100) as page:
        await page.press(key)
        await page.opens("ConfirmDialog")
        question = page.text()
        await page.press("enter")
        await page.until(lambda: "The log is empty" in page.text(), "empty")

        assert "100 lines in 1 file" in question
        assert logs.files(services.home.logs) == []


async def test_clear_with_esc_keeps_everything(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("c")
        await page.opens("ConfirmDialog")
        await page.press("escape")

        assert page.lines_table.total == 100
        assert len(logs.files(services.home.logs)) == 1


async def test_lines_after_clearing_appear(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("k")
        logs.clear(services.home.logs)
        await page.until(lambda: "The log is empty" in page.text(), "empty")
        write(services, 3, word="fresh")
        await page.total(3)

        assert "fresh 2" in page.text()


# Around it


async def test_hostile_lines_change_nothing_but_their_own_text(services: Services) -> None:
    path = services.home.logs / "mediadl-2026-05-17.jsonl"
    evil = "[@click=app.quit]x[/] \x1b]52;c;aGk=\x07 \u202eabc \x9b31m"
    path.write_text(
        json.dumps({"at": "2026-05-17T12:00:00Z", "level": evil, "module": evil, "message": evil, "pid": 1})
        + "\n"
    )
    async with opened(services, size=(160, 50)) as page:
        listed = page.text()
        await page.press("w", "m")
        await page.opens("MenuDialog")
        await page.press("escape", "enter")
        await page.opens("LogLineDialog")
        text = listed + page.text()
        await page.press("y")

        assert "[@click=app.quit]x[/]" in text
        for char in ("\x1b", "\x07", "\u202e", "\x9b"):
            assert char not in text
            assert char not in page.app.clipboard


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50)])
async def test_it_is_usable_at_every_size(services: Services, size: tuple[int, int]) -> None:
    async with opened(services, 100, size=size) as page:
        lines = page.lines()

        assert any("step 99" in line for line in lines)
        assert any("error" in line for line in lines)
        assert "[All 100]" in lines[1]
        assert len(lines) == size[1]
        assert "Help" in lines[-1]


async def test_the_view_is_remembered(services: Services) -> None:
    async with opened(services, 100) as page:
        await page.press("f", "f", "w")
        page.logs._take_span("24h")
        state = page.logs.view_state()
        fresh = type(page.logs)(services)
        fresh.restore(json.loads(json.dumps(state)))

        assert fresh.view_state() == state
        assert fresh.query_of_lines.level == "warning"


async def test_nonsense_in_the_remembered_view_is_left_out(services: Services) -> None:
    async with opened(services) as page:
        fresh = type(page.logs)(services)
        fresh.restore({"level": 5, "module": [], "job": True, "words": None, "time": "soon", "whole": "yes"})

        assert fresh.view_state() == {
            "level": "debug", "module": "", "job": None, "words": "", "time": "", "whole": False,
        }  # fmt: skip


async def test_in_the_background_it_rests_and_catches_up(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("2")
        await page.until(lambda: page.dialog == "QueueScreen", "the queue")
        write(services, 5, word="new", start=10)
        await page.press("5")
        await page.until(lambda: page.dialog == "LogsScreen", "the log")
        await page.total(15)

        assert page.line.message == "new 14"


async def test_every_key_of_the_screen_is_tried_here() -> None:
    source = Path(__file__).read_text()
    keys = {key for action in actions_of(Scope.LOGS, Scope.LOG_LINE, Scope.PROMPT) for key in action.keys}

    assert {key for key in keys if f'"{key}"' not in source} == set()


async def test_q_closes_the_dialog_of_a_line(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("enter")
        await page.opens("LogLineDialog")
        await page.press("q")

        assert isinstance(page, LogsPage)
        assert page.dialog == "LogsScreen"
