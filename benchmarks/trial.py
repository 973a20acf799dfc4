"""One program's part in a comparison: its cost, or why there is none; a failure never ends the whole report."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import Self

from benchmarks.measure import Cost, Unfit
from benchmarks.report import Group


class Trial:
    """A context manager that keeps what stopped the program from being measured."""

    def __init__(self, group: Group, name: str) -> None:
        self._group = group
        self._name = name
        self.cost: Cost | None = None

    def __enter__(self) -> Self:
        print(f"  {self._name} …", file=sys.stderr, flush=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            if self.cost is not None:
                said = f"{self.cost.wall_s:.2f} s wall, {self.cost.cpu_s:.2f} s CPU"
                print(f"    {said}", file=sys.stderr, flush=True)
            return False
        if not isinstance(error, (Unfit, FileNotFoundError, subprocess.TimeoutExpired)):
            return False
        self._group.notes.append(f"Not measured: {self._name}: {error}.")
        print(f"    {error}", file=sys.stderr, flush=True)
        return True

    @property
    def wall_s(self) -> float | None:
        """Seconds on the clock."""
        return self.cost.wall_s if self.cost else None

    @property
    def cpu_s(self) -> float | None:
        """Seconds of processor time."""
        return self.cost.cpu_s if self.cost else None
