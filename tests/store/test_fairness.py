"""Many writers at once: the gate lets everyone have a turn, and nobody waits out SQLite's lottery."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from mediadl.paths import Home
from mediadl.store import journal
from mediadl.store.database import Database
from store.making import finish, first_line, python

_WRITERS = 4
_TURNS = 30
_MOST_TURNS_OF_OTHERS = 10 * _WRITERS * _TURNS
"""Ten times what they have when turns are shared out evenly."""

_WRITE = """
import select
import sys
from pathlib import Path
from mediadl.events import Event, EventKind
from mediadl.paths import Home
from mediadl.store import journal
from mediadl.store.database import Database
with Database.open(Home(Path(sys.argv[1]))) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    while not select.select([sys.stdin], [], [], 0)[0]:
        with database.write() as tx:
            journal.append(tx, [Event(EventKind.DAEMON, int(sys.argv[2]))], 1.0)
"""


@contextlib.contextmanager
def writers_at_work(home: Home) -> Iterator[None]:
    """Several processes that write without a pause."""
    writers = [python(_WRITE, home.root, number) for number in range(_WRITERS)]
    for writer in writers:
        assert first_line(writer) == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    yield
    assert [(status, error) for status, _, error in finish(writers)] == [(0, "")] * _WRITERS


@pytest.mark.timeout(120)
def test_no_writer_starves_beside_others(home: Home) -> None:
    with Database.open(home) as database:
        order: list[int | None] = []
        with writers_at_work(home):
            while any(order.count(number) < _TURNS for number in range(_WRITERS)):
                order += [event.job_id for event in journal.since(database.read(), len(order))]

    for number in range(_WRITERS):
        turns = [place for place, writer in enumerate(order) if writer == number]
        assert turns[_TURNS - 1] - turns[0] < _MOST_TURNS_OF_OTHERS
