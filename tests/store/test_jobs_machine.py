"""The queue under any order of requests: nothing lost, nothing in two places, and the journal tells the whole story."""

from __future__ import annotations

import sqlite3
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mediadl.events import EventKind
from mediadl.models import ENDED_STATUSES, JobQuery, JobStatus, Lane, Move, Priority, Wanted
from mediadl.store import jobs, journal
from store.making import BOOT, LEASE, NOW, request, scratch

_TOLD = ("status", "reason", "message", "priority", "position", "backend", "title", "wanted")

_LEGAL: dict[str, set[tuple[str, str]]] = {
    "claim": {("pending", "active")},
    "settle": {("active", status.value) for status in JobStatus}
    - {("active", "active"), ("active", "scheduled")},
    "pause": {(open_, "paused") for open_ in ("pending", "waiting", "scheduled")},
    "run": {(held, "pending") for held in ("paused", "waiting", "scheduled")} | {("paused", "scheduled")},
    "cancel": {(open_, "cancelled") for open_ in ("pending", "waiting", "scheduled", "paused")},
    "remove": set(),
    "retry": {(ended.value, "pending") for ended in ENDED_STATUSES},
    "recover": {("active", then) for then in ("pending", "failed", "paused", "cancelled")},
    "release": {(held, "pending") for held in ("waiting", "scheduled")},
}
"""Which changes of status each verb may make."""

_ENDS = [status for status in JobStatus if status not in {JobStatus.ACTIVE, JobStatus.SCHEDULED}]
_lanes = st.sampled_from([Lane.RUNNER] * 4 + [Lane.TRANSFER])
_places = st.lists(st.integers(0, 30), min_size=1, max_size=4)


