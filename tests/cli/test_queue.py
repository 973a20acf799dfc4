from __future__ import annotations

import re

import pytest

from cli.answers import Run
from mediadl.models import JobStatus

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def add(run: Run, count: int = 3) -> None:
    assert run("add", *(f"https://example.com/{n}.jpg" for n in range(count))).code == 0


def statuses(run: Run) -> dict[int, str]:
    return {job["id"]: job["status"] for job in run("queue", "list", "--json").records}


def test_list_is_plain_and_aligned_without_a_terminal(run: Run) -> None:
    add(run, 1)

    answer = run("queue", "list")

    assert "\x1b" not in answer.out
    assert [line.split() for line in answer.lines] == [
        ["id", "status", "priority", "done", "size", "speed", "platform", "title", "why"],
        ["1", "pending", "direct", "0"],
    ]


def test_list_narrows_sorts_and_limits(run: Run) -> None:
    add(run)
    run("add", "tiktok:@alice")
    run("queue", "pause", "2")

    def ids(*words: str) -> list[int]:
        return [job["id"] for job in run("queue", "list", "--json", *words).records]

    assert ids("--status", "paused") == [2]
    assert ids("--status", "paused,pending") == [1, 2, 3, 4]
    assert ids("--platform", "tiktok") == [4]
    assert ids("--search", "ALICE") == [4]
    assert ids("--sort", "-added") == [4, 3, 2, 1]
    assert ids("--limit", "2") == [1, 2]
    assert "2 more" in run("queue", "list", "--limit", "2").err


def test_list_refuses_words_it_does_not_know(run: Run) -> None:
    assert run("queue", "list", "--status", "lost").code == 2
    assert "Possible:" in run("queue", "list", "--sort", "age").err


def test_show_has_stable_keys_and_iso_times(run: Run) -> None:
    add(run, 1)

    job = run("queue", "show", "1", "--json").record

    assert {
        "id",
        "url",
        "status",
        "priority",
        "reason",
        "next_step",
        "progress",
        "bytes_done",
        "items",
    } <= set(job)
    assert ISO.match(job["created_at"])
    assert job["finished_at"] is None
    assert "pending" in run("queue", "show", "1").out


def test_stats_counts_every_status(run: Run) -> None:
    add(run)

    record = run("queue", "stats", "--json").record

    assert record["total"] == record["pending"] == 3
    assert {status.value for status in JobStatus} <= set(record)
    assert "pending" in run("queue", "stats").out


def test_verbs_tell_what_changed_and_what_did_not(run: Run) -> None:
    add(run)

    answer = run("queue", "pause", "1-2")
    assert (answer.code, answer.out, answer.err) == (0, "", "paused 2 jobs\n")
    assert run("queue", "pause", "1,3").err == "paused 1 job; unchanged: 1 (paused)\n"
    assert run("queue", "cancel", "2").err == "cancelled 1 job\n"
    assert run("queue", "resume", "--all").err == "resumed 2 jobs\n"
    assert run("queue", "retry", "2", "--json").record == {"id": 2, "changed": True, "status": "pending"}
    assert statuses(run) == {1: "pending", 2: "pending", 3: "pending"}


def test_jobs_can_be_chosen_by_kind(run: Run) -> None:
    add(run)
    run("add", "tiktok:@alice")

    assert run("queue", "pause", "--filter", "platform=tiktok").err == "paused 1 job\n"
    assert run("queue", "cancel", "--filter", "status=paused", "--yes").err == "cancelled 1 job\n"
    assert run("queue", "retry", "--all").err == "retried 1 job\n"
    assert run("queue", "retry", "--failed").err == "retried 0 jobs\n"


@pytest.mark.parametrize(
    "words",
    [
        ("pause",),
        ("pause", "1", "--all"),
        ("pause", "x"),
        ("pause", "2-1"),
        ("pause", "--filter", "colour=red"),
        ("pause", "--filter", "status=lost"),
        ("move", "1"),
        ("move", "1", "--top", "--down"),
        ("priority", "1", "urgent"),
        ("priority", "high"),
        ("clear",),
        ("show", "1-2"),
    ],
)
def test_unclear_commands_change_nothing(run: Run, words: tuple[str, ...]) -> None:
    add(run)

    answer = run("queue", *words)

    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert set(statuses(run).values()) == {"pending"}


@pytest.mark.parametrize(
    "words",
    [
        ("show", "99"),
        ("pause", "1", "99"),
        ("retry", "99"),
        ("remove", "99"),
        ("move", "99", "--top"),
        ("priority", "99", "high"),
    ],
)
def test_an_unknown_number_is_not_found(run: Run, words: tuple[str, ...]) -> None:
    add(run)

    answer = run("queue", *words)

    assert answer.code == 3
    assert "99" in answer.err
    assert set(statuses(run).values()) == {"pending"}


@pytest.mark.parametrize(
    "words", [("remove", "1"), ("remove", "--all"), ("cancel", "--all"), ("clear", "--cancelled")]
)
def test_destructive_commands_need_a_terminal_or_yes(run: Run, words: tuple[str, ...]) -> None:
    add(run)
    run("queue", "cancel", "3")

    answer = run("queue", *words)

    assert answer.code == 2
    assert "--yes" in answer.err
    assert len(statuses(run)) == 3
    assert run("queue", *words, "--yes").code == 0
    assert statuses(run) != {1: "pending", 2: "pending", 3: "cancelled"}


def test_order_follows_priority_and_moves(run: Run) -> None:
    add(run)

    assert run("queue", "priority", "3", "high").err == "set to high 1 job\n"
    assert run("queue", "move", "2", "--top").err == "moved 1 job\n"
    assert "there already" in run("queue", "move", "2", "--up").err

    assert list(statuses(run)) == [3, 2, 1]


def test_clear_takes_only_what_was_named(run: Run) -> None:
    add(run)
    run("queue", "cancel", "3")

    assert run("queue", "clear", "--completed", "--failed", "--yes").err == "cleared 0 jobs\n"
    assert run("queue", "clear", "--cancelled", "--yes", "--json").record == {"cleared": 1}
    assert statuses(run) == {1: "pending", 2: "pending"}
