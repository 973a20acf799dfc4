"""Response heads, parsed without trust."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.pipeline.transfer.heads import (
    MAX_RETRY_AFTER_S,
    ContentRange,
    Head,
    Validator,
    parse_content_range,
    parse_retry_after,
)

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("bytes 0-9/10", ContentRange(0, 10, 10)),
        ("bytes 5-9/*", ContentRange(5, 10, None)),
        ("Bytes  5-9 / 10", ContentRange(5, 10, 10)),
        ("bytes */10", ContentRange(None, None, 10)),
        ("bytes */*", None),
        ("bytes 9-5/10", None),
        ("bytes 0-10/10", None),
        ("items 0-9/10", None),
        ("bytes 0-9", None),
        ("bytes -9/10", None),
        ("", None),
    ],
)
def test_a_content_range_means_what_it_says(text: str, meaning: ContentRange | None) -> None:
    assert parse_content_range(text) == meaning


@given(st.text(max_size=60))
def test_no_content_range_raises(text: str) -> None:
    parse_content_range(text)


@given(st.integers(0, 10**17), st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_written_content_range_is_read_back(start: int, length: int, rest: int) -> None:
    stop, total = start + length, start + length + rest

    assert parse_content_range(f"bytes {start}-{stop - 1}/{total}") == ContentRange(start, stop, total)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("999999999999999999999", MAX_RETRY_AFTER_S),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Tue, 99 Nov 2023 22:13:20 GMT", None),
    ],
)
def test_a_retry_after_means_what_it_says(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds


@given(st.text(max_size=60))
def test_every_retry_after_is_nothing_or_a_sensible_time(text: str) -> None:
    seconds = parse_retry_after(text, NOW)

    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_S


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_head_raises(lines: list[bytes]) -> None:
    head = Head.parse(lines)

    assert isinstance(head.validator, Validator)
    assert head.length is None or head.length >= 0
    assert head.retry_after_s(NOW) is None or head.encoded in {True, False}


def head(*lines: str) -> Head:
    return Head.parse([b"HTTP/1.1 200 OK\r\n", *(f"{line}\r\n".encode() for line in lines)])


@pytest.mark.parametrize(
    ("etag", "strong"), [('"abc"', '"abc"'), ('W/"abc"', ""), ("abc", ""), ('"', ""), ("", ""), ('""', '""')]
)
def test_only_strong_entity_tags_count(etag: str, strong: str) -> None:
    assert head(f"ETag: {etag}").validator.etag == strong


def test_a_date_counts_when_the_answer_is_from_later() -> None:
    modified, same, later = (formatdate(NOW + s, usegmt=True) for s in (0, 0, 60))

    assert head(f"Last-Modified: {modified}", f"Date: {later}").validator.condition == modified
    assert head(f"Last-Modified: {modified}", f"Date: {same}").validator.condition == ""
    assert head(f"Last-Modified: {modified}").validator.condition == modified
    assert head("Last-Modified: yesterday").validator.condition == ""


def test_the_length_of_a_chunked_body_is_unknown() -> None:
    assert head("Content-Length: 5", "Transfer-Encoding: chunked").length is None
    assert head("Content-Length: 5").length == 5
    assert head("Content-Length: -5").length is None


def test_packed_bodies_show() -> None:
    assert head("Content-Encoding: gzip").encoded
    assert not head("Content-Encoding: identity").encoded
    assert not head().encoded


def test_validators_disagree_only_where_both_know() -> None:
    assert Validator('"a"', "x").agrees(Validator('"a"', "y"))
    assert not Validator('"a"', "x").agrees(Validator('"b"', "x"))
    assert not Validator("", "x").agrees(Validator("", "y"))
    assert Validator('"a"', "").agrees(Validator("", "y"))
