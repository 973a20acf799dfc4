"""`mediadl schedule`, as typed."""

from __future__ import annotations

import re

import pytest

from cli.answers import Run
from mediadl.paths import Home
from mediadl.store.database import Database


@pytest.fixture
def nightly(run: Run) -> Run:
    """One schedule, called nightly."""
    assert run("schedule", "add", "instagram:nasa", "--daily", "03:00", "--name", "nightly").code == 0
    return run


def test_add_says_the_rule_in_words_and_the_next_five_runs(run: Run) -> None:
    added = run(
        "schedule", "add", "instagram:nasa", "tiktok:@esa", "--weekly", "mon 03:00", "--zone", "Europe/Berlin",
        "--window", "01:00-06:00", "--window", "sat-sun 08:00-20:00", "--media", "image", "--min-duration", "1:30",
        "--max-items", "20", "--jitter", "5min",
    )  # fmt: skip

    assert added.code == 0, added.err
    assert added.lines[0].startswith("1  nasa: Every Monday at 03:00 (Europe/Berlin), ")
    assert len(added.lines) == 6
    assert all(re.search(r"Mon \d+ \w{3} \d{4} 03:00", line) for line in added.lines[1:])
    record = run("schedule", "show", "nasa", "--json").record
    assert record["spec"]["windows"] == ["01:00-06:00", "sat-sun 08:00-20:00"]
    assert record["spec"]["filters"] == {"media": ["image"], "min_duration_s": 90}
    assert (record["spec"]["max_items"], record["spec"]["jitter_s"]) == (20, 300)
    assert [one["name"] for one in record["sources"]] == ["nasa", "esa"]
    assert len(record["next_runs"]) == 5


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--every", "6h"), "Every 6 hours"),
        (("--every", "auto"), "As often as the sources post"),
        (("--hourly",), "Every hour"),
        (("--daily", "03:00"), "Every day at 03:00"),
        (("--monthly", "1 03:00"), "On day 1 of every month at 03:00"),
        (("--cron", "30 2 * * *"), "Every day at 02:30"),
    ],
)
def test_short_forms_of_the_rule(run: Run, words: tuple[str, ...], rule: str) -> None:
    added = run("schedule", "add", "instagram:nasa", *words, "--json")

    assert added.code == 0, added.err
    assert added.record["rule"].lower().startswith(rule.lower()) or rule.startswith("On day"), added.record[
        "rule"
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "error: a schedule needs a rule"),
        (("--every", "6h", "--daily", "03:00"), "error: daily and every: only one of them"),
        (("--every", "soon"), "error: every: must be"),
        (("--cron", "61 * * * *"), "error: cron: "),
        (("--daily", "3 o'clock"), "error: daily: not a time of day"),
        (("--every", "6h", "--zone", "Mars"), "error: time-zone: "),
        (("--every", "6h", "--window", "whenever"), "error: windows: "),
        (("--every", "6h", "--option", "x"), "error: not an option: 'x'"),
        (("--every", "6h", "--option", "x=1"), "error: Instagram has no option 'x'"),
        (("--every", "6h", "--quality", "huge"), "error: no quality 'huge'"),
        (("--every", "6h", "--misfire", "x"), "error: misfire: must be once or skip"),
        (("--every", "6h", "--match", "("), "error: match: "),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run: Run, words: tuple[str, ...], why: str) -> None:
    added = run("schedule", "add", "instagram:nasa", *words)

    assert (added.code, added.out) == (2, "")
    assert added.err.startswith(why)
    assert added.err.count("\n") == 1
    assert run("schedule", "list").out == ""


def test_the_list_shows_state_next_run_and_rule(nightly: Run) -> None:
    nightly("schedule", "add", "tiktok:@esa", "--every", "1d", "--disabled", "--name", "off one")

    listed = nightly("schedule", "list")

    assert listed.lines[0].split()[:4] == ["id", "state", "next", "run"]
    assert re.match(r" 1  on +\d{4}-\d\d-\d\d 03:00 +1  nightly +Every day at 03:00$", listed.lines[1])
    assert listed.lines[2].split() == ["2", "off", "1", "off", "one", "Every", "day"]
    assert [one["enabled"] for one in nightly("schedule", "list", "--json").records] == [True, False]
    assert len(nightly("schedule", "list", "--enabled", "--json").records) == 1


def test_add_tells_who_looks_at_a_source_already(nightly: Run) -> None:
    added = nightly("schedule", "add", "instagram:nasa", "tiktok:@esa", "--every", "6h")

    assert (added.code, added.err) == (0, "nasa is looked at by nightly as well\n")


