"""`mediadl thread`, as typed."""

from __future__ import annotations

import pytest

from cli.answers import Run
from mediadl.paths import Home
from mediadl.store.database import Database
from thread_keeping import URL, Keeper, file, page, post


@pytest.fixture
def watched(home: Home) -> int:
    """A watched thread of two posts; its job."""
    with Database.open(home) as database:
        keeper = Keeper(database, watch=True)
        keeper.check(page(1, post(1, file(10)), post(2, text="A long walk in the hills")), stored=[10])
        return keeper.job_id


def test_threads_are_listed_for_people_and_programs(run: Run, watched: int) -> None:
    listed = run("thread", "list")

    assert listed.code == 0
    assert listed.lines[0].split() == [
        "id",
        "state",
        "posts",
        "files",
        "next",
        "check",
        "last",
        "check",
        "thread",
    ]
    assert "watched" in listed.lines[1]
    assert listed.lines[1].endswith("Walks")
    (record,) = run("thread", "list", "--watched", "--json").records
    assert (record["id"], record["state"], record["posts"], record["files"]) == (1, "watched", 2, 1)
    assert record["next_check_at"].endswith("Z")


def test_an_empty_list_says_how_to_begin(run: Run) -> None:
    listed = run("thread", "list")

    assert (listed.code, listed.out) == (0, "")
    assert "mediadl thread watch URL" in listed.err


def test_show_tells_the_next_check_and_the_last_words(run: Run, watched: int) -> None:
    shown = run("thread", "show", URL)

    assert shown.code == 0
    for words in (
        "next check",
        "watched until",
        "2 posts on 1 page",
        "1 stored",
        "ann: A long walk in the hills",
    ):
        assert words in shown.out
    record = run("thread", "show", "1", "--json").record
    assert record["status"] == "scheduled"
    assert record["last_posts"][-1]["text"] == "A long walk in the hills"


def test_watching_begins_and_ends(run: Run, watched: int) -> None:
    assert run("thread", "unwatch", "1").err == "thread 1 is no longer watched\n"
    assert run("queue", "show", str(watched), "--json").record["status"] == "completed"
    assert run("thread", "watch", "1").err == f"watched from now on by job {watched}\n"
    assert run("queue", "show", str(watched), "--json").record["status"] == "pending"
    begun = run("thread", "watch", "https://forum.example.org/threads/new.5/", "--json").record
    assert begun == {"job_id": watched + 1, "thread": None}


def test_check_and_forget(run: Run, watched: int) -> None:
    assert run("thread", "check", "1").err == f"job {watched} looks at it now\n"
    assert run("thread", "forget", "1").code == 2
    assert run("thread", "forget", "1", "--yes").code == 0
    assert run("thread", "show", "1").code == 3


@pytest.mark.parametrize("command", ["show", "unwatch", "check", "forget"])
def test_a_thread_that_is_not_known_is_not_found(run: Run, command: str) -> None:
    told = run("thread", command, "7", *(["--yes"] if command == "forget" else []))

    assert told.code == 3
    assert told.err.startswith("error: no thread 7. ")
