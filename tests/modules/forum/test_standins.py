"""The readers find the whole truth of the simulated forums, and nothing that is not in it."""

from __future__ import annotations

import resource
from urllib.parse import urljoin, urlsplit

import pytest

from fakeweb.messages import Request
from fakeweb.sites.forums import PROGRAMS, THREAD_ID, Forum, Forums, Mode
from fakeweb.sites.forums.forum import SESSION
from fakeweb.sites.forums.truth import Place, Post
from mediadl.errors import Challenge, DownloadError, LoginNeeded, MediaNotFound, SiteChanged
from mediadl.modules.forum import page as pages
from mediadl.modules.forum.page import MediaRole, Page
from mediadl.modules.forum.reading import read
from mediadl.modules.forum.walls import wall
from mediadl.modules.web import Answer

NOW = 1_800_000_000.0
NAMES = [*(kind.software for kind in PROGRAMS), "xenforo2-folder", "xenforo2-plain"]
JSON_ONLY = {"discourse", "flarum"}
"""A guess from their pages for people finds nothing: there are no posts in them."""

each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def forums() -> Forums:
    return Forums()


def get(forum: Forum, url: str, *hops: str, member: bool = False) -> Answer:
    """Ask a forum without a wire between."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    cookies = {"cookie": f"{forum.login.session}={SESSION}"} if member else {}
    said = forum.handle(Request("GET", parts.scheme, parts.netloc, 443, target, cookies))
    assert said is not None, url
    headers = {name.lower(): value for name, value in said.headers}
    if "location" in headers:
        return get(forum, urljoin(url, headers["location"]), *hops, url, member=member)
    return Answer(url, said.status, {**headers, "content-type": said.content_type or ""}, said.body, hops)


def walk(forum: Forum, software: str = "") -> list[Page]:
    """Every page of the thread, each asked for once."""
    queue, asked, found = [forum.thread_url(THREAD_ID)], set[str](), list[Page]()
    while queue:
        url = queue.pop(0)
        if url not in asked:
            asked.add(url)
            found.append(read(get(forum, url), software, now=NOW))
            queue += found[-1].further
    return found


def same(post: pages.Post, true: Post, forum: Forum) -> None:
    """A post that was read is the one that was written."""
    assert (post.author, post.posted_at is not None) == (true.author, True)
    assert abs((post.posted_at or 0) - true.at) < 60  # many boards show no seconds
    assert true.mark in post.text
    assert "the old road is the better one" not in post.text
    assert "my pictures" not in post.text
    uploads = [one for one in post.media if one.role is MediaRole.ATTACHMENT]
    assert [one.name for one in uploads] == [file.name for file in true.attached]
    others = {one.url for one in post.media if one.role is not MediaRole.ATTACHMENT}
    assert others == {*(file.url for file in true.files if file.place is not Place.ATTACHED), *true.links}


@each
def test_every_post_and_file_is_found_and_nothing_else(name: str, forums: Forums) -> None:
    forum = forums[name]
    found = {post.id: post for page in walk(forum) for post in page.posts}
    truth = {str(post.id): post for post in forum.threads[THREAD_ID].posts()}

    assert list(found) == list(truth)
    for identity, post in found.items():
        same(post, truth[identity], forum)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in JSON_ONLY])
def test_every_post_is_guessed_without_its_reader(name: str, forums: Forums) -> None:
    found = {post.id: post for page in walk(forums[name], "unknown") for post in page.posts}
    truth = {str(post.id): post for post in forums[name].threads[THREAD_ID].posts()}

    assert set(found) == set(truth)
    assert all(truth[identity].mark in post.text for identity, post in found.items())
    assert [post.author for post in found.values()] == [truth[identity].author for identity in found]


@each
def test_member_is_told_from_a_visitor(name: str, forums: Forums) -> None:
    forum = forums[name]
    url = forum.thread_url(THREAD_ID)

    guest, member = (read(get(forum, url, member=known), now=NOW).logged_in for known in (False, True))

    assert guest in {False, None}
    assert member in {True, None}
    assert name in {"discourse", "flarum", "nodebb"} or (guest, member) == (False, True)


@each
def test_board_names_the_thread(name: str, forums: Forums) -> None:
    forum = forums[name]
    page = read(get(forum, forum.board_url), now=NOW)
    if page.number == 0:
        page = read(get(forum, page.further[0]), now=NOW)

    assert [(link.id, link.title) for link in page.threads] == [("77", "Holiday pictures 77")]


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        (Mode.MEMBERS, (LoginNeeded,)),
        (Mode.LOGIN_PAGE, (LoginNeeded,)),
        (Mode.FORBIDDEN, (LoginNeeded,)),
        (Mode.CHALLENGE, (Challenge,)),
        (Mode.GONE, (MediaNotFound,)),
        (Mode.EMPTY, (MediaNotFound, SiteChanged)),
    ],
)
@each
def test_walls_are_told_apart(name: str, mode: Mode, kinds: tuple[type[DownloadError], ...]) -> None:
    forum = Forums()[name]
    forum.threads[THREAD_ID].mode = mode
    answer = get(forum, forum.thread_url(THREAD_ID))
    page = read(answer, now=NOW)
    error = wall(answer, page)
    if error is None:
        assert page.number == 0
        answer = get(forum, page.further[0])
        try:
            error = wall(answer, read(answer, now=NOW))
        except DownloadError as raised:
            error = raised

    assert isinstance(error, kinds)


def test_memory_stays_flat_over_many_pages(forums: Forums) -> None:
    answer = get(forums["phpbb3"], forums["phpbb3"].thread_url(THREAD_ID))
    for _ in range(20):
        read(answer, now=NOW)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for _ in range(200):
        read(answer, "phpbb3", now=NOW)

    # 200 pages of 43 KB, whose trees take ten times as much: kept, they would be 80 MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 10_000
