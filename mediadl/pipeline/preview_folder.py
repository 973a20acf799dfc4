"""The private folder of a preview. It can hold a copy of cookies, so none may stay behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "preview-"


@contextlib.contextmanager
def private(run: Path) -> Iterator[Path]:
    """A folder of this process in `run`, gone afterwards; those of processes that were killed go as well."""
    sweep(run)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=run))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(run: Path) -> None:
    """Take away the folders of processes that are no more."""
    for folder in run.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not (owner.isdecimal() and Path("/proc", owner).exists()):
            shutil.rmtree(folder, ignore_errors=True)
