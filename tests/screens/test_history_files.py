"""What the History screen does to files: details, open, copy, delete and undo, fetch again, export."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediadl.models import HistoryQuery, JobStatus
from mediadl.screens.actions import Scope, actions_of
from mediadl.service import Services, desktop
from mediadl.service.queue import AddOptions
from terminal.history_page import History, fill, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files of these tests lie."""
    return tmp_path / "media"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path]]:
    """A desktop that notes what it is asked to open."""
    found: list[tuple[str, Path]] = []
    monkeypatch.setattr(desktop, "has_desktop", lambda: True)
    monkeypatch.setattr(desktop, "open_file", lambda path: found.append(("file", path)))
    monkeypatch.setattr(desktop, "open_folder", lambda path: found.append(("folder", path)))
    return found


@pytest.fixture
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login over SSH."""
    monkeypatch.setattr(desktop, "has_desktop", lambda: False)


def clipboard(page: History) -> str:
    return page.app.clipboard


# Details


async def test_enter_shows_everything_known_and_esc_goes_back(services: Services, folder: Path) -> None:
    fill(services, 3, folder=folder)
    async with opened(services, (120, 40)) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")
        await page.until(lambda: "changed since: 3 B now" in page.text(), "what is on disk")
        text = page.text()
        for words in (
            str(folder / "002.jpg"), "image/jpeg", "300 kB (300,000 bytes)", "1080 × 1350", "generic · slowbread",
            "https://www.tiktok.com/@tiny.kiln/video/", "gallery-dl", "tiktok:2:0", "0000000000000000…",
        ):  # fmt: skip
            assert words in text
        await page.press("escape")
        assert page.dialog == "HistoryScreen"


@pytest.mark.parametrize(
    ("key", "copied"),
    [("y", "https://www.tiktok.com/"), ("Y", "002.jpg"), ("x", f"{2:064x}")],
)
async def test_details_copy_link_path_and_hash(
    services: Services, folder: Path, key: str, copied: str
) -> None:
    fill(services, 3, folder=folder)
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")
        await page.press(key)

        assert copied in clipboard(page)


async def test_details_lead_to_the_job_that_fetched_it(services: Services, folder: Path) -> None:
    fill(services, 2, folder=folder)
    (job,) = services.queue.add(["https://host/1.jpg"], AddOptions())
    with services.store.write() as tx:
        tx.execute("UPDATE downloads SET job_id = ? WHERE id = 2", (job.job_id,))
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")
        await page.until(lambda: f"#{job.job_id} pending" in page.text(), "the job")
        await page.press("b")
        await page.opens("DetailsDialog")
        await page.press("escape", "j", "enter")
        await page.opens("FileDetailsDialog")
        await page.press("b")
        await page.until(lambda: "not listed any more" in page.toasts(), "why not")


@pytest.mark.parametrize("key", ["o", "O"])
async def test_details_open_the_file_they_show(
    services: Services, folder: Path, asked: list[tuple[str, Path]], key: str
) -> None:
    fill(services, 3, folder=folder)
    async with opened(services) as page:
        await page.press("j", "space", "k", "k", "enter")
        await page.opens("FileDetailsDialog")
        await page.press(key)
        await page.until(lambda: asked, "opened")

        assert asked == [("file" if key == "o" else "folder", folder / "002.jpg")]


async def test_details_of_a_file_deleted_elsewhere_close(services: Services, folder: Path) -> None:
    fill(services, 3, folder=folder)
    async with opened(services) as page:
        await page.press("enter")
        await page.opens("FileDetailsDialog")
        services.history.delete([3], files=False, record=True)

        await page.until(lambda: page.dialog == "HistoryScreen", "closed")


@pytest.mark.parametrize(
    ("keys", "dialog"), [(("enter",), "FileDetailsDialog"), (("d",), "DeleteFilesDialog")]
)
async def test_no_key_of_a_dialog_breaks_anything(
    services: Services, folder: Path, asked: list[tuple[str, Path]], keys: tuple[str, ...], dialog: str
) -> None:
    fill(services, 3, folder=folder)
    scope = Scope.FILE if dialog == "FileDetailsDialog" else Scope.DELETE_FILES
    async with opened(services, (80, 24)) as page:
        for action in actions_of(scope):
            for key in action.keys:
                if (scope, action.name) == (Scope.DELETE_FILES, "confirm"):
                    continue
                await page.press(*keys)
                await page.opens(dialog)
                await page.press(key)
                while page.dialog != "HistoryScreen":
                    await page.press("escape")

        assert page.app.is_running
        assert "Unexpected" not in page.toasts()
        assert services.history.count(HistoryQuery()) == 3


# Open and copy


@pytest.mark.parametrize(("key", "what"), [("o", "file"), ("O", "folder")])
async def test_files_and_folders_are_opened_by_the_desktop(
    services: Services, folder: Path, asked: list[tuple[str, Path]], key: str, what: str
) -> None:
    fill(services, 3, folder=folder)
    async with opened(services) as page:
        await page.press(key)
        await page.until(lambda: asked, "opened")

        assert asked == [(what, folder / "002.jpg")]


@pytest.mark.usefixtures("no_desktop")
async def test_without_a_desktop_the_path_is_copied_and_the_picture_shown(
    services: Services, folder: Path
) -> None:
    fill(services, 3, folder=folder)
    async with opened(services) as page:
        await page.press("O")
        assert clipboard(page) == str(folder / "002.jpg")
        assert "002.jpg" in page.toasts()
        assert page.dialog == "HistoryScreen"
        await page.press("o")
        await page.opens("ViewerDialog")
        await page.press("escape")
        assert page.dialog == "HistoryScreen"


@pytest.mark.usefixtures("no_desktop")
async def test_a_sound_has_no_picture(services: Services, folder: Path) -> None:
    fill(services, 4, folder=folder)
    async with opened(services) as page:
        await page.press("i")
        assert "There is no picture of audio" in page.toasts()
        await page.press("o")
        assert page.dialog == "HistoryScreen"
        await page.press("j", "i")
        await page.opens("ViewerDialog")


async def test_link_and_path_are_copied(services: Services) -> None:
    fill(services, 3)
    async with opened(services) as page:
        await page.press("y")
        assert clipboard(page).startswith("https://www.tiktok.com/")
        await page.press("Y")
        assert clipboard(page) == "/media/002.jpg"


async def test_a_file_whose_page_is_not_known_says_so(services: Services) -> None:
    fill(services, 1)
    with services.store.write() as tx:
        tx.execute("UPDATE downloads SET url = ''")
    async with opened(services) as page:
        await page.press("y", "r")

        assert page.toasts().count("The page it came from is not known.") == 2


# Delete


async def test_one_question_names_number_and_bytes_and_esc_keeps_all(
    services: Services, folder: Path
) -> None:
    fill(services, 5, folder=folder)
    async with opened(services, (80, 24)) as page:
        await page.press("space", "space", "d")
        await page.opens("DeleteFilesDialog")
        assert "Delete 2 files (900 kB)?" in page.text()
        await page.press("escape")

        assert services.history.count(HistoryQuery()) == 5
        assert len(page.table.marks) == 2


async def test_files_and_records_go_with_one_enter(services: Services, folder: Path) -> None:
    fill(services, 5, folder=folder)
    async with opened(services) as page:
        await page.press("d")
        await page.opens("DeleteFilesDialog")
        assert "Delete 1 file (500 kB)?" in page.text()
        await page.press("enter")
        await page.total(4)

        assert not (folder / "004.jpg").exists()
        await page.until(lambda: "Deleted 1 file" in page.toasts(), "what was done")


async def test_records_alone_go_and_come_back_with_u(services: Services, folder: Path) -> None:
    ids = fill(services, 5, folder=folder)
    async with opened(services) as page:
        await page.press("space", "space", "d")
        await page.opens("DeleteFilesDialog")
        await page.press("r", "enter")
        await page.total(3)
        assert not page.table.marks
        assert (folder / "004.jpg").exists()
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")
        await page.total(5)

        assert [one.id for one in services.history.page(HistoryQuery(), 0, 9)] == ids[::-1]


async def test_the_file_alone_goes(services: Services, folder: Path) -> None:
    fill(services, 2, folder=folder)
    async with opened(services) as page:
        await page.press("delete")
        await page.opens("DeleteFilesDialog")
        await page.press("f", "enter")
        await page.until(lambda: not (folder / "001.jpg").exists(), "deleted")

        assert services.history.count(HistoryQuery()) == 2


async def test_choices_are_walked_and_clicked(services: Services, folder: Path) -> None:
    fill(services, 2, folder=folder)
    async with opened(services) as page:
        await page.press("d")
        await page.opens("DeleteFilesDialog")
        await page.press("j")
        assert "● record only" in page.text()
        await page.press("k", "k")
        assert "● file only" in page.text()
        await page.press("b")
        assert "● file and record" in page.text()
        await page.press("a")
        assert "[x] may be fetched again" in page.text()
        await page.pilot.click("#delete-record", offset=(3, 0))
        assert "● record only" in page.text()
        await page.press("enter")
        await page.total(1)

        assert services.archive.count() == 1


async def test_what_is_refused_or_missing_is_named(services: Services, folder: Path, tmp_path: Path) -> None:
    fill(services, 3, folder=folder)
    (folder / "002.jpg").unlink()
    (folder / "001.jpg").unlink()
    (folder / "001.jpg").symlink_to(tmp_path)
    async with opened(services) as page:
        await page.press("*")
        await page.until(lambda: len(page.table.marks) == 3, "all marked")
        await page.press("d")
        await page.opens("DeleteFilesDialog")
        await page.press("enter")
        await page.total(1)
        await page.until(lambda: "Not deleted" in page.toasts(), "what stayed")

        said = page.toasts()
        assert "1 file had gone already" in said
        assert "002.jpg" in said
        assert "001.jpg: it is a link" in said
        assert page.file.path.endswith("001.jpg")


async def test_a_long_deletion_tells_how_far_it_is_and_esc_stops_it(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(services, 3, folder=folder)
    go_on = threading.Event()

    def delete(
        _ids: Any, *, progress: Callable[[int, int], None], stop: Callable[[], bool], **_: object
    ) -> Any:
        from mediadl.service.history_removal import Deleted

        while not stop():
            go_on.wait(0.05)
            progress(1200, 40_000)
        return Deleted()

    monkeypatch.setattr(services.history, "delete", delete)
    async with opened(services) as page:
        await page.press("d")
        await page.opens("DeleteFilesDialog")
        await page.press("enter")
        await page.until(lambda: "Deleting: 1,200 of 40,000 files" in page.text(), "how far it is")
        await page.press("d")
        assert "Deleting is still going on" in page.toasts()
        await page.press("escape")
        await page.until(lambda: "Deleting:" not in page.text(), "stopped")

        assert not page.screen.verbs.busy


async def test_marks_of_files_deleted_elsewhere_go(services: Services) -> None:
    ids = fill(services, 5)
    async with opened(services) as page:
        await page.press("space", "space")
        services.history.delete([ids[4]], files=False, record=True)

        await page.until(lambda: page.table.marks == {ids[3]}, "one mark is left")


# Again


async def test_files_are_fetched_again_although_the_archive_knows_them(services: Services) -> None:
    fill(services, 3)
    async with opened(services) as page:
        await page.press("space", "space", "r")
        await page.until(lambda: services.queue.counts().by_status[JobStatus.PENDING] == 2, "two jobs")
        await page.until(lambda: "Added 2 jobs" in page.toasts(), "what was done")

        assert not page.table.marks


# Export


@pytest.mark.parametrize("suffix", ["csv", "json"])
async def test_what_is_filtered_is_written_into_a_new_file(
    services: Services, tmp_path: Path, suffix: str
) -> None:
    fill(services, 20)
    target = tmp_path / f"out.{suffix}"
    async with opened(services) as page:
        await page.press("f", "e")
        await page.opens("ExportDialog")
        assert "Export 10 files" in page.text()
        field = page.app.screen.query_one("#prompt-field")
        field.value = str(tmp_path / "out")  # type: ignore[attr-defined]
        await page.press("enter")
        assert "End it with .csv or .json" in page.text()
        field.value = str(target)  # type: ignore[attr-defined]
        await page.press("enter")
        await page.until(lambda: "Exported: 10 files" in page.toasts(), "written")

        lines = target.read_text().splitlines()
        assert len(lines) == (11 if suffix == "csv" else 10)
        assert (next(csv.reader(lines))[0] == "id") == (suffix == "csv")


async def test_an_export_never_takes_the_place_of_a_file(services: Services, tmp_path: Path) -> None:
    fill(services, 2)
    target = tmp_path / "out.csv"
    target.write_text("mine")
    async with opened(services) as page:
        await page.press("e")
        await page.opens("ExportDialog")
        page.app.screen.query_one("#prompt-field").value = str(target)  # type: ignore[attr-defined]
        await page.press("enter")
        await page.until(lambda: "exists already" in page.toasts(), "refused")

        assert target.read_text() == "mine"
