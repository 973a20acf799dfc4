"""The Scheduler: its list, every key and click, the days to come, and the dialog that asks for a time."""

from __future__ import annotations

import time

import pytest

from mediadl.models import JobStatus
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dialogs.moment import MomentDialog
from mediadl.screens.scheduler import SchedulerScreen
from mediadl.service import Services
from terminal.scheduler_page import HOUR, plan, scheduler


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50)])
async def test_the_list_says_what_starts_when_the_next_one_first(
    services: Services, size: tuple[int, int]
) -> None:
    late, soon = plan(services, 50, 3)
    services.queue.add(["https://files.example/now.jpg"])
    async with scheduler(services, size) as page:
        text = page.text()

        assert [row.key for row in page.table.loaded_rows] == [soon, late]
        assert "◷ Scheduled" in text
        assert "in 3 h" in text
        assert "in 2 days" in text
        assert "1.jpg" in text
        assert "Starts " in text
        assert "Next 24 h" in text
        assert all(len(line) == size[0] for line in page.lines())


async def test_a_window_that_is_low_keeps_the_list(services: Services) -> None:
    plan(services, 1)
    async with scheduler(services, (40, 12)) as page:
        assert "◷ Scheduled" in page.text()
        assert "Starts" not in page.text()


async def test_an_empty_list_says_what_to_do(services: Services) -> None:
    async with scheduler(services, (60, 20)) as page:
        assert "Nothing is scheduled." in page.text()
        assert "Change time" not in page.lines()[-1]

        for key in ("enter", "t", "r", "p", "d", "y", "space", "v", "asterisk"):
            page.app.clear_notifications()
            await page.press(key)
            assert "Nothing is scheduled." in page.toasts(), key

        plan(services, 1)
        await page.until(lambda: "◷ Scheduled" in page.text(), "the first row")


async def test_the_day_to_come_says_how_much_starts(services: Services) -> None:
    plan(services, 0.1, 5, 5.1, 30)
    async with scheduler(services) as page:
        await page.until(lambda: "3 starts" in page.text(), "the strip of the day")


async def test_t_changes_the_time_and_u_takes_it_back(services: Services) -> None:
    (job_id,) = plan(services, 5)
    before = services.queue.get(job_id).not_before
    async with scheduler(services) as page:
        await page.press("t")
        await page.opens("MomentDialog")
        await page.press(*"+2h")
        await page.until(lambda: "✓" in page.text(), "the moment")
        await page.press("enter")
        await page.until(lambda: page.job(job_id).not_before != before, "another time")

        assert page.job(job_id).not_before == pytest.approx(time.time() + 2 * HOUR, abs=60)
        assert page.job(job_id).status is JobStatus.SCHEDULED

        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: page.job(job_id).not_before == before, "the former time")


async def test_a_word_that_is_no_time_is_refused_while_typing(services: Services) -> None:
    (job_id,) = plan(services, 5)
    before = services.queue.get(job_id).not_before
    async with scheduler(services, (60, 20)) as page:
        await page.press("t")
        await page.opens("MomentDialog")
        assert "tomorrow 8:00" in page.text()

        await page.press(*"soon", "enter")

        assert "not a time" in page.text()
        assert page.dialog == "MomentDialog"
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
        assert page.job(job_id).not_before == before


async def test_the_dialogs_keys_can_be_clicked(services: Services) -> None:
    plan(services, 5)
    async with scheduler(services) as page:
        await page.press("t")
        await page.opens("MomentDialog")
        lines = page.lines()
        y = next(n for n, line in enumerate(lines) if "Esc Close" in line)
        await page.pilot.click(offset=(lines[y].index("Esc Close") + 1, y))
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")


async def test_r_starts_it_now_and_u_takes_it_back(services: Services) -> None:
    (job_id,) = plan(services, 5)
    async with scheduler(services) as page:
        await page.press("r")
        await page.until(lambda: page.job(job_id).status is JobStatus.PENDING, "pending")
        await page.until(lambda: "Nothing is scheduled" in page.text(), "gone from the list")
        await page.press("u")
        await page.until(lambda: page.job(job_id).status is JobStatus.SCHEDULED, "scheduled again")


async def test_r_starts_a_held_one_too(services: Services) -> None:
    (job_id,) = plan(services, 5)
    services.queue.pause([job_id])
    async with scheduler(services) as page:
        assert "‖ Paused" in page.text()
        assert "held" in page.text()
        await page.press("r")
        await page.until(lambda: page.job(job_id).status is JobStatus.PENDING, "pending")


async def test_p_holds_and_lets_go_with_the_time_kept(services: Services) -> None:
    (job_id,) = plan(services, 5)
    at = services.queue.get(job_id).not_before
    async with scheduler(services) as page:
        await page.press("p")
        await page.until(lambda: page.job(job_id).status is JobStatus.PAUSED, "held")
        await page.until(lambda: "‖ Paused" in page.text(), "the row says so")
        await page.press("p")
        await page.until(lambda: page.job(job_id).status is JobStatus.SCHEDULED, "let go")

        assert page.job(job_id).not_before == at


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_d_removes_after_one_question_and_u_brings_it_back(services: Services, key: str) -> None:
    (job_id,) = plan(services, 5)
    async with scheduler(services) as page:
        await page.press(key)
        await page.opens("ConfirmDialog")
        assert "Remove this job?" in page.text()
        await page.press("enter")
        await page.until(lambda: not services.queue.get_many([job_id]), "gone")
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: bool(services.queue.get_many([job_id])), "back")


async def test_a_no_removes_nothing(services: Services) -> None:
    (job_id,) = plan(services, 5)
    async with scheduler(services) as page:
        await page.press("d")
        await page.opens("ConfirmDialog")
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")

        assert page.job(job_id).status is JobStatus.SCHEDULED


