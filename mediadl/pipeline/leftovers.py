"""Forgets removed jobs whose time has run out: first their partial files, then their rows. No thread of its own."""

from __future__ import annotations

import time
from pathlib import Path

from mediadl.logs import get_logger
from mediadl.pipeline import work_folder
from mediadl.store import jobs
from mediadl.store.database import Database

_log = get_logger("leftovers")

_AT_ONCE = 500


def purge(database: Database, directory: str, *, at_most_s: float | None = None) -> int:
    """Forget the removed jobs that cannot come back any more; returns how many went.

    Ends after `at_most_s` seconds, with the rest left for the next time. `directory` is the download folder of jobs
    without one of their own. A kill between files and rows is mended by the next call.
    """
    until = None if at_most_s is None else time.monotonic() + at_most_s
    gone = 0
    while found := jobs.doomed(database.read(), time.time(), _AT_ONCE):
        for job in found:
            root = Path(str(job.options.get("out") or directory)).expanduser().absolute()
            try:
                work_folder.discard(root, job.id)
            except OSError as error:
                _log.warning("could not delete the partial files: %s", error, extra={"job": job.id})
        with database.write() as tx:
            gone += jobs.forget(tx, [job.id for job in found], time.time())
        if until is not None and time.monotonic() >= until:
            break
    return gone
