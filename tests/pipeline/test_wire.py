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
