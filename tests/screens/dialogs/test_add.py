"""The add dialog: what is typed is looked at, what is valid is added."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.widgets import Input, Select

from mediadl.errors import FolderNotWritable
from mediadl.models import Job, JobQuery, JobStatus, Priority, Session
from mediadl.modules import direct, registry
from mediadl.screens.dialogs.add import AddDialog
from mediadl.service import Services
from mediadl.service.queue import QueueService
from mediadl.store import archive, sessions
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
        await page.until(lambda: page.dialog == "QueueScreen", "closed")


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
        dialog.query_one("#priority").value = "high"  # type: ignore[attr-defined]
        dialog.query_one("#quality").value = "720p"  # type: ignore[attr-defined]
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].priority is Priority.HIGH
        assert added(services)[0].options == {"quality": "720p"}


async def test_the_choices_are_reached_by_tab_and_chosen_by_enter(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, VIDEO)
        await page.press("tab", "tab", "tab", "tab", "enter", "up", "enter")
        await page.until(lambda: dialog.query_one("#priority").value == "high", "high")  # type: ignore[attr-defined]
        await page.press("shift+tab", "enter")
        await page.press("down", "down", "enter")
        await page.until(lambda: dialog.query_one("#quality").value == "1080p", "1080p")  # type: ignore[attr-defined]
        await page.press("shift+tab", "shift+tab", "shift+tab", "enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].priority is Priority.HIGH
        assert added(services)[0].options == {"quality": "1080p"}


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


# What is chosen


async def choose(page: Page, field: str, value: str) -> None:
    """Choose in a list, once it offers that."""
    select = page.app.screen.query_one(f"#{field}", Select)
    await page.until(lambda: value in select._legal_values, f"{field} offers {value}")
    select.value = value
    await page.pilot.pause()


async def test_the_type_is_chosen_from_what_the_platform_offers_for_the_address(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, "instagram:harbour")
        await choose(page, "type", "reels")
        await page.until(lambda: "✓ instagram reels" in page.text(), "looked at anew")
        offered = dialog.query_one("#type", Select)._legal_values
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].content_type == "reels"
        assert {"posts", "stories", "highlights"} <= set(offered)
        assert "post" not in offered


async def test_one_file_offers_no_types(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, FILE)
        await page.until(lambda: "direct/files.example" in page.text(), "looked at")

        assert dialog.query_one("#type", Select)._legal_values == {""}


async def test_another_platform_can_take_it(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, FILE)
        await choose(page, "platform", "generic")
        await page.until(lambda: "✓ generic" in page.text(), "looked at anew")
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].platform == "generic"


async def test_a_start_is_shown_as_date_and_time_and_kept(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, FILE)
        dialog.query_one("#start", Input).value = "in 2h"
        at = time.time() + 7200
        await page.until(lambda: time.strftime("%d %b %Y", time.localtime(at)) in page.text(), "the date")
        assert "starts" in page.text()
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        (job,) = added(services)
        assert job.status is JobStatus.SCHEDULED
        assert job.not_before is not None
        assert abs(job.not_before - at) < 30


async def test_a_start_that_makes_no_sense_is_told_and_adds_nothing(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, FILE)
        dialog.query_one("#start", Input).value = "soonish"
        await page.until(lambda: "not a time" in page.text(), "told while typing")
        await page.press("enter")

        await page.until(lambda: "not a time" in page.toasts(), "told")
        assert page.dialog == "AddDialog"
        assert page.app.focused is dialog.query_one("#start")
        assert added(services) == []


async def test_enter_in_the_start_field_adds(services: Services) -> None:
    async with opened(services) as page:
        dialog = await open_dialog(page, FILE)
        dialog.query_one("#start", Input).focus()
        await page.press(*"in 1h", "enter")

        await page.until(lambda: len(added(services)) == 1, "added")


# What is known beforehand


async def test_names_of_files_are_shown_as_far_as_they_are_known(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, "tiktok:@slowbread")

        await page.until(lambda: "→ tiktok/slowbread/‹date›_‹id›_‹title›.‹type›" in page.text(), "the name")
        assert "Into " in page.text()


async def test_what_is_queued_already_is_marked_with_what_will_happen(services: Services) -> None:
    ((job_id, *_),) = [(one.job_id,) for one in services.queue.add([FILE])]
    async with opened(services) as page:
        await open_dialog(page, FILE)

        await page.until(lambda: f"job {job_id} has it already (pending)" in page.text(), "marked")
        assert "1 queued already" in page.text()
        assert "not fetched again" in page.text()


async def test_what_was_fetched_is_marked_and_can_be_fetched_again(services: Services) -> None:
    target = registry.match(FILE)
    with services.store.write() as tx:
        archive.add(tx, direct.item(target).identity, None, time.time())
    async with opened(services) as page:
        await open_dialog(page, FILE)
        await page.until(lambda: "fetched before: it will be skipped" in page.text(), "marked")
        await choose(page, "again", "again")
        await page.until(lambda: "fetched before: fetched again" in page.text(), "what happens then")
        await page.press("enter")

        await page.until(lambda: len(added(services)) == 1, "added")
        assert added(services)[0].options == {"force": True}


async def test_a_login_that_is_missing_is_said_before(services: Services) -> None:
    async with opened(services) as page:
        await open_dialog(page, "instagram:harbour")
        await page.until(lambda: "Instagram shows this to accounts only" in page.text(), "said")
        session = Session("instagram", "default", "x.txt", 3, None, time.time(), "")
        with services.store.write() as tx:
            sessions.put(tx, session)
        await page.press("escape")
        await open_dialog(page, "instagram:harbour")
        await page.until(lambda: "→ instagram/harbour" in page.text(), "looked at")

        assert "accounts only" not in page.text()


async def test_the_newest_text_wins(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    check = QueueService.check

    def slow(queue: QueueService, text: str, *more: Any) -> Any:
        asked.append(text)
        return check(queue, text, *more)

    monkeypatch.setattr(QueueService, "check", slow)
    async with opened(services) as page:
        dialog = await open_dialog(page)
        for letter in FILE:
            dialog._area.insert(letter)
        await page.until(lambda: "✓ direct file" in page.text(), "the last text")

        assert asked[-1] == FILE
        assert len(asked) <= len(FILE) + 2


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_everything_fits_every_window(services: Services, size: tuple[int, int]) -> None:
    async with opened(services, size=size) as page:
        await open_dialog(page, f"{VIDEO}\ninstagram:harbour\nnonsense\n{FILE}")
        await page.until(lambda: "→ tiktok" in page.text() or size[1] == 20, "looked at")
        text = page.text()

        for word in (
            "3 addresses to add",
            "Type",
            "Platform",
            "Quality",
            "Priority",
            "Start",
            "Stored",
            "Into",
            "Enter",
        ):
            assert word in text, word
