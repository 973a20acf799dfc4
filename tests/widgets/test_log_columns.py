from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.logs import LogLine, Position
from mediadl.logs.found import Found
from mediadl.widgets.columns import fit, pad
from mediadl.widgets.log_columns import LogCells, marked, when

AT = 1_779_019_200.123


def row(message: str, *, level: str = "info", job: int | None = None) -> Found:
    return Found(Position("mediadl-2026-05-17.jsonl", 0), LogLine(AT, level, "app", message, job, 1))


def said(cells: LogCells, found: Found, width: int) -> dict[str, str]:
    """What each column says at this width of the table."""
    return {
        f.column.name: "".join(text for text, _ in pad(f.column.parts(found, 0.0, f.width), f.width)).rstrip()
        for f in fit(cells.columns(), width)
    }


def test_narrow_tables_leave_out_module_and_job() -> None:
    cells = LogCells()

    assert list(said(cells, row("x"), 58)) == ["at", "level", "message"]
    assert list(said(cells, row("x"), 78)) == ["at", "level", "job", "message"]
    assert list(said(cells, row("x"), 118)) == ["at", "level", "module", "job", "message"]


def test_wide_tables_say_the_time_more_exactly() -> None:
    assert len(when(AT, 8)) == 8
    assert len(when(AT, 15)) == 15
    assert when(AT, 19).endswith(".123")


def test_more_lines_are_counted_even_when_the_first_is_cut() -> None:
    message = said(LogCells(), row("long " * 50 + "\nsecond\nthird"), 60)["message"]

    assert message.endswith("… +2")


def test_sideways_shows_the_rest_of_the_message() -> None:
    cells = LogCells()
    cells.shift = 16

    assert said(cells, row("0123456789abcdefghijklmnopqrstuvwxyz"), 60)["message"] == "…hijklmnopqrstuvwxyz"


def test_a_match_beyond_the_edge_comes_into_view() -> None:
    cells = LogCells()
    cells.words = "NEEDLE"

    message = said(cells, row("x " * 300 + "needle in hay"), 60)["message"]
    assert message.startswith("…")
    assert "needle in hay" in message


def test_words_looked_for_are_marked_wherever_they_stand() -> None:
    assert marked("a zebra, a Zebra", "zebra", "") == [
        ("a ", ""), ("zebra", "accent"), (", a ", ""), ("Zebra", "accent"),
    ]  # fmt: skip


@given(text=st.text(), words=st.text(max_size=5))
def test_marking_changes_no_character(text: str, words: str) -> None:
    assert "".join(part for part, _ in marked(text, words, "")) == text


@given(message=st.text(), words=st.text(max_size=4), shift=st.integers(0, 200), width=st.integers(40, 200))
def test_no_message_leaves_its_column_or_carries_controls(
    message: str, words: str, shift: int, width: int
) -> None:
    cells = LogCells()
    cells.shift, cells.words = shift, words

    for fitted in fit(cells.columns(), width):
        text = "".join(t for t, _ in pad(fitted.column.parts(row(message), 0.0, fitted.width), fitted.width))
        assert cell_len(text) == fitted.width
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in text)
