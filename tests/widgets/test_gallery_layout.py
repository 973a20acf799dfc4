"""Where tiles lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.widgets.gallery_layout import divide, first_line, zoom_limits
from mediadl.widgets.window import Place, Window

widths = st.integers(1, 400)
heights = st.integers(1, 120)


@pytest.mark.parametrize(("width", "columns"), [(60, 2), (80, 4), (100, 4), (120, 5), (160, 7), (200, 9)])
def test_wide_views_have_more_tiles_in_a_line(width: int, columns: int) -> None:
    assert divide(width - 1, 20).columns == columns


@given(widths, heights, st.integers(-20, 20), st.booleans())
def test_a_page_is_filled_with_whole_tiles(width: int, height: int, zoom: int, pictures: bool) -> None:
    grid = divide(width, height, zoom=zoom, pictures=pictures)

    assert grid.columns >= 1
    assert grid.columns * grid.tile_width <= width
    assert 1 <= grid.tile_height <= height
    assert grid.lines_in_view * grid.tile_height <= height


@given(widths, heights, st.integers(1, 2_000_000))
def test_the_last_tile_can_be_scrolled_to_and_no_further(width: int, height: int, total: int) -> None:
    grid = divide(width, height)
    lowest = max(0, grid.height_of(total) - height)  # as far as the view goes

    bottom = (grid.line_of(total - 1) + 1) * grid.tile_height

    assert lowest <= bottom <= lowest + height


@given(widths, st.integers(-30, 30))
def test_zoom_goes_from_the_most_columns_to_one(width: int, zoom: int) -> None:
    least, most = zoom_limits(width)

    assert divide(width, 30, zoom=most).columns == 1
    assert divide(width, 30, zoom=max(least, min(zoom, most))).columns >= 1
    assert divide(width, 30, zoom=least).columns >= divide(width, 30, zoom=most).columns


@given(
    st.integers(0, 300), st.integers(0, 17), st.integers(-40, 40), st.integers(1, 400), st.integers(20, 160)
)
def test_the_cursor_keeps_its_line_while_rows_come_and_go(
    line: int, on_page: int, moved: int, more: int, width: int
) -> None:
    grid = divide(width, 24)
    first = line * grid.columns
    cursor = first + on_page % (grid.columns * grid.lines_in_view)
    total = cursor + abs(moved) + more
    place = Place(first, grid.columns * grid.lines_in_view, cursor, 1)
    window: Window[object] = Window(place, total, max(0, first + moved), max(0, cursor + moved), None, 0, ())

    top = first_line(window, grid)

    last = grid.line_of(total - 1)
    assert 0 <= top <= max(0, last - grid.lines_in_view + 1)
    if window.first - first == window.cursor - cursor and 0 < top < last - grid.lines_in_view + 1:
        assert grid.line_of(window.cursor) - top == grid.line_of(cursor) - line
