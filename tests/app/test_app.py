"""The app around the screens: colours, paste, trouble, title, sizes."""

from __future__ import annotations

import time

import pytest

from mediadl.app import MediadlApp
from mediadl.errors import DatabaseUnusable
from mediadl.models import JobQuery, JobStatus
from mediadl.screens.dialogs.add import AddDialog
from mediadl.service import Services, open_services
from mediadl.service.queue import QueueService
from terminal import scene
from terminal.page import Page, opened

TIKTOK = "https://www.tiktok.com/@slowbread/video/7301112223334445556"


# Colours


async def test_theme_of_the_settings_is_used(services: Services) -> None:
    services.settings.set("interface.theme", "nord")
    async with opened(services) as page:
        assert page.app.theme == "nord"


async def test_a_chosen_theme_is_kept(services: Services) -> None:
    async with opened(services) as page:
        page.app.theme = "gruvbox"
        await page.until(lambda: services.settings.get("interface.theme").value == "gruvbox", "written")

    async with opened(services) as page:
        assert page.app.theme == "gruvbox"


async def test_an_unknown_theme_is_named_and_the_default_used(services: Services) -> None:
    services.settings.set("interface.theme", "no-such-theme")
    async with opened(services) as page:
        await page.until(lambda: "no-such-theme" in page.toasts(), "the toast")

        assert page.app.theme == "textual-dark"
        assert services.settings.get("interface.theme").value == "no-such-theme"


async def test_ctrl_t_opens_the_choice_of_themes(services: Services) -> None:
    async with opened(services) as page:
        await page.press("ctrl+t")

        await page.until(lambda: page.dialog == "ThemeDialog", "the choice")


