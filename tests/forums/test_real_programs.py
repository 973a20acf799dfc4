"""Two forum programs as their makers ship them, started here and read by the parsers."""

from __future__ import annotations

import pytest

from fakeweb import FakeWeb
from forums.flaskbb import FlaskBB
from forums.reader import NOW, ask, read_thread
from forums.real import Visitor
from forums.spirit import Spirit
from mediadl.modules.forum import reading

# The first run installs them
pytestmark = [pytest.mark.programs, pytest.mark.timeout(600)]


def test_spirit_gives_49_of_49(spirit: Spirit, web: FakeWeb) -> None:
    visitor = Visitor(web, spirit.base_url)
    assert reading.recognise(ask(visitor.session, spirit.thread_url)) == "spirit"

    found = read_thread(visitor.session, spirit.thread_url, own=spirit.host)

    assert found.marks == [f"MK-{number:04d}" for number in range(1, 49)]
    assert found.score(spirit.thread) == (49, [], [])
    assert [post.author for post in found.posts] == [post.author for post in spirit.thread.posts()]
    assert len(found.pages) == 3


def test_flaskbb_gives_all_25_that_it_can_hold(flaskbb: FlaskBB, web: FakeWeb) -> None:
    visitor = Visitor(web, flaskbb.base_url)
    assert reading.recognise(ask(visitor.session, flaskbb.thread_url)) == "flaskbb"

    found = read_thread(visitor.session, flaskbb.thread_url, own=flaskbb.host)

    assert found.marks == [f"MK-{number:04d}" for number in range(1, 49)]
    assert found.score(flaskbb.thread, attachments=False) == (25, [], [])
    assert [post.author for post in found.posts] == [post.author for post in flaskbb.thread.posts()]
    assert len(found.pages) == 5


def test_the_signature_of_a_real_post_is_not_its_words(flaskbb: FlaskBB, web: FakeWeb) -> None:
    visitor = Visitor(web, flaskbb.base_url)
    assert "/signatures/ben.jpg" in visitor.get(f"/topic/2-{flaskbb.thread.slug}").text

    found = read_thread(visitor.session, flaskbb.thread_url, own=flaskbb.host)

    assert not [post for post in found.posts if "signatures" in post.html]


def test_past_the_end_a_real_program_says_404(spirit: Spirit, flaskbb: FlaskBB, web: FakeWeb) -> None:
    for forum in (spirit, flaskbb):
        visitor = Visitor(web, forum.base_url)

        assert visitor.session.get(f"{forum.thread_url}?page=99", timeout=30).status_code == 404


def test_real_boards_give_their_threads(spirit: Spirit, flaskbb: FlaskBB, web: FakeWeb) -> None:
    for forum, path in ((spirit, spirit.board_path), (flaskbb, "/forum/1")):
        visitor = Visitor(web, forum.base_url)

        page = reading.read(ask(visitor.session, forum.base_url + path), now=NOW)

        assert forum.thread.title in [thread.title for thread in page.threads]
