from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl import logs
from mediadl.logs import LogHandler, LogLine, LogQuery, LogWriter, Position
from mediadl.logs.matching import Matcher
from mediadl.logs.opened import LogFile
from mediadl.logs.reading import new_lines

NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def writer(folder: Path, *, level: str = "debug", at: datetime = NOON) -> LogWriter:
    return LogWriter(folder, level=level, clock=lambda: at)


def messages(lines: list[LogLine]) -> list[str]:
    return [line.message for line in lines]


def test_a_line_is_json_with_the_documented_keys_in_a_private_file_of_its_day(tmp_path: Path) -> None:
    log = writer(tmp_path)

    log.write("warning", "workers.pool", "hello", job=7)

    path = tmp_path / "mediadl-2026-05-17.jsonl"
    assert json.loads(path.read_text()) == {
        "at": "2026-05-17T12:00:00.000Z",
        "level": "warning",
        "module": "workers.pool",
        "job": 7,
        "pid": os.getpid(),
        "message": "hello",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_and_terminal_controls_never_reach_the_file(tmp_path: Path) -> None:
    log = writer(tmp_path)

    log.write("info", "x", "Cookie: sessionid=abc123\nhttps://u:pw@h.test/a?sig=deadbeef \x1b]52;c;aGk=\x07")

    text = (tmp_path / "mediadl-2026-05-17.jsonl").read_text()
    for secret in ("abc123", "pw@", "deadbeef", "\\u001b", "\x1b", "\\u0007"):
        assert secret not in text


def test_lines_below_the_level_are_not_written(tmp_path: Path) -> None:
    log = writer(tmp_path, level="warning")

    log.write("info", "x", "chatter")
    log.write("error", "x", "grave")

    assert messages(logs.tail(tmp_path, LogQuery(), 10)) == ["grave"]


def test_a_new_day_begins_a_new_file(tmp_path: Path) -> None:
    now = [NOON]
    log = LogWriter(tmp_path, clock=lambda: now[0])

    log.write("info", "x", "one")
    now[0] += timedelta(days=1)
    log.write("info", "x", "two")

    assert [path.name for path in logs.files(tmp_path)] == [
        "mediadl-2026-05-17.jsonl",
        "mediadl-2026-05-18.jsonl",
    ]
    assert messages(logs.tail(tmp_path, LogQuery(), 10)) == ["one", "two"]


def test_writing_goes_on_after_the_log_was_cleared(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.write("info", "x", "before")

    cleared = logs.clear(tmp_path)
    log.write("info", "x", "after")

    assert cleared == 1
    assert messages(logs.tail(tmp_path, LogQuery(), 10)) == ["after"]


def test_lines_of_several_processes_never_mix(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from mediadl.logs import LogWriter\n"
        "log = LogWriter(Path(sys.argv[1]))\n"
        "for n in range(300): log.write('info', 'p', f'{sys.argv[2]}-{n} ' + 'x' * 3000)"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(n)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for n in range(3)
    ]
    assert [child.wait(60) for child in children] == [0, 0, 0]

    words = {line.message.split()[0] for line in logs.read(tmp_path, LogQuery())}

    assert words == {f"{p}-{n}" for p in range(3) for n in range(300)}


def test_a_full_disk_loses_lines_but_never_raises_and_tells_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = writer(tmp_path)
    log.write("info", "x", "first")
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    log.write("info", "x", "lost")
    log.write("info", "x", "lost too")
    monkeypatch.setattr(os, "write", real)
    log.write("info", "x", "back")
    log.write("info", "x", "well")

    assert messages(logs.tail(tmp_path, LogQuery(), 10)) == [
        "first",
        "back\n(2 earlier lines could not be written)",
        "well",
    ]


def test_junk_and_unfinished_lines_are_passed_over(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.write("info", "x", "one")
    path = logs.file_for(tmp_path, NOON.date())
    with path.open("ab") as stream:
        stream.write(b'\x00\x00{"at": half\n[1]\n{"at":"2026-05-17T12:00:00Z","level":"info"}\n')
    log.write("info", "x", "two")
    with path.open("ab") as stream:
        stream.write(b'{"at":"2026-05-17T12:00:00Z","level":"info","module":"x","message":"unfin')

    assert messages(logs.tail(tmp_path, LogQuery(), 10)) == ["one", "two"]


@given(sizes=st.lists(st.integers(0, 200), max_size=40), block=st.integers(1, 300), limit=st.integers(0, 50))
def test_tail_equals_the_end_of_everything_for_any_block_size(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], block: int, limit: int
) -> None:
    folder = tmp_path_factory.mktemp("tail")
    log = writer(folder)
    for n, size in enumerate(sizes):
        log.write("info", "x", f"{n} " + "ä" * size)
    log.close()
    everything = list(logs.read(folder, LogQuery()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "block_bytes", block)
        found = logs.tail(folder, LogQuery(), limit)

    assert found == (everything[-limit:] if limit else [])


def test_every_filter_narrows(tmp_path: Path) -> None:
    day_before = writer(tmp_path, at=NOON - timedelta(days=1))
    day_before.write("info", "workers.pool", "old", job=1)
    log = writer(tmp_path)
    log.write("debug", "workers.pool", "chatter", job=1)
    log.write("error", "workers", "Grave thing", job=12)
    log.write("info", "workersx", "other")

    def asked(**query: object) -> list[str]:
        return messages(logs.tail(tmp_path, LogQuery(**query), 10))  # type: ignore[arg-type]

    assert asked(level="warning") == ["Grave thing"]
    assert asked(module="workers") == ["old", "chatter", "Grave thing"]
    assert asked(job=1) == ["old", "chatter"]
    assert asked(text="grave THING") == ["Grave thing"]
    assert asked(since=NOON.timestamp()) == ["chatter", "Grave thing", "other"]
    assert asked(until=NOON.timestamp()) == ["old"]


def test_follow_hands_over_what_comes_after_the_position_and_nothing_twice(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.write("info", "x", "old")
    position = logs.end(tmp_path)
    heard: list[str] = []
    got_two = threading.Event()
    over = threading.Event()

    def hear(lines: list[LogLine]) -> None:
        heard.extend(messages(lines))
        if len(heard) >= 2:
            got_two.set()

    log.write("info", "x", "between")
    thread = threading.Thread(
        target=logs.follow,
        args=(tmp_path, LogQuery(), hear, over),
        kwargs={"after": position, "poll_s": 0.01},
    )
    thread.start()
    writer(tmp_path, at=NOON + timedelta(days=1)).write("info", "x", "next day")
    arrived = got_two.wait(30)
    over.set()
    thread.join(30)

    assert arrived
    assert heard == ["between", "next day"]


def test_follow_from_an_empty_folder_starts_with_the_first_line(tmp_path: Path) -> None:
    assert logs.end(tmp_path / "none") == Position()
    lines, position = new_lines(tmp_path / "none", Matcher(LogQuery()), Position())

    assert (lines, position) == ([], Position())


def test_tail_upto_a_position_leaves_out_later_lines(tmp_path: Path) -> None:
    log = writer(tmp_path)
    log.write("info", "x", "one")
    position = logs.end(tmp_path)
    log.write("info", "x", "two")

    assert messages(logs.tail(tmp_path, LogQuery(), 10, upto=position)) == ["one"]


def test_clean_keeps_as_many_days_as_asked_and_touches_nothing_else(tmp_path: Path) -> None:
    for day in range(1, 11):
        logs.file_for(tmp_path, date(2026, 5, day)).write_text("")
    (tmp_path / "mediadl-notes.jsonl").write_text("")

    logs.clean(tmp_path, 7, today=date(2026, 5, 10))

    assert [path.name[-8:-6] for path in logs.files(tmp_path)] == [
        "04",
        "05",
        "06",
        "07",
        "08",
        "09",
        "10",
    ]
    assert (tmp_path / "mediadl-notes.jsonl").exists()


def test_the_standard_logging_leads_here_with_job_and_traceback(tmp_path: Path) -> None:
    handler = logs.start(tmp_path, level="info")
    try:
        log = logs.get_logger("workers.pool")
        log.info("started %s", "x", extra={"job": 3})
        log.debug("chatter")
        try:
            raise RuntimeError("boom")
        except RuntimeError:
            log.exception("failed")
    finally:
        logs.stop(handler)

    first, second = logs.tail(tmp_path, LogQuery(), 10)
    assert (first.level, first.module, first.message, first.job) == ("info", "workers.pool", "started x", 3)
    assert second.level == "error"
    assert "RuntimeError: boom" in second.message


def test_a_wrong_logging_call_is_written_raw_instead_of_raising(tmp_path: Path) -> None:
    handler = LogHandler(writer(tmp_path))

    handler.handle(
        logging.makeLogRecord({"name": "mediadl.x", "levelno": 30, "msg": "%d files", "args": ("no number",)})
    )
    handler.close()

    assert "no number" in logs.tail(tmp_path, LogQuery(), 1)[0].message
