"""The line of pieces, and the header and tabs made of it."""

from __future__ import annotations

from textual.app import App, ComposeResult

from mediadl.models import JobQuery, JobSort, JobStatus, QueueCounts
from mediadl.widgets.filter_bar import StatusTabs
from mediadl.widgets.key_bar import Hint, KeyBar
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.status_header import StatusHeader, Totals, terminal_title

COUNTS = QueueCounts({JobStatus.ACTIVE: 2, JobStatus.PENDING: 1500, JobStatus.FAILED: 1}, 5e6, 50, 200)


class Shown(App[None]):
    """One line in a window."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line
        self.clicked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.line

    def on_line_clicked(self, message: Line.Clicked) -> None:
        self.clicked.append(message.action)


async def test_pieces_of_high_weight_go_first() -> None:
    line = Line()
    async with Shown(line).run_test(size=(24, 3)):
        line.put([Piece("always", weight=0), Piece("sometimes", weight=2)], [Piece("right side", weight=1)])

        assert line.text == "always        right side"


async def test_a_click_tells_which_piece() -> None:
    line = Line()
    app = Shown(line)
    async with app.run_test(size=(40, 3)) as pilot:
        line.put([Piece("漢字", action="one"), Piece("two", action="two")], [Piece("three", action="three")])
        await pilot.pause()
        for x in (1, 4, 6, 20, 38):
            await pilot.click(line, offset=(x, 0))

    assert app.clicked == ["one", "two", "three"]


async def test_markup_in_a_piece_is_text() -> None:
    line = Line()
    async with Shown(line).run_test(size=(60, 3)):
        line.put([Piece("[@click=app.quit]x[/] [bold")])

        assert line.text.strip() == "[@click=app.quit]x[/] [bold"


PLACES = (("dashboard", "Dashboard"), ("queue", "Queue"))


async def test_header_says_what_is_there_and_nothing_of_what_is_not() -> None:
    header = StatusHeader(PLACES)
    async with Shown(header).run_test(size=(160, 3)):
        header.show("queue", Totals(COUNTS, 83_000_000_000, True, "daemon"))
        text = header.text

    for said in (
        "1 Dashboard",
        "2 [Queue]",
        "▶ 2 active",
        "○ 1,500 pending",
        "✗ 1 failed",
        "↓ 5.0 MB/s",
        "25%",
        "83 GB free",
    ):
        assert said in text
    assert "● daemon" in text
    assert "waiting" not in text


async def test_a_narrow_header_keeps_what_matters() -> None:
    header = StatusHeader(PLACES)
    async with Shown(header).run_test(size=(40, 3)):
        header.show("queue", Totals(COUNTS, 83_000_000_000, True, "daemon"))

        assert "2 active" in header.text
        assert "5.0 MB/s" in header.text
        assert "free" not in header.text


async def test_tabs_put_the_chosen_one_in_brackets() -> None:
    tabs = StatusTabs()
    async with Shown(tabs).run_test(size=(100, 3)):
        tabs.show("failed", COUNTS, JobQuery(sort=JobSort.SIZE, descending=True))
        text = tabs.text

    assert "All 1,503" in text
    assert "[Failed 1]" in text
    assert "Paused" not in text
    assert text.rstrip().endswith("by size ▾")


async def test_hints_say_what_they_apply_to() -> None:
    bar = KeyBar()
    async with Shown(bar).run_test(size=(60, 3)):
        bar.show([Hint("p", "Pause", "screen.pause")], lead=" 3 marked ")

        assert bar.text.startswith(" 3 marked ")
        assert "p Pause" in bar.text


def test_the_terminal_title_carries_the_totals() -> None:
    assert terminal_title(Totals(COUNTS)) == "25% · 2 active · 5.0 MB/s · 1,500 pending · mediadl"
    assert terminal_title(Totals()) == "mediadl"
