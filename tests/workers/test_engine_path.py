"""A runner uses the versions it was told to, and the packaged ones when these do not load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mediadl.workers.engine_store import EngineStore
from wheelhouse import package_files


def put(folder: Path, *, first_line: str) -> Path:
    """gallery-dl, unpacked, with a line of its own at the beginning."""
    for name, data in package_files("gallery-dl").items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    start = folder / "gallery_dl" / "__init__.py"
    start.write_bytes(first_line.encode() + b"\n" + start.read_bytes())
    return folder


def run(*folders: Path) -> subprocess.CompletedProcess[str]:
    """A runner that gets no job."""
    return subprocess.run(
        [sys.executable, "-m", "mediadl.workers.runner_child", *map(str, folders)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_runner_loads_what_it_was_told(tmp_path: Path) -> None:
    folder = put(tmp_path / "2.0", first_line="import sys; sys.stderr.write('this one\\n')")

    done = run(folder)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("this one") == 1


def test_a_version_that_does_not_load_gives_way_to_the_packaged_one(tmp_path: Path) -> None:
    folder = put(tmp_path / "2.0", first_line="raise ImportError('for the test')")

    done = run(folder)

    (line,) = done.stdout.splitlines()
    assert done.returncode == 0
    assert json.loads(line)["level"] == "warning"
    assert "for the test" in json.loads(line)["message"]


def test_a_folder_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    done = run(tmp_path / "gone")

    assert (done.returncode, done.stdout) == (0, "")


def test_what_a_runner_uses_is_not_tidied_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EngineStore(tmp_path)
    monkeypatch.setattr(store, "packaged", lambda name: "1.0")
    folder = put(tmp_path / "gallery-dl" / "2.0", first_line="import sys; sys.stderr.write('loads\\n')")
    runner = subprocess.Popen(
        [sys.executable, "-m", "mediadl.workers.runner_child", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with runner:
        assert runner.stderr is not None
        assert runner.stderr.readline() == b"loads\n"

        kept = store.tidy("gallery-dl")
        runner.kill()

    assert kept == []
    assert store.tidy("gallery-dl") == ["2.0"]
