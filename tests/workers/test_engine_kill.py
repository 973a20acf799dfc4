"""SIGKILL at any moment of an update or a rollback leaves an engine that works, the old one or the new one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mediadl.paths import Home
from mediadl.workers.engine_store import EngineStore
from wheelhouse import engine_wheel

pytestmark = pytest.mark.timeout(300)

NAME, NEW = "gallery-dl", "1.98.0"
PRINT_VERSION = """
import sys
sys.path[:0] = sys.argv[1:]
import gallery_dl.extractor
print(gallery_dl.__version__)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    engine_wheel(folder, NAME, NEW)
    return folder


def start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mediadl", "engines", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def loaded(home: Home) -> str:
    """The version that a runner of now would load."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_VERSION, *EngineStore(home.engines).paths()],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.kill
def test_an_update_that_is_killed_leaves_the_old_version_or_the_new_one(home: Home, wheels: Path) -> None:
    store = EngineStore(home.engines)
    old = store.packaged(NAME)
    chance = random.Random(4)
    began = time.monotonic()
    assert start("update", NAME, "--from", str(wheels)).wait() == 0
    takes_s = time.monotonic() - began
    store.roll_back(NAME)

    seen = set()
    for _ in range(7):
        kill_after(start("update", NAME, "--from", str(wheels)), chance.uniform(0.1, takes_s * 1.2))
        version = loaded(home)
        assert version == (store.in_use(NAME) or old)
        assert version in {old, NEW}
        seen.add(version)
        if version == NEW:
            store.roll_back(NAME)

    assert old in seen
    assert start("update", NAME, "--from", str(wheels)).wait() == 0
    assert loaded(home) == NEW
    assert not [path for path in (store.root / NAME).iterdir() if path.name.startswith((".new", ".old"))]


@pytest.mark.kill
def test_a_rollback_that_is_killed_leaves_one_of_both_versions(home: Home, wheels: Path) -> None:
    store = EngineStore(home.engines)
    assert start("update", NAME, "--from", str(wheels)).wait() == 0
    old = store.packaged(NAME)
    chance = random.Random(5)

    for _ in range(10):
        kill_after(start("rollback", NAME), chance.uniform(0.15, 0.5))
        assert (store.in_use(NAME) or old) in {old, NEW}
        assert store.pointer(NAME).previous is not None

    before = store.in_use(NAME)
    assert start("rollback", NAME).wait() == 0
    assert store.in_use(NAME) != before
    assert loaded(home) in {old, NEW}
