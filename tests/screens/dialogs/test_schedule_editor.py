"""The editor of a schedule: the form, what it comes to, keeping, the guard; and the dialogs it opens."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events

from mediadl.models.schedules import Schedule
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dialogs.schedule_editor import ScheduleEditor
from mediadl.service import Services, schedule_form
from mediadl.settings.schedule import ScheduleSpec
from terminal import plans
from terminal.scheduler_page import Scheduler, scheduler

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]


class Editor(Scheduler):
    """The editor in front."""

    @property
    def editor(self) -> ScheduleEditor:
        return next(one for one in self.app.screen_stack if isinstance(one, ScheduleEditor))

    @property
    def cursor(self) -> str:
        return self.editor.form.fields.cursor

    def value(self, name: str) -> object:
        return self.editor.draft.values[name]

    async def on(self, name: str) -> None:
        """Put the cursor on a field."""
        self.editor.form.fields.move_to(name)
        await self.pilot.pause()

    async def types(self, name: str, text: str) -> None:
        """Change a field by typing."""
        await self.on(name)
        await self.press("enter")
        self.editor.form.editor.value = text
        await self.press("enter")


@asynccontextmanager
async def editing(
    services: Services, part: int = 0, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Editor, Schedule]]:
    """A schedule of the scene in the editor."""
    now = time.time()
    (schedule_id,) = plans.write(services, plans.far(now, plans.EVERYDAY[part : part + 1]), now=now)
    async with scheduler(services, size) as page:
        editor = Editor(page.app, page.pilot)
        await editor.press("e")
        await editor.opens("ScheduleEditor")
        await editor.until(lambda: editor.editor.draft.foreseen is not None, "what it comes to")
        await editor.pilot.pause()
        yield editor, services.schedules.get(schedule_id)


@asynccontextmanager
async def making(services: Services, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Editor]:
    """A new schedule, its sources asked for."""
    async with scheduler(services, size) as page:
        editor = Editor(page.app, page.pilot)
        await editor.press("n")
        await editor.opens("SourcesDialog")
        yield editor


@pytest.mark.parametrize("size", SIZES)
async def test_the_form_shows_what_is_told_and_when_it_would_run(
    services: Services, size: tuple[int, int]
) -> None:
    async with editing(services, 0, size) as (page, _):
        text = page.text()

        assert "Friends' posts" in text
        assert "3 sources: instagram:har" in text
        assert "✓ as it is kept" in text
        assert "Next " in text or "in 1" in text
        assert all(len(line) == size[0] for line in page.lines())


async def test_every_field_of_a_schedule_has_its_place(services: Services) -> None:
    placed = {name for _, _, names in schedule_form.GROUPS for name in names} | set(schedule_form.RULE_FIELDS)

    assert placed - {schedule_form.RULE} == set(ScheduleSpec.model_fields)
    async with editing(services) as (page, _):
        shown = set(page.editor.form.fields.field_ids)
        assert shown == placed - set(schedule_form.RULE_FIELDS)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_schedule_is_made_of_pasted_sources_in_three_steps(
    services: Services, size: tuple[int, int]
) -> None:
    async with making(services, size) as page:
        page.app.post_message(events.Paste("instagram:one\ntiktok:@two"))
        await page.until(lambda: "✓ 2 sources" in page.text(), "checked")
        await page.press("enter")
        await page.opens("ScheduleEditor")
        await page.until(lambda: "✓ can be kept" in page.text(), "ready")
        await page.press("ctrl+s")
        await page.until(lambda: page.dialog == "SchedulerScreen", "kept")

        made = services.schedules.list()[0].schedule
        assert made.name == "instagram:one and 1 more"
        assert made.spec["sources"] == ["instagram:one", "tiktok:@two"]
        assert made.spec["cron"] == "0 3 * * *"
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: not services.schedules.list(), "gone again")


async def test_a_bad_source_is_named_and_not_taken(services: Services) -> None:
    async with making(services, (60, 20)) as page:
        page.app.post_message(events.Paste("instagram:one\nnonsense"))
        await page.until(lambda: "✗ 1 not usable" in page.text(), "checked")
        assert "line 2: nonsense" in page.text()

        await page.press("enter")
        await page.until(lambda: "Line 2:" in page.toasts(), "the refusal")
        assert page.dialog == "SourcesDialog"


async def test_a_single_file_is_no_source(services: Services) -> None:
    async with making(services) as page:
        page.app.post_message(events.Paste("https://files.example/a.jpg"))
        await page.until(lambda: "is a single file" in page.text(), "checked")


async def test_nothing_typed_is_no_source(services: Services) -> None:
    async with making(services) as page:
        await page.press("enter")
        await page.until(lambda: "Type or paste a source first." in page.toasts(), "the refusal")
        await page.press("escape")
        await page.opens("ScheduleEditor")
        assert "It needs a source" in page.text()
        await page.press("ctrl+l")
        assert "It needs a source first." in page.toasts()
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")


async def test_ctrl_j_makes_a_new_line_and_keys_can_be_clicked(services: Services) -> None:
    async with making(services) as page:
        await page.press(*"tiktok:@a", "ctrl+j", *"tiktok:@b")
        await page.until(lambda: "✓ 2 sources" in page.text(), "two lines")
        lines = page.lines()
        y = next(n for n, line in enumerate(lines) if "Enter Take" in line)
        await page.pilot.click(offset=(lines[y].index("Enter Take") + 1, y))
        await page.opens("ScheduleEditor")
        assert page.value("sources") == ["tiktok:@a", "tiktok:@b"]


async def test_a_field_is_typed_judged_and_kept(services: Services) -> None:
    async with editing(services, 1) as (page, schedule):
        await page.on("max_items")
        await page.press("enter")
        page.editor.form.editor.value = "many"
        await page.until(lambda: "✗ must be a whole number" in page.text(), "the verdict")
        await page.press("enter")
        assert page.editor.form.editing == "max_items"

        page.editor.form.editor.value = "20"
        await page.press("enter")
        await page.until(lambda: "1 unsaved" in page.text(), "the change")
        await page.press("ctrl+s")
        await page.until(lambda: page.dialog == "SchedulerScreen", "kept")

        assert services.schedules.get(schedule.id).spec["max_items"] == 20
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.until(lambda: services.schedules.get(schedule.id).spec["max_items"] == 0, "as before")


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("windows", "01:00-06:00, sat-sun 08:00-20:00", None),
        ("jitter_s", "10 min", 600.0),
        ("active_from", "2027-01-01", "2027-01-01"),
        ("backfill_items", "0", 0),
        ("content_types", "posts, stories", ["posts", "stories"]),
        ("out", "/srv/media", "/srv/media"),
    ],
)
async def test_a_field_takes_what_people_write(
    services: Services, name: str, text: str, kept: object
) -> None:
    async with editing(services, 0) as (page, _):
        await page.types(name, text)
        assert not page.editor.form.editing, page.text()
        if kept is not None:
            assert page.value(name) == kept
        await page.until(lambda: "✓ can be kept" in page.text(), "ready")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("time_zone", "Mars/Olympus", "Mars/Olympus"),
        ("windows", "25:00-26:00", "25:00"),
        ("backfill_items", "-1", "must be a whole number"),
        ("name", "x" * 200, "longer than 80"),
    ],
)
async def test_what_cannot_be_used_is_said_in_plain_words(
    services: Services, name: str, text: str, said: str
) -> None:
    async with editing(services, 0) as (page, _):
        await page.types(name, text)
        assert page.editor.form.editing == name
        assert said in page.text()
        await page.press("escape")
        assert not page.editor.form.editing
        assert not page.editor.draft.changed


async def test_what_only_the_whole_tells_is_said_at_its_field(services: Services) -> None:
    async with editing(services, 0) as (page, _):
        await page.types("content_types", "nonsense")
        await page.until(lambda: "✗" in page.text() and "nonsense" in page.text(), "the verdict")
        await page.press("ctrl+s")
        await page.until(lambda: "Not kept" in page.toasts(), "the refusal")
        assert page.dialog == "ScheduleEditor"


async def test_switch_choose_reset_and_move(services: Services) -> None:
    async with editing(services, 0) as (page, _):
        await page.on("enabled")
        await page.press("space")
        assert page.value("enabled") is False
        await page.press("enter")
        assert page.value("enabled") is True
        await page.on("priority")
        await page.press("space")
        assert page.value("priority") == "low"
        await page.press("r")
        assert page.value("priority") == "normal"
        await page.press("enter")
        await page.opens("MenuDialog")
        await page.press("escape")
        await page.opens("ScheduleEditor")
        await page.on("name")
        await page.press("space")
        assert "Press Enter to change it." in page.toasts()
        await page.press("home")
        assert page.cursor == "sources"
        await page.press("j", "k", "down", "up", "pagedown", "pageup", "ctrl+d", "ctrl+u", "G")
        assert page.cursor == "name_template"


async def test_tab_keeps_what_was_typed_and_goes_on(services: Services) -> None:
    async with editing(services, 0) as (page, _):
        await page.on("max_items")
        await page.press("enter")
        page.editor.form.editor.value = "7"
        await page.press("tab")
        assert page.value("max_items") == 7
        assert page.cursor == "since"
        await page.press("shift+tab")
        assert page.cursor == "max_items"


async def test_esc_asks_before_changes_are_lost(services: Services) -> None:
    async with editing(services, 0) as (page, schedule):
        await page.types("name", "Other")
        await page.press("escape")
        await page.opens("UnsavedDialog")
        assert "Save 1 change?" in page.text()
        await page.press("escape")
        await page.opens("ScheduleEditor")
        await page.press("escape")
        await page.opens("UnsavedDialog")
        await page.press("enter")
        await page.until(lambda: page.dialog == "SchedulerScreen", "kept")

        assert services.schedules.get(schedule.id).name == "Other"


async def test_discarded_changes_are_gone(services: Services) -> None:
    async with editing(services, 0) as (page, schedule):
        await page.types("name", "Other")
        await page.press("escape")
        await page.opens("UnsavedDialog")
        await page.press("d")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")

        assert services.schedules.get(schedule.id).name == schedule.name


async def test_quitting_from_the_editor_asks_first(services: Services) -> None:
    async with editing(services, 0) as (page, _):
        await page.types("name", "Other")
        await page.press("ctrl+q")
        await page.opens("UnsavedDialog")
        await page.press("escape")
        await page.opens("ScheduleEditor")
        assert page.value("name") == "Other"


async def test_a_name_that_is_taken_is_said_and_nothing_is_lost(services: Services) -> None:
    plans.write(services, plans.far(time.time(), plans.EVERYDAY[4:]), now=time.time())
    async with editing(services, 0) as (page, schedule):
        if page.editor.draft.schedule is not None and page.editor.draft.schedule.id != schedule.id:
            return
        await page.types("name", "Paper planes" if page.value("name") != "Paper planes" else "Friends' posts")
        await page.press("ctrl+s")
        await page.until(lambda: "Not kept" in page.toasts(), "the refusal")
        assert page.dialog == "ScheduleEditor"


async def test_filters_are_chosen_as_in_the_add_form(services: Services) -> None:
    async with editing(services, 1) as (page, _):
        await page.on("filters")
        await page.press("enter")
        await page.opens("MoreDialog")
        assert "Posted since" not in page.text()
        await page.press("escape")
        await page.opens("ScheduleEditor")
        assert page.value("filters") == {}


async def test_pasting_into_the_editor_adds_sources(services: Services) -> None:
    async with editing(services, 1) as (page, _):
        page.app.post_message(events.Paste("instagram:more"))
        await page.opens("SourcesDialog")
        await page.until(lambda: "✓ 2 sources" in page.text(), "both")
        await page.press("enter")
        await page.opens("ScheduleEditor")
        assert page.value("sources") == ["tiktok:@tiny.kiln", "instagram:more"]


async def test_a_value_is_changed_with_the_mouse(services: Services) -> None:
    async with editing(services, 1) as (page, _):
        lines = page.lines()
        y = next(n for n, line in enumerate(lines) if "Name" in line and "tiny.kiln" in line)
        await page.pilot.click(offset=(lines[y].index("tiny.kiln") + 1, y))
        assert page.editor.form.editing == "name"
        page.editor.form.editor.value = "Kiln"
        lines = page.lines()
        y = next(n for n, line in enumerate(lines) if "Enabled" in line)
        await page.pilot.click(offset=(lines[y].index("Enabled") + 1, y))
        assert page.value("name") == "Kiln"
        assert page.cursor == "enabled"


def test_every_action_has_a_method() -> None:
    for action in actions_of(Scope.EDITOR):
        assert callable(getattr(ScheduleEditor, f"action_{action.name}"))
