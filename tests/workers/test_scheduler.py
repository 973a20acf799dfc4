"""What is due begins once, whatever the clock does, however many look, and whoever was away."""

from __future__ import annotations

from mediadl.models import JobStatus, Priority
from mediadl.models.schedules import RunKind, RunState
from mediadl.paths import Home
from mediadl.store import schedule_runs, schedules
from mediadl.store.database import Database
from schedule_stage import DAY_S, HOUR_S, ScheduleStage, hours, stage

__all__ = ["stage"]


def states(stage: ScheduleStage, schedule_id: int = 1) -> list[tuple[float, str]]:
    return [(run.due_at, run.state.value) for run in stage.runs(schedule_id)]


def test_nothing_begins_before_its_time_and_everything_at_it(stage: ScheduleStage) -> None:
    stage.add(names=["alice", "bob"], priority="high", out="/elsewhere")

    assert stage.at(hours("00:59:59")) == 0
    assert stage.jobs() == []
    assert stage.at(hours("01:00")) == 1

    first, second = stage.jobs()
    assert [first.url, second.url] == [
        "https://www.instagram.com/alice/posts/",
        "https://www.instagram.com/bob/posts/",
    ]
    assert (first.priority, first.options["out"], first.status) == (
        Priority.HIGH, "/elsewhere", JobStatus.PENDING,
    )  # fmt: skip
    assert first.options["subscription"] == {"source": 1, "run": 1, "walk": "keep_up"}
    (run,) = stage.runs()
    assert (run.due_at, run.kind, run.state, run.started_at, run.sources) == (
        hours("01:00"), RunKind.DUE, RunState.RUNNING, hours("01:00"), 2,
    )  # fmt: skip
    assert stage.schedule().last_due_at == hours("01:00")
    assert stage.schedule().next_due_at == hours("02:00")


def test_it_begins_once_for_however_many_schedulers(stage: ScheduleStage) -> None:
    stage.add()
    others = [stage.another() for _ in range(3)]
    stage.clock.to(hours("01:00"))

    begun = [one.tick(stage.settings) for one in (stage.scheduler, *others)] + [stage.tick()]

    assert begun == [1, 0, 0, 0, 0]
    assert len(stage.jobs()) == 1


def test_an_idle_look_asks_the_database_nothing(stage: ScheduleStage) -> None:
    stage.add()
    stage.tick()
    asked: list[str] = []
    stage.read.set_trace_callback(asked.append)

    for _ in range(50):
        stage.clock.on(1)
        stage.tick()

    assert {one for one in asked if "data_version" not in one} == set()
    stage.read.set_trace_callback(None)
    assert stage.at(hours("01:00")) == 1


def test_what_someone_adds_or_changes_meanwhile_is_heard_of(home: Home, stage: ScheduleStage) -> None:
    stage.tick()
    with Database.open(home) as front:
        other = ScheduleStage(front, home.root)
        other.clock = stage.clock
        other.add()
        stage.tick()
        assert stage.at(hours("01:00")) == 1

        other.change(cron="30 * * * *")
        stage.work_off()

    assert stage.at(hours("01:29")) == 0
    assert stage.at(hours("01:30")) == 1


def test_a_run_that_is_due_while_one_is_at_work_is_left_out_and_says_so(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))

    assert stage.at(hours("02:00")) == 0
    stage.work_off()
    assert stage.at(hours("03:00")) == 1

    assert states(stage) == [
        (hours("01:00"), "done"), (hours("02:00"), "skipped"), (hours("03:00"), "running"),
    ]  # fmt: skip
    assert stage.runs()[1].message == "The run before it was still at work"
    assert len(stage.jobs()) == 2


def test_one_run_stands_for_all_that_were_missed(stage: ScheduleStage) -> None:
    stage.add()

    stage.clock.to(hours("05:30"))
    assert stage.another().tick(stage.settings) == 1

    (run,) = stage.runs()
    assert (run.due_at, run.missed) == (hours("05:00"), 4)
    assert stage.schedule().next_due_at == hours("06:00")


def test_missed_runs_are_left_out_where_that_is_wanted(stage: ScheduleStage) -> None:
    stage.add(misfire="skip")

    stage.clock.to(hours("05:30"))
    assert stage.another().tick(stage.settings) == 0

    (run,) = stage.runs()
    assert (run.state, run.due_at, run.message) == (
        RunState.SKIPPED, hours("05:00"), "Nobody was there at its time",
    )  # fmt: skip
    assert stage.jobs() == []
    assert stage.at(hours("06:00")) == 1


