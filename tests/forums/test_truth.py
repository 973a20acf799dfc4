"""The parsers find the whole truth on every program's pages, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from fakeweb.sites.forums import PROGRAMS, THREAD_ID, Edit, Forum, Mode
from fakeweb.sites.forums.forum import SESSION
from fakeweb.world import World, default_world
from forums.reader import NOW, Found, ask, read_thread
from mediadl.modules.forum import reading

WORDS = {"smf2": "smf"}
"""Where the program's word is another than the stand-in's name."""
NAMES = [*(kind.software for kind in PROGRAMS), "xenforo2-folder", "xenforo2-plain"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = default_world()
    with made.web:
        yield made
    assert made.web.errors == []


@pytest.fixture
def client(world: World) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": world.web.url, "https": world.web.url}
        session.verify = str(world.web.ca_pem)
        yield session


@pytest.fixture
def forum(world: World, request: pytest.FixtureRequest) -> Iterator[Forum]:
    """A forum by name; its switches are put back at the end."""
    found = world.forums[request.param]
    thread = found.threads[THREAD_ID]
    yield found
    thread.mode, thread.count, thread.woven = Mode.OPEN, 48, False
    thread.edits.clear()
    thread.removed.clear()


def word(forum: Forum) -> str:
    return WORDS.get(forum.software, forum.software)


def read(client: requests.Session, forum: Forum) -> Found:
    return read_thread(client, forum.thread_url(THREAD_ID), own=forum.hosts[0])


every_program = pytest.mark.parametrize("forum", NAMES, indirect=True)


@every_program
def test_the_program_is_recognised(forum: Forum, client: requests.Session) -> None:
    assert reading.recognise(ask(client, forum.thread_url(THREAD_ID))) == word(forum)


@every_program
def test_49_are_found_none_extra_none_missing(forum: Forum, client: requests.Session) -> None:
    found = read(client, forum)

    assert found.marks == [f"MK-{number:04d}" for number in range(1, 49)]
    assert found.score(forum.threads[THREAD_ID]) == (49, [], [])


@every_program
def test_posts_have_their_authors_dates_and_own_addresses(forum: Forum, client: requests.Session) -> None:
    found = read(client, forum)

    truth = list(forum.threads[THREAD_ID].posts())
    assert [post.id for post in found.posts] == [str(post.id) for post in truth]
    assert [post.author for post in found.posts] == [post.author for post in truth]
    assert [post.posted_at and int(post.posted_at) // 86_400 for post in found.posts] == [
        post.at // 86_400 for post in truth
    ]
    assert len({post.url for post in found.posts}) == 48


@every_program
def test_words_of_quotes_and_signatures_are_not_the_posts(forum: Forum, client: requests.Session) -> None:
    found = read(client, forum)

    texts = "\n".join(post.text for post in found.posts)
    assert "the old road is the better one" not in texts
    assert "my pictures" not in texts
    assert "3 < 4, as they say" in texts


@every_program
def test_the_title_and_the_number_of_the_thread_are_read(forum: Forum, client: requests.Session) -> None:
    found = read(client, forum)

    (title,) = {page.title for page in found.pages if page.posts and page.title}
    assert title == forum.threads[THREAD_ID].title
    assert {page.thread_id for page in found.pages if page.posts} <= {str(THREAD_ID), ""}


@every_program
def test_an_edit_changes_the_digest_of_its_post_alone(forum: Forum, client: requests.Session) -> None:
    before = {post.id: post.digest for post in read(client, forum).posts}
    forum.threads[THREAD_ID].edits[7] = Edit("Other words by now.")

    after = {post.id: post.digest for post in read(client, forum).posts}

    changed = [post for post, digest in after.items() if before[post] != digest]
    assert changed == [str(forum.threads[THREAD_ID].post_id(7))]


@every_program
def test_a_board_gives_its_threads(forum: Forum, client: requests.Session) -> None:
    url = forum.board_url
    page = reading.read(ask(client, url), now=NOW)
    if not page.threads:
        page = reading.read(ask(client, reading.first_address(url, page.software)), page.software, now=NOW)

    (link,) = page.threads
    assert link.title == forum.threads[THREAD_ID].title
    assert reading.first_address(link.url, word(forum)) == reading.first_address(
        forum.thread_url(THREAD_ID), word(forum)
    )


@every_program
def test_a_member_is_told_from_a_guest(forum: Forum, client: requests.Session) -> None:
    url = reading.first_address(forum.thread_url(THREAD_ID), word(forum))

    guest = reading.read(ask(client, url), now=NOW)
    client.headers["Cookie"] = f"{forum.login.session}={SESSION}"
    member = reading.read(ask(client, url), now=NOW)

    assert guest.logged_in is not True
    assert member.logged_in is not False
    assert len(member.posts) == len(guest.posts) > 0


@every_program
def test_files_in_the_text_behind_buttons_and_in_cards_are_found_as_well(
    forum: Forum, client: requests.Session
) -> None:
    thread = forum.threads[THREAD_ID]
    thread.woven = True

    found = read(client, forum)

    assert found.marks == [f"MK-{number:04d}" for number in range(1, 49)]
    assert found.score(thread) == (49, [], [])
