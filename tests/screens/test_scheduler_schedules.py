"""Schedules on the Scheduler: what a row and the pane say, every key, and how they are taken back."""

from __future__ import annotations

import time
from functools import partial

import pytest

from mediadl.errors import NotFound
from mediadl.models import JobStatus
from mediadl.models.plans import PlanKind
from mediadl.models.schedules import RunKind, RunState, Schedule
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dialogs.schedule import ScheduleDialog
from mediadl.service import Services
from terminal import hostile, plans
from terminal.scheduler_page import HOUR, Scheduler, plan, scheduler

NIGHTLY = plans.EVERYDAY[0]
GAP = plans.EVERYDAY[1]
FORUM = plans.EVERYDAY[2]
OFF = plans.EVERYDAY[4]


def keep(services: Services, *parts: plans.Told) -> list[int]:
    """Schedules that are not due for months, in this order."""
    return plans.write(services, plans.far(time.time(), parts), now=time.time())


def kept(services: Services, schedule_id: int) -> Schedule | None:
    try:
        return services.schedules.get(schedule_id)
    except NotFound:
        return None


def shown(page: Scheduler, kind: PlanKind) -> bool:
    """Whether rows of this kind are there."""
    return page.screen._query.kind is kind and bool(page.table.loaded_rows)


async def on(page: Scheduler, schedule_id: int) -> None:
    """Put the cursor on a schedule and wait until everything about it is read."""
    rows = page.table.loaded_rows
    page.table.move(next(n for n, row in enumerate(rows) if row.key == -schedule_id))
    await page.until(
        lambda: page.screen._facts is not None and page.screen._facts.plan.schedule.id == schedule_id,
        "the facts",
    )
    await page.pilot.pause()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50), (200, 60)])
async def test_a_schedule_says_how_it_stands_when_it_runs_and_what_came(
    services: Services, size: tuple[int, int]
) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services, size) as page:
        await on(page, schedule_id)
        text = page.text()

        assert "↻ On ▲" in text
        assert "Friends' posts" in text
        assert "✓ harbour_sketches" in text or "✓ OK      harbour_sketches" in text
        assert "1 source cannot be read" in text
        assert "3 new" in text
        assert "Next" in text
        assert all(len(line) == size[0] for line in page.lines())


async def test_the_states_of_schedules_have_a_sign_and_a_word(services: Services) -> None:
    keep(services, *plans.EVERYDAY)
    plan(services, 1)
    async with scheduler(services) as page:
        text = page.text()

        for said in (
            "↻ On",
            "▶ Running",
            "‖ Off",
            "◷ Scheduled",
            "▲ 15 found, 3 new, 1 failed",
            "✗ failed: HTTP",
        ):
            assert said in text, said


async def test_tabs_say_how_many_there_are_of_each_kind_and_f_walks_through_them(services: Services) -> None:
    keep(services, *plans.EVERYDAY)
    plan(services, 1)
    async with scheduler(services) as page:
        await page.until(lambda: "▲ Trouble 3" in page.text(), "the numbers")
        assert "[All 6]" in page.text()
        assert "4 of 5 on" in page.text()

        found = {}
        for kind in (PlanKind.SCHEDULES, PlanKind.ONCE, PlanKind.TROUBLE, PlanKind.OFF, PlanKind.ALL):
            await page.press("f")
            await page.until(partial(shown, page, kind), kind.value)
            found[kind] = {row.title for row in page.table.loaded_rows}
        await page.press("F")
        assert page.screen._query.kind is PlanKind.OFF

        assert found[PlanKind.SCHEDULES] == {told.name for told in plans.EVERYDAY}
        assert found[PlanKind.ONCE] == {"0"}
        assert found[PlanKind.TROUBLE] == {NIGHTLY.name, GAP.name, FORUM.name}
        assert found[PlanKind.OFF] == {OFF.name}
        assert len(found[PlanKind.ALL]) == 6


async def test_a_tab_can_be_clicked(services: Services) -> None:
    keep(services, *plans.EVERYDAY)
    async with scheduler(services) as page:
        await page.until(lambda: "Trouble 3" in page.text(), "the numbers")
        await page.pilot.click("#kinds", offset=(page.lines()[1].index("Trouble") - 1, 0))
        await page.until(lambda: page.table.total == 3, "those in trouble")