class Queue(RuleBasedStateMachine):
    """Random verbs on a database in memory, against a plain picture of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.statuses: dict[int, str] = {}
        self.fences: dict[int, int] = {}
        self.held: dict[int, tuple[int, str]] = {}
        self.old: list[tuple[int, int]] = []
        self.folded: dict[int, dict[str, Any]] = {}
        self.heard = 0
        self.ever = 0
        self.aside: dict[int, tuple[float, Any]] = {}
        self.tx: sqlite3.Connection = scratch()

    @initialize(site=st.sampled_from("ab"))
    def begin(self, site: str) -> None:
        self.add(6, Lane.RUNNER, None, Priority.NORMAL, site)

    def teardown(self) -> None:
        self.tx.close()

    @rule(n=st.integers(1, 5), lane=_lanes, wait=st.sampled_from([None, None, 0, 5]),
          priority=st.sampled_from(list(Priority)), site=st.sampled_from("ab"))  # fmt: skip
    def add(self, n: int, lane: Lane, wait: int | None, priority: Priority, site: str) -> None:
        asked = request(
            lane=lane, priority=priority, site=site, not_before=None if wait is None else self.now + wait
        )

        ids = jobs.add(self.tx, [asked] * n, max_attempts=3, now=self.now)

        assert ids == list(range(self.ever + 1, self.ever + n + 1))
        self.ever += n
        for job_id in ids:
            self.statuses[job_id] = "scheduled" if wait else "pending"
            self.fences[job_id] = 0

    @rule(lane=_lanes, limit=st.integers(1, 4), per_site=st.integers(0, 2),
          worker=st.sampled_from(["one", "two"]), lease=st.sampled_from([1.0, LEASE]))  # fmt: skip
    def claim(self, lane: Lane, limit: int, per_site: int, worker: str, lease: float) -> None:
        leased: dict[str, Any] = {"worker": worker, "boot": BOOT, "lease_until": lease}
        claimed = jobs.claim(self.tx, lane=lane, limit=limit, per_site=per_site, now=self.now, **leased)

        order = jobs.ids(self.tx, JobQuery(frozenset({JobStatus.ACTIVE})))
        assert len(claimed) <= limit
        assert {job.id for job in claimed} <= set(order)
        for job in claimed:
            assert job.fence == self.fences[job.id] + 1
            self.fences[job.id] = job.fence
            self.held[job.id] = (job.fence, worker)
        self._moved("claim", {job.id for job in claimed})

    @precondition(lambda self: self.held)
    @rule(place=st.integers(0, 30), status=st.sampled_from(_ENDS), refund=st.booleans())
    def settle(self, place: int, status: JobStatus, refund: bool) -> None:
        job_id = sorted(self.held)[place % len(self.held)]
        wanted = dict(jobs.wanted_changes(self.tx)).get(job_id)
        more: dict[str, Any] = {"refund_attempt": refund, "not_before": self.now + 3 if refund else None}

        assert jobs.settle(
            self.tx, job_id, self.held[job_id][0], status, now=self.now, reason="network", **more
        )

        self._let_go(job_id)
        if wanted is Wanted.REMOVE:
            self.aside[job_id] = (self.now + jobs.KEPT_S, None)
            self._gone([job_id])
        self._moved("settle", {job_id})

    @rule(statuses=st.lists(st.sampled_from(_ENDS), min_size=1, max_size=4))
    def claim_and_settle(self, statuses: list[JobStatus]) -> None:
        self.claim(Lane.RUNNER, len(statuses), 0, "one", LEASE)
        for place, status in enumerate(statuses):
            if self.held:
                self.settle(place, status, refund=place % 2 == 0)

    @precondition(lambda self: self.old)
    @rule(place=st.integers(0, 30), status=st.sampled_from(_ENDS))
    def settle_too_late(self, place: int, status: JobStatus) -> None:
        job_id, fence = self.old[place % len(self.old)]

        assert not jobs.settle(self.tx, job_id, fence, status, now=self.now)
        assert not jobs.describe(self.tx, job_id, fence, backend="late")

    @rule(places=_places, wanted=st.sampled_from(list(Wanted)))
    def request(self, places: list[int], wanted: Wanted) -> None:
        ids = self._some(places)
        if wanted is Wanted.REMOVE:
            self._put_aside([job_id for job_id in ids if job_id not in self.held])

        changed = jobs.request(self.tx, ids, wanted, self.now)

        assert set(changed) <= set(ids)
        if wanted is Wanted.REMOVE:
            self._gone([job_id for job_id in changed if job_id not in self.held])
        self._moved(wanted.value, set(changed) - set(self.held))

    @rule(places=_places)
    def retry(self, places: list[int]) -> None:
        ids = self._some(places)
        ended = {job_id for job_id in ids if self.statuses[job_id] in {"completed", "failed", "cancelled"}}

        assert set(jobs.retry(self.tx, ids, self.now)) == ended
        self._moved("retry", ended)

    @rule(
        worker=st.sampled_from([None, None, "one", "two"]),
        boot=st.sampled_from([BOOT, BOOT, BOOT, "next"]),
        lease_now=st.sampled_from([0.5, 2.0]),
    )
    def recover(self, worker: str | None, boot: str, lease_now: float) -> None:
        doomed = {job_id for job_id, wanted in jobs.wanted_changes(self.tx) if wanted is Wanted.REMOVE}

        freed = jobs.recover(self.tx, worker=worker, boot=boot, now=self.now, lease_now=lease_now)

        others = {job_id for job_id, (_, owner) in self.held.items() if worker and owner != worker}
        assert others <= set(freed) <= set(self.held)
        if boot != BOOT:
            assert set(freed) == set(self.held)
        for job_id in freed:
            self._let_go(job_id)
        for job_id in doomed & set(freed):
            self.aside[job_id] = (self.now + jobs.KEPT_S, None)
        self._gone(sorted(doomed & set(freed)))
        self._moved("recover", set(freed))

    @rule(later=st.integers(0, 4))
    def promote(self, later: int) -> None:
        self.now += later
        due = jobs.next_due(self.tx)

        n = jobs.promote(self.tx, self.now)

        assert (n > 0) == (due is not None and due <= self.now)
        self._moved("release", set(self.statuses))

    @rule()
    def wake(self) -> None:
        jobs.wake(self.tx, site=None, reason="network")

        self._moved("release", set(self.statuses))

    @rule(places=_places, priority=st.sampled_from(list(Priority)))
    def set_priority(self, places: list[int], priority: Priority) -> None:
        jobs.set_priority(self.tx, self._some(places), priority, self.now)

    @rule(places=_places, move=st.sampled_from(list(Move)))
    def move(self, places: list[int], move: Move) -> None:
        for job_id in self._some(places):
            jobs.move(self.tx, job_id, move, self.now)

    @rule(places=_places)
    def describe(self, places: list[int]) -> None:
        for job_id in self._some(places):
            running = jobs.describe(self.tx, job_id, self.fences[job_id], backend="yt-dlp", title="A title")

            assert running == (job_id in self.held)

    @rule(statuses=st.sets(st.sampled_from(list(JobStatus)), max_size=2))
    def clear(self, statuses: set[JobStatus]) -> None:
        gone = [i for i, s in self.statuses.items() if s in statuses and s != "active"]

        self._put_aside(gone)
        assert sorted(jobs.clear(self.tx, statuses, self.now)) == sorted(gone)
        self._gone(gone)

    @precondition(lambda self: self.aside)
    @rule(places=_places)
    def give_back(self, places: list[int]) -> None:
        aside = sorted(self.aside)
        ids = list(dict.fromkeys(aside[place % len(aside)] for place in places))
        doomed = {job_id for job_id, wanted in jobs.wanted_changes(self.tx) if wanted is Wanted.REMOVE}
        withdrawn = sorted(doomed)[:1]
        kept = [job_id for job_id in ids if self.aside[job_id][0] > self.now]

        back = jobs.give_back(self.tx, [*ids, *withdrawn], self.now)

        assert sorted(back) == sorted([*kept, *withdrawn])
        for job_id in kept:
            _, row = self.aside.pop(job_id)
            if row is not None:
                assert self._row(job_id) == row
            self.statuses[job_id], self.fences[job_id] = self._row(job_id)[1:3]

    @rule(later=st.integers(0, 60))
    def purge(self, later: int) -> None:
        self.now += later
        due = {job_id for job_id, (until, _) in self.aside.items() if until <= self.now}

        assert {job.id for job in jobs.doomed(self.tx, self.now, 1000)} == due
        assert jobs.forget(self.tx, self.aside, self.now) == len(due)
        for job_id in due:
            del self.aside[job_id]

    @rule(places=_places, wish=st.sampled_from([Wanted.PAUSE, Wanted.CANCEL, Wanted.RUN]))
    def request_and_take_back(self, places: list[int], wish: Wanted) -> None:
        ids = [job_id for job_id in self._some(places) if job_id not in self.held]
        rows = {job_id: self._row(job_id) for job_id in ids}
        order = jobs.ids(self.tx, JobQuery())
        before = jobs.standing(self.tx, ids)
        changed = set(jobs.request(self.tx, ids, wish, self.now))

        back = jobs.stand_again(self.tx, [was for was in before if was.job_id in changed], wish, self.now)

        assert set(back) == changed
        assert {job_id: self._row(job_id) for job_id in ids} == rows
        assert jobs.ids(self.tx, JobQuery()) == order

    @rule(places=_places, move=st.sampled_from(list(Move)))
    def move_and_take_back(self, places: list[int], move: Move) -> None:
        order = jobs.ids(self.tx, JobQuery())
        told = [place for job_id in self._some(places) for place in jobs.move_telling(self.tx, job_id, move)]

        jobs.place(self.tx, [(job_id, after, before) for job_id, before, after in reversed(told)], self.now)

        assert jobs.ids(self.tx, JobQuery()) == order

    @rule(places=_places)
    def remove_and_give_back(self, places: list[int]) -> None:
        ids = self._some(places)
        rows = {job_id: self._row(job_id) for job_id in ids if job_id not in self.held}
        order = jobs.ids(self.tx, JobQuery())
        jobs.request(self.tx, ids, Wanted.REMOVE, self.now)

        jobs.give_back(self.tx, ids, self.now)

        assert {job_id: self._row(job_id) for job_id in rows} == rows
        assert jobs.ids(self.tx, JobQuery()) == order

    @invariant()
    def the_table_is_as_expected(self) -> None:
        rows = self.tx.execute(
            "SELECT id, status, fence, assigned_worker, wanted FROM download_queue"
        ).fetchall()

        assert {row[0]: row[1] for row in rows} == self.statuses
        assert {row[0]: row[2] for row in rows} == self.fences
        assert {row[0]: row[3] for row in rows if row[1] == "active"} == {
            i: w for i, (_, w) in self.held.items()
        }
        assert all(row[3] == "" and row[4] == "run" for row in rows if row[1] != "active")

    @invariant()
    def the_journal_folds_to_the_table(self) -> None:
        for event in journal.since(self.tx, self.heard):
            self.heard = event.id
            assert event.job_id is not None
            if event.kind is EventKind.JOB_REMOVED:
                del self.folded[event.job_id]
            elif event.kind is EventKind.JOB_ADDED:
                self.folded[event.job_id] = {"message": "", "wanted": "run", **event.payload}
            else:
                self.folded[event.job_id] |= event.payload
                if event.payload.get("status", "active") != "active":
                    # Whoever leaves the active state has had his wish
                    self.folded[event.job_id]["wanted"] = "run"
        rows = self.tx.execute(f"SELECT id, {', '.join(_TOLD)} FROM download_queue").fetchall()
        table = {row[0]: dict(zip(_TOLD, row[1:], strict=True)) for row in rows}

        assert table == {i: {name: facts[name] for name in _TOLD} for i, facts in self.folded.items()}

    @invariant()
    def the_counters_are_right(self) -> None:
        counted = {status.value: n for status, n in jobs.counts(self.tx).by_status.items() if n}

        assert counted == {s: list(self.statuses.values()).count(s) for s in set(self.statuses.values())}

    def _row(self, job_id: int) -> Any:
        return self.tx.execute(
            "SELECT id, status, fence, wanted, priority, position, reason, message, not_before, finished_at, attempts"
            " FROM download_queue WHERE id = ?",
            (job_id,),
        ).fetchone()

    def _put_aside(self, ids: list[int]) -> None:
        """What is about to be removed and may come back, with what it has to be then."""
        self.aside |= {job_id: (self.now + jobs.KEPT_S, self._row(job_id)) for job_id in ids}

    def _some(self, places: list[int]) -> list[int]:
        known = sorted(self.statuses)
        return list(dict.fromkeys(known[place % len(known)] for place in places)) if known else []

    def _let_go(self, job_id: int) -> None:
        fence, _ = self.held.pop(job_id)
        self.old.append((job_id, fence))

    def _gone(self, ids: list[int]) -> None:
        for job_id in ids:
            del self.statuses[job_id], self.fences[job_id]

    def _moved(self, verb: str, ids: set[int]) -> None:
        """Take over the new statuses of `ids`, none of which may have changed in a way the verb may not."""
        for job in jobs.get_many(self.tx, ids):
            before, after = self.statuses[job.id], job.status.value
            assert before == after or (before, after) in _LEGAL[verb], (verb, before, after)
            self.statuses[job.id] = after


Queue.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestQueue = Queue.TestCase
