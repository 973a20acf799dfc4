"""How rows of older tools read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import JobStatus
from mediadl.store.upgrade_rows import Habits, to_history_row, to_queue_row, to_time


@pytest.mark.parametrize(
    "written",
    [
        1714557600,
        1714557600.0,
        "1714557600",
        1714557600_000,
        1714557600_000_000,
        "2024-05-01T10:00:00Z",
        "2024-05-01T12:00:00+02:00",
        "2024-05-01 10:00:00",
        " 2024-05-01T10:00:00.000 ",
    ],
)
def test_a_time_is_read_however_it_is_written(written: object) -> None:
    assert to_time(written) == 1714557600.0


@pytest.mark.parametrize(
    ("written", "day"), [("2024-05-01", (2024, 5, 1)), ("20240501", (2024, 5, 1)), ("19700102", (1970, 1, 2))]
)
def test_a_day_is_its_first_moment(written: str, day: tuple[int, int, int]) -> None:
    assert to_time(written) == datetime(*day, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "written", [None, "", "soon", "2024-13-45", b"x", float("nan"), float("inf"), -1, 0, True]
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert to_time(written) is None


@given(st.floats(min_value=1e9, max_value=9e10))
def test_iso_texts_and_numbers_mean_the_same(moment: float) -> None:
    whole = float(int(moment))
    written = datetime.fromtimestamp(whole, UTC).isoformat()

    assert to_time(written) == to_time(whole) == whole


_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text('0129-:TZ .{}[]"ae\x00\x1b\u00e9/', max_size=20),
    st.binary(max_size=9),
)
_NAMES = st.sampled_from(
    ["id", "url", "platform", "status", "priority", "title", "options", "progress", "created_at", "scheduled_at",
     "error", "retries", "position", "size", "file_path", "file_hash", "media_type", "upload_date", "duration"]
)  # fmt: skip


@given(st.dictionaries(_NAMES, _ANYTHING), st.sampled_from([None, 0.0, 5.0, 50.0]))
def test_no_row_is_too_odd_to_be_kept(row: dict[str, object], middle: float | None) -> None:
    queue = to_queue_row(row, Habits(middle, 1.8e9))
    history = to_history_row(row, Habits(None, 1.8e9))

    assert JobStatus(queue["status"]) is not JobStatus.ACTIVE
    assert queue["priority"] in {0, 1, 2}
    assert history["stored_at"] > 0
    assert history["size_bytes"] >= 0
