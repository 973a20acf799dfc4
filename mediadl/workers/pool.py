"""Owns the runner children: one per active engine job, one warm spare, a lasting thread that listens to each."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from mediadl.logs import get_logger
from mediadl.pipeline.protocol import LogLine, Message, RunJob
from mediadl.pipeline.wire import decode, encode

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


class Runner:
    """One runner child, from warm spare to its end."""

    def __init__(self, command: list[str], engines: tuple[str, ...] = ()) -> None:
        self.engines = engines
        """Folders of the engine versions it uses."""
        self.process = subprocess.Popen(
            [*command, *engines],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.job_id = 0
        self.fence = 0
        self.flow = threading.Event()
        """Cleared while the daemon has more items than it can handle: the pipe fills and the runner waits."""
        self.flow.set()
        self.kill_at: float | None = None
        """Monotonic; when the grace after a stop is over."""
        self.listeners: tuple[threading.Thread, ...] = ()
        self._write_lock = threading.Lock()

    def send(self, message: Message) -> bool:
        """Write one line; False when the runner is gone."""
        assert self.process.stdin is not None
        with self._write_lock:
            if self.process.stdin.closed:
                return False  # buried already
            try:
                self.process.stdin.write(encode(message))
                self.process.stdin.flush()
            except OSError:
                return False
        return True

    def signal_group(self, signum: signal.Signals) -> None:
        """Signal the runner and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signum)

    def bury(self) -> int:
        """Collect the ended process and close its pipes; whatever it started must not outlive it."""
        process = self.process
        if process.returncode is None:
            # Not reaped yet, so the group's number cannot belong to anyone else
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.signal_group(signal.SIGKILL)
        returncode = process.wait()
        listened = [] if self.listeners else [process.stdout, process.stderr]
        for pipe in (process.stdin, *listened):
            if pipe is not None:
                # What was buffered for the dead is lost with it
                with contextlib.suppress(OSError):
                    pipe.close()
        return returncode


class Pool:
    """Starts, feeds and ends runners. Everything but the listening happens in the supervisor's thread."""

    def __init__(self, inbox: queue.SimpleQueue[object], *, command: list[str] | None = None) -> None:
        self._inbox = inbox
        self._command = command or [sys.executable, "-m", "mediadl.workers.runner_child"]
        self._spare: Runner | None = None
        self.engines: Callable[[], tuple[str, ...]] = tuple
        """Tells the folders of the engine versions that a runner of now uses."""
        self._runners: dict[int, Runner] = {}

    def __len__(self) -> int:
        return len(self._runners)

    def warm(self) -> None:
        """Have a spare ready: imported, patterns compiled, waiting for its job."""
        engines = self.engines()
        if self._spare is not None and self._spare.process.poll() is None and self._spare.engines != engines:
            self._spare.signal_group(signal.SIGKILL)
            self._spare.process.wait()
        if self._spare is not None and self._spare.process.poll() is not None:
            self._spare.bury()
            self._spare = None
        if self._spare is None:
            self._spare = Runner(self._command, engines)

    def start(self, job: RunJob) -> None:
        """Give the job to the spare, or to a fresh runner."""
        self.warm()
        assert self._spare is not None
        runner, self._spare = self._spare, None
        runner.job_id, runner.fence = job.job_id, job.fence
        self._runners[job.job_id] = runner
        threading.Thread(
            target=self._listen, args=(runner,), name=f"runner-{job.job_id}", daemon=True
        ).start()
        threading.Thread(target=_drain, args=(runner,), name=f"stderr-{job.job_id}", daemon=True).start()
        # A runner that died unused shows at once: its listener reports it as gone
        runner.send(job)

    def send(self, job_id: int, message: Message) -> None:
        """Answer a runner; one that is gone is reported by its listener."""
        runner = self._runners.get(job_id)
        if runner is not None:
            runner.send(message)

    def hold(self, job_id: int, *, on: bool) -> None:
        """Stop or go on listening to a runner that finds items faster than they can be handled."""
        runner = self._runners.get(job_id)
        if runner is not None:
            runner.flow.clear() if on else runner.flow.set()

    def stop(self, job_id: int, grace_s: float) -> None:
        """Ask a runner to end; `tick` kills it when the grace is over."""
        runner = self._runners.get(job_id)
        if runner is not None and runner.kill_at is None:
            runner.kill_at = time.monotonic() + grace_s
            runner.flow.set()
            runner.signal_group(signal.SIGTERM)

    def forget(self, job_id: int) -> None:
        """The runner was reported gone."""
        self._runners.pop(job_id, None)

    def tick(self) -> None:
        """Kill what did not end in time."""
        now = time.monotonic()
        for runner in self._runners.values():
            if runner.kill_at is not None and now >= runner.kill_at:
                runner.signal_group(signal.SIGKILL)

    def close(self) -> None:
        """End the spare and kill what is left."""
        for runner in self._runners.values():
            runner.flow.set()
            runner.signal_group(signal.SIGKILL)
        for runner in self._runners.values():
            for listener in runner.listeners:
                listener.join()
        if self._spare is not None:
            self._spare.signal_group(signal.SIGKILL)
            self._spare.bury()
            self._spare = None

    def _listen(self, runner: Runner) -> None:
        assert runner.process.stdout is not None
        with runner.process.stdout as lines:
            for line in lines:
                runner.flow.wait()
                self._hear(runner, line)
        returncode = runner.bury()
        self._inbox.put(RunnerGone(runner.job_id, runner.fence, returncode))

    def _hear(self, runner: Runner, line: bytes) -> None:
        try:
            message = decode(line)
        except ValueError as error:
            _log.warning("a runner said something unreadable: %s", error)
            return
        if isinstance(message, LogLine):
            write_log_line(message, runner.job_id)
        else:
            self._inbox.put(RunnerSaid(runner.job_id, runner.fence, message))


def write_log_line(line: LogLine, job_id: int) -> None:
    """Pass on what an engine said, at its level."""
    levels: dict[str, Callable[..., None]] = {
        "debug": _log.debug,
        "info": _log.info,
        "warning": _log.warning,
        "error": _log.error,
    }
    levels.get(line.level, _log.info)("%s", line.message, extra={"job": job_id})


def _drain(runner: Runner) -> None:
    """Keep a runner's stderr from filling up; what stands there is only of use when something broke."""
    stream: IO[bytes] | None = runner.process.stderr
    assert stream is not None
    with stream:
        for line in stream:
            text = line.decode("utf-8", "replace").strip()
            if text:
                _log.debug("%s", text, extra={"job": runner.job_id})
