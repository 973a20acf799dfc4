"""What can be done to a line and to the log, and how the Logs screen behaves around it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from mediadl import logs
from mediadl.logs import LogWriter
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.logs_dialogs import LogLineDialog
from mediadl.service import Services
from terminal import scene
from terminal.logs_page import LogsPage, opened, write

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


@pytest.mark.parametrize(("right", "left"), [("right", "left"), ("l", "h")])
async def test_arrows_move_long_messages_sideways(services: Services, right: str, left: str) -> None:
    LogWriter(services.home.logs).write(
        "info", "app", "begin " + "x" * 60 + " middle " + "y" * 60 + " the end"
    )
    async with opened(services, size=(80, 24)) as page:
        for _ in range(6):
            await page.press(right)
        there = page.text()
        for _ in range(9):
            await page.press(left)

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
    here = Path(__file__)
    source = here.read_text() + here.with_name("test_logs.py").read_text()
    keys = {key for action in actions_of(Scope.LOGS, Scope.LOG_LINE, Scope.PROMPT) for key in action.keys}

    assert {key for key in keys if f'"{key}"' not in source} == set()


async def test_q_closes_the_dialog_of_a_line(services: Services) -> None:
    async with opened(services, 10) as page:
        await page.press("enter")
        await page.opens("LogLineDialog")
        await page.press("q")

        assert isinstance(page, LogsPage)
        assert page.dialog == "LogsScreen"
