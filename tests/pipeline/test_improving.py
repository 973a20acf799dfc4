"""A better version is one that nobody would miss the old file for; everything else is refused, in words."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mediadl.pipeline.improving import LENGTH_S, Version, why_not

SMALL = Version("jpg", 640, 480, None, 50_000)

sides = st.one_of(st.none(), st.integers(min_value=-1, max_value=20_000))
versions = st.builds(
    Version,
    st.sampled_from(["jpg", ".JPEG", "png", "mp4", ""]),
    sides,
    sides,
    st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
    st.integers(min_value=0, max_value=1 << 40),
)


def test_a_picture_of_more_pixels_is_better() -> None:
    assert why_not(SMALL, Version("jpg", 1280, 960, None, 40_000)) == ""


def test_one_that_is_hardly_larger_is_not_and_says_both_sizes() -> None:
    why = why_not(SMALL, Version("jpg", 650, 490, None, 60_000))

    assert why == "hardly larger: 650x490, stored is 640x480"


def test_a_larger_area_with_a_smaller_side_is_another_cut_not_a_better_version() -> None:
    assert "one side is smaller" in why_not(SMALL, Version("jpg", 2000, 470, None, 90_000))


def test_of_one_area_a_fifth_more_bytes_are_needed() -> None:
    assert why_not(SMALL, replace(SMALL, size_bytes=60_000)) == ""
    assert "as large as" in why_not(SMALL, replace(SMALL, size_bytes=59_000))


def test_another_format_is_refused_in_words_and_two_endings_of_one_are_the_same() -> None:
    assert why_not(SMALL, Version("png", 1280, 960, None, 9)) == "another format: png instead of jpg"
    assert why_not(replace(SMALL, ext=".jpeg"), Version("jpg", 1280, 960, None, 9)) == ""


def test_a_video_of_another_length_is_another_video() -> None:
    old = Version("mp4", 640, 360, 10.0, 1_000_000)

    assert why_not(old, Version("mp4", 1280, 720, 10.4, 2_000_000)) == ""
    assert "another length" in why_not(old, Version("mp4", 1280, 720, 11.0, 2_000_000))
    assert "not known" in why_not(old, Version("mp4", 1280, 720, None, 2_000_000))


@given(versions, versions, st.floats(min_value=1.0, max_value=100.0))
def test_what_is_taken_is_never_smaller_nor_of_another_length(
    old: Version, new: Version, min_gain: float
) -> None:
    if why_not(old, new, min_gain):
        return

    assert (new.width or 0) >= (old.width or 0) > 0
    assert (new.height or 0) >= (old.height or 0) > 0
    assert new.area >= min_gain * old.area or new.size_bytes > old.size_bytes
    if old.duration_s is not None:
        assert new.duration_s is not None
        assert abs(new.duration_s - old.duration_s) <= LENGTH_S


@given(versions, versions)
def test_no_two_files_are_each_better_than_the_other(one: Version, other: Version) -> None:
    assert why_not(one, other) or why_not(other, one)


@given(versions)
def test_no_file_is_better_than_itself(one: Version) -> None:
    assert why_not(one, one)