def test_an_empty_list_says_how_to_begin(run: Run) -> None:
    listed = run("schedule", "list")

    assert (listed.code, listed.out) == (0, "")
    assert "mediadl schedule add" in listed.err


def test_edit_changes_what_is_given_and_takes_back_what_is_empty(nightly: Run) -> None:
    nightly("schedule", "edit", "nightly", "--window", "01:00-06:00", "--media", "image", "--keyword", "moon")
    nightly(
        "schedule", "edit", "nightly", "--every", "2h", "--add-source", "tiktok:@esa", "--min-size", "1MB"
    )

    spec = nightly("schedule", "show", "1", "--json").record["spec"]
    assert (spec["cron"], spec["every_s"], spec["windows"]) == ("", 7200, ["01:00-06:00"])
    assert spec["filters"] == {"media": ["image"], "keywords": ["moon"], "min_size_bytes": 1_000_000}
    assert spec["sources"] == ["instagram:nasa", "tiktok:@esa"]
    edited = nightly(
        "schedule",
        "edit",
        "1",
        "--window",
        "",
        "--no-filters",
        "--drop-source",
        "instagram:nasa",
        "--name",
        "x",
    )
    assert edited.lines[0].startswith("1  x: Every 2 hours")
    spec = nightly("schedule", "show", "x", "--json").record["spec"]
    assert (spec["windows"], spec["filters"], spec["sources"]) == ([], {}, ["tiktok:@esa"])
    assert nightly("schedule", "edit", "x").err.startswith("error: nothing to change")
    assert nightly("schedule", "edit", "x", "--drop-source", "y").err.startswith(
        "error: it has no source 'y'"
    )


def test_an_unknown_one_is_not_found_and_the_closest_is_named(nightly: Run) -> None:
    for command in ("show", "edit", "remove", "duplicate", "enable", "run", "gap", "history", "preview"):
        missing = nightly("schedule", command, "nihgtly")
        assert missing.code == 3, command
        assert "Did you mean nightly?" in missing.err


def test_switching_duplicating_and_removing(nightly: Run) -> None:
    assert nightly("schedule", "disable", "nightly").err == "off: nightly\n"
    assert nightly("schedule", "disable", "1").err == "nothing to do: already off\n"
    assert nightly("schedule", "duplicate", "1", "--name", "other").out == "2  other\n"
    assert nightly("schedule", "enable", "--all").err == "on: nightly, other\n"
    assert nightly("schedule", "enable").code == 2
    assert nightly("schedule", "remove", "1", "other").code == 2
    assert nightly("schedule", "remove", "1", "other", "--yes").err == "removed nightly, other\n"
    assert nightly("schedule", "list", "--json").out == ""


def test_run_prints_its_jobs_once(nightly: Run) -> None:
    begun = nightly("schedule", "run", "nightly")

    assert begun.code == 0
    assert begun.err.startswith("run 1 began: job")
    assert begun.lines == sorted(str(one["id"]) for one in nightly("queue", "list", "--json").records)
    again = nightly("schedule", "run", "nightly", "--json")
    assert again.code == 2
    assert "at work already" in again.err
    (told,) = nightly("schedule", "history", "nightly", "--json").records
    assert (told["kind"], told["state"]) == ("manual", "running")
    assert "manual" in nightly("schedule", "history", "nightly").lines[1]
    assert nightly("schedule", "list").lines[1].count("running") == 1


def test_a_run_that_cannot_begin_says_why_and_fails(nightly: Run, home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        tx.execute("UPDATE sources SET platform = 'myspace'")

    for words in ((), ("--wait",), ("--json",)):
        begun = nightly("schedule", "run", "nightly", *words)
        assert begun.code == 1
        assert "no platform 'myspace'" in begun.err + begun.out
    assert "failed" in nightly("schedule", "list").lines[1]
    assert nightly("schedule", "history", "nightly").err.startswith("3 runs, 0% went well")


def test_check_tells_who_reads_a_source(nightly: Run) -> None:
    checked = nightly("schedule", "check", "instagram:nasa", "tiktok:@esa", "--json")

    assert [(one["platform"], one["schedules"]) for one in checked.records] == [
        ("instagram", ["nightly"]),
        ("tiktok", []),
    ]
    told = nightly("schedule", "check", "instagram:nasa").out
    assert "Instagram: all posts of an account" in told
    assert "gallery-dl" in told
    assert nightly("schedule", "check", "what").code == 2
