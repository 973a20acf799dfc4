"""Plain files: what their address says, and an identity that outlives signatures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.models import Lane, MediaKind
from mediadl.modules import direct, files, registry


@pytest.mark.parametrize(
    ("url", "ext", "kind", "title"),
    [
        ("https://example.com/a/Report%20final.PDF", "pdf", MediaKind.DOCUMENT, "Report final"),
        ("https://example.com/x.tar.gz?token=abc", "gz", MediaKind.DOCUMENT, "x"),
        ("https://example.com/clip.mp4#t=10", "mp4", MediaKind.VIDEO, "clip"),
        ("http://127.0.0.1:8080/photo.jpeg", "jpeg", MediaKind.IMAGE, "photo"),
        ("https://example.com/s%C3%B6ng.m4a", "m4a", MediaKind.AUDIO, "söng"),
    ],
)  # fmt: skip
def test_a_file_becomes_one_item_without_a_runner(url: str, ext: str, kind: MediaKind, title: str) -> None:
    target = registry.match(url)

    item = direct.item(target)

    assert target.lane is Lane.TRANSFER
    assert (item.n, item.url, item.ext, item.kind, item.title) == (1, url, ext, kind, title)
    assert item.source == item.identity.site
    assert "abc" not in item.page_url


def test_only_direct_targets_become_items() -> None:
    with pytest.raises(InvalidInput):
        direct.item(registry.match("https://example.com/page"))


def test_signatures_do_not_change_the_identity_but_everything_else_does() -> None:
    base = files.stable_id("https://cdn.example.com/v/clip.mp4?id=7&expires=1&signature=aa&X-Amz-Date=3")

    assert files.stable_id("https://cdn.example.com/v/clip.mp4?signature=bb&id=7&expires=2") == base
    assert files.stable_id("https://cdn.example.com/v/clip.mp4?id=8&expires=1") != base
    assert files.stable_id("https://cdn.example.com/w/clip.mp4?id=7") != base
    assert files.stable_id("https://other.example.com/v/clip.mp4?id=7") != base
    assert base.startswith("clip-")


def test_a_word_that_signs_elsewhere_may_name_the_file() -> None:
    thread = "https://forum.example.com/viewtopic.php?t="
    shared = "https://example.com/get/file.zip?token="

    assert files.stable_id(thread + "1") != files.stable_id(thread + "2")
    assert files.stable_id(shared + "a") != files.stable_id(shared + "b")
    assert files.stable_id(shared + "a&expires=1") == files.stable_id(shared + "b&expires=2")


@pytest.mark.parametrize(
    ("content_type", "url", "ext"),
    [
        ("video/mp4", "https://e.com/x", "mp4"),
        ("application/pdf; charset=binary", "https://e.com/x", "pdf"),
        ("application/octet-stream", "https://e.com/x.bin", "bin"),
        ("image/x-new", "https://e.com/x.new", "new"),
        ("text/html; charset=utf-8", "https://e.com/x.jpg", None),
        ("application/vnd.apple.mpegurl", "https://e.com/x", None),
        ("audio/mpegurl", "https://e.com/x", None),
        ("application/json", "https://e.com/x", None),
        ("", "https://e.com/x", None),
    ],
)  # fmt: skip
def test_a_content_type_tells_files_from_pages(content_type: str, url: str, ext: str | None) -> None:
    assert files.type_ext(content_type, url) == ext


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=40))
def test_ids_are_safe_words_for_any_address(path: str, query: str) -> None:
    url = f"https://example.com/{path}?{query}"
    try:
        word = files.stable_id(url)
    except ValueError:
        pytest.fail("an id for every address")

    assert 12 <= len(word) <= 60
    assert all(char.isascii() and (char.isalnum() or char in "._-") for char in word)
    assert word == files.stable_id(url)
