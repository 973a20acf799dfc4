from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cli.answers import Run
from cli.stand_in import StandIn
from mediadl.logs import LogWriter
from mediadl.models import JobStatus
from mediadl.paths import Home
from mediadl.store.database import Database


@pytest.fixture
def stored(run: Run, home: Home) -> list[str]:
    """Two stored files in the history."""
    paths = ["/media/a.jpg", "/media/b.jpg"]
    run("add", "https://example.com/a.jpg", "https://example.com/b.jpg")
    with Database.open(home) as database:
        stand_in = StandIn(database)
        for path in paths:
            job = stand_in.claim()
            stand_in.store(job, path)
            stand_in.end(job, JobStatus.COMPLETED)
    return paths


def test_history_lists_searches_and_shows(run: Run, stored: list[str]) -> None:
    assert [one["path"] for one in run("history", "list", "--json").records] == stored[::-1]
    assert [one["path"] for one in run("history", "list", "--sort", "-stored", "--json").records] == stored
    assert run("history", "list", "--type", "video", "--json").records == []
    assert len(run("history", "search", "b.jpg", "--json").records) == 1
    assert run("history", "search", 'a" AND (', "--json").code == 0
    assert run("history", "show", "1", "--json").record["sha256"] == "a" * 64
    assert "/media/a.jpg" in run("history", "show", "1").out
    assert "/media/a.jpg" in run("history", "list").out
    assert run("history", "show", "9").code == 3
    assert run("history", "list", "--min-size", "huge").code == 2
    assert run("history", "list", "--since", "2026-02-01", "--until", "2026-01-01").code == 2


def test_history_is_exported_by_the_files_name(run: Run, stored: list[str], tmp_path: Path) -> None:
    assert run("history", "export", str(tmp_path / "h.csv")).err == "exported 2 files\n"
    assert run("history", "export", str(tmp_path / "h.jsonl")).code == 0

    with (tmp_path / "h.csv").open(newline="") as stream:
        assert [row["path"] for row in csv.DictReader(stream)] == stored[::-1]
    assert len([json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]) == 2
    assert run("history", "export", "/proc/none/x").code == 6
    assert run("history", "export", "--format", "xml").code == 2


def test_settings_are_listed_read_changed_and_taken_back(run: Run) -> None:
    assert run("settings", "get", "downloads.concurrent").out == "4\n"
    assert run("settings", "set", "downloads.concurrent", "7").err == "downloads.concurrent = 7\n"
    record = run("settings", "get", "downloads.concurrent", "--json").record
    assert (record["value"], record["default"], record["source"]) == (7, 4, "file")
    assert run("settings", "unset", "downloads.concurrent", "--json").record["source"] == "default"
    keys = {one["key"] for one in run("settings", "list", "--json").records}
    assert {"network.proxy", "network.ca_file", "downloads.directory", "downloads.name_template"} <= keys
    assert len(run("settings", "list", "network").lines) < len(keys)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("get", "downloads.concurent"), 3, "Did you mean downloads.concurrent?"),
        (("set", "downloads.concurrent", "0"), 2, "downloads.concurrent"),
        (("set", "downloads.name_template", "{titel}"), 2, "{titel}"),
        (("list", "nothing"), 2, "no section"),
        (("import", "/no/such"), 2, "cannot read"),
        (("edit",), 2, "needs a terminal"),
    ],
)
def test_settings_refuse_what_they_do_not_know(
    run: Run, home: Home, words: tuple[str, ...], code: int, told: str
) -> None:
    answer = run("settings", *words)

    assert answer.code == code
    assert told in answer.err
    assert not home.settings_file.exists()


def test_settings_travel_as_toml(run: Run, tmp_path: Path) -> None:
    run("settings", "set", "downloads.retries", "2")
    file = tmp_path / "s.toml"
    assert run("settings", "export", str(file)).code == 0
    run("settings", "set", "downloads.retries", "3")

    assert run("settings", "import", str(file)).code == 2
    assert run("settings", "import", str(file), "--yes").code == 0
    assert run("settings", "get", "downloads.retries").out == "2\n"
    file.write_text("downloads = 3")
    assert run("settings", "import", str(file), "--yes").code == 2
    assert run("settings", "export").out == "[downloads]\nretries = 2\n"


def test_logs_are_filtered_printed_exported_and_cleared(run: Run, home: Home, tmp_path: Path) -> None:
    log = LogWriter(home.logs)
    log.write("info", "workers.pool", "started\nsecond line", job=3)
    log.write("error", "transfer", "broke")
    log.close()

    assert [line["message"] for line in run("logs", "--json").records] == ["started\nsecond line", "broke"]
    assert [line["message"] for line in run("logs", "--level", "error", "--json").records] == ["broke"]
    assert [line["job"] for line in run("logs", "--job", "3", "--json").records] == [3]
    assert run("logs", "--search", "BROKE", "--limit", "1").lines[0].endswith("ERROR   transfer: broke")
    assert run("logs").lines[1] == "    second line"
    assert run("logs", "--level", "loud").code == 2
    assert run("logs", "--module", "transfer", "export", str(tmp_path / "l")).err == "exported 1 lines\n"
    assert run("logs", "clear").code == 2
    assert run("logs", "clear", "--yes").err == "deleted 1 files\n"
    assert run("logs").out == ""


