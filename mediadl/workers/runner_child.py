"""A runner: the child process that executes one job's engine code and tells the daemon about it, line by line.

Started early as the warm spare, it imports the engines, compiles their patterns and waits for one `RunJob` on stdin.
Stdout belongs to the protocol; whatever an engine prints goes to stderr. SIGTERM ends the work within milliseconds and
keeps partial files. When the daemon dies, stdin ends, and the runner takes its whole process group with it.

    python -m mediadl.workers.runner_child [FOLDER OF AN ENGINE VERSION…]
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import signal
import struct
import sys
import threading
import time
import types
from dataclasses import replace
from pathlib import Path
from typing import IO, NoReturn

from mediadl import errors
from mediadl.errors import DownloadError, MediadlError
from mediadl.modules import registry
from mediadl.modules.base import Module, Network, Target, Task
from mediadl.pipeline.protocol import Answer, Ended, Enough, Known, LoginReady, LogLine, Message, RunJob
from mediadl.pipeline.wire import decode, encode
from mediadl.workers import engine_path
from mediadl.workers.runner_login import RunnerLogin
from mediadl.workers.runner_reporter import PipeReporter
from mediadl.workers.runner_web import RunnerWeb

EXIT_DONE = 0
EXIT_CRASHED = 1
EXIT_BAD_INPUT = 2
EXIT_LOCKED = 75
"""Another runner holds the job: try again later."""
EXIT_TERMINATED = 143

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


class Runner:
    """One job in this process."""

    def __init__(self, job: RunJob, wire: Wire, reporter: PipeReporter, login: RunnerLogin) -> None:
        self._job = job
        self._login = login
        self._wire = wire
        self._reporter = reporter
        self._tried: list[str] = []
        self._login_refused = False

    def run(self) -> None:
        """Try one backend after the other and say how it ended."""
        job = self._job
        try:
            module = registry.module(job.module)
            task = self._task(module)
            backend, error = self._chain(module, task)
        except MediadlError as problem:
            backend, error = "", _as_download_error(problem)
        record = error.to_dict() if error else None
        self._wire.send(Ended(backend, record, tuple(self._tried), self._reporter.nothing))

    def _chain(self, module: Module, task: Task) -> tuple[str, DownloadError | None]:
        verdict: DownloadError | None = None
        last = ""
        chain = self._backends(module, task)
        while chain:
            owner, backend = chain.pop(0)
            last = backend
            self._reporter.backend = backend
            self._reporter.working()
            error = self._backend(owner, backend, task)
            if error is None:
                return backend, None
            verdict = _weightier(verdict, error)
            rest = owner.after(backend, error, tuple(name for _, name in chain), task.target)
            if not rest and (chain or not owner.goes_on(backend, error, task.target)):
                return backend, verdict
            chain = [one for one in chain if one[1] in rest]
            self._tried.append(f"{backend}: {error.title.lower()}")
            self._reporter.trouble(error)
        if verdict is None:
            verdict = errors.NoMedia(f"no backend is left for {task.target.url}")
        return last, verdict

    def _backend(self, owner: Module, backend: str, task: Task) -> DownloadError | None:
        """Ask one backend, as a visitor first where that may do, then with the account's cookies."""
        error: DownloadError | None = None
        for as_account in self._manners(owner, backend, task):
            if error is not None:
                if not owner.login_may_help(error):
                    return error
                self._reporter.working(note=f"{error.title.lower()}: trying with the login")
            try:
                login = self._login
                self._run(owner, backend, login.as_account(task) if as_account else login.as_visitor(task))
            except DownloadError as problem:
                error = problem
                if as_account:
                    login.failed(problem)
                self._login_refused |= as_account and isinstance(problem, errors.LoginNeeded)
            else:
                return None
        return error

    def _manners(self, owner: Module, backend: str, task: Task) -> tuple[bool, ...]:
        """In which order a backend is asked without (False) and with (True) the cookies."""
        if not task.cookies_file or self._job.login == "never" or not owner.uses_login(backend, task):
            return (False,)
        if self._login_refused and owner.one_login_try:
            return (False,)
        if self._job.login == "needed" and owner.open_to_visitors(backend, task.target):
            return (False, True)
        return (True,)

    def _run(self, owner: Module, backend: str, task: Task) -> None:
        """One try of one backend, with a transport of its own."""
        web = RunnerWeb(
            task.network,
            work=task.work,
            cookies_file=task.cookies_file,
            user_agent=task.user_agent,
            pace=task.pace,
        )
        try:
            owner.run(backend, replace(task, transport=web), self._reporter)
        finally:
            web.close()

    def _backends(self, module: Module, task: Task) -> list[tuple[Module, str]]:
        """Every backend that has not given up yet; a successor's come after the module's own."""
        chain = [(module, name) for name in module.chain(task)]
        if module.successor:
            successor = registry.module(module.successor)
            chain += [(successor, name) for name in successor.chain(task)]
        return [(owner, name) for owner, name in chain if name not in self._job.skip_backends]

    def _task(self, module: Module) -> Task:
        job = self._job
        target = module.match(job.url, job.content_type) or Target(module.name, job.url, job.content_type, "")
        net = job.network
        return Task(
            target=target,
            work=Path(job.work),
            network=Network(net.proxy, net.ca_file, net.verify_tls, net.timeout_s, net.retries, net.trusted),
            options=job.options,
            cookies_file=job.cookies_file,
            quality=job.quality,
            request_delay_s=job.request_delay_s,
            max_bytes=job.max_bytes,
            rate_bytes_per_s=job.rate_bytes_per_s,
            ffmpeg=job.ffmpeg,
            memory=job.memory,
        )


