"""The shape of an address tells thread, board and post, and never claims an ordinary page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.modules.forum.addresses import first_address, kind_of_address, look, thread_url

F = "https://forum.example.org"
SID = "0123456789abcdef0123456789abcdef"

THREADS = [
    (f"{F}/threads/old-roads.7/", f"{F}/threads/old-roads.7/"),
    (f"{F}/threads/old-roads.7", f"{F}/threads/old-roads.7/"),
    (f"{F}/threads/old-roads.7/page-12?order=reaction_score#post-9", f"{F}/threads/old-roads.7/"),
    (f"{F}/community/threads/%C3%A9t%C3%A9.7/unread", f"{F}/community/threads/%C3%A9t%C3%A9.7/"),
    (f"{F}/index.php?threads/old-roads.7/page-2", f"{F}/index.php?threads/old-roads.7/"),
    (f"{F}/showthread.php?s={SID}&t=7&page=3", f"{F}/showthread.php?t=7"),
    (f"{F}/showthread.php?7-Old-roads/page3", f"{F}/showthread.php?7-Old-roads"),
    (f"{F}/f12/old-roads-77-3.html", f"{F}/f12/old-roads-77.html"),
    (f"{F}/threads/7-old-roads/page3?p=12#post12", f"{F}/threads/7-old-roads"),
    (f"{F}/forum/walks/hills/7-old-roads/page3", f"{F}/forum/walks/hills/7-old-roads"),
    (f"{F}/phpBB3/viewtopic.php?f=2&t=7&start=40&sid={SID}", f"{F}/phpBB3/viewtopic.php?t=7"),
    (f"{F}/viewtopic.php?id=7&p=2", f"{F}/viewtopic.php?id=7"),
    (f"{F}/topic/7-old-roads/page/3/", f"{F}/topic/7-old-roads/"),
    (f"{F}/index.php?/topic/7-old-roads/", f"{F}/index.php?/topic/7-old-roads/"),
    (f"{F}/index.php?topic=7.40", f"{F}/index.php?topic=7.0"),
    (f"{F}/index.php?PHPSESSID={SID}&topic=7.msg99#new", f"{F}/index.php?topic=7.0"),
    (f"{F}/smf/index.php?action=printpage;topic=7.0", f"{F}/smf/index.php?topic=7.0"),
    (f"{F}/index.php/topic,7.20.html", f"{F}/index.php/topic,7.0.html"),
    (f"{F}/showthread.php?tid=7&pid=12#pid12", f"{F}/showthread.php?tid=7"),
    (f"{F}/thread-7-page-2.html", f"{F}/thread-7.html"),
    (f"{F}/t/old-roads/7/31?u=ann", f"{F}/t/old-roads/7"),
    (f"{F}/topic/7/old-roads/31", f"{F}/topic/7/old-roads"),
    (f"{F}/d/7-old-roads/31", f"{F}/d/7-old-roads"),
]
BOARDS = [
    f"{F}/forums/walks.2/",
    f"{F}/forums/walks.2/page-4",
    f"{F}/index.php?forums/walks.2/",
    f"{F}/forumdisplay.php?f=2",
    f"{F}/forums/2-walks",
    f"{F}/viewforum.php?f=2&start=50",
    f"{F}/viewforum.php?id=2",
    f"{F}/forum/2-walks/",
    f"{F}/index.php?board=2.20",
    f"{F}/forumdisplay.php?fid=2",
    f"{F}/forum-2-page-3.html",
]
POSTS = [
    (f"{F}/viewtopic.php?p=12#p12", f"{F}/viewtopic.php?p=12"),
    (f"{F}/showthread.php?p=12", f"{F}/showthread.php?p=12"),
    (f"{F}/showthread.php?pid=12", f"{F}/showthread.php?pid=12"),
    (f"{F}/threads/old-roads.7/post-12", f"{F}/threads/old-roads.7/"),
    (f"{F}/topic/7-old-roads/?do=findComment&comment=12", f"{F}/topic/7-old-roads/"),
]
ORDINARY = [
    "https://www.youtube.com/watch?v=abcdefghijk",
    "https://www.instagram.com/p/Cabc123/",
    "https://www.tiktok.com/@ann/video/7300000000000000001",
    "https://www.tiktok.com/t/ZTabc123/",
    "https://www.threads.net/@ann/post/Cabc123",
    "https://twitter.com/ann/status/1234567890",
    "https://www.reddit.com/r/pics/comments/abc123/a_title/",
    "https://shop.example.com/c/shoes/123",
    "https://shop.example.com/category/12/shoes",
    "https://shop.example.com/product-123.html",
    "https://shop.example.com/index.php?id=7",
    "https://shop.example.com/index.php?route=product/product&product_id=7",
    "https://news.example.com/2026/11/22/old-roads-7/",
    "https://news.example.com/topic/politics",
    "https://news.example.com/topic/123",
    "https://news.example.com/topics/123-old-roads",
    "https://blog.example.com/posts/123",
    "https://blog.example.com/post/123",
    "https://blog.example.com/?p=123",
    "https://blog.example.com/comment/5/find/",
    "https://wiki.example.com/index.php?title=Topic:Roads",
    "https://files.example.com/d/abc123",
    "https://files.example.com/d/1234567",
    "https://drive.google.com/file/d/1abc/view",
    "https://gallery.example.com/forum-pictures/a.jpg",
    "https://example.com/forum",
    "https://example.com/",
    "https://github.com/ann/tool/issues/7",
    "https://imgur.com/t/roads/abc1234",
    "https://example.com/viewtopic.php",
    "https://example.com/showthread.php?x=1",
]


@pytest.mark.parametrize(("url", "canonical"), THREADS)
def test_thread_is_known_and_has_one_form(url: str, canonical: str) -> None:
    found = look(url)

    assert kind_of_address(url) == "thread"
    assert thread_url(url) == canonical
    assert thread_url(canonical) == canonical
    assert found is not None
    assert found.id in {"7", "77"}
    assert found.url.startswith(found.base)


@pytest.mark.parametrize("url", BOARDS)
def test_board_is_known(url: str) -> None:
    found = look(url)

    assert found is not None
    assert (found.kind, found.id) == ("board", "2")
    assert kind_of_address(found.url) == "board"


@pytest.mark.parametrize(("url", "canonical"), POSTS)
def test_address_of_a_post_gives_its_thread_where_it_names_it(url: str, canonical: str) -> None:
    assert kind_of_address(url) == "post"
    assert thread_url(url) == canonical


@pytest.mark.parametrize("url", ORDINARY)
def test_ordinary_address_is_not_claimed(url: str) -> None:
    assert kind_of_address(url) == ""


@pytest.mark.parametrize(
    ("url", "software", "kind"),
    [
        (f"{F}/t/7", "discourse", "thread"),
        (f"{F}/c/walks/2", "discourse", "board"),
        (f"{F}/category/2/walks", "nodebb", "board"),
        (f"{F}/topic/7", "flaskbb", "thread"),
        (f"{F}/d/7", "flarum", "thread"),
        (f"{F}/posts/12/", "xenforo2", "post"),
        (f"{F}/old-roads-t7.html", "phpbb3", "thread"),
        (f"{F}/viewtopic.php?id=7", "phpbb3", ""),
    ],
)
def test_known_program_lets_more_shapes_count(url: str, software: str, kind: str) -> None:
    assert kind_of_address(url, software) == kind


@pytest.mark.parametrize(
    ("url", "software", "first"),
    [
        (f"{F}/t/old-roads/7/31", "discourse", f"{F}/t/7.json"),
        (f"{F}/talk/t/old-roads/7", "discourse", f"{F}/talk/t/7.json"),
        (f"{F}/c/walks/2", "discourse", f"{F}/c/walks/2.json"),
        (f"{F}/topic/7/old-roads/31", "nodebb", f"{F}/api/topic/7"),
        (f"{F}/category/2/walks", "nodebb", f"{F}/api/category/2"),
        (
            f"{F}/d/7-old-roads/31",
            "flarum",
            f"{F}/api/posts?filter[discussion]=7&page[offset]=0&page[limit]=20&sort=number&include=user,discussion",
        ),
        (
            f"{F}/t/walks",
            "flarum",
            f"{F}/api/discussions?filter[tag]=walks&page[offset]=0&page[limit]=20&sort=-lastPostedAt",
        ),
        (f"{F}/threads/old-roads.7/page-3", "xenforo2", f"{F}/threads/old-roads.7/"),
        (f"{F}/whatever/9?sid={SID}#a", "unknown", f"{F}/whatever/9"),
    ],
)
def test_json_programs_are_asked_elsewhere_first(url: str, software: str, first: str) -> None:
    assert first_address(url, software) == first


@pytest.mark.parametrize(("software", "end"), [("flaskbb", ""), ("invision4", "/"), ("", "/")])
def test_slash_at_the_end_is_the_programs(software: str, end: str) -> None:
    assert thread_url(f"{F}/topic/7-old-roads/", software) == f"{F}/topic/7-old-roads{end}"


def test_page_and_offset_are_read_from_the_address() -> None:
    paged, counted = look(f"{F}/threads/old-roads.7/page-12"), look(f"{F}/index.php?topic=7.40")

    assert paged is not None
    assert counted is not None
    assert (paged.page, paged.slug.strip(".")) == (12, "old-roads")
    assert (counted.page, counted.offset) == (None, 40)


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    kind_of_address(text)
    thread_url(text)
    look(f"https://a.example/{text}")
    thread_url(f"https://a.example/index.php?{text}", "smf")


@given(
    st.sampled_from([url for url, _ in THREADS]),
    st.sampled_from(["", "xenforo2", "smf", "unknown", "discourse"]),
)
def test_canonical_form_is_stable(url: str, software: str) -> None:
    once = thread_url(url, software)

    assert thread_url(once, software) == once
    assert SID not in once
