from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.timing import moments

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC).timestamp()


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


def utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("+2h", "2026-05-17T14:00:00+00:00"),
        ("+90s", "2026-05-17T12:01:30+00:00"),
        ("+1d", "2026-05-18T12:00:00+00:00"),
        ("14:30", "2026-05-17T12:30:00+00:00"),
        ("9:00", "2026-05-18T07:00:00+00:00"),
        ("tomorrow 8:00", "2026-05-18T06:00:00+00:00"),
        ("Tomorrow at 23:30", "2026-05-18T21:30:00+00:00"),
        ("tomorrow", "2026-05-17T22:00:00+00:00"),
        ("today 14:30", "2026-05-17T12:30:00+00:00"),
        ("fri 18:00", "2026-05-22T16:00:00+00:00"),
        ("sunday 9:00", "2026-05-24T07:00:00+00:00"),
        ("sunday 20:00", "2026-05-17T18:00:00+00:00"),
        ("2026-06-01", "2026-05-31T22:00:00+00:00"),
        ("2026-06-01T08:00", "2026-06-01T06:00:00+00:00"),
        ("2026-06-01T08:00Z", "2026-06-01T08:00:00+00:00"),
    ],
)
def test_a_start_is_understood_in_local_time(text: str, at: str) -> None:
    assert utc(moments.start(text, NOW)) == at


@pytest.mark.parametrize(
    "text", ["", "soon", "+", "+2y", "25:00", "2026-13-01", "2020-01-01", "2h", "today 9:00", "tomorrow soon"]
)
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        moments.start(text, NOW)


def test_a_clock_time_on_the_night_that_clocks_change_stays_that_clock_time() -> None:
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=UTC).timestamp()

    at = moments.start("06:00", evening)

    assert utc(at) == "2026-10-25T05:00:00+00:00"


def test_spans_have_a_beginning_and_an_end_in_utc_days() -> None:
    assert utc(moments.since("7d", NOW)) == "2026-05-10T12:00:00+00:00"
    assert utc(moments.since("2026-05-01", NOW)) == "2026-05-01T00:00:00+00:00"
    assert utc(moments.until("2026-05-01", NOW)) == "2026-05-01T23:59:59.999999+00:00"
    assert utc(moments.until("2026-05-01T10:00+02:00", NOW)) == "2026-05-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("500", 500),
        ("500k", 500_000),
        ("1.5GB", 1_500_000_000),
        ("2 GiB", 2 * 1024**3),
        ("10M", 10_000_000),
    ],
)
def test_sizes_are_understood(text: str, size: int) -> None:
    assert moments.size(text) == size


@given(st.text(max_size=20))
def test_no_text_crashes(text: str) -> None:
    for read in (moments.size, lambda t: moments.since(t, NOW), lambda t: moments.start(t, NOW)):
        try:
            read(text)
        except InvalidInput as error:
            assert error.next_step  # noqa: PT017 - most texts are refused, some are not


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 2h", NOW + 7200),
        ("IN 90 min", NOW + 5400),
        ("+ 1.5h", NOW + 5400),
    ],
)
def test_a_start_can_be_said_in_words(text: str, expected: float) -> None:
    assert moments.start(text, NOW) == expected


@pytest.mark.parametrize(
    "text", ["tomorrow 25:00", "in", "in two hours", "+9999999999999w", "9999-12-31T23:59"]
)
def test_a_start_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        moments.start(text, NOW)


@given(st.text(max_size=40))
def test_no_text_breaks_a_start(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert moments.start(text, NOW) >= NOW - 60