def test_logs_follow_prints_what_comes(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "logs", "--follow", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        log = LogWriter(home.logs)
        heard = threading.Event()

        def write() -> None:
            while not heard.wait(0.05):
                log.write("info", "x", "hello")

        writer = threading.Thread(target=write)
        writer.start()
        line = child.stdout.readline()
        heard.set()
        writer.join()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)

    assert json.loads(line)["message"] == "hello"
    assert child.returncode == 130


def test_archive_is_imported_listed_exported_and_forgotten(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "archive.txt"
    file.write_text("youtube a\ntiktok 7\n")

    assert run("archive", "import", str(file)).err == "2 entries of yt-dlp, 2 of them new\n"
    assert run("archive", "import", str(file), "--json").record["new"] == 0
    assert run("archive", "list").lines == ["tiktok:7:0", "youtube:a:0"]
    assert run("archive", "list", "--site", "tiktok", "--json").record == {
        "site": "tiktok",
        "id": "7",
        "index": 0,
    }
    assert run("archive", "export").records[0]["site"] == "tiktok"
    assert run("archive", "forget", "tiktok:7").code == 2
    assert run("archive", "forget", "tiktok:7", "--yes", "--json").record == {"forgotten": 1}
    assert run("archive", "forget", "tiktok:7", "--yes").code == 3
    file.write_text("nonsense")
    assert run("archive", "import", str(file)).code == 2
    assert run("archive", "list").lines == ["youtube:a:0"]


def test_a_daemon_that_does_not_run_is_told(run: Run) -> None:
    assert run("daemon", "status").out == "not running\n"
    assert run("daemon", "status", "--json").record["running"] is False
    assert run("daemon", "stop").err == "it was not running\n"
    assert run("daemon", "start").code == 1


@pytest.mark.kill
def test_the_daemon_is_started_and_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEDIADL_NO_DAEMON")

    started = run("daemon", "start", "--json").record
    assert started["running"]
    assert run("daemon", "status").out.startswith(f"running as process {started['pid']}")
    assert run("daemon", "stop", "--json").record == {"stopped": True}
    assert run("daemon", "status").out == "not running\n"


@pytest.mark.kill
def test_the_daemon_runs_in_the_foreground_until_told_to_stop(home: Home, run: Run) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "daemon", "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        end = time.monotonic() + 30
        while run("daemon", "status", "--json").record["heartbeat_age_s"] is None:
            assert time.monotonic() < end
        assert run("daemon", "status", "--json").record["pid"] == child.pid
        child.send_signal(signal.SIGTERM)
        out, errors = child.communicate(timeout=30)

    assert (child.returncode, out, errors) == (0, b"", b"")


def test_the_database_is_checked_copied_and_described(run: Run, home: Home, tmp_path: Path) -> None:
    run("add", "https://example.com/a.jpg")

    assert run("db", "check", "--json").record == {"ok": True, "problems": []}
    assert run("db", "backup", str(tmp_path / "copy.db")).lines == [str(tmp_path / "copy.db")]
    assert run("db", "backup", str(tmp_path / "copy.db")).code == 2
    assert run("db", "backup", "/proc/none/x").code == 6
    assert run("db", "info", "--json").record["rows"]["download_queue"] == 1
    assert "rows in download_queue" in run("db", "info").out


def test_a_damaged_database_has_exit_code_9_everywhere(run: Run, home: Home) -> None:
    home.database.write_bytes(b"junk" * 1000)

    for words in (
        ("db", "check"),
        ("db", "info"),
        ("queue", "list"),
        ("history", "list"),
        ("session", "list"),
    ):
        assert run(*words).code == 9
    assert home.database.read_bytes() == b"junk" * 1000


def test_the_doctor_tells_each_finding_and_fails_when_one_is_bad(run: Run, home: Home) -> None:
    answer = run("doctor", "--json")
    assert answer.code == 0
    assert {"name", "state", "what", "mend"} == set(answer.records[0])

    home.settings_file.write_text("[downloads]\nconcurrent = 0\n")
    answer = run("doctor")
    assert answer.code == 1
    assert "BAD  settings" in answer.out


def test_watch_follows_one_job_to_its_end(home: Home, run: Run) -> None:
    run("add", "https://example.com/a.jpg")
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "watch", "--job", "1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1"},
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        heard: list[bytes] = []
        reader = threading.Thread(target=lambda: heard.extend(child.stdout or []))
        reader.start()
        words = ("high", "low")
        end = time.monotonic() + 30
        while not heard:
            assert time.monotonic() < end
            run("queue", "priority", "1", words[int(time.monotonic() * 10) % 2])
        run("queue", "cancel", "1")
        code = child.wait(30)
        reader.join(30)

    assert code == 0
    assert b"job 1 changed priority=" in heard[0]
    assert b"status=cancelled" in heard[-1]
    assert "has ended already" in run("watch", "--job", "1").err
    assert run("watch", "--job", "9").code == 3
