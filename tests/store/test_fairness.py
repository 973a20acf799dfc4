"""Many writers at once: the gate lets everyone have a turn, and nobody waits out SQLite's lottery."""

from __future__ import annotations

from collections import Counter

from mediadl.paths import Home
from mediadl.store import journal
from mediadl.store.database import Database
from store.making import finish, first_line, python

_WRITERS = 4
_WRITES = 120

_WRITE = """
import sys
from pathlib import Path
from mediadl.events import Event, EventKind
from mediadl.paths import Home
from mediadl.store import journal
from mediadl.store.database import Database
with Database.open(Home(Path(sys.argv[1]))) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        with database.write() as tx:
            journal.append(tx, [Event(EventKind.DAEMON, int(sys.argv[2]))], 1.0)
"""


def test_no_writer_starves_beside_others(home: Home) -> None:
    Database.open(home).close()
    writers = [python(_WRITE, home.root, number, _WRITES) for number in range(_WRITERS)]
    for writer in writers:
        assert first_line(writer) == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()

    ended = finish(writers)

    assert [(status, error) for status, _, error in ended] == [(0, "")] * _WRITERS
    with Database.open(home) as database:
        order = [event.job_id for event in journal.since(database.read(), 0)]
    assert Counter(order) == dict.fromkeys(range(_WRITERS), _WRITES)
    first_end = min(len(order) - order[::-1].index(number) for number in range(_WRITERS))
    turns = Counter(order[:first_end])
    assert len(turns) == _WRITERS
    assert min(turns.values()) >= _WRITES // 5, turns
