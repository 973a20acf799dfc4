"""The tables of schedules, their runs and the jobs of these: a step of the schema."""

from __future__ import annotations

import sqlite3

from mediadl.store.job_rows import ENDED

_TABLES = (
    """CREATE TABLE schedules(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        enabled INTEGER NOT NULL DEFAULT 1,
        spec TEXT NOT NULL,
        owner_id INTEGER,
        last_due_at REAL,
        next_due_at REAL,
        next_start_at REAL,
        note TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL,
        changed_at REAL NOT NULL)""",
    "CREATE INDEX schedules_due ON schedules(next_start_at) WHERE enabled AND next_start_at IS NOT NULL",
    """CREATE TABLE schedule_sources(
        schedule_id INTEGER NOT NULL REFERENCES schedules(id) ON DELETE CASCADE,
        source_id INTEGER NOT NULL REFERENCES sources(id),
        position INTEGER NOT NULL,
        PRIMARY KEY(schedule_id, source_id)) WITHOUT ROWID""",
    "CREATE INDEX schedule_sources_source ON schedule_sources(source_id)",
    # due_at is the computed time, never "now": whoever is second finds the row and makes no jobs
    """CREATE TABLE schedule_runs(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        schedule_id INTEGER NOT NULL REFERENCES schedules(id) ON DELETE CASCADE,
        due_at REAL NOT NULL,
        kind TEXT NOT NULL DEFAULT 'due',
        state TEXT NOT NULL DEFAULT 'running',
        message TEXT NOT NULL DEFAULT '',
        missed INTEGER NOT NULL DEFAULT 0,
        starts_at REAL,
        started_at REAL,
        ended_at REAL,
        sources INTEGER NOT NULL DEFAULT 0,
        found INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0,
        skipped INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        size_bytes INTEGER NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        fault TEXT NOT NULL DEFAULT '',
        UNIQUE(schedule_id, due_at))""",
    "CREATE INDEX schedule_runs_open ON schedule_runs(schedule_id, state) WHERE state IN ('held','running')",
    # What became of a job is kept here: its own row may be taken off the list at any time
    """CREATE TABLE run_jobs(
        job_id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES schedule_runs(id) ON DELETE CASCADE,
        source_id INTEGER NOT NULL,
        walk TEXT NOT NULL DEFAULT 'keep_up',
        held_until REAL,
        freed INTEGER NOT NULL DEFAULT 0,
        ended INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL DEFAULT '',
        found INTEGER NOT NULL DEFAULT 0,
        new INTEGER NOT NULL DEFAULT 0,
        skipped INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        size_bytes INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX run_jobs_run ON run_jobs(run_id, ended)",
    "CREATE INDEX run_jobs_source ON run_jobs(source_id) WHERE NOT ended",
    # Whoever ends, cancels, removes or brings back a job: its run knows. What a person starts again is held no more.
    f"""CREATE TRIGGER run_jobs_status AFTER UPDATE OF status ON download_queue
        WHEN (new.status IN {ENDED}) <> (old.status IN {ENDED}) BEGIN
        UPDATE run_jobs SET ended = new.status IN {ENDED}, freed = freed OR new.status NOT IN {ENDED}
            WHERE job_id = new.id;
    END""",
    """CREATE TRIGGER run_jobs_let_go AFTER UPDATE OF status ON download_queue
        WHEN old.status = 'paused' AND new.status = 'pending' BEGIN
        UPDATE run_jobs SET freed = 1 WHERE job_id = new.id;
    END""",
    """CREATE TRIGGER run_jobs_removed AFTER DELETE ON download_queue BEGIN
        UPDATE run_jobs SET ended = 1 WHERE job_id = old.id;
    END""",
    f"""CREATE TRIGGER run_jobs_back AFTER INSERT ON download_queue WHEN new.status NOT IN {ENDED} BEGIN
        UPDATE run_jobs SET ended = 0 WHERE job_id = new.id;
    END""",
)


def make_tables(connection: sqlite3.Connection) -> None:
    """The step that brings them; `sources` are there already."""
    for statement in _TABLES:
        connection.execute(statement)
