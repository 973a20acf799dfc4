"""What tests of forums ask of a finished program: which files came, and which posts its readable pages show."""

from __future__ import annotations

import re
from pathlib import Path

from e2e.program import Program
from fakeweb.expected import sha256_of
from fakeweb.sites.forums import Forum, Thread

QUICK = ("--option", "pause_s=0")
"""The stand-ins need no gentleness."""
ALONE = (*QUICK, "--option", "linked_jobs=false")
"""Links are kept as addresses, no jobs are made of them."""


def put(forum: Forum, thread: Thread) -> str:
    """Put a thread on a forum; its address."""
    forum.threads[thread.id] = thread
    return forum.thread_url(thread.id)


def the_thread(forum: Forum) -> Thread:
    """The only thread of a forum."""
    (thread,) = forum.threads.values()
    return thread


def url_of(forum: Forum) -> str:
    """Its address."""
    return forum.thread_url(the_thread(forum).id)


def media_in(folder: Path) -> list[str]:
    """The digests of what was stored, sorted, without the readable pages."""
    return sorted(
        sha256_of(path)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".json", ".html"}
    )


def marks_in(program: Program) -> list[str]:
    """The words that say which posts are in the readable pages."""
    pages = sorted(program.downloads.rglob("*.html"))
    return [mark for page in pages for mark in re.findall(r"<p>[^<]*(MK-\d+)", page.read_text())]


def log_in(program: Program, host: str, user: str, password: str) -> None:
    """Keep a name and a password for a site, as from a pipe."""
    kept = program.run("session", "login", host, "--user", user, answers=f"{password}\n")
    assert kept.code == 0, kept.out + kept.err
