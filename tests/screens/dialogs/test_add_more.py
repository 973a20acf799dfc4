"""Filters and options behind the add dialog: typed, judged while typing, and gone along with the job."""

from __future__ import annotations

import pytest

from mediadl.models import JobQuery
from mediadl.screens.dialogs.add import AddDialog
from mediadl.screens.dialogs.add_more import MoreDialog
from mediadl.service import Services
from terminal.page import Page, opened

ALICE = "tiktok:@alice"


async def more(page: Page, text: str = ALICE) -> MoreDialog:
    """Open the form behind the add dialog."""
    await page.press("a")
    await page.until(lambda: isinstance(page.app.screen, AddDialog) and page.app.focused, "the dialog")
    dialog = page.app.screen
    assert isinstance(dialog, AddDialog)
    dialog._area.insert(text)
    await page.until(lambda: dialog.found(), "looked at")
    await page.press("ctrl+o")
    await page.opens("MoreDialog")
    opened_now = page.app.screen
    assert isinstance(opened_now, MoreDialog)
    return opened_now


def row(dialog: MoreDialog, key: str) -> tuple[str, str]:
    found = next(one for one in dialog.form.fields.rows if one.id == key)
    return found.value, found.note


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_pattern_is_judged_while_typing_and_goes_with_the_job(
    services: Services, size: tuple[int, int]
) -> None:
    async with opened(services, size=size) as page:
        dialog = await more(page)
        await page.press("enter", *"a(b")
        assert "at character 2: missing )" in row(dialog, "filters.match")[1]
        await page.press("enter")
        assert dialog.form.editing == "filters.match"
        await page.press(")", "enter")
        assert row(dialog, "filters.match")[0] == "a(b)"
        assert dialog.form.editing == ""
        await page.press("escape")
        assert page.dialog == "AddDialog"
        assert "Only: matches /a(b)/" in page.text()
        await page.press("enter")

        await page.until(lambda: services.queue.page(JobQuery(), 0, 9), "added")
        assert services.queue.page(JobQuery(), 0, 9)[0].options["filters"] == {"match": "a(b)"}


async def test_an_option_of_the_platform_is_chosen_for_this_job(services: Services) -> None:
    async with opened(services) as page:
        dialog = await more(page)
        await page.until(lambda: any(r.id == "tiktok.sound" for r in dialog.form.fields.rows), "the options")
        dialog.form.fields.move_to("tiktok.sound")
        await page.press("space")
        assert row(dialog, "tiktok.sound")[0] == "● on"
        await page.press("r")
        assert row(dialog, "tiktok.sound")[0] == "○ off"
        await page.press("enter", "escape", "enter")

        await page.until(lambda: services.queue.page(JobQuery(), 0, 9), "added")
        assert services.queue.page(JobQuery(), 0, 9)[0].options["sound"] is True
        assert services.settings.get("tiktok.sound").value is False


async def test_esc_gives_typing_up_and_bounds_that_contradict_are_told(services: Services) -> None:
    async with opened(services) as page:
        dialog = await more(page)
        dialog.form.fields.move_to("filters.min_duration_s")
        await page.press("enter", *"1:30", "escape")
        assert row(dialog, "filters.min_duration_s")[0] == "any"
        await page.press("enter", *"1:30", "enter")
        assert row(dialog, "filters.min_duration_s")[0] == "1 min 30 s"
        dialog.form.fields.move_to("filters.max_duration_s")
        await page.press("enter", *"10s", "enter")

        assert dialog.form.editing == "filters.max_duration_s"
        assert row(dialog, "filters.max_duration_s")[1] == "✗ min-duration is more than max-duration"


async def test_dates_and_a_number_go_with_the_job(services: Services) -> None:
    async with opened(services) as page:
        dialog = await more(page)
        dialog.form.fields.move_to("limits.since")
        await page.press("enter", *"soon", "enter")
        assert "not a date" in row(dialog, "limits.since")[1]
        dialog.form.editor.value = "2026-01-31"
        await page.press("enter")
        dialog.form.fields.move_to("limits.max_items")
        await page.press("enter", *"12", "enter", "escape")
        assert "since 2026-01-31; max items 12" in page.text()
        await page.press("enter")

        await page.until(lambda: services.queue.page(JobQuery(), 0, 9), "added")
        options = services.queue.page(JobQuery(), 0, 9)[0].options
        assert (options["max_items"], options["since"]) == (12, 1769817600.0)
