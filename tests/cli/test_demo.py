from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo at work, with its throw-away folder inside the test's own."""
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "demo", "--no-tui"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
        start_new_session=True,
    ) as child:
        yield child
        child.kill()


def processes_about(folder: Path) -> list[str]:
    """Command lines and environments of processes that mention a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if f"{folder}/mediadl-demo-".encode() in told:
            found.append((process / "cmdline").read_text())
    return found


@pytest.mark.engines
@pytest.mark.timeout(400)
def test_the_demo_downloads_from_its_simulated_sites_and_leaves_nothing(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    out, errors = demo.communicate(timeout=380)

    assert demo.returncode == 0, errors
    assert " completed: " in errors
    files = out.splitlines()
    for platform in ("tiktok", "instagram", "direct", "generic"):
        assert any(file.startswith(f"downloads/{platform}/") for file in files)
    assert not any(file.endswith(".part") for file in files)
    assert list(tmp_path.iterdir()) == []
    assert processes_about(tmp_path) == []


@pytest.mark.engines
@pytest.mark.timeout(200)
def test_a_demo_that_is_told_to_stop_cleans_up(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    assert demo.stderr is not None
    line = ""
    while "active" not in line:
        line = demo.stderr.readline()
        assert line

    demo.send_signal(signal.SIGTERM)
    _, errors = demo.communicate(timeout=100)

    assert demo.returncode == 130, errors
    assert list(tmp_path.iterdir()) == []
    assert processes_about(tmp_path) == []
