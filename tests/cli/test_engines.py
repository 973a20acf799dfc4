"""`mediadl engines` over wheels of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.answers import Run
from mediadl.paths import Home
from mediadl.workers.engine_store import EngineStore
from wheelhouse import engine_wheel, index

NAME, NEW = "instaloader", "9.1"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    engine_wheel(folder, NAME, NEW)
    return folder


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("broken")
    engine_wheel(
        folder, NAME, "9.2", mend={"__init__.py": lambda text: text + b"\nraise ImportError('gone')\n"}
    )
    return folder


pytest.importorskip(NAME)


def test_list_shows_every_engine_with_what_is_known_of_it(run: Run) -> None:
    answer = run("engines", "list", "--json")
    table = run("engines", "list")

    assert [one["name"] for one in answer.records] == ["yt-dlp", "gallery-dl", "instaloader"]
    first = answer.records[0]
    assert first["source"] == "packaged"
    assert first["version"] == first["packaged"]
    assert first["age_days"] >= 0
    assert set(first) == {
        "name", "version", "source", "packaged", "newest", "checked_at", "age_days", "old", "pinned", "previous",
        "stored", "refused",
    }  # fmt: skip
    assert "the program" in table.out


def test_an_old_engine_is_marked_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_ENGINES__OLD_AFTER_DAYS", "1")

    answer = run("engines", "list")

    assert "! old: mediadl engines update yt-dlp" in answer.out


def test_update_rollback_and_pin_tell_what_they_did(run: Run, good: Path) -> None:
    before = run("engines", "list", "--json").records[2]["version"]

    updated = run("engines", "update", NAME, "--from", str(good))
    shown = run("engines", "list", "--json").records[2]
    back = run("engines", "rollback", NAME)
    pinned = run("engines", "pin", NAME, NEW, "--json")
    again = run("engines", "update", NAME, "--from", str(good))
    freed = run("engines", "pin", NAME, "--unpin")

    assert updated.code == 0
    assert f"{NAME}: {before} → {NEW}" in updated.err
    assert (shown["version"], shown["source"], shown["previous"], shown["newest"]) == (
        NEW,
        "updated",
        before,
        NEW,
    )
    assert f"{NAME}: {NEW} → {before}" in back.err
    assert pinned.record == {"name": NAME, "state": "pinned", "before": before, "after": NEW, "reason": ""}
    assert "is pinned" in again.err
    assert again.code == freed.code == 0


def test_a_broken_version_is_refused_in_one_line_with_exit_code_1(run: Run, good: Path, broken: Path) -> None:
    run("engines", "update", NAME, "--from", str(good))

    answer = run("engines", "update", NAME, "--from", str(broken))
    shown = run("engines", "list", "--json").records[2]

    lines = [line for line in answer.err.splitlines() if "refused" in line]
    assert answer.code == 1
    assert len(lines) == 1
    assert f"9.2 was refused, {NEW} stays" in lines[0]
    assert "gone" in lines[0]
    assert shown["version"] == NEW
    assert list(shown["refused"]) == ["9.2"]


def test_an_update_by_the_index_of_the_settings(
    run: Run, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with index() as shop:
        shop.wheels += good.iterdir()
        monkeypatch.setenv("MEDIADL_ENGINES__INDEX", shop.url)
        answer = run("engines", "update", NAME, "--channel", "nightly", "--json")

    assert answer.code == 0
    assert answer.record["state"] == "updated"


def test_without_names_a_folder_updates_what_it_has(run: Run, good: Path) -> None:
    answer = run("engines", "update", "--from", str(good))

    assert answer.code == 0
    assert "gallery-dl: " in answer.err


def test_testing_says_how_each_part_went(run: Run) -> None:
    answer = run("engines", "test", NAME)
    record = run("engines", "test", NAME, "--url", "http://127.0.0.1:9/x.html", "--json").record

    assert answer.code == 0
    assert "ok     instaloader import loads" in answer.out
    assert record["ok"]
    assert record["urls"] == []


def test_a_test_that_fails_has_exit_code_1(run: Run) -> None:
    answer = run("engines", "test", "yt-dlp", "--url", "http://127.0.0.1:9/x.html", "--json")

    assert answer.code == 1
    assert answer.record["urls"][0]["kind"] == "network"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("update", "wget"), 2),
        (("update", "--channel", "weekly"), 2),
        (("update", "--from", "/nowhere/at/all"), 2),
        (("rollback", NAME), 3),
        (("rollback", "wget"), 2),
        (("pin", NAME), 2),
        (("pin", NAME, "1.0", "--unpin"), 2),
        (("pin", NAME, "not a version"), 2),
        (("test", "wget"), 2),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Run, words: tuple[str, ...], code: int) -> None:
    answer = run("engines", *words)

    assert answer.code == code
    assert answer.err.startswith("error: ")
    assert len(answer.err.splitlines()) == 1


def test_a_pin_on_what_is_there_needs_no_source(run: Run, home: Home, good: Path) -> None:
    run("engines", "update", NAME, "--from", str(good))

    answer = run("engines", "pin", NAME, NEW)

    assert answer.code == 0
    assert EngineStore(home.engines).pointer(NAME).pinned


def test_a_bare_noun_shows_its_help_and_no_error(run: Run) -> None:
    answer = run("engines")

    assert answer.code == 2
    assert "rollback" in answer.err
    assert "error:" not in answer.err
    assert len(answer.err.splitlines()) > 5


def test_an_index_that_cannot_be_reached_is_told_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_ENGINES__INDEX", "http://127.0.0.1:9/")

    answer = run("engines", "update")

    told = [line for line in answer.err.splitlines() if "not updated" in line]
    assert answer.code == 1
    assert told == ["yt-dlp, gallery-dl, instaloader: not updated: 127.0.0.1 cannot be reached"]
