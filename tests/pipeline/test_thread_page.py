"""A thread as a page: nothing of what strangers wrote gets out of its place."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import Identity, PostFile, PostFileState, Thread, ThreadPost, WatchState
from mediadl.pipeline import thread_page
from mediadl.pipeline.documents import MARK_BYTES
from mediadl.store.thread_posts import KeptFile, KeptPost

THREAD = Thread(
    1, "https://forum.example.org/threads/walks.77/", "forum.example.org", "xenforo2", "77", "Walks", 1,
    WatchState.KNOWN, "", 1, 1, 1, 0, 1, 0, 0, 1.0, 1.0, 1.0, None, None, "/media/walks", 1.0,
)  # fmt: skip
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "article", "header", "b", "a", "img", "div",
    "ul", "li",
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def kept(
    text: str = "Words", *files: KeptFile, author: str = "ann", url: str = "", gone: bool = False
) -> KeptPost:
    post = ThreadPost("5", 5, author, "1", 1_700_000_000.0, "", url, text, f"<p>{text}</p>")
    return KeptPost(post, 1, 1.0, None, 2.0 if gone else None, files)


def stored(path: str, mime: str = "image/jpeg", name: str = "x.jpg") -> KeptFile:
    file = PostFile(
        "https://forum.example.org/a/1", "attachment", Identity("f", "1"), name, state=PostFileState.STORED
    )
    return KeptFile(file, 1, path, 10, "ab", mime)


def page_of(*posts: KeptPost) -> str:
    return "".join(thread_page.page(THREAD, posts, "/media/walks"))


@given(st.text(), st.text(), st.text())
def test_no_text_becomes_markup(text: str, author: str, url: str) -> None:
    tags = Tags()

    tags.feed(page_of(kept(f"{text}<script>x</script>https://e.org/{text}", author=author, url=url)))

    assert tags.names <= ALLOWED
    assert tags.handlers == []
    assert all(link.startswith(("http://", "https://")) for link in tags.links)


def test_files_are_linked_from_where_the_page_lies() -> None:
    text = page_of(
        kept("Words", stored("/media/walks/a b#1.jpg"), stored("/media/other/c.zip", "application/zip"))
    )

    assert '<img src="a%20b%231.jpg"' in text
    assert '<a href="../other/c.zip">c.zip</a>' in text


def test_a_drawing_that_could_hold_a_script_is_not_shown() -> None:
    assert "<img" not in page_of(kept("Words", stored("/media/walks/a.svg", "image/svg+xml")))


def test_what_is_not_there_says_why() -> None:
    link = PostFile("https://strange.example/v/1", "link", None, state=PostFileState.UNSUPPORTED)
    late = PostFile("https://forum.example.org/a/2", "attachment", Identity("f", "2"))

    text = page_of(kept("Words", KeptFile(link, 1, "", 0, "", ""), KeptFile(late, 2, "", 0, "", "")))

    assert "(nobody knows this link)" in text
    assert "(not there yet)" in text
    assert "<h2>Links that nobody knows</h2>" in text


def test_a_removed_post_stays_and_says_so() -> None:
    assert "removed from the forum" in page_of(kept(gone=True))


def test_addresses_in_the_text_can_be_followed() -> None:
    assert '<a href="https://e.org/?a=1&amp;b=2" rel="noreferrer">https://e.org/?a=1&amp;b=2</a>' in page_of(
        kept("see https://e.org/?a=1&b=2 there")
    )


@pytest.mark.parametrize("cut", ["https://www.youtub…cEUsKL", "https://host.example/a/very/l...word"])
def test_an_address_that_the_forum_shortened_is_no_link(cut: str) -> None:
    assert f"see {cut} there" in page_of(kept(f"see {cut} there"))


def test_the_page_carries_its_mark_near_the_start() -> None:
    assert thread_page.page_mark(THREAD) in page_of()[:2048]


@pytest.mark.parametrize("text", ["plain", 'quo"te', "<b>", "line\nbreak"])
def test_a_sidecar_is_json_with_the_post_and_its_files(text: str) -> None:
    written = thread_page.sidecar(THREAD, kept(text, stored("/media/walks/a.jpg")))

    record = json.loads(written)
    assert thread_page.post_mark(THREAD, "5") in written[:2048]
    assert record["post"]["text"] == text
    assert record["post"]["date"] == "2023-11-14T22:13:20Z"
    assert record["thread"]["id"] == "77"
    assert record["files"] == [
        {
            "file": "a.jpg", "url": "https://forum.example.org/a/1", "kind": "attachment", "state": "stored",
            "name": "x.jpg", "bytes": 10, "type": "image/jpeg", "sha256": "ab",
        }
    ]  # fmt: skip


def test_the_record_of_a_thread_is_json() -> None:
    record = json.loads(thread_page.record(THREAD))

    assert record["mediadl_thread"] == THREAD.url
    assert record["title"] == html.unescape(THREAD.title)


def test_the_longest_address_still_marks_a_page_as_ours() -> None:
    thread = replace(THREAD, url="https://forum.example.org/?" + "&" * 4000)

    written = "".join(thread_page.page(thread, [], "/media/walks"))

    assert thread_page.page_mark(thread).encode() in written.encode()[:MARK_BYTES]