async def test_no_text_of_the_first_screen_has_the_colour_of_its_background(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        strips = page.app.screen._compositor.render_strips()

        drawn = [part for strip in strips for part in strip if part.text.strip() and part.style is not None]
        assert drawn
        assert [
            part.text
            for part in drawn
            if part.style is not None and part.style.color == part.style.bgcolor is not None
        ] == []


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark", "ansi-light", "nord"])
async def test_every_state_has_a_word_and_a_sign_in_any_theme(services: Services, theme: str) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        page.app.theme = theme
        await page.pilot.pause()
        text = page.text()

        for said in (
            "▶ Active",
            "○ Pending",
            "… Waiting",
            "‖ Paused",
            "◷ Scheduled",
            "✗ Failed",
            "✓ Done",
            "⊘ Cancelled",
        ):
            assert said in text
        assert "›" in text


async def test_no_color_leaves_cursor_and_marks_visible(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("space")
        lines = page.lines()

        assert lines[3].startswith(" ●")
        assert lines[4].startswith("› ")


# Paste


async def test_paste_on_the_queue_opens_the_add_dialog_filled(services: Services) -> None:
    async with opened(services) as page:
        await paste(page, TIKTOK)
        await page.until(lambda: page.dialog == "AddDialog", "the add dialog")
        await page.until(lambda: "tiktok video" in page.text(), "what it is")
        await page.press("enter")

        await page.until(lambda: services.queue.count(JobQuery()) == 1, "added")
        await page.until(lambda: page.dialog == "QueueScreen", "closed")


async def test_paste_on_the_details_opens_the_add_dialog(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("enter")
        await page.until(lambda: page.dialog == "DetailsDialog", "details")
        await paste(page, TIKTOK)

        await page.until(lambda: page.dialog == "AddDialog", "the add dialog")


async def test_paste_on_the_help_opens_the_add_dialog(services: Services) -> None:
    async with opened(services) as page:
        await page.press("?")
        await paste(page, TIKTOK)

        await page.until(lambda: page.dialog == "AddDialog", "the add dialog")


async def test_paste_into_the_filter_stays_there(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("/")
        await paste(page, "canal")
        await page.until(lambda: page.table.total == 1, "filtered")

        assert page.dialog == "QueueScreen"


async def test_paste_in_the_add_dialog_goes_into_its_field(services: Services) -> None:
    async with opened(services) as page:
        await page.press("a")
        await page.until(lambda: isinstance(page.app.screen, AddDialog), "the add dialog")
        await paste(page, f"{TIKTOK}\nhttps://files.example/a.jpg\n")
        await page.until(lambda: "2 addresses to add" in page.text(), "both are seen")

        assert len(page.app.screen_stack) == 2


async def paste(page: Page, text: str) -> None:
    from textual.events import Paste

    page.app.post_message(Paste(text))
    await page.pilot.pause()


# Trouble


async def test_a_reading_thread_that_fails_says_so_and_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:

        def fail(self: QueueService, *args: object, **options: object) -> object:
            raise DatabaseUnusable("the database is locked", next_step="Wait a moment.")

        with monkeypatch.context() as broken:
            broken.setattr(QueueService, "counts", fail)
            page.queue.ask()
            await page.until(lambda: "the database is locked" in page.toasts(), "the cause")
            assert "Wait a moment." in page.toasts()
            assert "Database unusable" in page.toasts()
        services.queue.cancel([ids[4]])

        await page.until(lambda: shown(page, ids[4]) is JobStatus.CANCELLED, "it goes on")


def shown(page: Page, job_id: int) -> JobStatus | None:
    rows = (page.table.row(n) for n in range(page.table.total))
    return next((row.status for row in rows if row is not None and row.id == job_id), None)


@pytest.mark.parametrize("name", ["counts", "page"])
async def test_an_unexpected_error_of_a_reading_thread_keeps_the_app_alive(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:

        def fail(self: QueueService, *args: object, **options: object) -> object:
            raise ZeroDivisionError("[/] boom")

        with monkeypatch.context() as broken:
            broken.setattr(QueueService, name, fail)
            page.queue.ask()
            await page.until(lambda: "boom" in page.toasts(), "told")

        await page.press("j")
        assert page.table.cursor == 1
        assert "Traceback" not in page.text()


@pytest.mark.parametrize(("name", "key"), [("pause", "p"), ("cancel", "c"), ("ids", "*"), ("move_many", "J")])
async def test_an_unexpected_error_of_a_verb_becomes_a_toast(
    services: Services, monkeypatch: pytest.MonkeyPatch, name: str, key: str
) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("j", "j", "j", "j", "j")

        def fail(self: QueueService, *args: object, **options: object) -> object:
            raise RuntimeError("out of paper")

        monkeypatch.setattr(QueueService, name, fail)
        await page.press(key)

        await page.until(lambda: "out of paper" in page.toasts(), "told")
        assert "Unexpected failure" in page.toasts()
        assert page.app.is_running


async def test_an_error_of_the_feed_is_told_and_it_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediadl.workers.event_feed.BACK_OFF_S", 0.05)
    async with opened(services) as page:
        with monkeypatch.context() as broken:

            def fail(self: QueueService) -> int:
                raise RuntimeError("no journal")

            broken.setattr(QueueService, "data_version", fail)
            await page.until(lambda: "no journal" in page.toasts(), "told")
        with open_services(services.home) as other:
            scene.write(other, scene.EVERYDAY[:1])

        await page.until(lambda: page.table.total == 1, "it goes on")


async def test_a_refused_verb_says_cause_and_next_step(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:

        def refuse(self: QueueService, job_ids: object, **options: object) -> object:
            raise DatabaseUnusable("disk is full", next_step="Free some space.")

        monkeypatch.setattr(QueueService, "cancel", refuse)
        await page.press("c")

        await page.until(lambda: "Database unusable: disk is full\nFree some space." in page.toasts(), "told")


# The daemon


async def test_an_open_screen_is_attached_and_a_closed_one_is_not(services: Services) -> None:
    def screens() -> int:
        from mediadl.store import workers

        return sum(1 for worker in workers.list(services.store.read()) if worker.kind == "screen")

    async with opened(services) as page:
        await page.until(lambda: screens() == 1, "attached")
    deadline = time.monotonic() + 30
    while screens():
        assert time.monotonic() < deadline


@pytest.mark.parametrize(("parts", "calls"), [(scene.EVERYDAY[4:5], 1), (scene.EVERYDAY[13:16], 0)])
async def test_the_daemon_is_started_only_for_work(
    services: Services, monkeypatch: pytest.MonkeyPatch, parts: tuple[scene.Part, ...], calls: int
) -> None:
    from mediadl.service.daemon import DaemonService

    scene.write(services, parts)
    called: list[int] = []
    attached: list[int] = []
    monkeypatch.setattr(DaemonService, "ensure", lambda self: called.append(1))
    monkeypatch.setattr(DaemonService, "attach", lambda self, note="": attached.append(1))
    async with opened(services) as page:
        await page.until(lambda: attached, "attached")

    assert len(called) == calls


# Sizes


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (160, 50), (200, 60)])
async def test_nothing_is_cut_at_usual_sizes(services: Services, size: tuple[int, int]) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services, size=size) as page:
        lines = page.lines()

        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)
        assert "▶ Active" in page.text()
        assert "a Add" in lines[-1]
        assert "4 active" in lines[0]
        for key, dialog in (
            ("a", "AddDialog"),
            ("enter", "DetailsDialog"),
            ("?", "HelpDialog"),
            ("s", "MenuDialog"),
        ):
            await page.press(key)
            await page.opens(dialog)
            await page.pilot.pause()
            box = page.app.screen.children[0].region
            assert page.app.screen.region.contains_region(box), dialog
            await page.press("escape")


@pytest.mark.parametrize("size", [(39, 20), (80, 11)])
async def test_a_window_that_is_too_small_says_so(services: Services, size: tuple[int, int]) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services, size=size) as page:
        assert "at least 40×12" in " ".join(page.text().split())
        assert "Active" not in page.text()
        await page.pilot.resize_terminal(80, 24)
        await page.until(lambda: "▶ Active" in page.text(), "the list is back")


async def test_the_window_can_change_its_size_under_a_dialog(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services, size=(120, 40)) as page:
        await page.press("enter")
        await page.until(lambda: page.dialog == "DetailsDialog", "details")
        for size in ((60, 20), (200, 60), (80, 24)):
            await page.pilot.resize_terminal(*size)
            await page.pilot.pause()
        await page.press("escape")

        await page.until(lambda: "▶ Active" in page.text(), "the list")


async def test_speed_and_reason_share_a_column_where_it_is_narrow(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services, size=(60, 20)) as page:
        text = page.text()

        assert "12 MB/s" in text
        assert "Login needed" in text
        assert "Private" in text or page.table.total > page.table.visible_rows


def test_the_app_and_its_screens_do_not_load_engines_or_charts() -> None:
    import subprocess
    import sys

    loaded = subprocess.run(
        [sys.executable, "-c", "import mediadl.app, sys; print('\\n'.join(sys.modules))"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    for heavy in ("yt_dlp", "gallery_dl", "curl_cffi", "av", "PIL", "sqlite_utils", "pydantic", "requests"):
        assert heavy not in loaded
    assert "textual.widgets._markdown" not in loaded


def test_the_app_has_the_title_of_the_program() -> None:
    assert MediadlApp.TITLE == "mediadl"
