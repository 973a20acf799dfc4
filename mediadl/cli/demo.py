"""`mediadl demo`: the whole program against a simulated web, in a folder that is gone afterwards."""

from __future__ import annotations

import contextlib
import json as json_format
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

import mediadl
from mediadl.cli import output
from mediadl.cli.start import INTERRUPTED, require_terminal
from mediadl.errors import MediadlError
from mediadl.paths import Home
from mediadl.service import Services, open_services

_WEB_START_S = 60.0
_WEB_STOP_S = 5.0
_STOP_S = 20.0


class DemoUnavailable(MediadlError):
    """The simulated web could not be started."""

    title = "Demo unavailable"
    next_step = "Run mediadl demo --debug."


@dataclass(frozen=True, slots=True)
class _Web:
    """What the simulated web says about itself in its first line."""

    proxy: str
    ca_file: str
    examples: list[tuple[str, str]]
    """(title, URL)."""
    session_cookies: str


def demo(
    no_tui: Annotated[
        bool, typer.Option("--no-tui", help="Download the examples and print the files.")
    ] = False,
) -> int:
    """Downloads from sites that exist only on this machine; needs no network and leaves nothing behind."""
    if not no_tui:
        require_terminal()
    with _signals(), tempfile.TemporaryDirectory(prefix="mediadl-demo-") as folder:
        root = Path(folder)
        output.say("starting a simulated web on this machine …")
        with _simulated_web(root) as web, _environment(root, web), _services(root) as services:
            services.sessions.import_file("instagram", Path(web.session_cookies))
            heard = services.queue.last_event_id()
            added = services.queue.add([url for _, url in web.examples])
            if not no_tui:
                return _show(services)
            from mediadl.cli.wait import wait_for

            code = wait_for(services, [one.job_id for one in added], heard, json=False)
            if code == INTERRUPTED:
                return code
            for path in sorted((root / "downloads").rglob("*")):
                if path.is_file():
                    output.data(str(path.relative_to(root)))
            # Some examples are there to show how a failure is told
            return 0


def _show(services: Services) -> int:
    from mediadl.app import run

    return run(services)


@contextlib.contextmanager
def _services(root: Path) -> Iterator[Services]:
    """Services of the throw-away folder; its daemon ends with them."""
    with open_services(Home(root / "home")) as services:
        try:
            yield services
        finally:
            services.daemon.stop(_STOP_S, force=True)


@contextlib.contextmanager
def _environment(root: Path, web: _Web) -> Iterator[None]:
    """Settings by environment, so that every child has them; the user's own are out of the way."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("MEDIADL_") and "__" in name]:
        del os.environ[name]
    os.environ.update(
        MEDIADL_HOME=str(root / "home"),
        MEDIADL_DOWNLOADS__DIRECTORY=str(root / "downloads"),
        MEDIADL_DOWNLOADS__MIN_FREE_BYTES="50000000",
        MEDIADL_NETWORK__PROXY=web.proxy,
        MEDIADL_NETWORK__CA_FILE=web.ca_file,
        MEDIADL_PLATFORMS__INSTAGRAM_DELAY_S="0.3",
        MEDIADL_PLATFORMS__COOLDOWN_S="2",
        MEDIADL_DAEMON__IDLE_EXIT_S="30",
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _simulated_web(root: Path) -> Iterator[_Web]:
    folder = _package_folder()
    state = root / "web"
    state.mkdir()
    words = (root / "web.log").open("wb")
    with (
        words,
        subprocess.Popen(
            [sys.executable, "-m", "fakeweb", "--state-dir", str(state)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env={**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(state)},
            start_new_session=True,
        ) as child,
    ):
        try:
            yield _read_card(child, root / "web.log")
        finally:
            _end(child)


def _package_folder() -> Path:
    """The folder that holds the package: inside the installed program, else in the checkout's tests."""
    home = Path(mediadl.__file__).parent
    for folder in (home / "_demo", home.parent / "tests"):
        if (folder / "fakeweb" / "__main__.py").is_file():
            return folder
    raise DemoUnavailable("this installation has no simulated web", next_step="Install mediadl again.")


def _read_card(child: subprocess.Popen[bytes], log: Path) -> _Web:
    assert child.stdout is not None
    line = b""
    deadline = time.monotonic() + _WEB_START_S
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(child.stdout.fileno(), 65_536) if ready else b""
        if not piece:
            last = log.read_text("utf-8", "replace").strip().splitlines()
            raise DemoUnavailable(
                f"the simulated web did not start: {last[-1] if last else 'it said nothing'}"
            )
        line += piece
    card: dict[str, Any] = json_format.loads(line)
    return _Web(
        proxy=card["proxy"],
        ca_file=card["ca_file"],
        examples=[(example["title"], example["url"]) for example in card["examples"]],
        session_cookies=card["session_cookies"],
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(_WEB_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP clean up as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
