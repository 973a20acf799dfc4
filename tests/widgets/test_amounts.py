"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.widgets.amounts import plural, size, span, speed


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_940, "9.9 kB"), (9_960, "10 kB"), (999_499, "999 kB"),
        (999_600, "1.0 MB"), (21_400_000_000, "21 GB"), (None, ""), (-5, "0 B"),
    ],
)  # fmt: skip
def test_size_reads_well(size_bytes: int | None, text: str) -> None:
    assert size(size_bytes) == text


@given(st.integers(min_value=0, max_value=10**17))
def test_size_fits_seven_cells(size_bytes: int) -> None:
    assert len(size(size_bytes)) <= 7


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (7.4, "0:07"),
        (59.6, "1:00"),
        (3599, "59:59"),
        (3600, "1h00"),
        (90_000, "1d01h"),
        (None, ""),
    ],
)
def test_span_reads_well(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


@given(st.floats(min_value=0, max_value=1e9))
def test_span_fits_six_cells(seconds: float) -> None:
    assert len(span(seconds)) <= 6


def test_nothing_moving_has_no_speed() -> None:
    assert speed(0) == ""
    assert speed(2_450_000) == "2.5 MB/s"


def test_one_is_singular() -> None:
    assert (plural(1, "job"), plural(0, "job"), plural(1200, "job")) == ("1 job", "0 jobs", "1,200 jobs")
