"""What is kept of an engine's knowledge."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.models import MediaKind
from mediadl.modules.engines import metadata


def test_what_expires_and_what_is_secret_is_left_out() -> None:
    kept = metadata.of_ytdlp(
        {
            "id": "1", "title": "A\u202eB\x1b[31m", "webpage_url": "https://www.youtube.com/watch?v=1",
            "url": "https://cdn/x?sig=1", "formats": [{"url": "https://cdn/x"}], "http_headers": {"Cookie": "a=b"},
            "cookies": "a=b", "thumbnail": "https://cdn/t.jpg", "tags": ["x", "https://cdn/y.jpg"],
        }
    )  # fmt: skip

    assert kept == {
        "id": "1",
        "title": "AB[31m",
        "webpage_url": "https://www.youtube.com/watch?v=1",
        "tags": ["x"],
    }


def test_gallerydl_keeps_everything_but_private_keys_and_media_addresses() -> None:
    kept = metadata.of_gallerydl(
        {
            "media_id": "3", "date": dt.datetime(2026, 1, 2), "display_url": "https://cdn.example.com/a.jpg?oe=1",
            "_http_headers": {"Cookie": "x"}, "user": {"name": "b", "pic": "https://cdn.example.com/p.webp", "_x": 1},
            "post_url": "https://www.instagram.com/p/x/",
        }
    )  # fmt: skip

    assert kept == {
        "media_id": "3",
        "date": "2026-01-02T00:00:00",
        "user": {"name": "b"},
        "post_url": "https://www.instagram.com/p/x/",
    }


@pytest.mark.parametrize(
    ("info", "epoch"),
    [
        ({"timestamp": 1_700_000_000}, 1_700_000_000.0),
        ({"release_timestamp": 5, "upload_date": "20230101"}, 5.0),
        ({"upload_date": "20231114"}, 1_699_920_000.0),
        ({"upload_date": "20239999"}, None),
        ({"timestamp": True}, None),
        ({}, None),
    ],
)
def test_the_moment_of_publishing(info: dict[str, object], epoch: float | None) -> None:
    assert metadata.posted_at(info) == epoch


def test_gallerydls_placeholder_is_no_moment() -> None:
    assert metadata.moment_of(dt.datetime(1970, 1, 1)) is None
    assert metadata.moment_of(dt.datetime(2023, 11, 14, 22, 13, 20)) == 1_700_000_000.0
    assert metadata.moment_of("2023") is None


def test_kinds() -> None:
    assert metadata.kind_of("mp4", {}) is MediaKind.VIDEO
    assert metadata.kind_of("mp4", {"vcodec": "none"}) is MediaKind.AUDIO
    assert metadata.kind_of("JPG", {}) is MediaKind.IMAGE
    assert metadata.kind_of("xyz", {"vcodec": "h264"}) is MediaKind.VIDEO
    assert metadata.kind_of("xyz", {}) is MediaKind.OTHER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_anything_becomes_json(data: dict[str, object]) -> None:
    assert json.dumps(metadata.of_gallerydl(data), allow_nan=False)
