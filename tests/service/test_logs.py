from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from mediadl.errors import FolderNotWritable, InvalidInput
from mediadl.logs import LogWriter
from mediadl.service import Services
from mediadl.service.logs import LogQuery


@pytest.fixture
def written(services: Services) -> Services:
    log = LogWriter(services.home.logs, level="debug")
    log.write("info", "workers.pool", "hello", job=7)
    log.write("error", "app", "first\nsecond")
    return services


def test_save_writes_json_lines_for_the_owner_only(written: Services, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    number = written.logs.save(LogQuery(level="error"), path)

    assert number == 1
    assert [json.loads(line)["message"] for line in path.read_text().splitlines()] == ["first\nsecond"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_save_writes_plain_text_when_the_name_says_so(written: Services, tmp_path: Path) -> None:
    path = tmp_path / "out.TXT"

    written.logs.save(LogQuery(), path)

    first, second, third = path.read_text().splitlines()
    assert first.endswith("INFO    workers.pool job 7: hello")
    assert second.endswith("ERROR   app: first")
    assert third == "    second"


def test_save_never_overwrites(written: Services, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("mine")

    with pytest.raises(InvalidInput, match="exists"):
        written.logs.save(LogQuery(), path)

    assert path.read_text() == "mine"


def test_save_follows_no_link(written: Services, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InvalidInput):
        written.logs.save(LogQuery(), path)

    assert not (tmp_path / "elsewhere").exists()


def test_save_into_nowhere_says_so(written: Services, tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable):
        written.logs.save(LogQuery(), tmp_path / "none" / "out.jsonl")


def test_a_full_disk_leaves_no_half_file(
    written: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.jsonl"

    def full(*_args: object) -> object:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(written.logs, "read", full)
    with pytest.raises(FolderNotWritable, match="space"):
        written.logs.save(LogQuery(), path)

    assert not path.exists()


def test_extent_tells_files_and_bytes(written: Services) -> None:
    extent = written.logs.extent()

    assert extent.files == 1
    assert extent.size_bytes == sum(path.stat().st_size for path in written.home.logs.iterdir())


def test_browse_opens_the_log(written: Services) -> None:
    browser = written.logs.browse()
    while browser.work():
        pass
    browser.close()

    assert not browser.searching
