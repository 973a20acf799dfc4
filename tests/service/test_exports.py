"""Files that people ask for: complete or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mediadl.errors import FolderNotWritable
from mediadl.service import exports


def test_an_earlier_file_gives_way_only_to_a_complete_one(tmp_path: Path) -> None:
    target = tmp_path / "history.csv"
    target.write_text("before")
    target.chmod(0o640)

    with pytest.raises(KeyboardInterrupt), exports.write_over(target) as stream:
        stream.write("half")
        raise KeyboardInterrupt
    assert target.read_text() == "before"
    with exports.write_over(target) as stream:
        stream.write("whole")

    assert target.read_text() == "whole"
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["history.csv"]


def test_a_new_file_is_the_owners_alone(tmp_path: Path) -> None:
    with exports.write_over(tmp_path / "new.csv") as stream:
        assert not (tmp_path / "new.csv").exists()
        stream.write("x\r\n")

    assert (tmp_path / "new.csv").read_bytes() == b"x\r\n"
    assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link_and_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    reading, writing = os.pipe()
    (tmp_path / "pipe").symlink_to(f"/dev/fd/{writing}")

    with exports.write_over(tmp_path / "link.csv") as stream:
        stream.write("after")
    with exports.write_over(tmp_path / "pipe") as stream:
        stream.write("told")
    os.close(writing)

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "after"
    with os.fdopen(reading) as heard:
        assert heard.read() == "told"


@pytest.mark.parametrize("name", ["none/x.csv", "file/x.csv", "."])
def test_what_cannot_be_written_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(FolderNotWritable, match="cannot write"),
        exports.write_over(tmp_path / name) as stream,
    ):
        stream.write("x")

    assert os.listdir(tmp_path) == ["file"]
