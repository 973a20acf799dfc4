"""Threads of every forum program, through the whole program: complete, without extras, and only what is new later."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from e2e.forum_threads import ALONE, media_in, the_thread, url_of
from e2e.program import Program
from fakeweb.expected import digests
from fakeweb.sites.forums import Forum, Thread
from fakeweb.sites.forums.truth import youtube_id
from fakeweb.world import World

FIRST = 100
"""The first of the threads that have files of their own on every forum."""


@pytest.fixture
def forums(world: World) -> dict[str, Forum]:
    """All forums; on each a thread whose files no other forum has."""
    found = {name: world.forums[name] for name in world.forums.names()}
    for number, forum in enumerate(found.values(), FIRST):
        forum.threads = {number: Thread(number)}
    return found


def folder_of(program: Program, forum: Forum) -> Path:
    """Where a thread's files are."""
    (folder,) = (program.downloads / forum.hosts[0]).glob(f"* [[]{the_thread(forum).id}[]]")
    return folder


def links_in(folder: Path) -> set[str]:
    """What the readable page says of other hosts."""
    (page,) = folder.glob("*.html")
    found = {unescape(url) for url in re.findall(r'<div><a href="(https://[^"]+)"', page.read_text())}
    return {youtube_id(url) or re.sub(r".*/embed/([\w-]{11}).*", r"\1", url) for url in found} - {""} | {
        url for url in found if "youtu" not in url
    }


def links_of(thread: Thread) -> set[str]:
    return {youtube_id(url) or url for url in thread.links()}


@pytest.mark.timeout(300)
def test_every_program_gives_49_then_only_what_three_new_posts_bring(
    program: Program, forums: dict[str, Forum]
) -> None:
    for forum in forums.values():
        the_thread(forum).count = 45
    urls = [url_of(forum) for forum in forums.values()]

    result, jobs = program.fetch(*urls, options=ALONE)

    assert result.code == 0, result.err + program.log()
    assert [job["status"] for job in jobs] == ["completed"] * len(forums)
    for name, forum in forums.items():
        folder = folder_of(program, forum)
        assert media_in(folder) == digests(the_thread(forum).expected()), name
        assert links_in(folder) == links_of(the_thread(forum)), name

    for forum in forums.values():
        the_thread(forum).count = 48
    log = program.world.web.log
    log.clear()
    result, jobs = program.fetch(*urls, options=ALONE)

    assert result.code == 0, result.err + program.log()
    for name, forum in forums.items():
        thread = the_thread(forum)
        folder = folder_of(program, forum)
        assert media_in(folder) == digests(thread.expected()), name
        assert links_in(folder) == links_of(thread), name
        new = {file.name for number in (46, 47, 48) for file in thread.post(number).attached}
        fetched = log.search(f"GET https://{re.escape(forum.hosts[0])}.*({_FILES})")
        assert len(fetched) == len(new), name
        asked = [entry.url for entry in log.search(forum.pattern(thread.id))]
        assert len(asked) <= 3, (name, asked)
        assert url_of(forum) not in asked or forum.software in {"discourse", "nodebb", "flarum"}, (
            name,
            asked,
        )


_FILES = r"(?:attach|attachment)(?:s/|\.php|=)|download/file|filedata/fetch|/uploads/|/assets/.*files/"
