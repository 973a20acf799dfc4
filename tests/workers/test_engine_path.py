"""A runner uses the versions it was told to, and the packaged ones when these do not load."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mediadl.workers.engine_store import EngineStore
from mediadl.workers.runner_link import Nursery, Runner
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


@dataclass
class Done:
    code: int
    out: str
    err: str


def run(*folders: Path) -> Done:
    """A runner that gets no job, forked from a nursery that was told these folders."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        nursery = subprocess.Popen(
            [sys.executable, "-m", "mediadl.workers.runner_nursery", *map(str, folders)],
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        theirs.close()
        runner = Runner(ours)
        runner.stdin.close()
        assert runner.wait_born()
        with runner.stdout, runner.stderr:
            out, err = runner.stdout.read().decode(), runner.stderr.read().decode()
        code = runner.bury(60)
    return Done(code, out, nursery.communicate(timeout=60)[1] + err)


def test_a_runner_loads_what_it_was_told(tmp_path: Path) -> None:
    folder = put(tmp_path / "2.0", first_line="import sys; sys.stderr.write('this one\\n')")

    done = run(folder)

    assert (done.code, done.out) == (0, "")
    assert done.err.count("this one") == 1


def test_a_version_that_does_not_load_gives_way_to_the_packaged_one(tmp_path: Path) -> None:
    folder = put(tmp_path / "2.0", first_line="raise ImportError('for the test')")

    done = run(folder)

    (line,) = done.out.splitlines()
    assert done.code == 0
    assert json.loads(line)["level"] == "warning"
    assert "for the test" in json.loads(line)["message"]


def test_a_folder_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    done = run(tmp_path / "gone")

    assert (done.code, done.out) == (0, "")


def test_what_a_runner_uses_is_not_tidied_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EngineStore(tmp_path)
    monkeypatch.setattr(store, "packaged", lambda name: "1.0")
    folder = put(tmp_path / "gallery-dl" / "2.0", first_line="import sys; sys.stderr.write('loads\\n')")
    nursery = Nursery((str(folder),))
    runner = nursery.runner()
    with runner.stdout, runner.stderr:
        assert runner.wait_born()

        kept = store.tidy("gallery-dl")
        runner.stdin.close()
        runner.bury(60)
    nursery.kill()

    assert kept == []
    assert store.tidy("gallery-dl") == ["2.0"]
