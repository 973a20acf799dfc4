"""The gallery: tiles over a list of any length, a cursor that stays, pictures when they come."""

from __future__ import annotations

import pytest
from textual.geometry import Region
from textual.screen import ModalScreen

from gallery_page import GalleryPage, until
from mediadl.widgets.gallery_overlay import Overlay
from mediadl.widgets.picture_terminal import Means
from mediadl.widgets.window import Window

SIZE = (80, 24)


async def test_tiles_show_pictures_and_titles() -> None:
    page = GalleryPage(6)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 6 and not page.gallery.wanted_pictures())
        text = "\n".join(page.lines)

    assert page.gallery.grid.columns == 4
    assert all(f"Row {n}" in text for n in range(1, 7))
    assert "▀" * page.gallery.grid.picture_width in text


async def test_a_million_rows_cost_as_little_as_a_page() -> None:
    page = GalleryPage(1_000_000)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 1_000_000)
        page.gallery.move(999_999)
        await until(pilot, lambda: page.gallery.current is not None and page.current == 1_000_000)
        await until(pilot, lambda: not page.gallery.wanted_pictures())

        assert len(page.gallery.loaded_rows) < 200
        assert any("Row 1000000" in line for line in page.lines)


async def test_the_cursor_moves_by_lines_and_tiles_and_stays_inside() -> None:
    page = GalleryPage(10)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 10)
        gallery, seen = page.gallery, []
        for lines, tiles in ((1, 0), (0, 1), (1, 0), (1, 0), (0, 5), (-1, 0), (-9, 0), (0, -9)):
            if lines:
                gallery.move_by(lines)
            else:
                gallery.move_across(tiles)
            seen.append(page.current)

    assert seen == [5, 6, 10, 10, 10, 6, 6, 1]


async def test_the_cursor_stays_on_its_row_when_rows_are_added() -> None:
    page = GalleryPage(400)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 400)
        page.gallery.move(81)
        await until(pilot, lambda: any("Row 82" in line for line in page.lines))
        before = next(n for n, line in enumerate(page.lines) if "Row 82" in line)
        for grown in (1, 2, 5, 9):
            page.rows = type(page.rows)(400, grown)
            page.read()
            await pilot.pause()

            assert page.current == 82
            assert next(n for n, line in enumerate(page.lines) if "Row 82" in line) == before


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    page = GalleryPage(400)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 400)
        page.gallery.scroll_to(y=40, animate=False)
        await until(pilot, lambda: page.gallery.first > 8)

        assert page.current == 1
        page.gallery.move_by(1)
        assert page.gallery.first <= page.gallery.cursor < page.gallery.first + page.gallery.visible_rows


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_paging_walks_the_whole_list_and_back(size: tuple[int, int]) -> None:
    page = GalleryPage(103)
    async with page.run_test(size=size) as pilot:
        await until(pilot, lambda: page.gallery.total == 103)
        while page.gallery.cursor + page.gallery.grid.columns < 103:
            before = page.gallery.cursor
            page.gallery.page(1)
            await pilot.pause()
            assert page.gallery.cursor > before
        page.gallery.move(102)
        assert any("Row 103" in line for line in page.lines)
        for _ in range(103):
            page.gallery.page(-1)

    assert page.gallery.cursor < page.gallery.grid.columns
    assert page.gallery.first == 0


async def test_a_click_chooses_and_a_double_click_opens() -> None:
    page = GalleryPage(40)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 40)
        grid = page.gallery.grid
        place = (grid.tile_width + 5, grid.tile_height + 2)
        await pilot.click(page.gallery, offset=place)
        chosen = page.current
        await pilot.click(page.gallery, offset=place, times=2)

    assert chosen == grid.columns + 2
    assert page.heard == ["opened"]


async def test_marks_are_signs_and_can_be_clicked() -> None:
    page = GalleryPage(40)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 40)
        grid = page.gallery.grid
        await pilot.click(page.gallery, offset=(1, grid.picture_height))
        await pilot.click(page.gallery, offset=(grid.tile_width + 8, 2), control=True)
        await pilot.click(page.gallery, offset=(3, 2), button=3)

        marked = page.lines

    assert page.gallery.marks == {1, 2}
    assert page.heard == ["marks", "marks", "menu"]
    assert marked[grid.picture_height].count("●") == 2


async def test_a_file_without_a_picture_says_why() -> None:
    page = GalleryPage(3, pictures=False)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 3)
        assert "▣ image" in "\n".join(page.lines)
        page.make(page.gallery.wanted_pictures(), note="missing")
        text = "\n".join(page.lines)

    assert text.count("▣ image") == 3
    assert text.count("missing") == 3


async def test_only_the_tiles_that_changed_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    page = GalleryPage(40)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not page.gallery.wanted_pictures() and page.gallery.total == 40)
        await pilot.pause()
        painted: list[Region] = []
        monkeypatch.setattr(page.gallery, "refresh", lambda *regions: painted.extend(regions))
        page.gallery.move_across(1)
        grid = page.gallery.grid

    assert {region.size for region in painted} == {(grid.tile_width, grid.tile_height)}
    assert {region.x for region in painted} == {0, grid.tile_width}


