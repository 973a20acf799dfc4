"""Folders that are kept open: only for as long as their names lead to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.errors import NotWritable
from mediadl.pipeline.transfer import folders
from mediadl.pipeline.transfer.folders import Folders


@pytest.fixture
def kept() -> Iterator[Folders]:
    made = Folders()
    yield made
    made.close()


def place_of(fd: int) -> Path:
    """Where a descriptor leads; closes it."""
    try:
        return Path(f"/proc/self/fd/{fd}").readlink()
    finally:
        os.close(fd)


def open_folders() -> int:
    return sum(1 for entry in Path("/proc/self/fd").iterdir() if entry.is_dir())


def test_a_missing_folder_is_made_and_found_again(kept: Folders, tmp_path: Path) -> None:
    first, second = kept.open(str(tmp_path), "a/b"), kept.open(str(tmp_path), "a/b")

    assert place_of(first) == place_of(second) == tmp_path / "a" / "b"


def test_a_folder_that_was_moved_away_is_not_written_to(kept: Folders, tmp_path: Path) -> None:
    os.close(kept.open(str(tmp_path), "a"))
    (tmp_path / "a").rename(tmp_path / "kept by the user")

    assert place_of(kept.open(str(tmp_path), "a")) == tmp_path / "a"


def test_a_folder_that_was_deleted_is_made_again(kept: Folders, tmp_path: Path) -> None:
    os.close(kept.open(str(tmp_path), "a/b"))
    (tmp_path / "a" / "b").rmdir()
    (tmp_path / "a").rmdir()

    assert place_of(kept.open(str(tmp_path), "a/b")) == tmp_path / "a" / "b"


def test_a_link_in_place_of_a_folder_that_was_open_is_refused(kept: Folders, tmp_path: Path) -> None:
    os.close(kept.open(str(tmp_path), "a"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a").rmdir()
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotWritable):
        kept.open(str(tmp_path), "a")


def test_few_folders_are_kept_and_none_after_the_end(
    kept: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "KEPT_FOLDERS", 3)
    before = open_folders()
    for n in range(8):
        os.close(kept.open(str(tmp_path), f"f{n}"))

    assert open_folders() == before + 3
    kept.close()
    assert open_folders() == before
