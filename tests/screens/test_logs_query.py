from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.logs import LogQuery
from mediadl.screens.logs_query import RANGES, Span, job_number, read_span, restored, state_of, with_span

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC).timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("", None, None),
        ("2h", NOW - 7200, None),
        ("2026-05-01", at("2026-05-01"), None),
        ("2026-05-01 .. 2026-05-02T10:00", at("2026-05-01"), at("2026-05-02T10:00")),
        (".. 1h", None, NOW - 3600),
        ("3h..1h", NOW - 10_800, NOW - 3600),
    ],
)
def test_spans_as_people_write_them(words: str, since: float | None, until: float | None) -> None:
    span = read_span(words, NOW)

    assert (span.since, span.until) == (since, until)


@pytest.mark.parametrize("words", ["soon", "..", "1h .. 2h", "2026-13-01", "2h .. soon"])
def test_what_is_no_span_says_so(words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_span(words, NOW)

    assert caught.value.next_step


def test_every_span_offered_can_be_read() -> None:
    for words, _ in RANGES:
        assert read_span(words, NOW).words == words


@pytest.mark.parametrize(("text", "number"), [("", None), (" 12 ", 12), ("#7", 7)])
def test_job_numbers(text: str, number: int | None) -> None:
    assert job_number(text) == number


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "٣", "9" * 30])
def test_what_is_no_job_number_says_so(text: str) -> None:
    with pytest.raises(InvalidInput):
        job_number(text)


def test_the_filters_survive_a_restart() -> None:
    span = Span("2026-05-01", at("2026-05-01"))
    query = with_span(LogQuery("error", "workers", 7, text="zebra"), span)

    assert restored(state_of(query, span)) == (query, span)


@given(
    state=st.dictionaries(
        st.sampled_from(["level", "module", "job", "words", "time"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text())),
    )
)
def test_nonsense_is_left_out(state: dict[str, object]) -> None:  # fmt: skip
    query, span = restored(state)

    assert query.accepts_level("error")
    assert (query.since, query.until) == (span.since, span.until)
