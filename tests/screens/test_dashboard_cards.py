"""The Dashboard's figures as text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from mediadl.models import Amount, JobStatus, Outcomes, QueueCounts
from mediadl.screens import dashboard_cards as made
from mediadl.service.daemon import DaemonStatus
from mediadl.service.stats import Overview, Space
from mediadl.widgets.cards import ROWS, Card, Cards
from mediadl.widgets.line import Piece

NOW = 1_000_000.0


def words(card: Card) -> str:
    """Everything a card says, bars aside."""
    rows = [" ".join(piece.text for piece in row if isinstance(piece, Piece)) for row in card.rows]
    return " | ".join(rows)


def counts(**numbers: int) -> QueueCounts:
    return QueueCounts({JobStatus(word): n for word, n in numbers.items()}, 2_000_000.0, 0, 0)


def overview(**fields: Any) -> Overview:
    values: dict[str, Any] = {
        "today": Amount(1, 2), "week": Amount(3, 4), "month": Amount(5, 6), "stored": Amount(7, 8),
        "counts": counts(), "outcomes": Outcomes(), "space": None, "next_job": None, "days": (),
    } | fields  # fmt: skip
    return Overview(**values)


def test_before_anything_is_read_every_card_stands_in_its_place() -> None:
    empty = made.cards(None, None, NOW)
    full = made.cards(overview(), None, NOW)

    assert [card.title for card in empty] == [card.title for card in full]
    assert len(empty) == made.CARDS
    assert all(len(card.rows) <= ROWS for card in (*empty, *full))


def test_only_statuses_with_jobs_can_be_clicked() -> None:
    card = made.queue(counts(active=2, failed=0))

    assert [piece.action for piece in card.brief] == ["show_status('active')", "", ""]
    assert words(card) == "▶ 2 active 2.0 MB/s | ○ 0 pending | ✗ 0 failed"


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (Outcomes(10, 0), "100% in 30 days |  | 10 of 10 jobs"),
        (Outcomes(999, 1), "99% in 30 days |  | 999 of 1,000 jobs"),
        (Outcomes(0, 1, 9), "0% in 30 days |  | 0 of 1 job"),
        (Outcomes(0, 0, 9), "– |  | no job ended in 30 days"),
    ],
)
def test_success_says_what_it_counts(outcomes: Outcomes, said: str) -> None:
    assert words(made.success(outcomes)) == said


def test_scarce_space_says_so_in_words() -> None:
    roomy = made.storage(Amount(5, 10), Space("/m", 50, 100))
    scarce = made.storage(Amount(5, 10), Space("/m", 4, 100))

    assert "50 B free of 100 B" in words(roomy)
    assert "only 4 B free" in words(scarce)
    assert "free space unknown" in words(made.storage(Amount(5, 10), None))


@pytest.mark.parametrize(
    ("daemon", "pending", "said"),
    [
        (None, 0, "…"),
        (DaemonStatus(False), 0, "○ not running | starts when needed"),
        (DaemonStatus(False), 2, "○ not running | work is waiting"),
        (DaemonStatus(True, 1), 0, "● running | starting | "),
        (DaemonStatus(True, 1, NOW - 7200, 1.0, 0, "engines fine"), 0, "● running | for 2 h | engines fine"),
        (DaemonStatus(True, 1, NOW - 7200, 50.0), 0, "▲ not answering | silent for 50 s | "),
    ],
)
def test_the_daemons_state_is_a_sign_and_a_word(daemon: DaemonStatus | None, pending: int, said: str) -> None:
    assert words(made.state(daemon, counts(pending=pending), NOW)) == said


class _Holder(App[None]):
    CSS = "Cards { height: auto; }"

    def __init__(self, cards: list[Card]) -> None:
        super().__init__()
        self.cards = Cards(len(cards))
        self.cards.show(cards)

    def compose(self) -> ComposeResult:
        yield self.cards


@given(st.text(max_size=40), st.integers(0, 10**15))
def test_cards_fill_their_width_whatever_they_say(text: str, number: int) -> None:
    from mediadl.security.text import safe_text

    piece = Piece(safe_text(f"{text} {number}"), "bold", action="x")
    card = Card("Title", ((piece, piece), (piece,), (piece, piece, piece)), (piece, piece))
    widget = Cards(6)
    for columns, width in ((6, 158), (3, 78), (3, 72)):
        lines = widget._side_by_side([card] * columns, columns, width, 0)
        assert {cell_len(str(line)) for line in lines} == {width}


@pytest.mark.parametrize(("width", "lines"), [(60, 6), (80, 8), (160, 4)])
async def test_the_height_of_cards_depends_on_the_window_alone(width: int, lines: int) -> None:
    cards = list(made.cards(overview(), DaemonStatus(False), NOW))
    async with _Holder(cards).run_test(size=(width, 30)) as pilot:
        widget = pilot.app.query_one(Cards)
        before = widget.size.height
        widget.show(made.cards(None, None, NOW))
        await pilot.pause()

        assert before == widget.size.height == lines
        assert "Downloads" in widget.text
