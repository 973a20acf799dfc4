"""A whole thread of every forum software: all of its files arrive, and nothing else does."""

from __future__ import annotations

import pytest

from e2e.program import Program
from fakeweb.expected import sha256_of
from fakeweb.sites.forums import PROGRAMS, Thread

pytestmark = pytest.mark.engines

FIRST = 100
"""The first of the threads that have files of their own on every forum, so that one program can fetch them all."""


@pytest.fixture(scope="module")
def quick(lasting_program: Program) -> Program:
    """Without pauses between pages, and without jobs for links."""
    lasting_program.extra.update(MEDIADL_FORUM__PAUSE_S="0", MEDIADL_FORUM__LINKED_JOBS="false")
    return lasting_program


@pytest.mark.parametrize(
    ("software", "number"), [(kind.software, number) for number, kind in enumerate(PROGRAMS, FIRST)]
)
def test_every_file_of_a_thread_arrives_and_nothing_else(quick: Program, software: str, number: int) -> None:
    forum = quick.world.forums[software]
    forum.threads[number] = Thread(number)
    before = set(quick.files())

    result, jobs = quick.fetch(forum.thread_url(number))

    assert result.code == 0, result.err + quick.log()
    assert jobs[0]["status"] == "completed"
    came = [path for path in quick.files() if path not in before and path.suffix != ".html"]
    assert {sha256_of(path) for path in came} == {file.sha256 for file in forum.expected(number)}
    said = quick.job(jobs[0]["id"])["message"]
    assert said == "48 new or changed posts, 40 files stored, 3 pages read"
    assert len(came) == 40
