"""Starts the update of engines when it is due, in a process of its own and while nothing else goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from mediadl.errors import FolderNotWritable
from mediadl.logs import get_logger
from mediadl.paths import Home
from mediadl.settings.schema import Settings
from mediadl.workers.engine_records import read_json, write

_log = get_logger("engines")

QUIET_S = 20.0
"""The queue must have been idle for so long."""
AGAIN_S = 6 * 3600.0
"""After an update that could not reach its source."""
LONGEST_S = 1800.0
"""An update that takes longer is ended."""
LOOK_S = 5.0
EVERY_S = {"daily": 86_400.0, "weekly": 7 * 86_400.0}
COMMAND = (sys.executable, "-m", "mediadl.workers.engine_update")
SCHEDULE = "schedule.json"


class EngineSchedule:
    """Called by the daemon between two turns; costs nothing until something is due."""

    def __init__(
        self,
        home: Home,
        *,
        command: Sequence[str] = COMMAND,
        quiet_s: float = QUIET_S,
        look_s: float = LOOK_S,
    ) -> None:
        """`command` and the times are the edge where tests put their own."""
        self._home = home
        self._file = home.engines / SCHEDULE
        self._command = list(command)
        self._quiet_s = quiet_s
        self._look_s = look_s
        self._next_look = 0.0
        self._child: subprocess.Popen[bytes] | None = None
        self._end_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether an update is under way; the daemon stays meanwhile."""
        return self._child is not None

    def tick(self, settings: Settings, *, idle_s: float) -> None:
        """Start what is due, hear of what has ended. `idle_s`: time since there was something to do."""
        now = time.monotonic()
        if self._child is not None:
            self._hear(self._child, now)
            return
        if settings.engines.update == "off" or now < self._next_look:
            return
        self._next_look = now + self._look_s
        if idle_s >= self._quiet_s and self._is_due(EVERY_S[settings.engines.update]):
            self._start(now)

    def close(self) -> None:
        """End an update under way; what it had begun is cleared up by the next."""
        if self._child is not None:
            self._end(self._child)
            self._child = None

    def _is_due(self, every_s: float) -> bool:
        last = read_json(self._file)
        tried_at, worked = last.get("tried_at"), last.get("worked") is True
        if not isinstance(tried_at, int | float):
            return True
        since_s = time.time() - tried_at
        # A clock that was set back must not put it off for years
        return since_s >= (every_s if worked else min(every_s, AGAIN_S)) or since_s < -every_s

    def _start(self, now: float) -> None:
        try:
            self._note(worked=False)
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "MEDIADL_HOME": str(self._home.root)},
            )
        except (OSError, FolderNotWritable) as error:
            _log.warning("the update of engines could not be started: %s", error)
            self._next_look = now + AGAIN_S
            return
        self._end_at = now + LONGEST_S
        _log.info("looking for newer engines")

    def _hear(self, child: subprocess.Popen[bytes], now: float) -> None:
        code = child.poll()
        if code is None:
            if now < self._end_at:
                return
            _log.warning("the update of engines took too long and was ended")
            self._end(child)
        elif code == 0:
            with contextlib.suppress(FolderNotWritable):
                # Then it is tried again some hours later
                self._note(worked=True)
        else:
            _log.warning("the update of engines ended with %d; the next try is in some hours", code)
        self._child = None

    def _note(self, *, worked: bool) -> None:
        write(self._file, {"tried_at": time.time(), "worked": worked})

    @staticmethod
    def _end(child: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
