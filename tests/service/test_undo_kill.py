"""A kill between a removal and the end of its time loses nothing that undo promised, and leaves nothing for ever."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from mediadl.models import Identity, Item, ItemState, JobQuery, JobRequest
from mediadl.paths import Home
from mediadl.pipeline import leftovers, work_folder
from mediadl.service import open_services
from mediadl.service.queue import UndoLog
from mediadl.store import items, jobs
from store.making import finish, first_line, python

_JOBS = 1500
_ROUNDS = 6

_REMOVE = """
    import os, sys
    from mediadl.paths import Home
    from mediadl.service import open_services
    from mediadl.service.queue import UndoLog
    from pathlib import Path
    os.environ["MEDIADL_NO_DAEMON"] = "1"
    with open_services(Home(Path(sys.argv[1]))) as services:
        ids = services.queue.ids(__import__("mediadl.models").models.JobQuery())
        print("ready", flush=True)
        while True:
            log = UndoLog()
            services.queue.remove(ids, undo=log)
            services.queue.undo(log)
"""

_PURGE = """
    import sys, time
    from pathlib import Path
    from mediadl.paths import Home
    from mediadl.pipeline import leftovers
    from mediadl.store.database import Database
    real = time.time
    time.time = lambda: real() + 3600
    with Database.open(Home(Path(sys.argv[1]))) as database:
        print("ready", flush=True)
        leftovers.purge(database, sys.argv[2])
"""


def kill_after(code: str, delay_s: float, *arguments: object) -> int:
    child = python(code, *arguments)
    assert first_line(child) == "ready\n"
    time.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    ((code_, _, errors),) = finish([child])
    assert code_ == -signal.SIGKILL or code_ == 0, errors
    return code_


@pytest.mark.kill
def test_a_kill_between_removal_and_purge_loses_nothing_and_leaves_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    with open_services(home) as services:
        asked = [JobRequest(f"https://h.example/{n}", "direct", "h") for n in range(_JOBS)]
        options = {"out": str(tmp_path)}
        asked = [JobRequest(one.url, one.platform, one.site, options=options) for one in asked]
        with services.store.write() as tx:
            ids = jobs.add(tx, asked, max_attempts=3, now=time.time())
            for job_id in ids[::50]:
                found = Item(job_id, 1, Identity("h", str(job_id)), ItemState.FOUND, "", None, "", "", None)
                items.put(tx, job_id, [found])
        parts = [work_folder.create(tmp_path, job_id) / "x.part" for job_id in ids[::50]]
        for part in parts:
            part.write_bytes(b"half")
        read = services.store.read()
        rows = read.execute("SELECT * FROM download_queue ORDER BY id").fetchall()
        kills = 0
        for _ in range(_ROUNDS):
            kills += kill_after(_REMOVE, rng.uniform(0.005, 0.25), home.root) != 0
            there = set(services.queue.ids(JobQuery()))
            aside = {job.id for job in jobs.removed(read, ids)}
            assert there | aside == set(ids), seed
            assert not there & aside, seed

            services.queue.undo(UndoLog(removed=list(ids)))

            assert read.execute("SELECT * FROM download_queue ORDER BY id").fetchall() == rows, seed
            assert all(part.read_bytes() == b"half" for part in parts), seed
            assert all(services.queue.item_count(job_id) == 1 for job_id in ids[::50]), seed
        assert kills == _ROUNDS, seed

        services.queue.remove(ids, undo=UndoLog())
        for _ in range(3):
            kill_after(_PURGE, rng.uniform(0.001, 0.03), home.root, tmp_path)
        later = time.time() + 3600
        monkeypatch.setattr(time, "time", lambda: later)
        leftovers.purge(services.store, str(tmp_path))

        assert jobs.removed(read, ids) == [], seed
        assert not any(part.parent.exists() for part in parts), seed
        assert read.execute("SELECT COUNT(*) FROM items").fetchone() == (0,), seed
        assert services.store.check() == [], seed
