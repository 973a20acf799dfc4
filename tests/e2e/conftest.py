"""Fixtures: a world and a program that is gone without a trace at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.program import Program, command_of, kill_all, processes_of, wait_until
from fakeweb.world import World, default_world
from mediadl.errors import DaemonUnavailable


@pytest.fixture
def world() -> Iterator[World]:
    """The standard population."""
    made = default_world()
    with made.web:
        yield made


@pytest.fixture
def program(world: World, tmp_path: Path) -> Iterator[Program]:
    """A fresh program; at the end its daemon is stopped and nothing of it runs any more."""
    with _ended(Program(world, tmp_path / "home", tmp_path / "downloads")) as made:
        yield made


@pytest.fixture(scope="module")
def lasting_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program with a world of its own for tests of a file that do not touch what the others fetch."""
    folder = tmp_path_factory.mktemp("lasting")
    world = default_world()
    with world.web, _ended(Program(world, folder / "home", folder / "downloads")) as made:
        yield made


@contextmanager
def _ended(made: Program) -> Iterator[Program]:
    """At the end of the block nothing of a program runs any more."""
    yield made

    try:
        made.stop()
        wait_until(lambda: not processes_of(made.home), "all processes ended", 30)
    except (AssertionError, DaemonUnavailable) as error:
        left = [(pid, command_of(pid)) for pid in processes_of(made.home)]
        raise AssertionError(f"{error}: {left}\n{made.log()}") from None
    finally:
        kill_all(made.home)
