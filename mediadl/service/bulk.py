"""Changes to many jobs in parts: between two of them the daemon and other front ends get their turn to write."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from mediadl.store.database import Connection, Database

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Told how many of how many jobs have been looked at; called in the thread that does the work."""

HOLD_S = 0.02
"""How long one part may keep others from writing, as far as that can be foreseen."""

_FIRST = 100
_LEAST = 20
_MOST = 5000


def in_parts(
    store: Database,
    ids: Sequence[T],
    change: Callable[[Connection, Sequence[T]], Sequence[T]],
    progress: Progress | None = None,
) -> list[T]:
    """Do `change` to all of them, each part in a transaction of its own; returns what the parts returned, together.

    Whoever is killed in the middle has done a beginning of it, and no part by half.
    """
    done: list[T] = []
    at, size = 0, _FIRST
    while at < len(ids):
        part = ids[at : at + size]
        with store.write() as tx:
            began = time.perf_counter()
            done += change(tx, part)
        took_s = max(time.perf_counter() - began, 1e-6)
        at += len(part)
        size = max(_LEAST, min(_MOST, size * 2, int(size * HOLD_S / took_s)))
        if progress is not None:
            progress(at, len(ids))
    return done
