"""When a schedule runs: its due times, their starts, what was missed, what is shown before it is saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing.rules import GRACE_S, Due, Rule

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = 3600.0, 86_400.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


NOON = at("2026-11-24T12:00")


def rule(anchor_at: float = NOON, seed: str = "1", **spec: Any) -> Rule:
    return Rule.of({"time_zone": "Europe/Berlin", **spec}, anchor_at=anchor_at, seed=seed)


def starts(found: Rule, count: int, now: float = NOON) -> list[str]:
    return [one.local for one in found.preview(now, count)]


# Due times


def test_a_fixed_time_apart_is_counted_from_when_the_schedule_was_made() -> None:
    found = rule(every_s=6 * HOUR)

    assert found.first(NOON) == Due(NOON, NOON)
    assert found.first(NOON + 1) == Due(NOON + 6 * HOUR, NOON + 6 * HOUR)
    assert found.after(NOON) == Due(NOON + 6 * HOUR, NOON + 6 * HOUR)
    # Whoever comes late does not move the row
    assert found.decide(NOON, NOON + 7 * HOUR).next == Due(NOON + 12 * HOUR, NOON + 12 * HOUR)


@settings(deadline=None)
@given(st.floats(60, 3e7), st.floats(1e9, 4e9), st.integers(0, 5000))
def test_the_row_of_a_fixed_time_apart_has_no_moment_twice(
    every_s: float, anchor_at: float, number: int
) -> None:
    found = Rule.of({"every_s": every_s}, anchor_at=anchor_at, seed="")
    due = found.first(anchor_at + number * every_s)
    assert due is not None
    row = [due.due_at]
    for _ in range(5):
        due = found.after(row[-1])
        assert due is not None
        row.append(due.due_at)

    assert row == sorted(set(row))
    assert [round((one - anchor_at) / every_s) for one in row] == list(range(number, number + 6))


def test_an_adaptive_one_pauses_as_told_within_its_bounds() -> None:
    found = rule(adaptive=True, least_every_s=HOUR, most_every_s=DAY)

    assert found.first(NOON) == Due(NOON, NOON)
    assert found.first(NOON, 2 * HOUR) == Due(NOON + 2 * HOUR, NOON + 2 * HOUR)
    assert found.after(NOON, pause_s=5 * HOUR) == Due(NOON + 5 * HOUR, NOON + 5 * HOUR)
    assert found.after(NOON, pause_s=1) == Due(NOON + HOUR, NOON + HOUR)
    assert found.after(NOON, pause_s=9 * DAY) == Due(NOON + DAY, NOON + DAY)
    # After a long absence one run, and the next in the future
    assert found.decide(NOON, NOON + 30 * DAY + 5, pause_s=DAY).next == Due(NOON + 31 * DAY, NOON + 31 * DAY)


@pytest.mark.parametrize(
    "spec", [{}, {"cron": "0 0 * * *", "every_s": 60}, {"every_s": 60, "adaptive": True}]
)
def test_a_schedule_needs_exactly_one_rule(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one rule is needed"):
        rule(**spec)


def test_no_run_comes_before_or_after_the_active_time() -> None:
    found = rule(cron="0 4 * * *", active_from="2026-12-01", active_until="2026-12-03")

    assert starts(found, 9) == ["Tue 1 Dec 2026 04:00", "Wed 2 Dec 2026 04:00", "Thu 3 Dec 2026 04:00"]
    assert found.after(at("2026-12-03T04:00")) is None
    assert found.after(at("2026-11-20T04:00")) == found.first(NOON)


def test_a_fixed_time_apart_begins_with_the_active_time() -> None:
    found = rule(every_s=6 * HOUR, active_from="2026-12-01 08:00")

    assert starts(found, 2) == ["Tue 1 Dec 2026 08:00", "Tue 1 Dec 2026 14:00"]


def test_what_was_due_before_the_end_of_the_active_time_is_not_caught_up_after_it() -> None:
    found = rule(cron="0 4 * * *", active_until="2026-12-03")

    decision = found.decide(at("2026-12-02T04:00"), at("2026-12-09T04:00"))

    assert decision.run is None
    assert decision.skipped == Due(at("2026-12-03T04:00"), at("2026-12-03T04:00"))
    assert decision.next is None


def test_an_active_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="never run"):
        rule(every_s=HOUR, active_from="2026-12-03", active_until="2026-12-01")


# Starts


def test_allowed_hours_move_the_start_and_never_the_due_time() -> None:
    found = rule(cron="0 12 * * *", windows=["01:00-06:00"])

    assert found.first(NOON) == Due(NOON, at("2026-11-25T01:00"))


def test_everything_held_back_by_the_allowed_hours_becomes_one_run() -> None:
    found = rule(cron="0 * * * *", windows=["01:00-06:00"])
    held = found.first(NOON)
    assert held is not None

    decision = found.decide(held.due_at, held.start_at + 2)

    assert decision.run == Due(at("2026-11-25T01:00"), at("2026-11-25T01:00"))
    assert decision.missed == 13
    assert decision.next == Due(at("2026-11-25T02:00"), at("2026-11-25T02:00"))


def test_what_the_allowed_hours_held_back_was_not_missed() -> None:
    found = rule(cron="0 * * * *", windows=["01:00-06:00"], misfire="skip")

    decision = found.decide(at("2026-11-24T06:00"), at("2026-11-25T01:00") + 30)

    assert decision.run is not None
    assert decision.skipped is None


@settings(deadline=None)
@given(st.integers(0, 86_400), st.text(max_size=5), st.sampled_from(["0 * * * *", "30 2 * * *", "0 0 L * *"]))
def test_chance_is_the_same_each_time_and_keeps_the_order(jitter_s: int, seed: str, cron: str) -> None:
    found = rule(cron=cron, jitter_s=jitter_s, seed=seed)
    first = found.first(NOON)
    assert first is not None
    second = found.after(first.due_at)
    assert second is not None

    assert rule(cron=cron, jitter_s=jitter_s, seed=seed).first(NOON) == first
    assert first.due_at <= first.start_at <= first.due_at + jitter_s
    assert first.start_at < second.due_at


def test_chance_differs_between_schedules() -> None:
    drawn = {
        due.start_at
        for seed in range(50)
        if (due := rule(cron="0 4 * * *", jitter_s=3600, seed=str(seed)).first(NOON))
    }

    assert len(drawn) > 40


# What was missed


def test_nothing_is_decided_before_its_start() -> None:
    found = rule(cron="0 4 * * *", jitter_s=3600)
    due = found.first(NOON)
    assert due is not None

    decision = found.decide(due.due_at, due.start_at - 1)

    assert (decision.run, decision.skipped, decision.missed, decision.next) == (None, None, 0, due)


def test_one_run_stands_for_all_that_were_missed_and_has_the_newest_due_time() -> None:
    decision = rule(every_s=HOUR).decide(NOON, NOON + 3 * DAY + 60)

    assert decision.run == Due(NOON + 3 * DAY, NOON + 3 * DAY)
    assert decision.missed == 72
    assert decision.next == Due(NOON + 3 * DAY + HOUR, NOON + 3 * DAY + HOUR)


def test_what_was_missed_is_left_out_where_the_rule_says_so() -> None:
    found = rule(every_s=DAY, misfire="skip")

    assert found.decide(NOON, NOON + GRACE_S).run == Due(NOON, NOON)
    decision = found.decide(NOON, NOON + 3 * DAY + GRACE_S + 1)
    assert decision.run is None
    assert decision.skipped == Due(NOON + 3 * DAY, NOON + 3 * DAY)
    assert decision.missed == 3


def test_the_newest_one_still_runs_when_it_is_not_late_itself() -> None:
    decision = rule(every_s=DAY, misfire="skip").decide(NOON, NOON + 3 * DAY + 5)

    assert decision.run == Due(NOON + 3 * DAY, NOON + 3 * DAY)


@pytest.mark.parametrize(
    "spec",
    [
        {"cron": "* * * * *"},
        {"every_s": 60},
        {"cron": "* * * * *", "windows": ["01:00-01:30"], "jitter_s": 7200},
    ],
)
def test_a_clock_ten_years_ahead_makes_one_run(spec: dict[str, Any]) -> None:
    found, far = rule(**spec), NOON + 3653 * DAY
    decision = found.decide(NOON, far)

    assert decision.run is not None
    assert far - decision.run.due_at < DAY
    assert decision.missed == 500
    assert decision.next is not None
    assert decision.next.start_at > far


def test_a_clock_that_is_set_back_makes_nothing_again() -> None:
    found = rule(cron="0 * * * *")
    decision = found.decide(NOON, NOON + 5)
    assert decision.next is not None

    again = found.decide(decision.next.due_at, NOON - 30 * DAY)

    assert (again.run, again.skipped, again.next) == (None, None, decision.next)


@pytest.mark.parametrize("now", [0.0, 1.0, 2.2e11])
def test_a_clock_that_is_far_off_breaks_nothing(now: float) -> None:
    for spec in ({"cron": "0 4 * * *", "windows": ["01:00-06:00"]}, {"every_s": HOUR}, {"adaptive": True}):
        found = rule(**spec)

        assert found.first(now) is not None
        assert found.decide(NOON, now) is not None


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_clock_at_all_breaks_nothing(now: float) -> None:
    for spec in (
        {"cron": "0 4 * * *", "windows": ["01:00-06:00"]},
        {"every_s": HOUR, "jitter_s": 60},
        {"adaptive": True},
    ):
        found = rule(**spec)
        found.first(now)
        found.decide(NOON, now)
        found.preview(now)


# What is shown


def test_the_next_runs_are_shown_in_local_time_with_the_nights_of_the_clock_marked() -> None:
    found = rule(cron="30 2 * * *").preview(at("2026-10-24T12:00"), 2)

    assert [(one.local, one.marked) for one in found] == [
        ("Sun 25 Oct 2026 02:30 CEST", "the clock goes back this night"),
        ("Mon 26 Oct 2026 02:30", ""),
    ]
    spring = rule(cron="30 2 * * *").preview(at("2027-03-27T12:00"), 1)[0]
    assert (spring.local, spring.marked) == (
        "Sun 28 Mar 2027 03:00 CEST",
        "the clock goes forward this night",
    )


def test_a_time_that_is_shown_twice_is_told_apart() -> None:
    twice = [one.local for one in rule(cron="30 */1 * * *").preview(at("2026-10-25T02:00"), 2)]

    assert twice == ["Sun 25 Oct 2026 02:30 CEST", "Sun 25 Oct 2026 02:30 CET"]


def test_the_next_runs_are_shown_as_the_allowed_hours_let_them_start() -> None:
    assert starts(rule(cron="0 */2 * * *", windows=["01:00-06:00"]), 4) == [
        "Wed 25 Nov 2026 01:00", "Wed 25 Nov 2026 02:00", "Wed 25 Nov 2026 04:00", "Thu 26 Nov 2026 01:00",
    ]  # fmt: skip


def test_of_an_adaptive_one_only_the_next_is_known() -> None:
    assert starts(rule(adaptive=True), 5) == ["Tue 24 Nov 2026 12:00"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"cron": "30 2 * * *"}, "Every day at 02:30 (Europe/Berlin)"),
        (
            {"cron": "30 2 * * *", "windows": ["01:00-06:00"]},
            "Every day at 02:30 (Europe/Berlin), between 01:00 and 06:00",
        ),
        ({"cron": "0 4 * * *", "time_zone": ""}, "Every day at 04:00"),
        ({"every_s": 21_600, "time_zone": "", "jitter_s": 3600}, "Every 6 hours, up to 1 hour later"),
        (
            {"every_s": 3600, "time_zone": "", "windows": ["sat-sun 0-24"]},
            "Every hour, all day on Sat to Sun",
        ),
        ({"adaptive": True, "time_zone": ""}, "As often as the sources post: every hour to every week"),
        ({"adaptive": True, "time_zone": "", "least_every_s": 86_400, "most_every_s": 86_400}, "Every day"),
        (
            {"every_s": 90, "time_zone": "", "active_from": "2026-12-01", "active_until": "2026-12-31"},
            "Every 90 seconds, from 1 Dec 2026, until 31 Dec 2026",
        ),
    ],
)
def test_a_rule_is_told_in_a_line(spec: dict[str, Any], words: str) -> None:
    assert rule(**spec).words() == words
