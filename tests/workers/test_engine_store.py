"""Which version is used, whatever stands in the folder; and that what is at work or needed stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import NotFound
from mediadl.workers.engine_records import Known, Pointer
from mediadl.workers.engine_store import EngineStore, order

NAME = "gallery-dl"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineStore:
    made = EngineStore(tmp_path / "engines")
    monkeypatch.setattr(made, "packaged", lambda name: "1.0")
    return made


def put(store: EngineStore, *versions: str) -> None:
    for version in versions:
        (store.folder(NAME, version) / "gallery_dl").mkdir(parents=True)


def test_nothing_stored_means_the_packaged_version(store: EngineStore) -> None:
    assert store.in_use(NAME) == ""
    assert store.paths() == ()


def test_a_switch_is_seen_by_readers_that_looked_before(store: EngineStore) -> None:
    reader = EngineStore(store.root)
    assert reader.paths() == ()
    put(store, "2.0")

    store.switch(NAME, "2.0")

    assert reader.paths() == (str(store.folder(NAME, "2.0")),)
    assert store.in_use(NAME) == "2.0"


def test_a_version_that_is_gone_gives_way_to_the_packaged_one(store: EngineStore) -> None:
    put(store, "2.0")
    store.switch(NAME, "2.0")
    assert store.paths()

    shutil.rmtree(store.folder(NAME, "2.0"))

    assert store.in_use(NAME) == ""
    assert store.paths() == ()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 3}', '{"version": "../../etc"}', '{"version": "9.9"}', "\0"]
)
def test_a_pointer_of_nonsense_means_the_packaged_version(store: EngineStore, text: str) -> None:
    put(store, "2.0")
    (store.root / NAME / "pointer.json").write_text(text)

    assert store.in_use(NAME) == ""


def test_rolling_back_goes_to_the_version_before_and_forth_again(store: EngineStore) -> None:
    put(store, "2.0", "3.0")
    store.switch(NAME, "2.0")
    store.switch(NAME, "3.0")

    assert store.roll_back(NAME) == ("3.0", "2.0")
    assert store.in_use(NAME) == "2.0"
    assert not store.known(NAME).may_try("3.0", 1e18)
    assert store.roll_back(NAME) == ("2.0", "3.0")
    assert store.in_use(NAME) == "3.0"


def test_the_first_update_can_be_rolled_back_to_the_packaged_version(store: EngineStore) -> None:
    put(store, "2.0")
    store.switch(NAME, "2.0")

    assert store.roll_back(NAME) == ("2.0", "")
    assert store.in_use(NAME) == ""


def test_without_a_version_before_there_is_nothing_to_go_back_to(store: EngineStore) -> None:
    with pytest.raises(NotFound):
        store.roll_back(NAME)


def test_a_packaged_version_that_overtakes_is_used_unless_another_is_pinned(
    store: EngineStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "2.0")
    store.switch(NAME, "2.0")

    monkeypatch.setattr(store, "packaged", lambda name: "2.5")
    overtaken = store.in_use(NAME)
    store.switch(NAME, "2.0", pinned=True)
    monkeypatch.setattr(store, "packaged", lambda name: "2.6")

    assert overtaken == ""
    assert store.in_use(NAME) == "2.0"


def test_a_switch_that_comes_late_does_not_undo_what_was_chosen_meanwhile(store: EngineStore) -> None:
    put(store, "2.0", "3.0")
    turn = store.pointer(NAME).turn
    store.switch(NAME, "2.0")

    assert not store.switch(NAME, "3.0", turn=turn)
    assert store.in_use(NAME) == "2.0"


def test_tidying_keeps_what_is_used_what_was_before_and_what_is_at_work(store: EngineStore) -> None:
    put(store, "2.0", "3.0", "4.0", "5.0")
    for version in ("2.0", "3.0", "4.0", "5.0"):
        store.switch(NAME, version)
    (store.root / NAME / ".new-1-2").mkdir()
    (store.root / NAME / ".pointer.json-77").write_text("half")
    script = (
        "import sys\nfrom mediadl.workers.engine_store import hold\n"
        "hold(sys.argv[1:])\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", script, str(store.folder(NAME, "2.0"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    with worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        gone = store.tidy(NAME)
        kept = store.stored(NAME)
        worker.kill()

    assert gone == ["3.0"]
    assert kept == ["2.0", "4.0", "5.0"]
    assert store.tidy(NAME) == ["2.0"]
    assert not [entry for entry in os.listdir(store.root / NAME) if entry.startswith((".new", ".pointer"))]


def test_only_one_process_changes_versions_at_a_time(store: EngineStore) -> None:
    other = EngineStore(store.root)

    with store.busy() as mine, other.busy() as theirs:
        assert (mine, theirs) == (True, False)
    with other.busy() as theirs:
        assert theirs


def test_what_is_known_survives_and_other_shapes_are_passed_over(store: EngineStore) -> None:
    store.note(NAME, Known(5.0, {"stable": "2.0"}, {"2.0": 4.0}))

    assert store.known(NAME) == Known(5.0, {"stable": "2.0"}, {"2.0": 4.0})
    (store.root / NAME / "known.json").write_text('{"newest": 3, "checked_at": 7, "more": 1}')
    assert store.known(NAME) == Known(7.0)


def test_a_refused_version_may_be_tried_again_later_but_not_one_taken_back(store: EngineStore) -> None:
    store.note_refused(NAME, "2.0", "canary", retry_at=100.0)
    store.note_refused(NAME, "3.0", "taken back by you")

    known = store.known(NAME)

    assert [known.may_try("2.0", at) for at in (99.0, 100.0)] == [False, True]
    assert not known.may_try("3.0", 1e18)
    assert known.may_try("4.0", 0.0)


@given(
    st.lists(st.sampled_from(["1.9", "1.10", "2026.1.1", "2026.1.1.5.dev0", "zz"]), min_size=2, unique=True)
)
def test_versions_have_one_order_and_words_come_first(versions: list[str]) -> None:
    expected = [v for v in ("zz", "1.9", "1.10", "2026.1.1", "2026.1.1.5.dev0") if v in versions]

    assert sorted(versions, key=order) == expected


def test_an_empty_pointer_is_the_default() -> None:
    assert Pointer() == Pointer("", None, False, "", 0.0, 0)
