"""Pages of every program with HTML pages become the same posts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum_pages import AT, FULL, LINK, NOW, PICTURE, SMALL, Sample, answer
from forum_pages_further import EVERY
from mediadl.errors import DownloadError, SiteChanged
from mediadl.modules.forum.page import Media, MediaRole, Page, Post
from mediadl.modules.forum.reading import kind_of_address, programs, read, recognise, thread_url
from mediadl.modules.web import Answer

each = pytest.mark.parametrize("sample", EVERY, ids=[sample.software for sample in EVERY])


def page_of(sample: Sample) -> Page:
    return read(sample.answer(), now=NOW)


def media(post: Post, role: MediaRole) -> list[Media]:
    return [one for one in post.media if one.role is role]


def test_every_program_has_a_page_to_be_tested_with() -> None:
    json_programs = {"discourse", "nodebb", "flarum", "unknown"}

    assert {sample.software for sample in EVERY} == set(programs()) - json_programs


@each
def test_program_is_recognised_by_its_page(sample: Sample) -> None:
    assert recognise(sample.answer()) == sample.software
    assert recognise(sample.answer(sample.board, sample.board_url)) == sample.software


@each
def test_posts_have_their_ids_authors_and_words(sample: Sample) -> None:
    page = page_of(sample)

    assert page.software == sample.software
    assert [post.id for post in page.posts] == ["101", "102", "103"]
    assert [post.author for post in page.posts] == ["ann", "ben", "cleo"]
    words = [" ".join(post.text.split()) for post in page.posts]
    assert [
        text[: len(start)]
        for text, start in zip(words, ("First words", "Second words", "Third words"), strict=True)
    ] == [
        "First words",
        "Second words",
        "Third words",
    ]


@each
def test_member_numbers_come_from_profiles(sample: Sample) -> None:
    wanted = ["", "", ""] if sample.software == "flaskbb" else ["11", "12", "13"]

    assert [post.author_id for post in page_of(sample).posts] == wanted


@each
def test_dates_are_those_of_the_posts(sample: Sample) -> None:
    page = page_of(sample)

    assert [post.posted_at for post in page.posts] == [AT] * 3
    assert all(post.raw_date for post in page.posts)


@each
def test_posts_are_numbered_where_the_page_does_it(sample: Sample) -> None:
    silent = {"phpbb3", "invision4", "invision5", "fluxbb", "smf"}
    wanted = [None] * 3 if sample.software in silent else [1, 2, 3]

    assert [post.number for post in page_of(sample).posts] == wanted


@each
def test_quotes_and_signatures_are_left_out(sample: Sample) -> None:
    for post in page_of(sample).posts:
        assert "Quoted words" not in post.text + post.html
        assert "Signed words" not in post.text + post.html
        assert not any("quoted.jpg" in one.url or "sign.jpg" in one.url for one in post.media)
        assert not any("imgur.com/ben" in one.url for one in post.media)


@each
def test_pictures_and_unmasked_links_are_found_and_smilies_are_not(sample: Sample) -> None:
    first = page_of(sample).posts[0]

    assert [one.url for one in media(first, MediaRole.IMAGE)] == [PICTURE]
    assert [one.url for one in media(first, MediaRole.LINK)] == [LINK]
    assert len(first.media) == 2


@each
def test_a_linked_thumbnail_gives_the_full_picture(sample: Sample) -> None:
    second = page_of(sample).posts[1]

    assert [(one.url, one.thumbnail_url, one.role) for one in second.media] == [
        (FULL, SMALL, MediaRole.IMAGE)
    ]


@each
def test_attachments_are_full_files_with_their_names(sample: Sample) -> None:
    third = page_of(sample).posts[2]

    assert tuple(one.id for one in third.media) == sample.attached
    assert all(one.role is MediaRole.ATTACHMENT for one in third.media)
    if sample.attached:
        assert [one.name for one in third.media] == ["holiday.jpg", "tracks.zip"]
        assert third.media[0].thumbnail_url == sample.small
        assert not any(
            word in one.url for one in third.media for word in ("thumb", "sid=", "s=0", "PHPSESSID", "mode=")
        )


@each
def test_title_and_thread_are_known(sample: Sample) -> None:
    page = page_of(sample)

    assert (page.title, page.thread_id) == (sample.title, "7")


@each
def test_next_and_last_page_are_known(sample: Sample) -> None:
    page = page_of(sample)

    assert page.further == (sample.next,)
    assert (page.number, page.last_number) == (1, 3)


@each
def test_board_lists_its_threads_once(sample: Sample) -> None:
    page = read(sample.answer(sample.board, sample.board_url), now=NOW)

    assert page.posts == ()
    assert [(link.id, link.title) for link in page.threads] == [("7", "Old roads"), ("8", "New roads")]
    assert page.threads[0].url == (sample.thread or sample.url)
    assert len(page.further) == 1


@each
def test_page_tells_who_reads_it(sample: Sample) -> None:
    member = sample.answer(sample.page.replace(sample.guest, sample.member))

    assert page_of(sample).logged_in is False
    assert read(member, now=NOW).logged_in is True


@each
def test_login_address_is_found(sample: Sample) -> None:
    assert page_of(sample).login_url == sample.login_url


@each
def test_addresses_lose_session_and_post(sample: Sample) -> None:
    thread = sample.thread or sample.url

    assert thread_url(f"{sample.url}#post-101", sample.software) == thread
    assert thread_url(sample.next, sample.software) == thread
    assert kind_of_address(sample.url) == "thread"
    assert page_of(sample).posts[0].url != page_of(sample).posts[1].url


@each
def test_edit_changes_the_digest_and_a_view_counter_does_not(sample: Sample) -> None:
    def digests(text: str) -> list[str]:
        return [post.digest for post in read(sample.answer(text), now=NOW).posts]

    before = digests(sample.page)
    viewed = digests(sample.page.replace("12 times", "13 times").replace("3 views", "4 views"))
    edited = digests(sample.page.replace("Second words", "Other words"))
    pictured = digests(sample.page.replace("First words", f'First words <img src="{PICTURE}?late=1">'))

    assert viewed == before
    assert [old == new for old, new in zip(before, edited, strict=True)] == [True, False, True]
    assert [old == new for old, new in zip(before, pictured, strict=True)] == [False, True, True]


@each
def test_posts_are_guessed_where_the_reader_is_switched_off(sample: Sample) -> None:
    page = read(sample.answer(), "unknown", now=NOW)

    assert page.software == "unknown"
    assert [post.id for post in page.posts] == ["101", "102", "103"]
    assert [post.author for post in page.posts] == ["ann", "ben", "cleo"]
    wanted = {PICTURE, FULL, *(sample.attached if "http" in "".join(sample.attached) else ())}
    assert wanted <= {one.url for post in page.posts for one in post.media}


@each
def test_named_program_that_does_not_fit_gives_way(sample: Sample) -> None:
    other = "xenforo1" if sample.software != "xenforo1" else "phpbb3"

    assert [post.id for post in read(sample.answer(), other, now=NOW).posts] == ["101", "102", "103"]


def test_last_page_of_spirit_does_not_lead_back() -> None:
    sample = next(sample for sample in EVERY if sample.software == "spirit")
    last = sample.page.replace("Page 1 of 3", "Page 3 of 3")

    page = read(sample.answer(last, f"{sample.url}?page=3"), now=NOW)

    assert (page.number, page.last_number, page.further) == (3, 3, ())


def test_next_page_on_another_site_is_not_gone_to() -> None:
    sample = EVERY[0]

    page = read(
        sample.answer(
            sample.page.replace('href="/threads/old-roads.7/page-2"', 'href="https://evil.example/2"')
        ),
        now=NOW,
    )

    assert all(url.startswith("https://forum.example.org/") for url in page.further)


def test_one_number_above_twelve_settles_the_order_for_a_page() -> None:
    sample = next(sample for sample in EVERY if sample.software == "vbulletin3")
    mixed = sample.page.replace("22-11-2026, 02:25 PM", "03-11-2026, 02:25 PM", 1)

    first, second, _ = read(sample.answer(mixed), now=NOW).posts

    assert (second.posted_at or 0) - (first.posted_at or 0) == 19 * 86_400


def test_a_post_without_a_body_is_no_post() -> None:
    page = read(
        answer('<html id="XF" data-xf="2"><article class="message" data-content="post-5"></article>'), now=NOW
    )

    assert page.posts == ()


def test_page_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(SiteChanged):
        read(answer("<div>" * 60_000), now=NOW)


def test_microdata_is_read_where_the_program_is_unknown() -> None:
    one = (
        '<div itemscope itemtype="https://schema.org/Comment" id="c{0}"><span itemprop="author" itemscope '
        'itemtype="https://schema.org/Person"><b itemprop="name">ann</b></span><time itemprop="dateCreated" '
        'datetime="2026-11-22T14:25:00Z"></time><div itemprop="text">Words {0} <img src="/up/{0}.jpg"></div></div>'
    )

    page = read(answer("<h1>A talk</h1>" + "".join(one.format(n) for n in (1, 2))), now=NOW)

    assert page.software == "unknown"
    assert [(post.id, post.author, post.posted_at) for post in page.posts] == [
        ("1", "ann", AT),
        ("2", "ann", AT),
    ]
    assert page.posts[1].media[0].url == "https://forum.example.org/up/2.jpg"


def test_linked_data_is_read_where_nothing_else_is_there() -> None:
    text = (
        '<script type="application/ld+json">{"@type": "DiscussionForumPosting", "headline": "A talk", "text": "First", '
        '"author": {"name": "ann"}, "datePublished": "2026-11-22T14:25:00Z", "comment": [{"@type": "Comment", "text": '
        '"See https://imgur.com/abc1234.", "url": "https://forum.example.org/x#c-9", '
        '"author": {"name": "ben"}}]}</script>'
    )

    first, second = read(answer(text), now=NOW).posts

    assert (first.author, first.posted_at, first.text) == ("ann", AT, "First")
    assert (second.id, second.media[0].url) == ("9", LINK)


def test_a_picture_of_every_guessed_post_is_furniture() -> None:
    one = (
        '<div id="say{0}"><time datetime="2026-11-2{0}"></time><p class="body">Words {0}<img src="/rank.jpg">'
        '<img src="/p{0}.jpg"></p></div>'
    )

    page = read(answer("".join(one.format(n) for n in (1, 2, 3))), now=NOW)

    assert [one.url.rpartition("/")[2] for post in page.posts for one in post.media] == [
        "p1.jpg",
        "p2.jpg",
        "p3.jpg",
    ]


def test_next_page_of_an_unknown_program_is_the_nearest_higher_number() -> None:
    links = '<a href="?page=9">9</a><a href="?page=3">3</a><a href="?page=1">1</a>'

    assert read(answer(links, "https://forum.example.org/talk?page=2"), now=NOW).further == (
        "https://forum.example.org/talk?page=3",
    )


# Whatever comes over the wire

_PIECES = st.sampled_from(
    [
        '<article data-content="post-1">', '<div class="message-body"><div class="bbWrapper">', "</div>", "</article>",
        '<img src="', '" data-src="//x', '<a href="http://[', '">', '<div class="post" id="p1">', "<blockquote>",
        '<html id="XF" data-xf>', '<body id="phpbb">', '<base href="javascript:1">', '<link rel="next" href="?page=2">',
        '<time datetime="9999-99-99">', '<div id="post2">words', '<time datetime="2026-01-01">', "&#x202e;", "\0", "é",
        '<div class="js-comment" data-pk="1">', '<div data-s9e-mediaembed-iframe="[1,2">', "<table><td><p><table>",
        '<script type="application/ld+json">{"@type":"DiscussionForumPosting","comment":[1,null]}</script>',
        "__________", '<div itemscope itemtype="https://schema.org/Comment"><p itemprop="text">x',
    ]
)  # fmt: skip


def _sane(page: Page) -> None:
    ids = [post.id for post in page.posts]
    assert len(ids) == len(set(ids))
    assert all(ids)
    for post in page.posts:
        assert len({one.id for one in post.media}) == len(post.media)
        for one in post.media:
            for url in filter(None, (one.url, one.thumbnail_url)):
                assert url.startswith(("http://", "https://"))
                assert url.partition("://")[2].strip("/")
                assert url.isascii()
                assert " " not in url
    assert all(url.startswith(("http://", "https://")) for url in page.further)


_SOUP = st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=30).map("".join).map(str.encode)


@given(st.one_of(st.binary(max_size=400), _SOUP), st.sampled_from(["", *programs()]))
def test_any_bytes_are_read_or_refused(body: bytes, software: str) -> None:
    try:
        page = read(
            Answer("https://forum.example.org/threads/a.1/", 200, {"content-type": "text/html"}, body),
            software,
            now=NOW,
        )
    except DownloadError:
        return
    _sane(page)


_KEYS = [
    "post_stream",
    "posts",
    "stream",
    "id",
    "cooked",
    "tid",
    "cid",
    "topics",
    "topic_list",
    "pid",
    "content",
    "data",
    "type",
    "attributes",
    "relationships",
    "user",
    "links",
    "next",
    "included",
    "pagination",
    "pageCount",
    "currentPage",
    "contentHtml",
    "slug",
    "title",
    "more_topics_url",
]
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["<img src=/a.jpg>", "posts", "//"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)


@given(_JSON, st.sampled_from(["/t/1.json", "/api/topic/1", "/api/posts?page[offset]=20", "/x"]))
def test_any_json_is_read_or_refused(data: object, path: str) -> None:
    given_answer = Answer(
        f"https://forum.example.org{path}",
        200,
        {"content-type": "application/json"},
        json.dumps(data).encode(),
    )
    try:
        page = read(given_answer, now=NOW)
    except DownloadError:
        return
    _sane(page)
