from __future__ import annotations

import os
import subprocess
import sys

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