async def test_what_is_in_view_is_wanted_first_and_what_left_not_at_all() -> None:
    page = GalleryPage(2000, pictures=False)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(page.asked) and bool(page.asked[-1]))
        assert page.asked[-1][: page.gallery.visible_rows] == tuple(range(1, page.gallery.visible_rows + 1))
        page.gallery.move(1000)
        await until(pilot, lambda: bool(page.asked[-1]) and min(page.asked[-1]) > 900)

    first = page.gallery.first + 1
    assert page.asked[-1][0] == first
    assert set(page.asked[-1]) <= set(range(first - 40, first + 60))


async def test_a_hidden_gallery_wants_nothing() -> None:
    page = GalleryPage(40, pictures=False)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(page.asked) and bool(page.asked[-1]))
        page.gallery.display = False
        await until(pilot, lambda: page.asked[-1] == ())
        page.gallery.display = True
        await until(pilot, lambda: page.asked[-1] != ())


async def test_larger_tiles_ask_for_larger_pictures() -> None:
    page = GalleryPage(40)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 40 and not page.gallery.wanted_pictures())
        before, page.asked = page.gallery.picture_box, []
        assert page.gallery.zoom_by(1)
        await until(pilot, lambda: bool(page.asked) and not page.gallery.wanted_pictures())
        while page.gallery.zoom_by(1):
            await pilot.pause()

        assert page.gallery.grid.columns == 1
        assert page.gallery.picture_box > before
        assert page.gallery.zoom == 3


async def test_a_resize_keeps_the_cursor_in_view() -> None:
    page = GalleryPage(400)
    async with page.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: page.gallery.total == 400)
        page.gallery.move(200)
        await pilot.resize_terminal(60, 20)
        await until(
            pilot, lambda: page.gallery.grid.columns == 2 and any("Row 201 " in line for line in page.lines)
        )

    assert page.current == 201


async def test_without_colours_tiles_speak_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    page = GalleryPage(6)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 6)
        await pilot.pause()
        text = "\n".join(page.lines)

    assert page.asked in ([], [()])
    assert text.count("▣ image") == 6
    assert text.count("jpg") == 6
    assert "▀" not in text


async def test_an_ansi_theme_turns_pictures_into_words() -> None:
    page = GalleryPage(6)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 6 and not page.gallery.wanted_pictures())
        page.ansi_color = True
        page.theme = "textual-ansi" if "textual-ansi" in page.available_themes else "ansi-dark"
        await until(pilot, lambda: "▀" not in "\n".join(page.lines))

        assert "▣ image" in "\n".join(page.lines)


async def test_kitty_cells_hold_the_pictures() -> None:
    page = GalleryPage(6, means=Means.KITTY)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 6 and not page.gallery.wanted_pictures())
        await pilot.pause()
        text = "\n".join(page.lines)

    assert text.count("\U0010eeee") >= 6 * page.gallery.grid.picture_width
    assert "▀" not in text


class Cover(ModalScreen[None]):
    """Something in front."""


async def test_behaviour_18_overlays_are_the_tiles_in_view_and_none_under_a_modal() -> None:
    page = GalleryPage(400)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 400 and not page.gallery.wanted_pictures())
        gallery, grid = page.gallery, page.gallery.grid
        whole = grid.columns * (SIZE[1] // grid.tile_height)
        at_top = gallery.overlay_items()
        gallery.scroll_to(y=1, animate=False)  # the first line of tiles is no longer fully in view
        await until(pilot, lambda: gallery.scroll_offset.y == 1 and not gallery.wanted_pictures())
        lower = gallery.overlay_items()
        page.push_screen(Cover())
        await until(pilot, lambda: isinstance(page.screen, Cover))
        covered = gallery.overlay_items()

    assert [item.id for item in at_top] == list(range(1, whole + 1))
    assert at_top[0] == Overlay(1, 1, 0, grid.picture_width, grid.picture_height)
    assert at_top[grid.columns + 1] == Overlay(
        grid.columns + 2, grid.tile_width + 1, grid.tile_height, grid.picture_width, grid.picture_height
    )
    assert lower[0].id == grid.columns + 1
    assert covered == ()


async def test_behaviour_18_scrolling_through_2000_items_keeps_memory_bounded() -> None:
    page = GalleryPage(2000)
    async with page.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: page.gallery.total == 2000 and not page.gallery.wanted_pictures())
        page.gallery.page(1)
        await pilot.pause()
        while page.gallery.cursor + page.gallery.grid.columns < 2000:
            page.gallery.page(1)
            await pilot.pause()
        await until(pilot, lambda: not page.gallery.wanted_pictures())

        assert len(page.gallery._pictures) <= len(page.gallery.loaded_rows) < 150
        assert len(page.gallery._tiles._tiles) <= 121


async def test_a_list_that_became_short_shows_its_end() -> None:
    page = GalleryPage(400)
    async with page.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: page.gallery.total == 400)
        page.gallery.move(399)
        await pilot.pause()
        page.rows = type(page.rows)(5)
        page.gallery.show(Window(page.gallery.place, 5, 0, 4, None, 0, page.rows[0:5]))  # type: ignore[arg-type]
        await pilot.pause()

        assert page.current == 5
        assert any("Row 1" in line for line in page.lines)
