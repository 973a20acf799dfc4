"""Schedulers that race and are killed at any moment begin every run once, with its jobs, or not at all."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mediadl.models.schedules import OPEN_RUNS, RunState
from mediadl.paths import Home
from mediadl.store import schedule_runs, schedules
from mediadl.store.database import Database

_SECONDS = 6


def nursery(what: str, home: Home, seed: int = 0, seconds: float = 0) -> Any:
    script = Path(__file__).with_name("schedule_killing.py")
    done = subprocess.run(
        [sys.executable, *map(str, (script, what, home.root, seed, seconds))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), seed
    return json.loads(done.stdout)


@pytest.mark.kill
def test_every_due_time_is_dealt_with_once_whoever_is_killed(home: Home) -> None:
    seed = random.randrange(10**6)
    figures = nursery("race", home, seed, _SECONDS)
    print(seed, figures)

    with Database.open(home) as database:
        read = database.read()
        assert database.check() == []
        every_s, base = 60, 1_780_272_000.0
        due_times = int((figures["end"] - base) // every_s) + 1  # the first one at once
        made = Counter(
            (row[0], row[1])
            for row in read.execute(
                "SELECT json_extract(options, '$.subscription.source'), json_extract(options, '$.subscription.run')"
                " FROM download_queue"
            ).fetchall()
        )
        known = {
            (row[0], row[1]) for row in read.execute("SELECT source_id, run_id FROM run_jobs").fetchall()
        }
        begun = 0
        for schedule in schedules.list(read):
            runs = schedule_runs.of(read, schedule.id, 100_000)
            begun += sum(run.sources == 2 for run in runs)
            dealt_with = sum(1 + run.missed for run in runs)
            assert dealt_with == due_times, (seed, schedule.name)
            assert {run.due_at % every_s for run in runs} == {base % every_s}, seed
            assert all(run.state not in OPEN_RUNS for run in runs), seed
            assert all(run.sources == 2 for run in runs if run.state is not RunState.SKIPPED), seed
    print(f"{begun} runs of {due_times} due times of each schedule")
    assert figures["failed"] == 0
    assert figures["kills"] > 20
    assert begun > 10, seed  # on a busy machine many due times are made up for by one run
    assert set(made.values()) == {1}, seed
    assert set(made) == known, seed
    assert len(made) == 2 * begun, seed


@pytest.mark.kill
def test_a_kill_before_any_statement_leaves_the_old_or_the_new_state(home: Home) -> None:
    found = nursery("statements", home)

    assert found["status"] == [[0]]
    whole = [[n, 2 * n, 2 * n, n, 2 * n] for n in range(4)]
    *_, last = found["seen"]
    assert last == whole[-1]
    assert len(found["seen"]) > 40
    assert [one for one in found["seen"] if one not in whole] == []
    assert found["seen"][0] == whole[0]