async def test_words_find_names_and_sources(services: Services) -> None:
    keep(services, *plans.EVERYDAY)
    async with scheduler(services) as page:
        await page.press("/", *"mountain.huts")
        await page.until(lambda: page.table.total == 1, "by its source")
        assert page.table.loaded_rows[0].title == NIGHTLY.name
        await page.press("escape")
        await page.until(lambda: page.table.total == 5, "all")
        await page.press("/", *"xyz")
        await page.until(lambda: "Nothing here has that." in page.text(), "nothing")
        await page.press("escape")
        await page.until(lambda: page.table.total == 5, "all again")


async def test_p_switches_off_and_on_and_u_takes_it_back(services: Services) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("p")
        await page.until(lambda: not services.schedules.get(schedule_id).enabled, "off")
        await page.until(lambda: "‖ Off" in page.text(), "the row says so")
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: services.schedules.get(schedule_id).enabled, "on")
        await page.until(lambda: "↻ On" in page.text(), "the row says so")


async def test_p_on_marked_rows_goes_for_schedules_and_jobs(services: Services) -> None:
    schedules = keep(services, NIGHTLY, GAP)
    (job_id,) = plan(services, 5)
    async with scheduler(services) as page:
        await page.press("asterisk")
        await page.until(lambda: len(page.table.marks) == 3, "marks")
        await page.press("p")
        await page.until(
            lambda: not any(services.schedules.get(one).enabled for one in schedules), "both off"
        )
        await page.until(lambda: page.job(job_id).status is JobStatus.PAUSED, "held")


async def test_everything_is_held_and_let_go_on_with_one_key_each(services: Services) -> None:
    on_id, off_id = keep(services, NIGHTLY, OFF)
    (job_id,) = plan(services, 5)
    async with scheduler(services) as page:
        await page.until(lambda: "1 of 2 on" in page.text(), "the numbers")
        await page.press("P")
        await page.until(lambda: not services.schedules.get(on_id).enabled, "off")
        await page.until(lambda: page.job(job_id).status is JobStatus.PAUSED, "held")
        await page.until(lambda: "Paused 1 schedule and 1 job" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: services.schedules.get(on_id).enabled, "on")
        await page.until(lambda: page.job(job_id).status is JobStatus.SCHEDULED, "let go")

        assert not services.schedules.get(off_id).enabled
        await page.press("O")
        await page.until(lambda: services.schedules.get(off_id).enabled, "that one too")


async def test_r_starts_a_run_whatever_the_rule_says(services: Services) -> None:
    (schedule_id,) = keep(services, FORUM)
    async with scheduler(services) as page:
        await page.press("r")
        await page.until(lambda: services.schedules.history(schedule_id)[0].kind is RunKind.MANUAL, "a run")
        await page.until(lambda: "▶ Running" in page.text(), "the row says so")
        assert "job in the Queue" in page.toasts()


async def test_a_second_run_beside_the_first_is_refused_in_plain_words(services: Services) -> None:
    keep(services, plans.EVERYDAY[3])
    async with scheduler(services) as page:
        await page.press("r")
        await page.until(lambda: "at work already" in page.toasts(), "the refusal")


async def test_b_fills_a_gap_that_is_shown(services: Services) -> None:
    (schedule_id,) = keep(services, GAP)
    async with scheduler(services) as page:
        await on(page, schedule_id)
        assert "Posts may be missing; b fills the gap." in page.text()
        assert "b Fill gap" in page.lines()[-1]

        await page.press("b")
        await page.until(lambda: services.schedules.history(schedule_id)[0].kind is RunKind.GAP, "a run")


async def test_without_a_gap_nothing_is_filled(services: Services) -> None:
    keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("b")
        assert "Nothing is known to be missing." in page.toasts()


async def test_d_makes_another_one_that_is_off(services: Services) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("D")
        await page.until(lambda: page.table.total == 2, "a second row")
        await page.until(lambda: page.key not in {None, -schedule_id}, "the cursor on it")

        made = services.schedules.get(-(page.key or 0))
        assert made.name == "Friends' posts 2"
        assert not made.enabled
        assert made.spec["sources"] == services.schedules.get(schedule_id).spec["sources"]


