"""Workers that are killed at any moment lose no job and complete none twice; the proof lies outside of the database."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mediadl.events import EventKind
from mediadl.models import JobStatus
from mediadl.paths import Home
from mediadl.store import jobs, journal
from mediadl.store.database import Database
from store.making import contents

_SECONDS = 7


def _ids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


@pytest.mark.kill
def test_killed_workers_lose_no_job_and_complete_none_twice(home: Home, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    script = Path(__file__).with_name("killing.py")
    nursery = subprocess.run(
        [sys.executable, *map(str, (script, home.root, tmp_path, seed, _SECONDS))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert nursery.returncode == 0, (seed, nursery.stderr)
    figures = json.loads(nursery.stdout)
    print(seed, figures)

    with Database.open(home) as database:
        read = database.read()
        by_status = jobs.counts(read).by_status
        completed = Counter(
            event.job_id
            for event in journal.since(read, 0, limit=10**6)
            if event.kind is EventKind.JOB_CHANGED and event.payload.get("status") == "completed"
        )
        known = {row[0] for row in read.execute("SELECT id FROM download_queue").fetchall()}
        assert database.check() == []
    told, done = _ids(tmp_path / "added"), _ids(tmp_path / "done")

    assert (figures["failed"], nursery.stderr) == (0, ""), seed
    assert figures["kills"] > 20
    assert by_status[JobStatus.COMPLETED] == len(known) >= 700, (seed, by_status)
    assert set(told) <= known, seed
    assert set(completed) == known, seed
    assert set(completed.values()) == {1}, seed
    assert set(done) <= known, seed
    assert max(Counter(done).values()) == 1, seed
    assert len(known) - len(done) <= figures["kills"], "only a killed worker may not have told"
    assert set(contents(home.root)) == {"media_downloader.db"}
