"""What the first bytes make of a file: its extension, or a refusal."""

from __future__ import annotations

import pytest

from mediadl.errors import DownloadError, LoginNeeded, NotMedia
from mediadl.models import MediaKind
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.sniff import sniff

PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form></form></body></html>"
GATE = "forum.example gives files to members only"


def refusal(content: bytes, gate: str = "", *, kind: MediaKind = MediaKind.OTHER) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        facts_from(sniff(content), "zip", kind, media_only=True, name="file", gate=gate)
    return caught.value


def test_a_page_in_place_of_a_file_for_members_is_a_login_that_is_missing() -> None:
    error = refusal(PAGE, GATE)

    assert isinstance(error, LoginNeeded)
    assert error.message == GATE


def test_elsewhere_a_page_is_just_no_file() -> None:
    assert isinstance(refusal(PAGE), NotMedia)


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00" + bytes(60), b'{"error": "x"}', b"<?xml version='1.0'?><rss></rss>"]
)
def test_only_a_page_tells_of_a_login(content: bytes) -> None:
    assert isinstance(refusal(content, GATE), NotMedia)


def test_words_in_place_of_a_picture_are_no_picture() -> None:
    assert isinstance(refusal(b"no such attachment, sorry", GATE, kind=MediaKind.IMAGE), NotMedia)
