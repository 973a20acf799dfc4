"""Messages survive the way through a pipe."""

from __future__ import annotations

import pytest

from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.pipeline.protocol import Ended, Found, Remember
from mediadl.pipeline.wire import decode, encode


def test_an_item_keeps_all_its_names() -> None:
    item = FoundItem(
        3,
        Identity("instagram", "99"),
        aliases=(Identity("instagram", "AbC", 1), Identity("instagram", "cdn:1_2_3")),
        fallbacks=("https://a.example/x", "https://b.example/x"),
        kind=MediaKind.VIDEO,
    )

    assert decode(encode(Found(item))) == Found(item)


@pytest.mark.parametrize(
    "message",
    [
        Remember("cursor", {"after": "x", "pages": [1, 2]}),
        Remember("cursor"),
        Ended("b", None, ("a: refused",), "no posts yet"),
        Ended("b"),
    ],
)
def test_a_message_survives_the_wire(message: Remember | Ended) -> None:
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    "line", [b"", b"[]", b'{"op":"nothing"}', b'{"op":"found"}', b'{"op":"found","item":7}']
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(line)


@pytest.mark.parametrize("at", [1e14, -1.0, float("inf"), float("nan")])
def test_a_moment_that_no_calendar_has_is_none(at: float) -> None:
    item = FoundItem(1, Identity("s", "1"), posted_at=at)

    found = decode(encode(Found(item)))

    assert isinstance(found, Found)
    assert (item.posted_at, found.item.posted_at) == (None, None)


@pytest.mark.parametrize("size_bytes", [2**63, 10**30, -1])
def test_a_size_that_no_database_holds_is_none(size_bytes: int) -> None:
    assert FoundItem(1, Identity("s", "1"), size_bytes=size_bytes).size_bytes is None
