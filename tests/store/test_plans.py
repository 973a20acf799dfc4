"""Schedules and jobs with a time as one list."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.models import JobRequest, Lane, Wanted
from mediadl.models.plans import PlanCounts, PlanKind, PlanQuery
from mediadl.models.schedules import RunKind, RunState
from mediadl.paths import Home
from mediadl.store import jobs, plans, schedule_runs, schedules, sources
from mediadl.store.database import Connection, Database
from mediadl.timing.rules import Due

NOW = 1_800_000_000.0
EVERYTHING = PlanQuery()


def job(tx: Connection, title: str, at: float) -> int:
    asked = JobRequest(
        url=f"https://files.example/{title}", platform="generic", site="files.example", lane=Lane.RUNNER,
        content_type="", title=title, not_before=at,
    )  # fmt: skip
    return jobs.add(tx, [asked], max_attempts=3, now=NOW)[0]


def schedule(tx: Connection, name: str, at: float | None, *, enabled: bool = True) -> int:
    source = sources.ensure(tx, f"https://x.example/{name}", "generic", "", "x.example", name, NOW)
    due = None if at is None else Due(at, at)
    spec = {"sources": [f"https://x.example/{name}"], "cron": "0 3 * * *"}
    made = schedules.add(tx, name, spec, [source], enabled, None, due, NOW)
    schedules.set_next(tx, made, due, NOW)
    return made


def test_the_next_one_comes_first_and_what_has_no_time_last(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        late, off = schedule(tx, "late", NOW + 300), schedule(tx, "off", NOW + 1, enabled=False)
        once, never = job(tx, "once", NOW + 200), schedule(tx, "never", None)
        soon = schedule(tx, "soon", NOW + 100)

        found = plans.keys(tx, EVERYTHING, 0, 10)

        assert found[:3] == [-soon, once, -late]
        assert set(found[3:]) == {-off, -never}
        assert plans.count(tx, EVERYTHING) == 5
        assert [plans.index_of(tx, EVERYTHING, key) for key in found] == [0, 1, 2, 3, 4]
        assert plans.index_of(tx, EVERYTHING, 99) is None
        assert plans.keys(tx, EVERYTHING, 1, 2) == [once, -late]
        assert plans.first(tx) == (-soon, NOW + 100)


def test_held_jobs_and_schedules_that_are_off_are_never_first(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        schedule(tx, "off", NOW + 1, enabled=False)
        once = job(tx, "once", NOW + 5)
        jobs.request(tx, [once], Wanted.PAUSE, NOW)

        assert plans.first(tx) is None
        assert plans.starting(tx).any
        assert plans.starting(tx).total == 0


def test_kinds_are_counted_and_listed(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        well, off = schedule(tx, "well", NOW + 1), schedule(tx, "off", NOW + 2, enabled=False)
        gap, gone, failed = (schedule(tx, name, NOW + 3) for name in ("gap", "gone", "failed"))
        once = job(tx, "once", NOW + 9)
        tx.execute("UPDATE sources SET gap_since = 5 WHERE name = 'gap'")
        tx.execute("UPDATE sources SET state = 'gone' WHERE name = 'gone'")
        for state, at in ((RunState.DONE, 1.0), (RunState.FAILED, 2.0), (RunState.SKIPPED, 3.0)):
            run = schedule_runs.open_run(tx, failed, at, RunKind.DUE, RunState.RUNNING, at)
            assert run is not None
            schedule_runs.finish(tx, run, state, at)

        def listed(kind: PlanKind) -> set[int]:
            return set(plans.keys(tx, PlanQuery(kind), 0, 50))

        assert plans.counts(tx) == PlanCounts(schedules=5, once=1, trouble=3, off=1, on=4)
        assert listed(PlanKind.SCHEDULES) == {-well, -off, -gap, -gone, -failed}
        assert listed(PlanKind.ONCE) == {once}
        assert listed(PlanKind.TROUBLE) == {-gap, -gone, -failed}
        assert listed(PlanKind.OFF) == {-off}
        assert plans.health(tx, [well, gap, gone]) == {gap: plans.Health(5.0, 0), gone: plans.Health(None, 1)}


def test_words_are_looked_for_in_names_sources_titles_and_addresses(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        kiln, once = schedule(tx, "Kiln_1", NOW), job(tx, "harbour", NOW + 1)

        def found(words: str) -> list[int]:
            return plans.keys(tx, PlanQuery(words=words), 0, 9)

        assert found("kiln") == found("x.example KILN") == [-kiln]
        assert found("harbour") == found("files.example") == [once]
        assert found("%") == found("cron") == found("Kiln%1") == []
        assert found("Kiln_1") == [-kiln]


@given(st.text(max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_looked_for(home: Home, words: str) -> None:
    words = words.encode("utf-8", "ignore").decode()
    with Database.open(home) as database:
        read = database.read()
        for kind in PlanKind:
            assert plans.count(read, PlanQuery(kind, words)) == len(
                plans.keys(read, PlanQuery(kind, words), 0, 9)
            )


def test_an_account_sees_what_is_its_own(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        mine, other = schedule(tx, "mine", NOW), schedule(tx, "other", NOW + 1)
        once = job(tx, "once", NOW + 2)
        tx.execute("UPDATE schedules SET owner_id = 7 WHERE id = ?", (mine,))
        tx.execute("UPDATE download_queue SET owner_id = 7 WHERE id = ?", (once,))
        job(tx, "foreign", NOW + 3)

        assert plans.keys(tx, EVERYTHING, 0, 9, owner=7) == [-mine, once]
        assert plans.count(tx, EVERYTHING, owner=7) == 2
        assert plans.index_of(tx, EVERYTHING, -other, owner=7) is None
        assert plans.counts(tx, owner=7) == PlanCounts(schedules=1, once=1, on=1)
        assert plans.starting(tx, owner=7).total == 2
        assert plans.starts(tx, NOW, NOW + 9, owner=7) == [NOW + 2]
        assert plans.due_within(tx, NOW + 9, owner=7) == [(mine, NOW)]
        assert plans.first(tx, owner=8) is None


@pytest.mark.parametrize("part", ["keys", "counts", "first", "starting"])
def test_an_empty_database_has_no_plans(home: Home, part: str) -> None:
    with Database.open(home) as database:
        read = database.read()
        asked = {
            "keys": lambda: plans.keys(read, EVERYTHING, 0, 5) == [],
            "counts": lambda: plans.counts(read) == PlanCounts(),
            "first": lambda: plans.first(read) is None,
            "starting": lambda: not plans.starting(read).any,
        }
        assert asked[part]()