async def test_marked_rows_get_one_time_together(services: Services) -> None:
    ids = plan(services, 1, 2, 3)
    async with scheduler(services) as page:
        await page.press("space", "space")
        assert page.table.marks == set(ids[:2])
        assert "2 marked" in page.lines()[-1]

        await page.press("t")
        await page.opens("MomentDialog")
        assert "2 jobs" in page.text()
        await page.press(*"+9h", "enter")
        await page.until(lambda: page.job(ids[0]).not_before == page.job(ids[1]).not_before, "one time")

        assert page.job(ids[2]).not_before == pytest.approx(time.time() + 3 * HOUR, abs=60)


async def test_a_range_and_everything_can_be_marked(services: Services) -> None:
    ids = plan(services, 1, 2, 3, 4)
    async with scheduler(services) as page:
        await page.press("v", "j", "j")
        assert "range of 3" in page.lines()[-1]
        await page.press("v")
        await page.until(lambda: page.table.marks == set(ids[:3]), "the range")
        await page.press("asterisk")
        assert page.table.marks == set()
        await page.press("asterisk")
        await page.until(lambda: page.table.marks == set(ids), "everything")
        await page.press("escape")
        assert page.table.marks == set()
        await page.press("v", "escape")
        assert not page.table.range_active


async def test_an_open_range_is_what_a_verb_works_on(services: Services) -> None:
    ids = plan(services, 1, 2, 3)
    async with scheduler(services) as page:
        await page.press("v", "j", "r")
        await page.until(lambda: page.job(ids[1]).status is JobStatus.PENDING, "started")

        assert [page.job(job_id).status for job_id in ids] == [
            JobStatus.PENDING, JobStatus.PENDING, JobStatus.SCHEDULED,
        ]  # fmt: skip


async def test_marks_of_what_started_elsewhere_go(services: Services) -> None:
    ids = plan(services, 1, 2)
    async with scheduler(services) as page:
        await page.press("asterisk")
        await page.until(lambda: page.table.marks == set(ids), "marked")
        services.queue.start_now(ids[:1])
        services.queue.remove(ids[1:])
        await page.until(lambda: not page.table.marks, "no mark is left")


async def test_enter_and_double_click_open_the_details(services: Services) -> None:
    plan(services, 1, 2)
    async with scheduler(services) as page:
        await page.press("enter")
        await page.opens("DetailsDialog")
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
        await page.pilot.click(page.table, offset=(20, 2), times=2)
        await page.opens("DetailsDialog")


async def test_a_right_click_offers_what_can_be_done(services: Services) -> None:
    plan(services, 1)
    async with scheduler(services) as page:
        await page.pilot.click(page.table, offset=(20, 1), button=3)
        await page.opens("MenuDialog")

        assert "Run now" in page.text()
        await page.press("escape")


async def test_a_adds_and_y_copies(services: Services) -> None:
    plan(services, 1)
    async with scheduler(services) as page:
        await page.press("y")
        assert page.app.clipboard == "https://files.example/0.jpg"
        await page.press("a")
        await page.opens("AddDialog")


async def test_the_list_is_walked_through(services: Services) -> None:
    plan(services, *range(1, 31))
    async with scheduler(services, (80, 24)) as page:
        at = []
        for key in (
            "j",
            "down",
            "k",
            "up",
            "G",
            "home",
            "end",
            "home",
            "pagedown",
            "pageup",
            "ctrl+d",
            "ctrl+u",
        ):
            await page.press(key)
            at.append(page.table.cursor)
        assert at[:8] == [1, 2, 1, 0, 29, 0, 29, 0]
        assert at[8] > at[10] > 0
        assert at[9] == at[11] == 0


async def test_the_row_is_there_again_at_the_next_start(services: Services) -> None:
    ids = plan(services, 1, 2, 3)
    async with scheduler(services) as page:
        await page.press("j", "j")
        state = page.screen.view_state()
    assert state == {"kind": "all", "words": "", "row": ids[2]}

    async with scheduler(services) as page:
        await page.until(lambda: page.key == ids[2], "the row")


async def test_words_and_kind_are_there_again_at_the_next_start(services: Services) -> None:
    plan(services, 1, 2, 3)
    async with scheduler(services) as page:
        await page.until(lambda: "Once 3" in page.text(), "the numbers")
        await page.press("f")
        await page.until(lambda: "[Once 3]" in page.text(), "the next kind")
        await page.press("/", *"2.jpg")
        await page.until(lambda: page.table.total == 1, "one row")
        await page.press("enter")

    async with scheduler(services) as page:
        await page.until(lambda: "1 of 3" in page.text(), "the words")
        assert [row.title for row in page.table.loaded_rows] == ["2"]
        await page.press("escape")
        await page.until(lambda: page.table.total == 3, "everything of the kind")
        await page.press("escape")
        await page.until(lambda: "[All 3]" in page.text(), "everything")
        await page.press("escape")
        assert page.dialog == "SchedulerScreen"


async def test_the_cursor_stays_on_its_row_when_another_comes_before_it(services: Services) -> None:
    ids = plan(services, 5, 6)
    async with scheduler(services) as page:
        await page.press("j")
        plan(services, 1)
        await page.until(lambda: page.table.total == 3, "a new row")

        assert page.key == ids[1]


@pytest.mark.parametrize("scope", [Scope.SCHEDULER, Scope.TIME])
def test_every_action_has_a_method(scope: Scope) -> None:
    owner = SchedulerScreen if scope is Scope.SCHEDULER else MomentDialog
    for action in actions_of(scope):
        assert callable(getattr(owner, f"action_{action.name}"))
