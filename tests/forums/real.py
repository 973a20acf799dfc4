"""Real forum programs in environments of their own: installed on first use, started on loopback, stopped by their id.

They are kept in the user's cache folder, so only the very first run pays for the installation and the seeding.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from fakeweb import FakeWeb, Request, Response
from fakeweb.sites.forums.parts import PictureHost

_ENVIRON = dict(os.environ)
"""As it was before tests took the person's home away."""
_HOME = Path.home()
CACHE = Path(_ENVIRON.get("XDG_CACHE_HOME") or _HOME / ".cache") / "mediadl-tests"
_INSTALL_S = 240.0
_START_S = 60.0
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "content-type"}


class Unavailable(Exception):
    """A program cannot be had here; the message is the reason."""


def python_of(*versions: str) -> str:
    """An interpreter of one of these versions, such as `3.12`: this one, the path's, or one that pyenv or uv keep.

    Raises:
        Unavailable: there is none.
    """
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in versions:
        kept = [
            *_HOME.glob(f".pyenv/versions/{version}*/bin/python{version}"),
            *_HOME.glob(f".local/share/uv/python/cpython-{version}*/bin/python{version}"),
        ]
        for candidate in [sys.executable] * (version == here) + [f"python{version}", *map(str, kept)]:
            if _works(candidate):
                return candidate
    raise Unavailable(f"it needs Python {' or '.join(versions)}, and there is none")


def _works(candidate: str) -> bool:
    try:
        done = subprocess.run(
            [candidate, "-c", "import venv, ensurepip, sqlite3"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRON,
            timeout=30,
            check=False,
        )
    except (FileNotFoundError, PermissionError):
        return False
    return done.returncode == 0


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has a program."""

    folder: Path

    def run(
        self,
        *command: str,
        cwd: Path,
        answers: str = "",
        timeout_s: float = 120,
        env: dict[str, str] | None = None,
    ) -> str:
        """Run a command of the environment to its end; what it printed.

        Raises:
            RuntimeError: it failed; the message has its last words.
        """
        done = subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=cwd,
            input=answers,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.variables(env),
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout[-1500:]}")
        return done.stdout

    def variables(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """The environment variables of its processes."""
        kept = {name: value for name, value in _ENVIRON.items() if not name.startswith(("PYTHON", "DJANGO"))}
        path = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "VIRTUAL_ENV": str(self.folder), **(more or {})}


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time, so that two test workers do not install the same thing twice."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def environment(requirements: Path, python: str) -> Environment:
    """The environment with exactly the packages of a list, made on first use.

    Raises:
        Unavailable: they cannot be installed.
    """
    name = requirements.stem
    folder = CACHE / f"{name}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    with _alone(name):
        if (folder / "ready").exists() and _works(str(folder / "bin" / "python")):
            return Environment(folder)
        for old in CACHE.glob(f"{name}-*/pyvenv.cfg"):
            shutil.rmtree(old.parent, ignore_errors=True)
        # The pip at hand installs, the list is whole, and modules are compiled as they are used: half the time
        _install([python, "-m", "venv", "--without-pip", str(folder)], name)
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "-q"]
        how = ["--disable-pip-version-check", "--retries=1", "--no-compile", "--no-deps"]
        _install([*pip, *how, "-r", str(requirements)], name)
        (folder / "ready").touch()
    return Environment(folder)


def _install(command: Sequence[str], name: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_ENVIRON,
            text=True,
            timeout=_INSTALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{name} was not installed within {_INSTALL_S:.0f} s") from None
    if done.returncode:
        last = done.stdout.strip().rpartition("\n")[2]
        raise Unavailable(f"{name} cannot be installed: {last[:200]}")


def seeded(name: str, sources: Sequence[Path], folder: Path) -> Path | None:
    """The kept folder of a seeded forum, copied to `folder`; None when it has to be made (again) first.

    Kept under what the sources say, so that a changed truth is seeded anew.
    """
    kept = _seed_folder(name, sources)
    if not kept.exists():
        return None
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return folder


def keep_seeded(name: str, sources: Sequence[Path], folder: Path) -> None:
    """Keep a folder for later runs, in place of older ones."""
    kept = _seed_folder(name, sources)
    with _alone(f"{name}-seed"):
        if kept.exists():
            return  # another test worker was faster
        for old in CACHE.glob(f"{name}-seed-*"):
            shutil.rmtree(old, ignore_errors=True)
        making = CACHE / f"{name}-making-{os.getpid()}"
        shutil.copytree(folder, making)
        making.rename(kept)


def _seed_folder(name: str, sources: Sequence[Path]) -> Path:
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    return CACHE / f"{name}-seed-{digest}"


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Server:
    """A running program."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @classmethod
    def start(cls, command: Sequence[str], port: int, *, cwd: Path, env: dict[str, str]) -> Server:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended or was silent for too long; the message has its last words.
        """
        log = cwd / f"server-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = cls(process, port, log)
        deadline = time.monotonic() + _START_S
        while not server.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                server.stop()
                raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-1500:]}")
            time.sleep(0.05)
        return server

    def answers(self) -> bool:
        """Whether somebody is at the port."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End it and what it started."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                os.killpg(self.process.pid, sign)
                try:
                    self.process.wait(30)
                except subprocess.TimeoutExpired:
                    continue


@dataclass
class Bridge:
    """A site of the simulated web that is a real program on a loopback port."""

    host: str
    port: int
    login_path: str = "/login"
    hosts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.hosts = (self.host,)

    def handle(self, request: Request) -> Response | None:
        """What the program answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            n: v for n, v in request.headers.items() if n not in {"connection", "proxy-connection", "host"}
        }
        try:
            connection.request(request.method, request.target, request.body, {**headers, "Host": self.host})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return Response(
            answer.status,
            body,
            content_type=answer.getheader("Content-Type"),
            headers=[(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP],
        )


class Visitor:
    """Somebody at a forum behind a simulated web, with their own cookies."""

    def __init__(self, web: FakeWeb, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.proxies = {"http": web.url, "https": web.url}
        self.session.verify = str(web.ca_pem)
        self.session.headers["Accept-Encoding"] = "identity"

    def get(self, path: str) -> requests.Response:
        """Ask for a page that must be there."""
        answer = self.session.get(self.base_url + path, timeout=30)
        answer.raise_for_status()
        return answer

    def post(self, path: str, fields: dict[str, str], **more: object) -> requests.Response:
        """Send a form, with where it came from."""
        headers = {"Referer": self.base_url + path}
        answer = self.session.post(self.base_url + path, data=fields, headers=headers, timeout=30, **more)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer


@contextmanager
def bridged(bridge: Bridge) -> Iterator[FakeWeb]:
    """A small web with the program and the picture host."""
    with FakeWeb([bridge, PictureHost()]) as web:
        yield web
