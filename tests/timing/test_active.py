"""From when until when a schedule is active."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import active

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("", ""), ("2026-12-31", "2026-12-31"), ("20261231", "2026-12-31"), ("2026-12-31T18:00", "2026-12-31 18:00"),
        (" 2026-12-31 18:00:05 ", "2026-12-31 18:00:05"), ("2026-12-31T18:00Z", "2026-12-31 18:00+00:00"),
        ("2026-12-31T00:00", "2026-12-31 00:00"),
    ],
)  # fmt: skip
def test_a_bound_is_kept_in_one_spelling(text: str, spelled: str) -> None:
    assert active.check(text) == spelled
    assert active.check(spelled) == spelled


@pytest.mark.parametrize(
    "text", ["soon", "tomorrow", "2026-13-01", "2026", "0001-01-01", "9999-12-31", "x" * 5000]
)
def test_what_is_no_date_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write 2026-12-31") as refused:
        active.check(text)

    assert len(str(refused.value)) < 150


def test_a_date_counts_from_its_first_to_its_last_moment_there() -> None:
    assert active.begins("2026-12-31", BERLIN) == datetime(2026, 12, 31, tzinfo=BERLIN).timestamp()
    assert active.ends("2026-12-31", BERLIN) == datetime(2027, 1, 1, tzinfo=BERLIN).timestamp()


def test_a_time_is_meant_there_unless_it_says_where() -> None:
    six = datetime(2026, 12, 31, 18, tzinfo=BERLIN).timestamp()

    assert active.begins("2026-12-31 18:00", BERLIN) == active.ends("2026-12-31 18:00", BERLIN) == six
    assert active.begins("2026-12-31T17:00Z", BERLIN) == six
    assert active.begins("", BERLIN) is active.ends("", BERLIN) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_bound_or_refused(text: str) -> None:
    try:
        spelled = active.check(text)
    except ValueError:
        return
    assert active.check(spelled) == spelled
    assert active.begins(spelled, BERLIN) == active.begins(text, BERLIN)
