"""The process that runners are forked from: it imports the engines and compiles their patterns once for all jobs.

The first runner is not kept waiting for what only some jobs need: the rest is done in small steps between orders, as
soon as it shows that more than one job comes, or when nothing was ordered for a while.

It has no threads and opens nothing for a job, so that each runner starts as if it were new, within milliseconds and
with most of its memory in common. Stdin is a socket: each packet brings stdin, stdout and stderr of a runner and a
leash, over which its process id and, later, its exit code are told. An ended runner is a zombie until the leash is let
go of, so that its number cannot be another's before. When the socket is closed, the nursery ends with its last runner.

    python -m mediadl.workers.runner_nursery [FOLDER OF AN ENGINE VERSION…]
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from mediadl.modules import registry
from mediadl.workers import engine_path, runner_child

_WORD_BYTES = 32
_ENDS = 4
_QUIET_S = 5.0
"""So long nothing is ordered before the rest is made ready all the same."""


@dataclass(slots=True)
class _Child:
    pid: int
    leash: socket.socket


class Nursery:
    """Forks whenever it is asked to, and collects what ended."""

    def __init__(
        self, orders: socket.socket, work: Callable[[], NoReturn], warming: Iterable[None] = ()
    ) -> None:
        self._orders = orders
        self._work = work
        self._warming: Iterator[None] | None = iter(warming)
        self._forked = 0
        self._warm_at = time.monotonic() + _QUIET_S
        self._poll = select.poll()
        self._poll.register(orders, select.POLLIN)
        self._living: dict[int, _Child] = {}
        """By a handle that tells their end."""
        self._ended: dict[int, _Child] = {}
        """By their leash: zombies whose number may still be in use elsewhere."""

    def serve(self) -> None:
        """Work until no order can come any more and every runner has ended."""
        ordered = True
        while ordered or self._living or self._ended:
            pause_ms = self._pause_ms()
            happened = self._poll.poll(pause_ms)
            if not happened and pause_ms is not None:
                self._warm_up()
            for descriptor, _ in happened:
                if descriptor in self._living:
                    self._end(descriptor)
                elif descriptor in self._ended:
                    self._bury(descriptor)
                elif not self._take_order():
                    self._poll.unregister(self._orders)
                    ordered, self._warming = False, None

    def _pause_ms(self) -> float | None:
        """How long to wait for something to happen before the next step of getting ready; None: all is ready."""
        if self._warming is None:
            return None
        if self._forked > 1:
            return 0
        return max(0.0, self._warm_at - time.monotonic()) * 1000

    def _warm_up(self) -> None:
        assert self._warming is not None
        try:
            next(self._warming)
        except StopIteration:
            self._warming = None
            _keep_in_common()
        except Exception:  # noqa: BLE001 - a job that needs this part says so in its own words
            traceback.print_exc()
            self._warming = None

    def _take_order(self) -> bool:
        try:
            word, ends, _, _ = socket.recv_fds(self._orders, _WORD_BYTES, _ENDS)
        except ConnectionError:
            return False
        if not word:
            return False
        if len(ends) == _ENDS:
            leash = socket.socket(fileno=ends.pop())
            self._fork(ends, leash)
        for descriptor in ends:
            os.close(descriptor)
        return True

    def _fork(self, ends: list[int], leash: socket.socket) -> None:
        self._forked += 1
        # A runner must not be told to end before it can hear it
        signal.pthread_sigmask(signal.SIG_BLOCK, runner_child.SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._become_runner(ends, leash)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, runner_child.SIGNALS)
        # Whoever is faster: nobody may know the number before it is a group's
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        handle = os.pidfd_open(pid)
        self._living[handle] = _Child(pid, leash)
        self._poll.register(handle, select.POLLIN)
        with contextlib.suppress(OSError):
            leash.send(str(pid).encode("ascii"))

    def _become_runner(self, ends: list[int], leash: socket.socket) -> NoReturn:
        try:
            os.setpgid(0, 0)
            # Only the nursery may hold these: their end is a message
            for one in (self._orders, leash, *(child.leash for child in self._all())):
                one.close()
            for number, descriptor in enumerate(ends):
                os.dup2(descriptor, number)
                os.close(descriptor)
            for handle in self._living:
                os.close(handle)
            self._work()
        finally:
            # Never back into the loop of the nursery, whatever happened
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(runner_child.EXIT_CRASHED)

    def _all(self) -> list[_Child]:
        return [*self._living.values(), *self._ended.values()]

    def _end(self, handle: int) -> None:
        child = self._living.pop(handle)
        self._poll.unregister(handle)
        os.close(handle)
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        # Whatever it started must not outlive it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        assert ended is not None
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        self._ended[child.leash.fileno()] = child
        self._poll.register(child.leash, select.POLLIN)
        with contextlib.suppress(OSError):
            child.leash.send(str(code).encode("ascii"))

    def _bury(self, leash: int) -> None:
        child = self._ended.pop(leash)
        self._poll.unregister(leash)
        child.leash.close()
        os.waitpid(child.pid, 0)


def take_orders() -> socket.socket:
    """The socket that this process was given as its stdin; nobody reads from it by mistake any more."""
    orders = socket.socket(fileno=os.dup(0))
    os.set_inheritable(orders.fileno(), False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return orders


def _load_engines(orders: socket.socket) -> str:
    """Import the engines, of the folders that the command line names first; the packaged ones always work.

    Returns what is to be told about it.
    """
    folders, trouble = engine_path.told(sys.argv[1:])
    engine_path.lead(folders)
    try:
        _import()
    except Exception as error:
        if not folders:
            raise
        os.dup2(orders.fileno(), 0)
        engine_path.start_over(f"the updated engines do not load, the packaged ones are used: {error!r}")
    return trouble


def _import() -> None:
    """What every job needs."""
    logging.raiseExceptions = False
    for engine in ("gallerydl", "ytdlp"):
        importlib.import_module(f"mediadl.modules.engines.{engine}")
    registry.modules()
    _keep_in_common()


def _warming() -> Iterator[None]:
    from mediadl.modules.engines import gallerydl, ytdlp

    yield from ytdlp.warming()
    yield from gallerydl.warming()


def _keep_in_common() -> None:
    """What is here stays: no collection needs to look at it again, so that its memory stays in common."""
    gc.collect()
    gc.freeze()


def main() -> None:
    """Be the nursery of the pool at the other end of stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = take_orders()
    trouble = _load_engines(orders)
    Nursery(orders, lambda: runner_child.main(trouble), _warming()).serve()


if __name__ == "__main__":
    main()
