"""Looking at one file: its picture, its facts, the next one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from fakeweb import media
from mediadl.models import Download, Identity, MediaKind
from mediadl.screens.dialogs.viewer import ViewerDialog
from mediadl.service import Services
from mediadl.widgets.picture_terminal import Means
from mediadl.widgets.picture_view import PictureView
from terminal.page import Page, opened

RED = (250, 20, 20)


def download(path: Path, n: int = 1, kind: MediaKind = MediaKind.IMAGE) -> Download:
    return Download(
        n, 1, Identity("s", str(n)), "generic", "ann", f"File {n}", "", str(path), 4_200_000, "", "", kind, "",
        1920, 1080, None, "", None, 0.0,
    )  # fmt: skip


class Shelf:
    """A list below the viewer; rows after `read` are still to come."""

    def __init__(self, rows: list[Download]) -> None:
        self.rows = rows
        self.at = 0
        self.read = len(rows)

    def step(self, rows: int) -> Download | None:
        self.at = max(0, min(self.at + rows, len(self.rows) - 1))
        return self.rows[self.at] if self.at < self.read else None


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    for n in (1, 2):
        Image.new("RGB", (400, 300), RED).save(tmp_path / f"{n}.png")
    (tmp_path / "3.mp4").write_bytes(media.mp4("a", duration_s=2.0))
    rows = [download(tmp_path / f"{n}.png", n) for n in (1, 2)]
    rows.append(replace(download(tmp_path / "3.mp4", 3, MediaKind.VIDEO), duration_s=75.0))
    rows.append(download(tmp_path / "gone.png", 4))
    return Shelf(rows)


@asynccontextmanager
async def viewing(
    services: Services, shelf: Shelf, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[Page, ViewerDialog]]:
    async with opened(services, size=size) as page:
        dialog = ViewerDialog(services, shelf.rows[0], shelf.step)
        await page.app.push_screen(dialog)
        await page.opens("ViewerDialog")
        yield page, dialog


def pictured(page: Page) -> Callable[[], bool]:
    return lambda: "▀▀▀▀" in page.text()


async def test_a_picture_fills_the_screen_with_title_and_facts(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf) as (page, dialog):
        await page.until(pictured(page), "the picture")
        text, height = page.text(), dialog.query_one(PictureView).size.height

    assert "File 1" in text
    assert "image · 1920 × 1080 · 4.2 MB" in text
    assert "generic · ann" in text
    assert "1.png" in text
    tall = [line for line in text.splitlines() if "▀▀▀▀" in line]
    assert len(tall) == height >= 20
    assert "Esc Close" in text


async def test_next_and_previous_walk_the_list_and_stop_at_its_ends(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf) as (page, dialog):
        seen = []
        for key in ("left", "right", "l", "space", "j", "h", "left", "k"):
            await page.press(key)
            seen.append(dialog.download.id)

    assert seen == [1, 2, 3, 4, 4, 3, 2, 1]
    assert shelf.at == 0


async def test_a_film_shows_a_frame_and_its_length(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf) as (page, _):
        await page.press("right", "right")
        await page.until(lambda: "video" in page.text() and "▀▀" in page.text(), "a frame")

        assert "1:15" in page.text()


async def test_a_file_that_is_gone_says_so(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf) as (page, _):
        await page.press("right", "right", "right")
        await page.until(lambda: "missing" in page.text(), "the word")

        assert "▣ image" in page.text()


async def test_a_row_that_is_still_read_is_waited_for(services: Services, shelf: Shelf) -> None:
    shelf.read = 1
    async with viewing(services, shelf) as (page, dialog):
        await page.press("right")
        assert dialog.download.id == 1
        shelf.read = 4
        await page.until(lambda: dialog.download.id == 2, "the next row")


async def test_esc_goes_back_and_the_child_ends(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf) as (page, _):
        await page.until(pictured(page), "the picture")
        await page.press("escape")
        await page.until(lambda: page.dialog == "QueueScreen", "the screen below")
        await page.until(lambda: not children(), "the end of the child")


def children() -> list[str]:
    """Thumbnail processes of this process."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == os.getpid() and b"thumbnail_child" in command:
                found.append(folder.name)
    return found


async def test_the_path_is_copied_and_the_folder_asked_for(
    services: Services, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediadl.service import desktop

    asked: list[Path] = []
    monkeypatch.setattr(desktop, "open_folder", asked.append)
    async with viewing(services, shelf) as (page, _):
        await page.press("y", "O")
        await page.until(lambda: asked, "the folder")

        assert page.app.clipboard == shelf.rows[0].path
    assert asked == [Path(shelf.rows[0].path)]


async def test_a_title_from_outside_is_only_text(services: Services, shelf: Shelf) -> None:
    shelf.rows[0] = replace(shelf.rows[0], title="[bold]x[/] \x1b]52;c;aGk=\x07[@click=app.quit]y")
    async with viewing(services, shelf) as (page, _):
        assert "[bold]x[/] ]52;c;aGk=[@click=app.quit]y" in page.text()


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_it_fits_every_size(services: Services, shelf: Shelf, size: tuple[int, int]) -> None:
    async with viewing(services, shelf, size) as (page, _):
        await page.until(pictured(page), "the picture")
        text = page.text()

    assert "File 1" in text
    assert "Esc" in text


async def test_a_smaller_window_gets_a_smaller_picture(services: Services, shelf: Shelf) -> None:
    async with viewing(services, shelf, (160, 50)) as (page, dialog):
        await page.until(pictured(page), "the picture")
        await page.pilot.resize_terminal(60, 20)
        view = dialog.query_one(PictureView)
        await page.until(
            lambda: view._picture is not None and view._picture.width <= 60 and pictured(page)(),
            "a new picture",
        )


@pytest.mark.parametrize(("means", "sign"), [(Means.SIXEL, "\x1bP0;1;q"), (Means.KITTY, "\x1b_Ga=t")])
async def test_true_pictures_are_sent_past_the_frames(
    services: Services, shelf: Shelf, means: Means, sign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("mediadl.widgets.picture_view.write_past_frames", lambda _, text: sent.append(text))
    monkeypatch.setattr(PictureView, "means", means)
    async with viewing(services, shelf) as (page, _):
        await page.until(lambda: any(sign in text for text in sent), "a true picture")

    assert "▀" not in "".join(sent)
    if means is Means.KITTY:
        assert "a=d,d=I" in sent[-1]  # the terminal forgets it when the dialog goes


async def test_a_sixel_picture_comes_back_after_a_dialog_covered_it(
    services: Services, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("mediadl.widgets.picture_view.write_past_frames", lambda _, text: sent.append(text))
    monkeypatch.setattr(PictureView, "means", Means.SIXEL)
    async with viewing(services, shelf) as (page, _):
        await page.until(lambda: sent, "the picture")
        await page.press("?")
        await page.opens("HelpDialog")
        await page.pilot.pause()
        covered = len(sent)
        await page.pilot.pause(0.05)
        assert len(sent) == covered
        await page.press("escape")
        await page.until(lambda: len(sent) > covered, "the picture again")
