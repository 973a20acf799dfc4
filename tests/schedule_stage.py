"""Schedules in a database, schedulers over it, and a clock that tests set as they like."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mediadl.models import Identity, Item, ItemState, Job, JobStatus, Lane
from mediadl.models.schedules import Schedule, ScheduleRun
from mediadl.paths import Home
from mediadl.settings.schema import Downloads, Schedules, Settings
from mediadl.store import items, jobs, schedule_runs, schedules, sources
from mediadl.store.database import Connection, Database
from mediadl.store.locks import boot_id
from mediadl.timing.rules import Due, Rule
from mediadl.workers import run_ends
from mediadl.workers.scheduler import Scheduler

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
HOUR_S, DAY_S = 3600.0, 86_400.0


def hours(text: str, day: int = 0) -> float:
    """A moment by the clock on the wall (UTC), such as `01:00`, so many days after the first."""
    parts = [int(part) for part in text.split(":")]
    return MIDNIGHT + day * DAY_S + sum(part * 60.0 ** (2 - n) for n, part in enumerate(parts))


class Clock:
    """Two clocks: the one on the wall, which can be set, and the machine's own."""

    def __init__(self, wall: float = MIDNIGHT + 60) -> None:
        self.wall = wall
        self.boot = 1000.0

    def on(self, seconds: float) -> None:
        """Let time pass, awake or asleep."""
        self.wall += seconds
        self.boot += seconds

    def to(self, wall: float) -> None:
        """Let time pass until a moment."""
        assert wall >= self.wall
        self.on(wall - self.wall)

    def set(self, wall: float) -> None:
        """Set the clock on the wall, forward or back."""
        self.wall = wall


class ScheduleStage:
    """A database with schedules, and a scheduler with a clock of its own."""

    def __init__(self, database: Database, tmp_path: Path) -> None:
        self.database = database
        self.clock = Clock()
        self.settings = Settings(downloads=Downloads(directory=str(tmp_path / "downloads")))
        self.scheduler = self.another()

    @property
    def read(self) -> Connection:
        """To look at what is there."""
        return self.database.read()

    def another(self) -> Scheduler:
        """One more scheduler over the same database, or the same one after a restart."""
        return Scheduler(
            self.database, wall=lambda: self.clock.wall, boot=lambda: self.clock.boot, look_s=0.0
        )

    def add(
        self,
        name: str = "cats",
        names: Sequence[str] = ("alice",),
        *,
        owner_id: int | None = None,
        **spec: Any,
    ) -> int:
        """A schedule of Instagram accounts; hourly, in UTC, unless told otherwise."""
        told: dict[str, Any] = {"time_zone": "UTC", "backfill": "none"} | spec
        if not told.keys() & {"cron", "every_s", "adaptive"}:
            told["cron"] = "0 * * * *"
        now = self.clock.wall
        with self.database.write() as tx:
            ids = [source(tx, one, now) for one in names]
            made = schedules.add(tx, name, told, ids, True, owner_id, None, now)
            rule = Rule.of(told, anchor_at=now, seed=str(made))
            schedules.set_next(tx, made, rule.first(now), now)
        return made

    def pause_all(self, *, on: bool) -> None:
        """As the setting says."""
        self.settings = self.settings.model_copy(update={"schedules": Schedules(paused=on)})

    def tick(self, times: int = 1) -> int:
        """Let the scheduler look."""
        return sum(self.scheduler.tick(self.settings) for _ in range(times))

    def at(self, wall: float) -> int:
        """Let time pass until a moment, then let the scheduler look."""
        self.clock.to(wall)
        return self.tick()

    def schedule(self, schedule_id: int = 1) -> Schedule:
        return schedules.get(self.read, schedule_id)

    def runs(self, schedule_id: int = 1) -> list[ScheduleRun]:
        """The runs of a schedule, the oldest first."""
        return schedule_runs.of(self.read, schedule_id, 10_000)[::-1]

    def jobs(self) -> list[Job]:
        """All of the queue, in the order it was made."""
        ids = [row[0] for row in self.read.execute("SELECT id FROM download_queue ORDER BY id").fetchall()]
        return jobs.get_many(self.read, ids)

    def claim(self, limit: int = 50) -> list[Job]:
        """Take jobs as the daemon does, those first whose time has come."""
        with self.database.write() as tx:
            jobs.promote(tx, self.clock.wall)
            return jobs.claim(
                tx,
                lane=Lane.RUNNER,
                limit=limit,
                per_site=0,
                worker="daemon-test",
                boot=boot_id(),
                lease_until=time.clock_gettime(time.CLOCK_BOOTTIME) + 600,
                now=self.clock.wall,
            )

    def settle(self, job: Job, status: JobStatus = JobStatus.COMPLETED, stored: int = 0, **more: Any) -> None:
        """End a job as the recorder does, with so many stored items."""
        now = self.clock.wall
        with self.database.write() as tx:
            assert jobs.settle(tx, job.id, job.fence, status, now=now, **more)
            items.put(tx, job.id, [item(job, n) for n in range(stored)])
            run_ends.settled(tx, [job.id], now)

    def work_off(self, status: JobStatus = JobStatus.COMPLETED, **more: Any) -> int:
        """Claim and end everything that may work; returns how many jobs that were."""
        claimed = self.claim()
        for job in claimed:
            self.settle(job, status, **more)
        return len(claimed)

    def change(self, schedule_id: int = 1, due: Due | None = None, **spec: Any) -> None:
        """Tell a schedule something else."""
        known = self.schedule(schedule_id)
        told = known.spec | spec
        rule = Rule.of(told, anchor_at=known.created_at, seed=str(schedule_id))
        with self.database.write() as tx:
            schedules.change(
                tx,
                schedule_id,
                name=known.name,
                spec=told,
                source_ids=schedules.source_ids(tx, schedule_id),
                enabled=known.enabled,
                due=due or rule.first(self.clock.wall),
                now=self.clock.wall,
            )


def source(tx: Connection, name: str, now: float) -> int:
    """An account at Instagram."""
    url = f"https://www.instagram.com/{name}/posts/"
    return sources.ensure(tx, url, "instagram", "posts", "instagram", name, now)


def item(job: Job, n: int) -> Item:
    """A stored item of a job."""
    identity = Identity("instagram", f"{job.id}-{n}")
    return Item(job.id, n, identity, ItemState.STORED, "", 100, "", "", None)


@pytest.fixture
def stage(opened_home: Home, tmp_path: Path) -> Iterator[ScheduleStage]:
    """A database without schedules."""
    with Database.open(opened_home) as database:
        yield ScheduleStage(database, tmp_path)
