"""Lets runners use engine versions from beside the program, and go back to the packaged ones when they do not load."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from mediadl.workers.engine_store import hold

_PACKAGED = "--packaged"
_held: list[int] = []
"""Descriptors that mark the versions as at work until this process ends."""


def lead(paths: Sequence[str]) -> None:
    """Let imports look into these folders first. Call it before an engine is imported."""
    _held.extend(hold(paths))
    sys.path[:0] = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112 - a runner's start


def told(arguments: Sequence[str]) -> tuple[list[str], str]:
    """What the command line says: the folders to look into, and why there are none although there were."""
    match arguments:
        case [mark, trouble] if mark == _PACKAGED:
            return [], trouble
        case _:
            return list(arguments), ""


def start_over(trouble: str) -> NoReturn:
    """Become the same program again, without such folders: a half-imported engine cannot be forgotten otherwise.

    `trouble`: why, for whom it concerns; `told` gives it to the new program.
    """
    command = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    os.execv(sys.executable, [sys.executable, *command[1:], _PACKAGED, trouble])  # noqa: S606 - the command this process was started with
