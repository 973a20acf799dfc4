from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from mediadl.paths import Home

ENGINES = {"yt_dlp", "gallery_dl", "instaloader", "av", "PIL", "curl_cffi"}
SCREENS = {"textual", "rich.progress", "rich.console", "textual_serve"}
SLOW = {"pydantic", "sqlite_utils", "typer", "click", "importlib.metadata", "email", "asyncio", "http.client"}
FILE = "https://example.com/a.jpg"


def loaded_by(*words: str) -> set[str]:
    """Modules in a fresh process after a command."""
    script = (
        "import sys, mediadl.__main__ as program\n"
        "sys.argv = ['mediadl', *sys.argv[1:]]\n"
        "try:\n    program.main()\n"
        "except SystemExit as leave:\n    assert not leave.code, leave.code\n"
        "print('LOADED', *sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1"},
        check=True,
    )
    return set(done.stdout.rpartition("LOADED ")[2].split())


def cpu_s(tmp_path: Path, *words: str) -> float:
    """Processor time of a command: the best of several, with compiled modules as an installation has them."""
    env = {**os.environ, "MEDIADL_NO_DAEMON": "1", "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    took = []
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "mediadl", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=env,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took[1:])


@pytest.fixture
def warm(home: Home) -> Home:
    """A data folder that has seen one job: settings are remembered, the database is made."""
    loaded_by("add", FILE)
    return home


def test_version_imports_next_to_nothing(home: Home) -> None:
    loaded = loaded_by("--version")

    assert not loaded & (ENGINES | SCREENS | SLOW | {"json", "sqlite3", "dataclasses"})
    assert {name for name in loaded if name.startswith("mediadl")} == {"mediadl", "mediadl.__main__"}


def test_adding_imports_no_screen_no_engine_and_nothing_slow(warm: Home) -> None:
    assert not loaded_by("add", FILE) & (ENGINES | SCREENS | SLOW)


def test_adding_with_options_imports_no_screen_and_no_engine(warm: Home) -> None:
    assert not loaded_by("add", "--priority", "high", FILE) & (ENGINES | SCREENS | {"sqlite_utils"})


@pytest.mark.parametrize(
    "words", [("queue", "list"), ("history", "list"), ("settings", "list"), ("logs",), ("daemon", "status")]
)
def test_printing_imports_no_screen_and_no_engine(warm: Home, words: tuple[str, ...]) -> None:
    assert not loaded_by(*words) & (ENGINES | SCREENS)


@pytest.mark.parametrize(
    ("words", "limit_s"),
    [(("--version",), 0.04), (("add", FILE), 0.2), (("add", "--priority", "high", FILE), 0.35)],
)
def test_starting_is_quick(home: Home, tmp_path: Path, words: tuple[str, ...], limit_s: float) -> None:
    assert cpu_s(tmp_path, *words) < limit_s