def test_a_machine_that_slept_catches_up_at_once(stage: ScheduleStage) -> None:
    stage.add()
    stage.tick()

    stage.clock.on(3 * DAY_S + 60)

    assert stage.tick(3) == 1
    assert [run.missed for run in stage.runs()] == [71]


def test_a_clock_that_is_set_forward_brings_one_run(stage: ScheduleStage) -> None:
    stage.add()
    stage.tick()

    stage.clock.set(hours("04:10"))

    assert stage.tick(3) == 1
    assert states(stage) == [(hours("04:00"), "running")]


def test_a_clock_that_is_set_back_repeats_nothing(stage: ScheduleStage) -> None:
    stage.add()
    for hour in ("01:00", "02:00", "03:00"):
        stage.at(hours(hour))
        stage.work_off()
    before = states(stage)

    stage.clock.set(hours("00:30"))
    for _ in range(150):
        stage.clock.on(60)
        stage.tick()
    assert states(stage) == before

    assert stage.at(hours("04:00")) == 1


def test_a_clock_that_was_years_ahead_does_not_silence_a_schedule(stage: ScheduleStage) -> None:
    stage.add()
    stage.at(hours("01:00"))
    stage.work_off()
    stage.clock.set(hours("00:30", day=3650))
    assert stage.tick() == 1
    stage.work_off()

    stage.clock.set(hours("01:10"))
    assert stage.tick() == 0

    assert stage.schedule().next_due_at == hours("02:00")
    assert stage.at(hours("02:00")) == 1


def test_a_restart_mends_that_too(stage: ScheduleStage) -> None:
    stage.add()
    stage.clock.set(hours("00:30", day=3650))
    stage.tick()
    stage.work_off()

    stage.clock.set(hours("01:10"))
    stage.another().tick(stage.settings)

    assert stage.schedule().next_due_at == hours("02:00")


def test_nothing_begins_while_all_are_paused(stage: ScheduleStage) -> None:
    stage.add()
    stage.pause_all(on=True)
    assert stage.at(hours("05:30")) == 0
    assert stage.runs() == []

    stage.pause_all(on=False)

    assert stage.tick() == 1
    assert [run.missed for run in stage.runs()] == [4]


def test_a_schedule_that_is_off_or_gone_begins_nothing(stage: ScheduleStage) -> None:
    off, gone = stage.add("off"), stage.add("gone")
    with stage.database.write() as tx:
        schedules.set_enabled(tx, off, False, None, stage.clock.wall)
        schedules.remove(tx, [gone], stage.clock.wall)

    assert stage.at(hours("05:30")) == 0


def test_a_schedule_that_cannot_be_read_any_more_says_so_and_stops(stage: ScheduleStage) -> None:
    broken, fine = stage.add("broken"), stage.add("fine")
    stage.database.read().execute(
        "UPDATE schedules SET spec = json_set(spec, '$.cron', 'never') WHERE id = ?", (broken,)
    )

    assert stage.at(hours("01:00")) == 1

    assert stage.schedule(broken).note.startswith("Cannot be read any more: ")
    assert stage.schedule(broken).next_due_at is None
    assert states(stage, fine) == [(hours("01:00"), "running")]


def test_runs_are_kept_as_many_as_the_settings_say(stage: ScheduleStage) -> None:
    stage.add()
    changed = stage.settings.schedules.model_copy(update={"keep_runs": 3})
    stage.settings = stage.settings.model_copy(update={"schedules": changed})

    for hour in range(1, 9):
        stage.at(hours(f"{hour:02}:00"))
        stage.work_off()

    assert [run.due_at for run in stage.runs()] == [hours(f"{hour:02}:00") for hour in (6, 7, 8)]


def test_a_run_of_an_hour_ago_does_not_hold_up_the_daemon(stage: ScheduleStage) -> None:
    for n in range(120):
        stage.add(f"s{n}", names=[f"n{n}"])
    stage.clock.to(hours("01:00"))

    begun, ticks = 0, 0
    while schedules.due(stage.read, stage.clock.wall, 1):
        begun += stage.tick()
        ticks += 1

    assert begun == len(stage.jobs()) == 120
    assert len(schedule_runs.running(stage.read)) == 120
    assert HOUR_S > ticks >= 1
