"""Locks beside the database: the write gate, one lock per process role, one byte per job, and the boot clock.

All of them are kernel locks: they vanish with their holder, however it died. Who may inherit which one was measured:
`flock` is freed when the holder dies although a child started by exec lives on; an open-file-description byte lock is
kept by a child that was given the descriptor, which is what a job lock is for.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mediadl.errors import DatabaseUnusable

GATE_TIMEOUT_S = 30.0
"""Longest wait for the write gate; a holder that takes longer is frozen."""

ASKED_AT = "MEDIADL_DAEMON_ASKED_AT"
"""Tells a daemon when it was asked for, on the clock of `boot_time_s`: a stop after that holds for it too."""

_PROBE_TRIES = 50
_PROBE_PAUSE_S = 0.002
_OFD_SETLK = getattr(fcntl, "F_OFD_SETLK", 37)
_OPEN_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


@functools.cache
def boot_id() -> str:
    """A word that is another one after every start of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def boot_time_s() -> float:
    """Seconds since the machine started, suspend included; no clock step touches it. Leases are measured with it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Gate:
    """The write gate: one writer at a time over all processes and threads, in the order they came.

    `flock` on a descriptor that a process keeps does not exclude its own threads, so a thread lock stands in front.
    """

    def __init__(self, path: Path, timeout_s: float = GATE_TIMEOUT_S) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._owner = 0
        self._pid = os.getpid()
        self._fd = -1

    @contextlib.contextmanager
    def held(self, timeout_s: float | None = None) -> Iterator[None]:
        """Hold the gate for the length of a block.

        Raises:
            DatabaseUnusable: somebody has been inside for longer than `timeout_s` or the gate's own time-out.
        """
        self.acquire(timeout_s)
        try:
            yield
        finally:
            self.release()

    def acquire(self, timeout_s: float | None = None) -> None:
        """Wait for the gate; see `held`."""
        timeout_s = self._timeout_s if timeout_s is None else timeout_s
        if os.getpid() != self._pid:
            # A forked child shares the parent's description: its lock would be the parent's
            self._turn, self._owner, self._pid = threading.Lock(), 0, os.getpid()
            self._drop()
        me = threading.get_ident()
        if self._owner == me:
            raise RuntimeError("a write transaction was opened inside another one")
        if not self._turn.acquire(timeout=timeout_s):
            raise _stuck(timeout_s)
        try:
            self._lock_current_file(timeout_s)
        except BaseException:
            self._turn.release()
            raise
        self._owner = me

    @property
    def mine(self) -> bool:
        """Whether the calling thread is inside."""
        return self._owner == threading.get_ident() and self._pid == os.getpid()

    def release(self) -> None:
        """Let the next one in."""
        self._owner = 0
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        self._turn.release()

    def close(self) -> None:
        """Give the descriptor back; the gate opens it again when needed."""
        with self._turn:
            if os.getpid() == self._pid:
                self._drop()

    def _lock_current_file(self, timeout_s: float) -> None:
        """Lock the file that bears the name now: it may have been deleted and made anew by someone else."""
        while True:
            if self._fd < 0:
                self._fd = os.open(self._path, _OPEN_FLAGS, 0o600)
            self._flock(timeout_s)
            if _same_file(self._fd, self._path):
                return
            self._drop()

    def _flock(self, timeout_s: float) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            return
        # Blocking keeps the kernel's queue, hence the order; the helper makes it end in time
        waiter = _Waiter(self._fd)
        if not waiter.wait(timeout_s):
            self._fd = -1
            raise _stuck(timeout_s)

    def _drop(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class _Waiter:
    """A blocking `flock` that can be given up: the helper thread then gives the lock back by itself."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._guard = threading.Lock()
        self._given_up = False
        self._done = threading.Event()
        self._error: OSError | None = None

    def wait(self, timeout_s: float) -> bool:
        """True when the lock is held; False when time ran out and the descriptor belongs to the helper."""
        threading.Thread(target=self._run, name="write-gate", daemon=True).start()
        self._done.wait(timeout_s)
        with self._guard:
            if not self._done.is_set():
                self._given_up = True
                return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        except OSError as error:
            self._error = error
        with self._guard:
            if self._given_up:
                os.close(self._fd)
            else:
                self._done.set()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a process lock."""

    pid: int
    boot: str
    """`boot_id()` of the holder."""
    note: str
    """What the holder wrote beside its number."""


class ProcessLock:
    """One holder per data folder, such as the daemon; never inherited by children started by exec."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._fd >= 0

    def try_acquire(self, note: str = "") -> bool:
        """Take the lock, or say that another process has it. `note` is told to those who ask for the holder."""
        if self.held:
            return True
        for _ in range(_PROBE_TRIES):
            old = os.open(self._path, _OPEN_FLAGS, 0o600)
            try:
                if not _try_flock(old, fcntl.LOCK_EX):
                    if not _try_flock(old, fcntl.LOCK_SH):
                        return False
                    # Somebody is only looking who holds it
                    time.sleep(_PROBE_PAUSE_S)
                elif _same_file(old, self._path):
                    self._fd = self._publish(note)
                    return True
            finally:
                os.close(old)
        return False

    def holder(self) -> Holder | None:
        """Who holds it now; None when nobody does."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if _try_flock(fd, fcntl.LOCK_SH):
                return None
            text = os.pread(fd, 65_536, 0)
        finally:
            os.close(fd)
        try:
            record = json.loads(text)
        except ValueError:
            record = {}
        return Holder(int(record.get("pid", 0)), str(record.get("boot", "")), str(record.get("note", "")))

    def turn_away(self) -> None:
        """Tell whoever is on the way to the lock that it is too late: see `turned_away`.

        Raises:
            OSError: the folder of the lock cannot be written.
        """
        made = self._turned_away.with_name(f".{self._turned_away.name}.{os.getpid()}.{threading.get_ident()}")
        made.write_text(f"{boot_id()} {boot_time_s()}", encoding="ascii")
        made.replace(self._turned_away)

    def turned_away(self, asked_s: str) -> bool:
        """Whether the last `turn_away` was after `asked_s`, on the clock of `boot_time_s`."""
        try:
            boot, _, at_s = self._turned_away.read_text(encoding="ascii").partition(" ")
            return boot == boot_id() and float(asked_s) < float(at_s)
        except (OSError, ValueError):
            return False  # nobody ever was, or one of both was made by hand

    @property
    def _turned_away(self) -> Path:
        return self._path.with_suffix(".turned-away")

    def release(self) -> None:
        """Give it back; the file stays."""
        if self.held:
            os.close(self._fd)
            self._fd = -1

    def _publish(self, note: str) -> int:
        """Make the file under a temporary name, lock it, then give it its name: no reader ever sees half of it."""
        made = self._path.with_name(f".{self._path.name}.{os.getpid()}.{threading.get_ident()}")
        fd = os.open(made, _OPEN_FLAGS | os.O_TRUNC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            record = {"pid": os.getpid(), "boot": boot_id(), "note": note}
            os.write(fd, json.dumps(record).encode())
            made.replace(self._path)
        except BaseException:
            os.close(fd)
            made.unlink(missing_ok=True)
            raise
        return fd


class JobLock:
    """One byte of the lock file per job: refuses a second writer although the first one's lease ran out.

    Pass `fd` to the child that writes for the job: an orphan then still blocks a second run.
    """

    def __init__(self, path: Path, job_id: int) -> None:
        self._path = path
        self._job_id = job_id
        self._fd = -1

    @property
    def fd(self) -> int:
        """The descriptor that carries the lock, -1 when it is not held."""
        return self._fd

    def try_acquire(self) -> bool:
        """Take the job's byte, or say that another writer has it."""
        if self._fd >= 0:
            return True
        fd = os.open(self._path, _OPEN_FLAGS, 0o600)
        try:
            fcntl.fcntl(fd, _OFD_SETLK, _byte_lock(self._job_id))
        except (BlockingIOError, PermissionError):
            os.close(fd)
            return False
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go of it; the byte is free once no child holds the descriptor either."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _stuck(timeout_s: float) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"The database has been locked by another process for {timeout_s:.0f} s",
        next_step="See which mediadl process hangs (mediadl daemon status) and end it, then try again.",
    )


def _byte_lock(offset: int) -> bytes:
    return struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, offset, 1, 0)


def _try_flock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_file(fd: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(fd)
    return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)
