"""The add dialog: what is typed is looked at, what is valid is added."""

from __future__ import annotations

import pytest

from mediadl.errors import FolderNotWritable
from mediadl.models import Job, JobQuery, Priority
from mediadl.screens.dialogs.add import AddDialog
from mediadl.service import Services
from mediadl.service.queue import QueueService
from terminal.page import Page, opened

VIDEO = "https://www.tiktok.com/@slowbread/video/7301112223334445556"
FILE = "https://files.example/harbour.jpg"


async def open_dialog(page: Page, text: str = "") -> AddDialog:
    await page.press("a")
    await page.until(lambda: isinstance(page.app.screen, AddDialog) and page.app.focused, "the dialog")
    dialog = page.app.screen
    assert isinstance(dialog, AddDialog)
    dialog._area.insert(text)
    await page.pilot.pause()
    return dialog


def added(services: Services) -> list[Job]:
    return services.queue.page(JobQuery(), 0, 100)


async def test_platform_and_content_are_shown_while_typing(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page)
        await page.press(*"instagram:")
        await page.until(lambda: "not usable" in page.text(), "not yet valid")
        await page.press(*"harbour")

        await page.until(lambda: "✓ instagram" in page.text(), "valid")
        assert "1 address to add" in page.text()


async def test_enter_adds_and_closes(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, VIDEO)
        await page.press("enter")

        await page.until(lambda: page.dialog == "QueueScreen", "closed")
        assert [(job.url, job.platform) for job in added(services)] == [(VIDEO, "tiktok")]
        await page.until(lambda: "Added 1 job" in page.toasts(), "told")
        await page.until(lambda: page.table.total == 1, "in the list")


async def test_enter_right_after_typing_waits_for_the_check(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page)
        dialog._area.insert(VIDEO)
        dialog.action_submit()

        await page.until(lambda: len(added(services)) == 1, "added")


async def test_several_lines_are_added_together(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, VIDEO)
        await page.press("ctrl+j")
        await page.press(*FILE)
        await page.until(lambda: "2 addresses to add" in page.text(), "both are seen")
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 2, "both are added")


async def test_bad_lines_are_named_and_left_out(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, f"{VIDEO}\nnonsense\n# a comment\n{FILE}")
        await page.until(lambda: "1 not usable" in page.text(), "the bad one")
        assert "line 2: nonsense" in page.text()
        await page.press("enter")

        await page.until(lambda: {job.url for job in added(services)} == {VIDEO, FILE}, "the good ones")


async def test_nothing_valid_stays_open_and_says_why(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, "gopher://old.example/1")
        await page.until(lambda: "not usable" in page.text(), "looked at")
        await page.press("enter")

        await page.until(lambda: "Nothing to add" in page.toasts(), "told")
        assert page.dialog == "AddDialog"
        assert added(services) == []


async def test_enter_in_an_empty_dialog_asks_for_an_address(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page)
        await page.press("enter")

        await page.until(lambda: "Type or paste an address first" in page.toasts(), "told")


async def test_esc_adds_nothing(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, VIDEO)
        await page.press("escape")

        assert page.dialog == "QueueScreen"
        assert added(services) == []


async def test_priority_and_quality_go_with_the_job(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, VIDEO)
        dialog.query_one("#priority").value = int(Priority.HIGH)  # type: ignore[attr-defined]
        dialog.query_one("#quality").value = "720p"  # type: ignore[attr-defined]
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].priority is Priority.HIGH
        assert added(services)[0].options == {"quality": "720p"}


async def test_the_choices_are_reached_by_tab_and_chosen_by_enter(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, VIDEO)
        await page.press("tab", "enter", "up", "enter")
        await page.until(lambda: dialog.query_one("#priority").value == 2, "high")  # type: ignore[attr-defined]
        await page.press("shift+tab", "enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].priority is Priority.HIGH


async def test_esc_closes_an_open_choice_before_the_dialog(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, VIDEO)
        await page.press("tab", "enter", "escape")
        assert page.dialog == "AddDialog"
        await page.press("escape")

        assert page.dialog == "QueueScreen"


async def test_a_refusal_keeps_the_dialog_and_its_text(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: QueueService, texts: object, options: object) -> object:
        raise FolderNotWritable("cannot write to the folder", next_step="Choose another folder.")

    monkeypatch.setattr(QueueService, "add", refuse)
    async with opened(services) as page:
        dialog = await open_dialog(page, VIDEO)
        await page.press("enter")

        await page.until(lambda: "cannot write to the folder" in page.toasts(), "told")
        assert "Choose another folder." in page.toasts()
        assert page.dialog == "AddDialog"
        assert dialog._area.text == VIDEO


async def test_a_thousand_lines_do_not_stall_the_screen(services: Services) -> None:
    lines = "\n".join(f"https://files.example/{n}.jpg" for n in range(1000))
    async with opened(services) as page:
        await open_dialog(page, lines)
        await page.until(lambda: "1,000 addresses to add" in page.text(), "all are seen")
        assert "and 900 more" in str(page.app.screen._preview.render())  # type: ignore[attr-defined]
        await page.press("enter")

        await page.until(lambda: services.queue.count(JobQuery()) == 1000, "all are added")


async def test_hostile_words_are_shown_as_text(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, "[@click=app.leave]x[/] [/]")
        await page.until(lambda: "2 not usable" in page.text(), "looked at")

        assert "[@click=app.leave]x[/]" in page.text()