async def test_d_removes_after_one_question_and_u_brings_it_back(services: Services) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("d")
        await page.opens("ConfirmDialog")
        assert "Remove this schedule?" in page.text()
        assert "The history of its runs goes with it" in page.text()
        await page.press("enter")
        await page.until(lambda: kept(services, schedule_id) is None, "gone")
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: page.table.total == 1, "back")

        assert services.schedules.get(NIGHTLY.name).enabled


async def test_a_no_keeps_it(services: Services) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("delete")
        await page.opens("ConfirmDialog")
        await page.press("n")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
        assert kept(services, schedule_id) is not None


async def test_what_goes_for_jobs_only_says_so_and_the_other_way_round(services: Services) -> None:
    keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("t")
        assert "A schedule has a rule: e changes it." in page.toasts()
    plan(services, 0.5)
    async with scheduler(services) as page:
        for key in ("e", "D", "b", "w"):
            page.app.clear_notifications()
            await page.press(key)
            assert "a job that starts once" in page.toasts(), key


async def test_y_copies_the_sources(services: Services) -> None:
    keep(services, GAP)
    async with scheduler(services) as page:
        await page.press("y")
        assert page.app.clipboard == "tiktok:@tiny.kiln"


async def test_enter_opens_its_runs_and_sources(services: Services) -> None:
    keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("enter")
        await page.opens("ScheduleDialog")
        await page.until(lambda: "[Runs 21]" in page.text(), "its runs")
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")


async def test_n_and_e_open_the_editor(services: Services) -> None:
    keep(services, NIGHTLY)
    async with scheduler(services) as page:
        await page.press("e")
        await page.opens("ScheduleEditor")
        assert "Friends' posts" in page.text()
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
        await page.press("n")
        await page.opens("SourcesDialog")


async def test_a_night_in_which_the_clock_changes_is_marked(services: Services) -> None:
    from mediadl.models.plans import NextRun, PlanFacts
    from mediadl.widgets.plan_columns import of_plan
    from mediadl.widgets.plan_pane import plan as said

    keep(services, NIGHTLY)
    found = services.plans.first()
    assert found is not None
    assert not hasattr(found, "url")
    now = time.time()
    runs = (NextRun(now + HOUR, "", "the clock goes back this night"),)
    facts = PlanFacts(found, runs, (), 0, None, None, ())

    for height in (6, 30):
        assert "▲ the clock goes back this night" in str(said(of_plan(found), facts, now, 90, height))


async def test_what_another_program_does_is_seen(services: Services) -> None:
    (schedule_id,) = keep(services, NIGHTLY)
    async with scheduler(services) as page:
        services.schedules.disable([schedule_id])
        await page.until(lambda: "‖ Off" in page.text(), "off")
        services.schedules.remove([schedule_id])
        await page.until(lambda: "Nothing is scheduled." in page.text(), "gone")


@pytest.mark.parametrize("size", [(60, 20), (160, 50)])
async def test_hostile_names_and_errors_are_only_text(services: Services, size: tuple[int, int]) -> None:
    for n, text in enumerate(text for name, text in hostile.HOSTILE.items() if name != "surrogate"):
        failed = (RunState.FAILED, 0, 0, 0, text)
        told = plans.Told(f"{n}", ("tiktok:@slowbread",), {"cron": "0 3 1 1 *"}, (failed,), (("gone", text),))
        (schedule_id,) = plans.write(services, [told], now=time.time())
        with services.store.write() as tx:
            named = ("[@click=app.leave]x[/]" + text, text, schedule_id)
            tx.execute("UPDATE schedules SET name = ?, note = ? WHERE id = ?", (f"{n}{named[0]}", *named[1:]))
            tx.execute("UPDATE sources SET name = ?", (text,))
    async with scheduler(services, size) as page:
        for _ in range(page.table.total):
            await page.press("j")
            hostile.assert_harmless(page.lines(), size[0])
        await page.press("enter")
        await page.opens("ScheduleDialog")
        hostile.assert_harmless(page.lines(), size[0])
        await page.press("tab")
        hostile.assert_harmless(page.lines(), size[0])
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
        await page.press("e")
        await page.opens("ScheduleEditor")
        hostile.assert_harmless(page.lines(), size[0])


def test_every_action_of_a_schedule_has_a_method() -> None:
    for action in actions_of(Scope.SCHEDULE):
        assert callable(getattr(ScheduleDialog, f"action_{action.name}"))
