"""Discourse, NodeBB and Flarum: a shell for people, posts as JSON."""

# ruff: noqa: E501 - answers read best in one piece

from __future__ import annotations

import json
from typing import Any

import pytest

from forum_pages import AT, FULL, LINK, NOW, PICTURE, SMALL, answer
from mediadl.errors import DownloadError, SiteChanged
from mediadl.modules.forum.page import MediaRole, Page
from mediadl.modules.forum.reading import posts_addresses, read, recognise
from mediadl.modules.web import Answer

BASE = "https://talk.example.org"
SAID = "2026-11-22T14:25:00.000Z"


def said(data: Any, path: str, **headers: str) -> Answer:
    """A JSON answer."""
    return Answer(
        BASE + path,
        200,
        {"content-type": "application/json; charset=utf-8", **headers},
        json.dumps(data).encode(),
    )


def read_one(data: Any, path: str, **headers: str) -> Page:
    return read(said(data, path, **headers), now=NOW)


# Discourse


def discourse_post(number: int, cooked: str, **more: Any) -> dict[str, Any]:
    author = ("ann", "ben", "cleo")[(number - 1) % 3]
    return {
        "id": 100 + number, "post_number": number, "username": author, "user_id": 10 + number, "created_at": SAID,
        "cooked": cooked, "hidden": False, "deleted_at": None, **more,
    }  # fmt: skip


def discourse_thread(posts: list[dict[str, Any]], stream: list[int] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": 7,
        "title": "Old roads",
        "slug": "old-roads",
        "post_stream": {"posts": posts},
    }
    if stream is not None:
        found["post_stream"]["stream"] = stream
    return found


COOKED = (
    '<aside class="quote"><blockquote>Quoted words <img src="https://pics.example.net/q.jpg"></blockquote></aside>'
    '<p>First words <img src="/images/emoji/twitter/smile.png?v=12" class="emoji" alt=":smile:"></p>'
    '<div class="lightbox-wrapper"><a class="lightbox" href="/uploads/default/original/1X/5e1a.jpeg" title="holiday.jpg">'
    '<img src="/uploads/default/optimized/1X/5e1a_2_690x388.jpeg" alt="holiday.jpg"><div class="meta"><span '
    'class="filename">holiday.jpg</span><span class="informations">690×388 88 KB</span></div></a></div>'
    '<p><img src="/uploads/default/optimized/1X/6f2b_2_100x100.png" alt="map"></p>'
    '<p><a class="attachment" href="/uploads/short-url/x1.zip">tracks.zip</a> (1 KB)</p>'
    f'<p><a href="{LINK}" class="onebox">link</a></p>'
)


def test_discourse_posts_are_read() -> None:
    page = read_one(discourse_thread([discourse_post(1, COOKED)], [101]), "/t/7.json")

    (post,) = page.posts
    assert (page.software, page.thread_id, page.title, page.further) == ("discourse", "7", "Old roads", ())
    assert (post.id, post.number, post.author, post.author_id, post.posted_at) == ("101", 1, "ann", "11", AT)
    assert post.url == f"{BASE}/t/old-roads/7/1"
    assert "Quoted words" not in post.text
    assert "690" not in post.text
    original = f"{BASE}/uploads/default/original/1X"
    assert [(one.url, one.name) for one in post.media] == [
        (f"{original}/5e1a.jpeg", "holiday.jpg"),
        (f"{original}/6f2b.png", "6f2b.png"),
        (f"{BASE}/uploads/short-url/x1.zip", "tracks.zip"),
        (LINK, ""),
    ]
    assert post.media[0].thumbnail_url == f"{BASE}/uploads/default/optimized/1X/5e1a_2_690x388.jpeg"


def test_discourse_names_all_that_is_left_to_read() -> None:
    page = read_one(
        discourse_thread([discourse_post(1, "x"), discourse_post(2, "y")], list(range(101, 148))), "/t/7.json"
    )

    assert page.post_ids == tuple(str(number) for number in range(101, 148))
    assert len(page.further) == 3
    assert page.further[0].startswith(f"{BASE}/t/7/posts.json?post_ids[]=103&post_ids[]=104&")
    assert sum(url.count("post_ids[]=") for url in page.further) == 45


def test_discourse_leaves_out_what_is_hidden_and_does_not_ask_for_it_again() -> None:
    posts = [
        discourse_post(1, "x"),
        discourse_post(2, "y", hidden=True),
        discourse_post(3, "z", deleted_at=SAID),
    ]
    page = read_one(discourse_thread(posts, [101, 102, 103]), "/t/7.json")

    assert [post.id for post in page.posts] == ["101"]
    assert page.further == ()


def test_discourse_further_posts_are_read() -> None:
    page = read_one(
        {"post_stream": {"posts": [discourse_post(21, "x")]}, "id": 7}, "/talk/t/7/posts.json?post_ids[]=121"
    )

    assert (page.thread_id, page.posts[0].id, page.further) == ("7", "121", ())
    assert page.posts[0].url.startswith(f"{BASE}/talk/t/")


