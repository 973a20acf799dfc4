"""`mediadl history delete`, `redownload` and `open`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.answers import Run
from cli.stand_in import StandIn
from mediadl.models import JobStatus
from mediadl.paths import Home
from mediadl.store import source_posts, sources
from mediadl.store.database import Database


@pytest.fixture
def stored(run: Run, home: Home, tmp_path: Path) -> list[Path]:
    """Two stored files, their records and their jobs."""
    folder = tmp_path / "media"
    folder.mkdir()
    run("settings", "set", "downloads.directory", str(folder))
    run("add", "https://example.com/a.jpg", "https://example.com/b.jpg")
    paths = [folder / "a.jpg", folder / "b.jpg"]
    with Database.open(home) as database:
        stand_in = StandIn(database)
        for path in paths:
            path.write_text("x")
            job = stand_in.claim()
            stand_in.store(job, str(path))
            stand_in.end(job, JobStatus.COMPLETED)
    return paths


def test_delete_takes_files_and_records_after_a_question(run: Run, stored: list[Path]) -> None:
    assert run("history", "delete", "1").code == 2
    assert stored[0].exists()

    done = run("history", "delete", "1", "--yes")

    assert done.code == 0
    assert done.err == "deleted 1 files (1 B) and 1 records\n"
    assert [path.exists() for path in stored] == [False, True]
    assert len(run("history", "list", "--json").records) == 1


def test_delete_by_filter_can_keep_files_or_records(run: Run, stored: list[Path]) -> None:
    told = run("history", "delete", "--platform", "direct", "--file-only", "--yes", "--json").record
    assert (told["files"], told["records"]) == (2, 0)

    again = run("history", "delete", "--platform", "direct", "--yes", "--json").record
    assert (again["missing"], again["records"]) == (2, 2)
    assert run("history", "list", "--json").records == []


def test_delete_of_records_alone_keeps_the_files(run: Run, stored: list[Path]) -> None:
    assert run("history", "delete", "1-2", "--record-only", "--forget", "--yes").code == 0
    assert all(path.exists() for path in stored)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["delete", "--yes"], 2),
        (["delete", "1", "--platform", "direct", "--yes"], 2),
        (["delete", "1", "--record-only", "--file-only", "--yes"], 2),
        (["delete", "9", "--yes"], 3),
        (["redownload"], 2),
        (["redownload", "9"], 3),
        (["open", "9"], 3),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, stored: list[Path], words: list[str], code: int) -> None:
    assert run("history", *words).code == code


def test_what_may_not_be_deleted_is_named(run: Run, stored: list[Path], tmp_path: Path) -> None:
    stored[0].unlink()
    stored[0].symlink_to(tmp_path)

    done = run("history", "delete", "1", "--yes")

    assert done.code == 1
    assert "it is a link" in done.err
    assert stored[0].is_symlink()


def test_redownload_prints_the_new_jobs(run: Run, stored: list[Path]) -> None:
    done = run("history", "redownload", "1", "2")

    assert done.out == "3\n4\n"
    assert run("queue", "show", "3", "--json").record["options"] == {"force": True}


def test_without_a_desktop_open_prints_the_path(
    run: Run, stored: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert run("history", "open", "1").out == f"{stored[0]}\n"
    assert run("history", "open", "1", "--folder").out == f"{stored[0].parent}\n"


def test_improve_tells_of_a_file_that_cannot_be_improved_and_queues_nothing(
    run: Run, stored: list[Path]
) -> None:
    before = len(run("queue", "list", "--json").records)

    answer = run("history", "improve", "1")

    assert answer.code == 1
    assert "always gives its best version at once" in answer.err
    assert len(run("queue", "list", "--json").records) == before


def test_improve_without_numbers_and_without_candidates_says_so(run: Run, stored: list[Path]) -> None:
    answer = run("history", "improve")

    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "no file to look for\n"


def test_improve_names_a_file_that_is_not_there(run: Run, stored: list[Path]) -> None:
    assert run("history", "improve", "77").code == 3


def test_only_copies_are_found_and_say_so(run: Run, stored: list[Path], home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        source_id = sources.ensure(tx, "https://x/eve", "direct", "", "x", "eve", 1.0)
        source_posts.file_of(tx, source_id, "p1", 1)
        source_posts.mark_all(tx, source_id, 1_800_000_000.0)

    listed = run("history", "list", "--only-copy", "--json")
    shown = run("history", "show", "1")

    assert [line["id"] for line in listed.records] == [1]
    assert listed.records[0]["only_copy_at"].startswith("2027-01-15")
    assert "only copy here" in shown.out
