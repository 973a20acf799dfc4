"""Owns the runner children: one per active engine job, their nursery, a lasting thread that listens to each."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mediadl.logs import get_logger
from mediadl.pipeline.protocol import LogLine, Message, RunJob
from mediadl.pipeline.wire import decode
from mediadl.workers.runner_link import COMMAND, Nursery, Runner

_log = get_logger("runner")


@dataclass(frozen=True, slots=True)
class RunnerSaid:
    """A line from a runner."""

    job_id: int
    fence: int
    message: Message


@dataclass(frozen=True, slots=True)
class RunnerGone:
    """A runner's process ended and everything it said was delivered."""

    job_id: int
    fence: int
    returncode: int


@dataclass(slots=True)
class _Work:
    """A runner at work on a job."""

    runner: Runner
    job_id: int
    fence: int
    flow: threading.Event = field(default_factory=threading.Event)
    """Cleared while the daemon has more items than it can handle: the pipe fills and the runner waits."""
    kill_at: float | None = None
    """Monotonic; when the grace after a stop is over."""


class Pool:
    """Starts, feeds and ends runners. Everything but the listening happens in the supervisor's thread."""

    def __init__(self, inbox: queue.SimpleQueue[object], *, command: tuple[str, ...] = COMMAND) -> None:
        self._inbox = inbox
        self._command = command
        self._nursery: Nursery | None = None
        self.engines: Callable[[], tuple[str, ...]] = tuple
        """Tells the folders of the engine versions that a runner of now uses."""
        self._works: dict[int, _Work] = {}

    def __len__(self) -> int:
        return len(self._works)

    def warm(self) -> None:
        """See to it that the nursery lives: runners start at once when it has imported the engines."""
        engines = self.engines()
        if self._nursery is not None and not (self._nursery.lives and self._nursery.engines == engines):
            self._nursery.close()
            self._nursery = None
        if self._nursery is None:
            self._nursery = Nursery(engines, self._command)

    def start(self, job: RunJob) -> None:
        """Give the job to a runner of its own."""
        self.warm()
        assert self._nursery is not None
        work = self._works[job.job_id] = _Work(self._nursery.runner(), job.job_id, job.fence)
        work.flow.set()
        threading.Thread(target=self._listen, args=(work,), name=f"runner-{job.job_id}", daemon=True).start()
        threading.Thread(target=_drain, args=(work,), name=f"stderr-{job.job_id}", daemon=True).start()
        # A runner that is never born shows at once: its listener reports it as gone
        work.runner.send(job)

    def send(self, job_id: int, message: Message) -> None:
        """Answer a runner; one that is gone is reported by its listener."""
        work = self._works.get(job_id)
        if work is not None:
            work.runner.send(message)

    def hold(self, job_id: int, *, on: bool) -> None:
        """Stop or go on listening to a runner that finds items faster than they can be handled."""
        work = self._works.get(job_id)
        if work is not None:
            work.flow.clear() if on else work.flow.set()

    def stop(self, job_id: int, grace_s: float) -> None:
        """Ask a runner to end; `tick` kills it when the grace is over."""
        work = self._works.get(job_id)
        if work is not None and work.kill_at is None:
            work.kill_at = time.monotonic() + grace_s
            work.flow.set()
            work.runner.signal_group(signal.SIGTERM)

    def forget(self, job_id: int) -> None:
        """The runner was reported gone."""
        self._works.pop(job_id, None)

    def tick(self) -> None:
        """Kill what did not end in time."""
        now = time.monotonic()
        for work in self._works.values():
            if work.kill_at is not None and now >= work.kill_at:
                work.runner.signal_group(signal.SIGKILL)

    def close(self) -> None:
        """End the nursery and kill what is left."""
        for work in self._works.values():
            work.flow.set()
            work.runner.signal_group(signal.SIGKILL)
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery = None

    def _listen(self, work: _Work) -> None:
        work.runner.wait_born()
        with work.runner.stdout as lines:
            for line in lines:
                work.flow.wait()
                self._hear(work, line)
        self._inbox.put(RunnerGone(work.job_id, work.fence, work.runner.bury()))

    def _hear(self, work: _Work, line: bytes) -> None:
        try:
            message = decode(line)
        except ValueError as error:
            _log.warning("a runner said something unreadable: %s", error)
            return
        if isinstance(message, LogLine):
            write_log_line(message, work.job_id)
        else:
            self._inbox.put(RunnerSaid(work.job_id, work.fence, message))


def write_log_line(line: LogLine, job_id: int) -> None:
    """Pass on what an engine said, at its level."""
    levels: dict[str, Callable[..., None]] = {
        "debug": _log.debug,
        "info": _log.info,
        "warning": _log.warning,
        "error": _log.error,
    }
    levels.get(line.level, _log.info)("%s", line.message, extra={"job": job_id})


def _drain(work: _Work) -> None:
    """Keep a runner's stderr from filling up; what stands there is only of use when something broke."""
    with work.runner.stderr as stream:
        for line in stream:
            text = line.decode("utf-8", "replace").strip()
            if text:
                _log.debug("%s", text, extra={"job": work.job_id})
