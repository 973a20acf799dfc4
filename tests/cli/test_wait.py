from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time

import pytest

from cli.answers import Run
from cli.stand_in import StandIn, working
from mediadl.cli import wait
from mediadl.models import JobStatus
from mediadl.paths import Home

FILE = "https://example.com/a.jpg"


def good(stand_in: StandIn) -> None:
    job = stand_in.claim()
    stand_in.progress(job, 50)
    time.sleep(0.5)
    stand_in.store(job, "/media/a.jpg")
    stand_in.end(job, JobStatus.COMPLETED)


def test_waiting_tells_lines_and_ends_with_zero(run: Run, home: Home) -> None:
    with working(home, good):
        answer = run("add", FILE, "--wait")

    assert answer.code == 0
    assert answer.out == "1\n"
    assert "\x1b" not in answer.err
    assert answer.err.splitlines()[-1] == "job 1 completed: /media/a.jpg (1.2 kB)"


def test_the_last_json_line_of_a_job_is_its_outcome(run: Run, home: Home) -> None:
    with working(home, good):
        answer = run("add", FILE, "--wait", "--json")

    records = answer.records
    assert records[-1] == {
        "event": "job",
        "id": 1,
        "status": "completed",
        "files": [{"path": "/media/a.jpg", "size": 1234, "sha256": "a" * 64}],
        "error": None,
    }
    assert {record["event"] for record in records} >= {"added", "job_added", "job_changed", "progress", "job"}
    assert answer.err == ""


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("not_found", JobStatus.FAILED, 3),
        ("private", JobStatus.FAILED, 4),
        ("geo", JobStatus.FAILED, 5),
        ("not_writable", JobStatus.FAILED, 6),
        ("unsupported", JobStatus.FAILED, 7),
        ("network", JobStatus.FAILED, 1),
        ("", JobStatus.CANCELLED, 1),
        ("login_needed", JobStatus.WAITING, 4),
        ("disk_full", JobStatus.WAITING, 6),
    ],
)
def test_the_exit_code_says_why_it_failed(
    run: Run, home: Home, reason: str, status: JobStatus, code: int
) -> None:
    with working(home, lambda stand_in: stand_in.end(stand_in.claim(), status, reason, "it broke")):
        answer = run("add", FILE, "--wait", "--json")

    assert answer.code == code
    last = answer.records[-1]
    assert (last["status"], last["error"]["reason"]) == (status, reason)
    assert last["files"] == []


def test_a_failure_is_told_with_its_next_step(run: Run, home: Home) -> None:
    def fail(stand_in: StandIn) -> None:
        stand_in.end(stand_in.claim(), JobStatus.FAILED, "not_found", "HTTP 404 for example.com")

    with working(home, fail):
        answer = run("add", FILE, "--wait")

    assert answer.err.splitlines()[-1] == (
        "job 1 failed: HTTP 404 for example.com. Check the address; it may have been removed."
    )


def test_a_job_that_heals_by_itself_is_waited_for(run: Run, home: Home) -> None:
    def heal(stand_in: StandIn) -> None:
        stand_in.end(stand_in.claim(), JobStatus.WAITING, "rate_limited", "slow down")
        time.sleep(0.5)
        with stand_in.database.write() as tx:
            tx.execute("UPDATE download_queue SET status = 'pending'")
        stand_in.end(stand_in.claim(), JobStatus.COMPLETED)

    with working(home, heal):
        answer = run("add", FILE, "--wait")

    assert answer.code == 0
    assert "job 1 waiting: slow down" in answer.err


def test_a_removed_job_is_no_success(run: Run, home: Home) -> None:
    def remove(stand_in: StandIn) -> None:
        stand_in.claim()
        time.sleep(0.3)
        with stand_in.database.write() as tx:
            tx.execute("DELETE FROM download_queue")

    with working(home, remove):
        answer = run("add", FILE, "--wait")

    assert answer.code == 1
    assert "job 1 was removed" in answer.err


def test_several_jobs_end_with_the_worst_outcome(run: Run, home: Home) -> None:
    def mixed(stand_in: StandIn) -> None:
        stand_in.end(stand_in.claim(), JobStatus.COMPLETED)
        stand_in.end(stand_in.claim(), JobStatus.FAILED, "not_found", "gone")
        stand_in.end(stand_in.claim(), JobStatus.FAILED, "login_needed", "who are you")

    with working(home, mixed):
        answer = run("add", FILE, "https://example.org/b.jpg", "https://example.net/c.jpg", "--wait")

    assert answer.code == 4
    assert len([line for line in answer.err.splitlines() if " completed" in line or " failed" in line]) == 3


@pytest.mark.parametrize(
    ("codes", "worst"),
    [((), 0), ((0, 0), 0), ((0, 3), 3), ((1, 6, 4), 6), ((3, 1), 1), ((7, 5), 5), ((42,), 42)],
)
def test_the_worst_of_several_outcomes_would_stop_the_others(codes: tuple[int, ...], worst: int) -> None:
    assert wait.worst(codes) == worst


def test_a_daemon_that_dies_is_started_again_and_one_that_cannot_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediadl.errors import DaemonUnavailable
    from mediadl.service.daemon import DaemonService

    started: list[float] = []

    def ensure(_self: DaemonService) -> bool:
        started.append(time.monotonic())
        return True

    def start(_self: DaemonService, timeout_s: float = 0) -> None:
        raise DaemonUnavailable("the daemon did not start: no luck")

    monkeypatch.setattr(DaemonService, "ensure", ensure)
    monkeypatch.setattr(DaemonService, "start", start)
    monkeypatch.setattr(wait, "_ENSURE_S", 0.01)

    answer = run("add", FILE, "--wait")

    assert answer.code == 1
    assert "no luck" in answer.err
    assert len(started) == 1 + wait._FUTILE_STARTS


def test_ctrl_c_leaves_the_downloads_to_the_background(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "add", FILE, "--wait"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1"},
        start_new_session=True,
    ) as child:
        claimed = threading.Event()

        def take(stand_in: StandIn) -> None:
            stand_in.claim()
            claimed.set()

        with working(home, take):
            assert claimed.wait(30)
        assert child.stderr is not None
        assert child.stderr.readline() == b"job 1 active\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)

    assert child.returncode == 130
    assert b"go on in the background" in errors
    assert b"Traceback" not in errors


def test_a_person_sees_bars_and_a_line_per_job(home: Home) -> None:
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "add", FILE, "tiktok:@alice", "--wait"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=inside,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1", "TERM": "xterm", "COLUMNS": "100"},
        start_new_session=True,
    ) as child:
        os.close(inside)
        told: list[bytes] = []

        def read() -> None:
            try:
                while piece := os.read(terminal, 65_536):
                    told.append(piece)
            except OSError:
                return

        reader = threading.Thread(target=read)
        reader.start()

        def both(stand_in: StandIn) -> None:
            for _ in range(2):
                good(stand_in)

        with working(home, both):
            code = child.wait(30)
        reader.join(30)
    os.close(terminal)

    text = b"".join(told).decode()
    assert code == 0
    assert "Total 0/2 jobs" in text
    assert "50 %" in text
    assert "✓ job 1 completed: /media/a.jpg (1.2 kB)" in text
