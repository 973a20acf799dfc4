"""List and gallery of the History screen: two views of the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediadl.service import Services
from terminal.history_page import fill, opened


@pytest.mark.parametrize("key", ["t", "tab"])
async def test_list_and_gallery_share_cursor_marks_and_filter(services: Services, key: str) -> None:
    fill(services, 60)
    async with opened(services) as page:
        await page.press("f", "j", "space", "j")
        await page.total(30)
        before, marks = page.file.id, set(page.table.marks)
        await page.press(key)
        await page.until(lambda: page.table.current is not None, "tiles")

        assert type(page.table).__name__ == "HistoryGallery"
        assert page.file.id == before
        assert page.table.marks == marks
        assert page.table.total == 30
        assert page.app.focused is page.table
        await page.press("right", "l", "left", "h", "right", "space")
        assert len(page.table.marks) == 2
        after = page.file.id
        await page.press(key)
        await page.until(lambda: page.table.current is not None, "rows")
        assert page.file.id == after
        assert len(page.table.marks) == 2
        assert type(page.table).__name__ == "WindowTable"


async def test_space_in_the_gallery_goes_on_to_the_next_picture(services: Services) -> None:
    ids = fill(services, 60)
    async with opened(services) as page:
        await page.press("t")
        await page.until(lambda: page.table.current is not None, "tiles")
        await page.press("space", "space")

        assert page.table.marks == {ids[59], ids[58]}
        assert page.table.cursor == 2


async def test_pictures_grow_and_shrink_and_only_in_the_gallery(services: Services) -> None:
    fill(services, 60)
    async with opened(services) as page:
        await page.press("+")
        assert "That is for the gallery" in page.toasts()
        await page.press("t")
        await page.until(lambda: page.table.current is not None, "tiles")
        normal = page.table.visible_rows
        await page.press("-")
        await page.until(lambda: page.table.visible_rows > normal, "smaller")
        await page.press("+", "+")
        await page.until(lambda: page.table.visible_rows < normal, "larger")
        zoom = page.screen.view_state()["zoom"]

        assert zoom > 0


async def test_the_gallery_is_there_at_the_next_start_with_its_cursor(services: Services) -> None:
    fill(services, 60)
    async with opened(services) as page:
        await page.press("t")
        await page.until(lambda: page.table.current is not None, "tiles")
        await page.press("j", "j", "j", "j", "l")
        before = page.file.id
        services.views.save({"pages": {"history": page.screen.view_state()}})
    async with opened(services) as page:
        await page.until(lambda: page.table.current is not None, "tiles")

        assert type(page.table).__name__ == "HistoryGallery"
        await page.until(lambda: page.file.id == before, "the cursor")


async def test_without_colours_the_tiles_speak_in_words(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fill(services, 5)
    async with opened(services, (80, 24)) as page:
        await page.press("t")
        await page.until(lambda: page.table.current is not None, "tiles")

        assert "video" in page.text()
        assert "audio" in page.text()


async def test_double_click_in_the_gallery_shows_the_picture(services: Services, tmp_path: Path) -> None:
    fill(services, 3, folder=tmp_path / "media")
    async with opened(services) as page:
        await page.press("t")
        await page.until(lambda: page.table.current is not None, "tiles")
        await page.pilot.click(page.table, offset=(5, 3), times=2)
        await page.opens("ViewerDialog")
        await page.press("right")

        await page.until(lambda: page.table.cursor == 1, "the list moves along")
