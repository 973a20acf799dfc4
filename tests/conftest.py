"""What every test gets: a data folder of its own and an environment without the user's settings."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.paths import Home
from mediadl.store.database import Database

_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy"}


_SLOW_ROOMS = {"e2e", "forums", "snapshots"}
_SLOW_MARKS = ("engines", "kill", "programs")


gc.disable()  # what is collected now stays to the end: no use in looking through it again and again


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave the tests themselves out of every search for garbage from here on."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, else one worker is still at them when the others have nothing left; the rest stays shuffled."""
    items.sort(
        key=lambda item: (
            item.path.parent.name not in _SLOW_ROOMS
            and not any(item.get_closest_marker(mark) for mark in _SLOW_MARKS)
        )
    )


@pytest.fixture(scope="session")
def _people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test; numbered here, because pytest looks through all there are for each new one."""
    folder = tmp_path_factory.mktemp("people")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _clean_environment(_people: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, proxy or home of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(("MEDIADL_", "XDG_")) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    time.tzset()  # a test before may have lived elsewhere
    folder = next(_people)
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("MEDIADL_HOME", str(folder / "mediadl-home"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data folder of the test's own, made and named by `MEDIADL_HOME`."""
    made = Home(tmp_path / "home").create()
    monkeypatch.setenv("MEDIADL_HOME", str(made.root))
    return made


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the program makes it; making one costs more than most tests that need one."""
    home = Home(tmp_path_factory.mktemp("empty") / "home")
    Database.open(home).close()
    return home.database


@pytest.fixture
def opened_home(home: Home, _empty_database: Path) -> Home:
    """The test's data folder, in which the program was open before: with an empty database."""
    shutil.copy(_empty_database, home.database)
    return home
