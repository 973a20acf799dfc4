"""Lets a runner use engine versions from beside the program, and go back to the packaged ones when they do not load."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from mediadl.workers.engine_store import hold

_held: list[int] = []
"""Descriptors that mark the versions as at work until this process ends."""


def lead(paths: Sequence[str]) -> None:
    """Let imports look into these folders first. Call it before an engine is imported."""
    _held.extend(hold(paths))
    sys.path[:0] = [path for path in paths if os.path.isdir(path)]  # noqa: PTH112 - a runner's start


def start_over(stdout: int) -> NoReturn:
    """Become the same program again, without such folders: a half-imported engine cannot be forgotten otherwise.

    `stdout` is what the new program gets as its standard output.
    """
    os.dup2(stdout, 1)
    command = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    os.execv(sys.executable, [sys.executable, *command[1:]])  # noqa: S606 - the command this process was started with
