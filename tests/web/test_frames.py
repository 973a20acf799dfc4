"""What a page may send: known frames within bounds, not too many, not too much."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.web import frames
from mediadl.web.frames import Allowance, Focused, Frame, Malformed, Ping, Resized, Typed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('["stdin", "aé"]', Typed("aé".encode())),
        ('["resize", {"width": 100, "height": 40}]', Resized(100, 40)),
        ('["resize", {"width": 1, "height": 99999}]', Resized(20, 200)),
        ('["ping", "12"]', Ping("12")),
        ('["focus"]', Focused(True)),
        ('["blur"]', Focused(False)),
    ],
)
def test_known_frames_are_read(text: str, frame: Frame) -> None:
    assert frames.read(text) == frame


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", "null", '"stdin"', '["stdin"]', '["stdin", 1]', '["stdin", "a", "b"]', '["resize", {}]',
        '["resize", {"width": "1", "height": 2}]', '["resize", {"width": 1.5, "height": 2}]', '["quit"]',
        '["resize", {"width": 80, "height": 24, "more": 1}]', '["ping", "' + "1" * 65 + '"]', "[" * 60_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        frames.read(text)


@given(JSON)
def test_no_json_breaks_the_reader(value: object) -> None:
    try:
        frame = frames.read(json.dumps(value))
    except Malformed:
        return
    assert isinstance(frame, Frame)


def test_half_a_letter_is_typed_as_a_mark_and_breaks_nothing() -> None:
    assert frames.read('["stdin", "\\ud800"]') == Typed(b"?")


@given(st.dictionaries(st.sampled_from(["width", "height"]), st.text(max_size=8)))
def test_the_size_asked_for_is_always_within_bounds(query: dict[str, str]) -> None:
    width, height = frames.size_asked(query)

    assert 20 <= width <= 500
    assert 10 <= height <= 200


def test_a_burst_passes_and_a_flood_does_not() -> None:
    allowance = Allowance(0.0)

    assert all(allowance.take(10, 0.0) for _ in range(500))
    assert not all(allowance.take(10, 0.1) for _ in range(500))


def test_after_a_pause_there_is_room_again() -> None:
    allowance = Allowance(0.0)
    while allowance.take(10, 0.0):
        pass

    assert allowance.take(10, 5.0)


def test_bytes_count_as_well_as_frames() -> None:
    allowance = Allowance(0.0)

    assert not all(allowance.take(frames.LARGEST_FRAME_BYTES, 0.0) for _ in range(40))
