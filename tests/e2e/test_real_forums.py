"""Two forums as their makers ship them, through the whole program: pictures, files, logins, new and edited posts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.forum_threads import ALONE, log_in, marks_in, media_in
from e2e.program import Program, wait_until
from fakeweb.expected import digests
from fakeweb.sites.forums import Place
from fakeweb.world import World
from forums.flaskbb import FlaskBB, flaskbb_environment
from forums.real import Unavailable
from forums.spirit import PASSWORD, Spirit, spirit_environment

# The first run installs them
pytestmark = [pytest.mark.programs, pytest.mark.timeout(600)]


@pytest.fixture
def spirit(
    world: World, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Spirit]:
    """Spirit as a site of the world; a parameter `private` closes its doors to guests."""
    try:
        environment = spirit_environment()
    except Unavailable as reason:
        pytest.skip(str(reason))
    private = getattr(request, "param", "") == "private"
    forum = Spirit(environment, tmp_path_factory.mktemp("spirit"), private=private)
    try:
        world.web.add_site(forum.start())
        yield forum
    finally:
        forum.stop()


@pytest.fixture
def flaskbb(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskBB]:
    """FlaskBB as a site of the world."""
    try:
        environment = flaskbb_environment()
    except Unavailable as reason:
        pytest.skip(str(reason))
    forum = FlaskBB(environment, tmp_path_factory.mktemp("flaskbb"))
    try:
        world.web.add_site(forum.start())
        yield forum
    finally:
        forum.stop()


def test_spirit_is_walked_with_all_its_files_and_then_only_for_what_is_new(
    program: Program, world: World, spirit: Spirit
) -> None:
    result, _jobs = program.fetch(spirit.thread_url, options=ALONE)

    assert result.code == 0, result.err + program.log()
    assert media_in(program.downloads / spirit.host) == digests(spirit.thread.expected())
    assert marks_in(program) == [f"MK-{number:04d}" for number in range(1, 49)]

    spirit.thread.count = 51
    for number in (49, 50, 51):
        spirit.write(world.web, spirit.thread.post(number))
    world.web.log.clear()
    result, jobs = program.fetch(spirit.thread_url, options=ALONE)

    assert result.code == 0, result.err + program.log()
    assert len(jobs[0]["files"]) == sum(len(spirit.thread.post(number).files) for number in (49, 50, 51))
    assert media_in(program.downloads / spirit.host) == digests(spirit.thread.expected())
    pages = [entry.url for entry in world.web.log.search(r"GET http://spirit\.example\.org/topic/")]
    assert not [url for url in pages if "page=" not in url], pages


@pytest.mark.parametrize("spirit", ["private"], indirect=True)
def test_a_private_spirit_asks_for_a_login_and_its_own_form_lets_in(program: Program, spirit: Spirit) -> None:
    result, jobs = program.fetch(spirit.thread_url, options=ALONE)
    assert result.code == 4, result.err + program.log()
    assert jobs[0]["error"]["reason"] == "login_needed"
    assert program.files() == []

    log_in(program, spirit.host, "mia", PASSWORD)
    wait_until(lambda: program.job(1)["status"] == "completed", "the job went on by itself")

    assert media_in(program.downloads / spirit.host) == digests(spirit.thread.expected())


def test_flaskbb_is_walked_over_its_five_pages_and_again_when_the_last_ones_are_gone(
    program: Program, world: World, flaskbb: FlaskBB
) -> None:
    result, _jobs = program.fetch(flaskbb.thread_url, options=ALONE)

    assert result.code == 0, result.err + program.log()
    thread = flaskbb.thread
    wanted = sorted(file.blob().sha256() for file in thread.files() if file.place is not Place.ATTACHED)
    assert media_in(program.downloads / flaskbb.host) == wanted
    assert marks_in(program) == [f"MK-{number:04d}" for number in range(1, 49)]

    for number in range(48, 38, -1):
        flaskbb.delete(world.web, number)
    result, jobs = program.fetch(flaskbb.thread_url, options=ALONE)
    assert result.code == 0, (jobs, program.log())

    thread.count = 49
    thread.removed.update(range(39, 49))
    flaskbb.write(world.web, thread.post(49))
    result, jobs = program.fetch(flaskbb.thread_url, options=ALONE)

    assert result.code == 0, (jobs, program.log())
    assert "MK-0049" in marks_in(program)
