"""Schedules over a year of kills, sleep, races and clocks that are set: each due time once, none missed but by policy.

`SCHEDULE_YEARS=10000 pytest tests/timing/test_years.py -s -p no:randomly` lives through so many of them.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mediadl.timing import active
from mediadl.timing.rules import Rule
from schedule_year import YEAR_S, Fate, Following, Jump, Off, Year, by_cron, by_number

YEARS = int(os.environ.get("SCHEDULE_YEARS", "40"))
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC"]
AT_MIDNIGHT = ["America/Havana", "Asia/Beirut", "America/Santiago"]
"""The clock jumps over midnight, where the other reckoning puts `0 */8 * * 0` at 01:00: for fixed times only."""
HOUR_S, DAY_S = 3600, 86_400
TOTAL: Counter[str] = Counter()

MINUTES = st.one_of(st.integers(0, 59).map(str), st.sampled_from(["0,30", "15,45", "0"]))
HOURS = st.one_of(
    st.integers(0, 23).map(str), st.sampled_from(["1,2", "0,12", "2", "3", "0-3", "*/12", "*/8"])
)
DAYS = st.sampled_from(
    ["* * *", "* * *", "* * 1-5", "* * 0", "1 * *", "1,15 * 1", "L * *", "* 2-4,10 *", "29 2 *", "* * 0,6"]
)
CRONS = st.one_of(
    st.builds("{} {} {}".format, MINUTES, HOURS, DAYS),
    st.builds("{} {} {}".format, MINUTES, HOURS, DAYS),
    st.builds("{} {} {}".format, MINUTES, HOURS, DAYS),
    st.sampled_from(
        ["@daily", "@weekly", "@monthly", "30 2 * * *", "0 */6 * * *", "*/20 2 * * *", "10 * * 3,10 0"]
    ),
    st.sampled_from(["0 */3 * * *", "*/30 1-3 * * *", "0 * * 3,4,10,11 *"]),
)
EVERY_S = st.one_of(
    st.sampled_from([6 * HOUR_S, DAY_S, 7 * DAY_S, 100_000, 12 * HOUR_S + 1]),
    st.integers(4 * HOUR_S, 90 * DAY_S),
)
RULES = st.one_of(
    st.builds(lambda cron: {"cron": cron}, CRONS),
    st.builds(lambda every_s: {"every_s": every_s}, EVERY_S),
    st.builds(
        lambda least_s, more_s: {
            "adaptive": True,
            "least_every_s": least_s,
            "most_every_s": least_s + more_s,
        },
        st.integers(6 * HOUR_S, 3 * DAY_S),
        st.integers(0, 30 * DAY_S),
    ),
)
WINDOWS = st.sampled_from(
    [
        [],
        [],
        [],
        ["01:00-06:00"],
        ["22:00-04:00"],
        ["sat-sun 08:00-20:00"],
        ["02:00-03:00"],
        ["mon 01:00-02:00", "12:00-12:01"],
    ]
)
JITTERS_S = st.sampled_from([0, 0, 0, 59, 600, 7200, 86_400])
ACTIVE = st.sampled_from(
    [
        {},
        {},
        {},
        {"active_from": "2026-09-01"},
        {"active_until": "2027-01-15"},
        {"active_from": "2026-08-08 02:30", "active_until": "2027-03-28"},
    ]
)
TIMES_S = st.floats(0, YEAR_S, allow_nan=False)
SPANS_S = st.one_of(st.floats(1, 600), st.floats(600, 3 * DAY_S), st.floats(3 * DAY_S, 60 * DAY_S))
EVENTS = st.one_of(
    st.builds(Off, TIMES_S, SPANS_S),
    st.builds(Jump, TIMES_S, st.one_of(SPANS_S, SPANS_S.map(lambda span_s: -span_s))),
    st.builds(Jump, TIMES_S, st.sampled_from([-1e8, 3 * 3.15e7, 10 * 3.15e7, -3600.0, 3600.0])),
)
FATES: st.SearchStrategy[Fate] = st.sampled_from(
    ["commit", "commit", "commit", "killed before", "killed after", "raced"]
)


@st.composite
def years(draw: st.DrawFn) -> Year:
    """A schedule and what happens to it."""
    spec: dict[str, Any] = {**draw(RULES), **draw(ACTIVE)}
    fixed = not set(" ".join(str(spec.get("cron", "")).split()[:2])) & {"*", "/"}
    spec["time_zone"] = draw(st.sampled_from(ZONES + AT_MIDNIGHT if fixed else ZONES))
    spec |= {
        "windows": draw(WINDOWS),
        "jitter_s": draw(JITTERS_S),
        "misfire": draw(st.sampled_from(["once", "once", "skip"])),
    }
    start_at = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + draw(st.integers(0, 365 * DAY_S))
    rule = Rule.of(spec, anchor_at=start_at, seed=draw(st.sampled_from("abc")))
    return Year(
        rule,
        spec,
        start_at,
        other_reckoning(spec, rule, start_at),
        events=draw(st.lists(EVENTS, max_size=6)),
        fates=draw(st.lists(FATES, min_size=1, max_size=20)),
        # Far from 1970 and set by years, sums of seconds are rounded: nobody wakes earlier than a start
        lags_s=draw(st.lists(st.floats(0.01, 30), min_size=1, max_size=8)),
        pauses_s=draw(st.lists(st.floats(0, 40 * DAY_S), min_size=1, max_size=8)),
    )


def other_reckoning(spec: dict[str, Any], rule: Rule, start_at: int) -> Following | None:
    if "cron" in spec:
        lines = {"@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}
        return by_cron(lines.get(spec["cron"], spec["cron"]), rule.zone)
    if "every_s" in spec:
        begins = active.begins(spec.get("active_from", ""), rule.zone) or 0
        return by_number(spec["every_s"], int(max(start_at, begins)))
    return None


@settings(
    max_examples=YEARS,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # making a failing year smaller takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(years())
def test_each_due_time_runs_once_and_none_is_missed_but_by_policy(year: Year) -> None:
    figures = year.live()

    TOTAL.update({name: int(count) for name, count in asdict(figures).items()})
    TOTAL["years"] += 1
    if TOTAL["years"] % 1000 == 0:
        print(dict(TOTAL), flush=True)
