"""Fixtures: a world and a program that is gone without a trace at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.program import Program, command_of, kill_all, processes_of, wait_until
from fakeweb.world import World, default_world


@pytest.fixture
def world() -> Iterator[World]:
    """The standard population."""
    made = default_world()
    with made.web:
        yield made


@pytest.fixture
def program(world: World, tmp_path: Path) -> Iterator[Program]:
    """A fresh program; at the end its daemon is stopped and nothing of it runs any more."""
    made = Program(world, tmp_path / "home", tmp_path / "downloads")
    yield made

    def is_gone() -> bool:
        # A second daemon, started at the same moment, takes over from the first one that was told to stop
        made.stop()
        return not processes_of(made.home)

    try:
        wait_until(is_gone, "all processes ended", 60)
    except AssertionError as error:
        left = [(pid, command_of(pid)) for pid in processes_of(made.home)]
        raise AssertionError(f"{error}: {left}\n{made.log()}") from None
    finally:
        kill_all(made.home)