def test_chosen_posts_of_discourse_are_asked_for_by_id() -> None:
    assert posts_addresses(f"{BASE}/t/old-roads/7", "discourse", ["5", "6"]) == (
        f"{BASE}/t/7/posts.json?post_ids[]=5&post_ids[]=6",
    )
    assert posts_addresses(f"{BASE}/viewtopic.php?t=7", "phpbb3", ["5"]) == ()


def test_discourse_board_is_read() -> None:
    topics = [
        {"id": 7, "slug": "old-roads", "title": "Old roads"},
        {"id": 8, "slug": "new-roads", "title": "New roads"},
    ]
    page = read_one(
        {"topic_list": {"topics": topics, "more_topics_url": "/c/walks/2?page=1"}}, "/c/walks/2.json"
    )

    assert [(link.id, link.url, link.title) for link in page.threads] == [
        ("7", f"{BASE}/t/old-roads/7", "Old roads"),
        ("8", f"{BASE}/t/new-roads/8", "New roads"),
    ]
    assert page.further == (f"{BASE}/c/walks/2.json?page=1",)


def test_discourse_tells_a_member_by_a_header() -> None:
    thread = discourse_thread([discourse_post(1, "x")], [101])

    assert read_one(thread, "/t/7.json").logged_in is None
    assert read_one(thread, "/t/7.json", **{"x-discourse-username": "mia"}).logged_in is True


# NodeBB


def nodebb_post(number: int, content: str, **more: Any) -> dict[str, Any]:
    return {
        "pid": 100 + number, "tid": 7, "index": number - 1, "uid": 10 + number, "timestampISO": SAID, "deleted": 0,
        "content": content, "user": {"username": ("ann", "ben", "cleo")[number - 1], "userslug": "x"}, **more,
    }  # fmt: skip


def nodebb_thread(page: int, *posts: dict[str, Any]) -> dict[str, Any]:
    return {
        "tid": 7, "titleRaw": "Old roads & hills", "title": "Old roads &amp; hills", "slug": "7/old-roads", "loggedIn": False,
        "posts": list(posts), "pagination": {"currentPage": page, "pageCount": 3},
    }  # fmt: skip


def test_nodebb_posts_are_read() -> None:
    content = (
        '<p>First words <img class="emoji" src="/assets/plugins/emoji/x.png"></p><blockquote>Quoted words</blockquote>'
        '<p><img src="/assets/uploads/files/1795-holiday-resized.jpg" alt="holiday.jpg"></p>'
        f'<p><a href="{FULL}"><img src="{SMALL}"></a></p>'
    )
    page = read_one(
        nodebb_thread(1, nodebb_post(1, content), nodebb_post(2, "x", deleted=1)), "/api/topic/7/old-roads"
    )

    (post,) = page.posts
    assert (page.software, page.thread_id, page.title) == ("nodebb", "7", "Old roads & hills")
    assert (page.number, page.last_number, page.further) == (1, 3, (f"{BASE}/api/topic/7?page=2",))
    assert page.logged_in is False
    assert (post.id, post.number, post.author, post.author_id, post.posted_at) == ("101", 1, "ann", "11", AT)
    assert post.url == f"{BASE}/post/101"
    assert "Quoted words" not in post.text
    files = f"{BASE}/assets/uploads/files"
    assert [(one.url, one.thumbnail_url, one.role) for one in post.media] == [
        (f"{files}/1795-holiday.jpg", f"{files}/1795-holiday-resized.jpg", MediaRole.ATTACHMENT),
        (FULL, SMALL, MediaRole.IMAGE),
    ]


def test_nodebb_ends_on_its_last_page() -> None:
    assert read_one(nodebb_thread(3, nodebb_post(1, "x")), "/forum/api/topic/7?page=3").further == ()


def test_nodebb_board_is_read() -> None:
    topics = [
        {"tid": 7, "slug": "7/old-roads", "titleRaw": "Old roads"},
        {"tid": 8, "slug": "8/x", "title": "A &amp; B"},
    ]
    data = {"cid": 2, "name": "Walks", "topics": topics, "pagination": {"currentPage": 1, "pageCount": 2}}
    page = read_one(data, "/api/category/2/walks")

    assert [(link.url, link.title) for link in page.threads] == [
        (f"{BASE}/topic/7/old-roads", "Old roads"),
        (f"{BASE}/topic/8/x", "A & B"),
    ]
    assert page.further == (f"{BASE}/api/category/2?page=2",)


# Flarum


def flarum_post(number: int, html: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "posts",
        "id": str(100 + number),
        "attributes": {
            "number": number, "createdAt": "2026-11-22T14:25:00+00:00", "contentType": "comment", "contentHtml": html, **more,
        },
        "relationships": {"user": {"data": {"type": "users", "id": "11"}}, "discussion": {"data": {"type": "discussions", "id": "7"}}},
    }  # fmt: skip


LIST = "/api/posts?filter[discussion]=7&page[offset]={}&page[limit]=20&sort=number&include=user,discussion"
INCLUDED = [
    {"type": "users", "id": "11", "attributes": {"username": "ann", "displayName": "Ann"}},
    {"type": "discussions", "id": "7", "attributes": {"title": "Old roads", "slug": "7-old-roads"}},
]


