"""A process that has imported the command line once and forks a process for each command: its start costs nothing.

Every command has its own process, environment, streams and exit code, as if it had been typed. A test process keeps
one host for all its programs; the host leaves when the test process does.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

_MOST_BYTES = 1 << 20


class CommandHost:
    """The test process's side: gives commands to the host, one at a time."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__)), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._turn = threading.Lock()

    def run(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], *, answers: str, timeout_s: float
    ) -> tuple[int, str, str]:
        """The exit code, standard output and standard error of a command.

        Raises:
            TimeoutError: it did not end in time and was killed; the message has what it said.
        """
        with (
            self._turn,
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(answers.encode())
            given.seek(0)
            streams = [stream.fileno() for stream in (given, out, err)]
            asked = json.dumps({"arguments": arguments, "environment": dict(environment)}).encode()
            socket.send_fds(self._ours, [asked], streams)
            code, in_time = self._ended(timeout_s)
            said, complained = _text(out), _text(err)
        if not in_time:
            raise TimeoutError(f"{said} {complained}")
        return code, said, complained

    def _ended(self, timeout_s: float) -> tuple[int, bool]:
        pid = int(self._ours.recv(_MOST_BYTES))
        self._ours.settimeout(timeout_s)
        try:
            return int(self._ours.recv(_MOST_BYTES)), True
        except TimeoutError:
            # Still a child of the host, so the number is no other process's
            os.killpg(pid, signal.SIGKILL)
            self._ours.settimeout(None)
            return int(self._ours.recv(_MOST_BYTES)), False
        finally:
            self._ours.settimeout(None)

    def close(self) -> None:
        """Let the host leave, and wait for it."""
        self._ours.close()
        self._process.wait()


@functools.cache
def host() -> CommandHost:
    """The host of this test process, started on first use."""
    made = CommandHost()
    atexit.register(made.close)
    return made


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def main(channel: socket.socket) -> None:
    """Serve until the other side is gone."""
    for room in ("cli", "service", "store", "settings"):
        package = importlib.import_module(f"mediadl.{room}")
        for module in pkgutil.iter_modules(package.__path__, f"mediadl.{room}."):
            importlib.import_module(module.name)
    while True:
        asked, streams, _flags, _address = socket.recv_fds(channel, _MOST_BYTES, 3)
        if not asked:
            return
        pid = os.fork()
        if pid == 0:
            channel.close()
            _become(json.loads(asked), streams)
        for stream in streams:
            os.close(stream)
        channel.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(asked: dict[str, object], streams: list[int]) -> NoReturn:
    """Be a process of `mediadl` from here on."""
    os.setsid()
    for wanted, stream in enumerate(streams):
        os.dup2(stream, wanted)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]
    time.tzset()
    sys.argv = ["mediadl", *asked["arguments"]]  # type: ignore[misc]
    from mediadl.__main__ import main as command

    code = 1
    try:
        command()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
