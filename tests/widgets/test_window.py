"""A window over a list that changes: what is asked stays where the eye is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mediadl.widgets.window import Place, Window, read_window, settle


def read(rows: list[int], place: Place, asked: list[str] | None = None) -> Window[int]:
    noted = asked if asked is not None else []

    def page(offset: int, limit: int) -> list[int]:
        noted.append("page")
        return rows[offset : offset + limit]

    def index_of(row: int) -> int | None:
        noted.append("index_of")
        return rows.index(row) if row in rows else None

    return read_window(place, total=len(rows), page=page, key=lambda row: row, index_of=index_of)


def test_rows_above_and_below_are_read_as_well() -> None:
    window = read(list(range(1000)), Place(first=100, height=20, cursor=105, cursor_id=105))

    assert window.start == 80
    assert list(window.rows) == list(range(80, 140))


def test_a_row_nearby_costs_one_question() -> None:
    asked: list[str] = []
    read(list(range(1000)), Place(100, 20, 105, 105), asked)

    assert asked == ["page"]


def test_a_row_put_in_above_moves_view_and_cursor_by_one() -> None:
    rows = [-1, *range(1000)]
    window = read(rows, Place(100, 20, 105, 105))

    assert (window.first, window.cursor) == (101, 106)


def test_a_row_that_leaves_the_neighbourhood_keeps_the_view() -> None:
    rows = [n for n in range(1000) if n != 105] + [105]
    window = read(rows, Place(100, 20, 105, 105))

    assert (window.first, window.cursor) == (100, 999)
    assert list(window.rows)[20] == rows[100]


def test_a_row_that_is_gone_leaves_the_cursor_on_its_number() -> None:
    rows = [n for n in range(1000) if n != 105]
    window = read(rows, Place(100, 20, 105, 105))

    assert (window.first, window.cursor) == (100, 105)


def test_following_brings_the_row_into_view() -> None:
    rows = list(reversed(range(1000)))
    window = read(rows, Place(0, 20, 5, 5, follow=True))

    assert window.cursor == 994
    assert window.first <= 994 < window.first + 20
    assert rows[994] in window.rows


def test_the_start_of_a_range_is_found_again() -> None:
    window = read([-2, -1, *range(100)], Place(0, 20, 10, 10, anchor_id=3))

    assert window.anchor == 5


@given(
    st.integers(0, 300), st.integers(1, 60), st.integers(0, 300), st.integers(0, 300),
    st.one_of(st.none(), st.integers(0, 299)), st.booleans(),
)  # fmt: skip
def test_the_place_is_always_inside_the_list(
    first: int, height: int, cursor: int, total: int, index: int | None, follow: bool
) -> None:
    index = None if index is None or index >= total else index
    place = Place(first, height, cursor, 1, follow=follow)
    new_first, new_cursor = settle(place, total, index)

    assert 0 <= new_first <= max(0, total - height)
    assert 0 <= new_cursor <= max(0, total - 1)


@given(
    st.lists(st.integers(0, 400), unique=True, max_size=300),
    st.integers(0, 300),
    st.integers(1, 40),
    st.data(),
)
def test_every_visible_row_is_in_the_window(
    rows: list[int], first: int, height: int, data: st.DataObject
) -> None:
    cursor_id = data.draw(st.sampled_from(rows)) if rows else None
    window = read(rows, Place(first, height, data.draw(st.integers(0, 300)), cursor_id))
    visible = range(window.first, min(window.first + height, len(rows)))

    assert window.total == len(rows)
    for n in visible:
        assert window.rows[n - window.start] == rows[n]