def main() -> NoReturn:
    """Wait for one job on stdin and do it."""
    stdout = _take_stdout()
    wire = Wire(stdout)
    code = EXIT_TERMINATED
    try:
        _listen_for_signals()
        _load_engines(wire, stdout)
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
    threading.Thread(target=_watch, args=(sys.stdin.buffer, reporter, login), daemon=True).start()
    try:
        return _work(job, wire, reporter, login)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line must say why, whatever it was
        _report_crash(wire, reporter.backend, error)
        return EXIT_CRASHED


def _work(job: RunJob, wire: Wire, reporter: PipeReporter, login: RunnerLogin) -> int:
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
    Runner(job, wire, reporter, login).run()
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


def _watch(stdin: IO[bytes], reporter: PipeReporter, login: RunnerLogin) -> None:
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


def _load_engines(wire: Wire, stdout: int) -> None:
    """Import the engines, of the folders that the command line names first; the packaged ones always work."""
    folders = sys.argv[1:]
    engine_path.lead(folders)
    try:
        _warm()
    except Exception as error:
        if not folders:
            raise
        wire.send(LogLine("warning", f"the updated engines do not load, the packaged ones are used: {error!r}"))
        engine_path.start_over(stdout)


def _warm() -> None:
    """Everything that costs time and does not depend on the job."""
    logging.raiseExceptions = False
    from mediadl.modules.engines import gallerydl, ytdlp

    registry.modules()
    ytdlp.warm()
    gallerydl.warm()
    # What is here stays: no collection needs to look at it again
    gc.collect()
    gc.freeze()


def _report_crash(wire: Wire, backend: str, error: BaseException) -> None:
    import traceback

    _complain("".join(traceback.format_exception(error)))
    broken = errors.EngineBroken(f"{type(error).__name__}: {error}"[:300])
    with contextlib.suppress(OSError):
        wire.send(LogLine("error", f"runner crashed: {type(error).__name__}"))
        wire.send(Ended(backend, broken.to_dict()))


def _as_download_error(problem: MediadlError) -> DownloadError:
    if isinstance(problem, DownloadError):
        return problem
    return errors.Unsupported(problem.message, next_step=problem.next_step)


def _weightier(first: DownloadError | None, second: DownloadError) -> DownloadError:
    """Which of two backends' errors says more: one that ends or holds a job beats one that only asks for another."""
    if first is None:
        return second
    next_backend = errors.Action.NEXT_BACKEND
    if first.action is not next_backend or second.action is next_backend:
        return first
    return second


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


if __name__ == "__main__":
    main()
