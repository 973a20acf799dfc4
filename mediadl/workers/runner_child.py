"""A runner: the child process that executes one job's engine code and tells the daemon about it, line by line.

Forked by the nursery, with the engines imported, it gets one `RunJob` on stdin. Stdout belongs to the protocol;
whatever an engine prints goes to stderr. SIGTERM ends the work within milliseconds and keeps partial files. When the
daemon dies, stdin ends, and the runner takes its whole process group with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
import threading
import time
import types
from pathlib import Path
from typing import IO, NoReturn

from mediadl import errors
from mediadl.pipeline.protocol import (
    Answer,
    Ended,
    Enough,
    Grant,
    Known,
    LoginReady,
    LogLine,
    Message,
    RunJob,
)
from mediadl.pipeline.wire import decode, encode
from mediadl.workers.runner_chain import Runner
from mediadl.workers.runner_login import RunnerLogin
from mediadl.workers.runner_pace import RunnerPace
from mediadl.workers.runner_reporter import PipeReporter

EXIT_DONE = 0
EXIT_CRASHED = 1
EXIT_BAD_INPUT = 2
EXIT_LOCKED = 75
"""Another runner holds the job: try again later."""
EXIT_TERMINATED = 143

SIGNALS = frozenset({signal.SIGTERM})
"""Blocked until a runner can hear them."""

_F_OFD_SETLK = getattr(fcntl, "F_OFD_SETLK", 37)
_GRACE_S = 0.12
"""From SIGTERM to the end of a runner whose main thread cannot be interrupted."""


class Terminated(BaseException):
    """SIGTERM came; not an Exception, so that no engine swallows it."""


class Wire:
    """The pipe to the daemon: whole lines only, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one line."""
        data = memoryview(encode(message))
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]


def main(trouble: str = "") -> NoReturn:
    """Wait for one job on stdin and do it; `trouble` with the engines is told first."""
    wire = Wire(_take_stdout())
    code = EXIT_TERMINATED
    try:
        _listen_for_signals()
        if trouble:
            wire.send(LogLine("warning", trouble))
        code = _serve(wire)
    except Terminated:
        pass
    except BrokenPipeError:
        _die_with_group()
    _leave(code)


def _serve(wire: Wire) -> int:
    line = sys.stdin.buffer.readline()
    if not line:
        return EXIT_DONE
    try:
        job = decode(line)
    except ValueError as error:
        _complain(f"bad line: {error}")
        return EXIT_BAD_INPUT
    if not isinstance(job, RunJob):
        _complain("the first line must be a RunJob")
        return EXIT_BAD_INPUT
    reporter = PipeReporter(wire.send, max_items=int(job.options.get("max_items") or 0))
    login = RunnerLogin(job, wire.send)
    pace = RunnerPace(wire.send, reporter)
    threading.Thread(target=_watch, args=(sys.stdin.buffer, reporter, login, pace), daemon=True).start()
    try:
        return _work(job, wire, reporter, login, pace)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line must say why, whatever it was
        _report_crash(wire, reporter.backend, error)
        return EXIT_CRASHED


def _work(job: RunJob, wire: Wire, reporter: PipeReporter, login: RunnerLogin, pace: RunnerPace) -> int:
    Path(job.work).mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock_job(job)
    if lock is None:
        error = errors.Interrupted(f"job {job.job_id} is still held by another runner")
        reporter.trouble(error)
        wire.send(Ended("", error.to_dict()))
        return EXIT_LOCKED
    os.chdir(job.work)
    if not job.network.trusted:
        from mediadl.workers.runner_guard import guard_connections

        guard_connections(job.network.proxy)
    Runner(job, wire.send, reporter, login, pace).run()
    return EXIT_DONE


def _lock_job(job: RunJob) -> int | None:
    """Lock this job's byte; the descriptor must stay open. None: someone else holds it."""
    if not job.locks_file:
        return -1
    descriptor = os.open(job.locks_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    request = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, job.job_id, 1, 0)
    try:
        fcntl.fcntl(descriptor, _F_OFD_SETLK, request)
    except (BlockingIOError, PermissionError):
        os.close(descriptor)
        return None
    return descriptor


def _watch(stdin: IO[bytes], reporter: PipeReporter, login: RunnerLogin, pace: RunnerPace) -> None:
    """Hear the daemon; die with it."""
    for line in iter(stdin.readline, b""):
        try:
            message = decode(line)
        except ValueError as error:
            _complain(f"bad line: {error}")
            continue
        if isinstance(message, Answer):
            reporter.answer(message.n, take=message.take)
        elif isinstance(message, Known):
            reporter.known(message.n)
        elif isinstance(message, LoginReady):
            login.heard(message)
        elif isinstance(message, Grant):
            pace.heard(message)
        elif isinstance(message, Enough):
            reporter.enough()
    _die_with_group()


def _take_stdout() -> int:
    """Keep the protocol's pipe for ourselves; what anyone prints goes to stderr."""
    descriptor = os.dup(1)
    os.set_inheritable(descriptor, False)
    os.dup2(2, 1)
    return descriptor


def _listen_for_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _on_term)
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    threading.Thread(target=_last_resort, args=(readable,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _on_term(number: int, frame: types.FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _last_resort(readable: int) -> None:
    """End a process whose main thread is stuck in foreign code, where no handler can run."""
    while signal.SIGTERM not in os.read(readable, 16):
        pass
    time.sleep(_GRACE_S)
    _end_children()
    os._exit(EXIT_TERMINATED)


def _report_crash(wire: Wire, backend: str, error: BaseException) -> None:
    import traceback

    _complain("".join(traceback.format_exception(error)))
    broken = errors.EngineBroken(f"{type(error).__name__}: {error}"[:300])
    with contextlib.suppress(OSError):
        wire.send(LogLine("error", f"runner crashed: {type(error).__name__}"))
        wire.send(Ended(backend, broken.to_dict()))


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):
        os.write(2, text.encode("utf-8", "replace") + b"\n")


def _is_leader() -> bool:
    return os.getpgid(0) == os.getpid()


def _die_with_group() -> NoReturn:
    if _is_leader():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _end_children() -> None:
    """Ask what an engine started to end; only in a group of our own."""
    if _is_leader():
        signal_ignored = threading.current_thread() is threading.main_thread()
        if signal_ignored:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            os.killpg(os.getpid(), signal.SIGTERM)


def _leave(code: int) -> NoReturn:
    """End at once: no exit handlers, no waiting for an engine's threads."""
    if code == EXIT_TERMINATED:
        _end_children()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)
