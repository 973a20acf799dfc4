"""The totals of the whole program, read in a thread for the header of every screen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.widgets.status_header import Totals

if TYPE_CHECKING:
    from mediadl.service import Services

_SLOW_FACTS_S = 2.0
"""How long free space and the daemon's state may be old."""


class TotalsReader:
    """Reads them; used by one thread."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._look_at: float | None = None
        self._slow = Totals()

    def read(self, _question: int = 0) -> Totals:
        """The totals now."""
        counts = self._services.queue.counts()
        now = self._clock()
        if self._look_at is None:
            # The first paint does not wait for slow facts
            self._look_at = now
        elif now >= self._look_at:
            self._look_at = now + _SLOW_FACTS_S
            running = self._services.daemon.status().running
            self._slow = Totals(None, self._free(), running, "daemon" if running else "no daemon")
        return Totals(counts, self._slow.free_bytes, self._slow.daemon_running, self._slow.daemon_word)

    def _free(self) -> int | None:
        folder = Path(self._services.settings.brief().directory).expanduser()
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None
