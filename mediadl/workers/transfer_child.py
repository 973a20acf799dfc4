"""The transfer child: moves, verifies and publishes every plain media file. Run by the daemon as a process of its own.

Reads protocol lines on stdin, writes protocol lines on what was stdout, everything else goes to stderr. Ends at once
when stdin ends (the daemon is gone), and cleanly on SIGTERM; partial files stay either way.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mediadl.pipeline.protocol import Message
from mediadl.pipeline.transfer.desk import Desk
from mediadl.pipeline.transfer.verify import warm_up
from mediadl.pipeline.wire import decode, encode

ORPHAN_WAIT_S = 10.0
"""How long a predecessor may take to go."""
EXIT_LOCKED = 75
MAX_LINE_BYTES = 16 << 20
_LOCK_POLL_S = 0.05
_DISK_THREADS = 12
_NICE = 5


def main() -> int:
    """Run the child; `argv[1]` is the lock file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m mediadl.workers.transfer_child LOCKFILE\n")
        return 2
    answers = os.dup(1)
    os.dup2(2, 1)
    lock = Path(sys.argv[1])
    lock_fd = take_lock(lock, ORPHAN_WAIT_S)
    if lock_fd is None:
        sys.stderr.write(f"another transfer process still holds {lock}\n")
        return EXIT_LOCKED
    warnings.simplefilter("ignore")  # decoders grumble about every odd file
    asyncio.run(_serve(answers, lock.parent))
    return 0


def take_lock(path: Path, wait_s: float) -> int | None:
    """A descriptor that holds the lock, or None when someone else kept it all the time."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                return None
            time.sleep(_LOCK_POLL_S)
        else:
            return fd


async def _serve(answers: int, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(answers, "wb", buffering=0))
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    cores = os.cpu_count() or 1
    with (
        ThreadPoolExecutor(max(2, cores), "verify", _step_back) as workers,
        ThreadPoolExecutor(_DISK_THREADS, "disk") as disk,
    ):
        desk = Desk(lambda message: transport.write(encode(message)), workers, disk, folder)
        threading.Thread(target=_listen, args=(loop, desk), daemon=True, name="orders").start()
        workers.submit(_warm_up)
        await stopping.wait()
        await desk.stop()


def _step_back() -> None:
    """Let this thread compute only what the one that asks for files leaves: no server should wait for our decoder."""
    if sys.platform == "linux":  # elsewhere only processes have priorities
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _warm_up() -> None:
    warm_up()
    # What is here stays: no collection needs to look at it again
    gc.collect()
    gc.freeze()


def _listen(loop: asyncio.AbstractEventLoop, desk: Desk) -> None:
    """Hand every line to the desk; at the end of stdin nobody wants our answers any more."""
    with os.fdopen(0, "rb", buffering=1 << 16, closefd=False) as stream:
        while line := stream.readline(MAX_LINE_BYTES):
            try:
                message: Message = decode(line)
            except ValueError as error:
                sys.stderr.write(f"ignored a line that is no message: {error}\n")
                continue
            loop.call_soon_threadsafe(desk.take, message)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