def test_flarum_posts_are_read() -> None:
    html = f'<p><a class="PostMention" href="/d/7/1">ann</a> First words <img src="{PICTURE}"></p><blockquote>Quoted words</blockquote>'
    posts = [
        flarum_post(1, html),
        flarum_post(2, "x", contentType="discussionRenamed"),
        flarum_post(3, "y", isHidden=True),
    ]
    data = {"data": posts, "included": INCLUDED, "links": {"next": BASE + LIST.format(40)}}
    page = read_one(data, LIST.format(20))

    (post,) = page.posts
    assert (page.software, page.thread_id, page.title, page.number) == ("flarum", "7", "Old roads", 2)
    assert page.further == (BASE + LIST.format(40),)
    assert (post.id, post.number, post.author, post.author_id, post.posted_at) == ("101", 1, "ann", "11", AT)
    assert post.url == f"{BASE}/d/7/1"
    assert "Quoted words" not in post.text
    assert [one.url for one in post.media] == [PICTURE]


def test_flarum_is_not_led_to_another_site() -> None:
    data = {"data": [flarum_post(1, "x")], "links": {"next": "https://evil.example/api/posts"}}

    assert read_one(data, LIST.format(0)).further == ()


def test_flarum_board_is_read() -> None:
    one = {"type": "discussions", "id": "7", "attributes": {"title": "Old roads", "slug": "7-old-roads"}}
    page = read_one({"data": [one], "links": {}}, "/api/discussions?page[offset]=0")

    assert [(link.id, link.url) for link in page.threads] == [("7", f"{BASE}/d/7-old-roads")]


def test_flarum_payload_tells_who_reads() -> None:
    shell = '<div id="flarum-content"></div><script id="flarum-json-payload">{{"session":{{"userId":{},"x":1}}}}</script>'

    for user, logged_in in ((0, False), (5, True)):
        assert read(answer(shell.format(user), f"{BASE}/d/7-old-roads"), now=NOW).logged_in is logged_in


# Shells and refusals


@pytest.mark.parametrize(
    ("shell", "path", "software", "first"),
    [
        ('<meta name="generator" content="Discourse 3.3.1 - https://www.discourse.org">', "/t/old-roads/7/12", "discourse", "/t/7.json"),
        ('<meta name="generator" content="Discourse 3.3.1">', "/c/walks/2", "discourse", "/c/walks/2.json"),
        ('<body class="page-topic template-topic"><script id="ajaxify-data">{}</script>', "/topic/7/old-roads", "nodebb", "/api/topic/7"),
        ('<div id="flarum-content"></div><div id="flarum-loading"></div>', "/d/7-old-roads", "flarum", LIST.format(0)),
    ],
)  # fmt: skip
def test_shell_names_where_the_posts_are(shell: str, path: str, software: str, first: str) -> None:
    given = answer(f"<html><head><title>Old roads</title>{shell}", BASE + path)
    page = read(given, now=NOW)

    assert recognise(given) == software
    assert (page.software, page.number, page.posts, page.further) == (software, 0, (), (BASE + first,))


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": 1}', b'"x"', b"[" * 100_000])
def test_json_of_nobody_is_refused(body: bytes) -> None:
    given = Answer(f"{BASE}/x", 200, {"content-type": "application/json"}, body)

    with pytest.raises(SiteChanged):
        read(given, now=NOW)


def test_json_that_comes_as_text_is_read_too() -> None:
    data = json.dumps(discourse_thread([discourse_post(1, "x")], [101])).encode()

    assert (
        read(Answer(f"{BASE}/t/7.json", 200, {"content-type": "text/plain"}, data), now=NOW).posts[0].id
        == "101"
    )


def test_refusal_in_json_gives_a_page_without_posts() -> None:
    given = Answer(f"{BASE}/t/7.json", 404, {"content-type": "application/json"}, b'{"errors": ["gone"]}')

    page = read(given, "discourse", now=NOW)

    assert (page.software, page.posts) == ("discourse", ())


@pytest.mark.parametrize(
    "broken",
    [
        {
            "post_stream": {
                "posts": [None, 5, {"id": True}, {"id": [1]}, {"id": 3, "cooked": 7, "created_at": {}}]
            }
        },
        {"tid": 7, "posts": [{"pid": 1, "user": "x", "timestampISO": []}], "pagination": []},
        {
            "data": [{"type": "posts", "id": "1", "attributes": [], "relationships": "x"}],
            "links": [],
            "included": 5,
        },
        {"cid": None, "topics": [{"tid": "7", "slug": "../../x", "title": None}]},
    ],
)
def test_drifted_json_does_not_break_the_reader(broken: dict[str, Any]) -> None:
    try:
        page = read_one(broken, "/api/posts")
    except DownloadError:
        return
    assert all(post.id for post in page.posts)


@pytest.mark.parametrize("number", [2**63, 10**30, -(10**30)])
def test_a_number_that_no_database_holds_is_none(number: int) -> None:
    thread = discourse_thread([discourse_post(1, "<p>Hello</p>", post_number=number)])

    (post,) = read_one(thread, "/t/7.json").posts

    assert post.number is None
