"""Orders to the session child: what it is told, how long it may take, what its answer means."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError, InvalidInput, NetworkFailed, from_dict
from mediadl.modules.base import Network
from mediadl.paths import Home
from mediadl.security import cookies
from mediadl.security.cookies import Cookie
from mediadl.workers.session_child import NO_WAY

BROWSER_S = 90.0
"""A keyring may ask for its password first."""
CHECK_S = 60.0
_PREFIX = "check-"
_LOOK_S = 0.2
"""So often it is looked whether anybody still waits."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a site said of a login."""

    works: bool | None
    """None: it cannot be asked cheaply, or gave no answer that tells."""
    account: str = ""
    reason: str = ""
    error: DownloadError | None = None
    """Why there was no answer."""
    returned: tuple[Cookie, ...] = ()
    """The cookies afterwards; the site may have renewed some."""


def _never() -> bool:
    return False


def from_browser(
    browser: str, profile: str, hosts: Sequence[str], *, stopped: Callable[[], bool] = _never
) -> list[Cookie]:
    """The cookies that a browser on this machine holds for these hosts. `stopped`: whether nobody waits any more.

    Raises:
        InvalidInput: it cannot be read, with the reason.
    """
    order = {"op": "browser", "browser": browser, "profile": profile, "hosts": list(hosts)}
    # Its store is copied there to be read: a child that is killed takes nothing away itself
    with tempfile.TemporaryDirectory(prefix="mediadl-", ignore_cleanup_errors=True) as private:
        answer = _order(order, BROWSER_S, stopped, {**os.environ, "TMPDIR": private})
    if answer is None:
        raise InvalidInput(
            f"the cookies of {browser} cannot be read",
            next_step="Paste them instead: mediadl session import SITE --paste.",
        )
    if "refused" in answer:
        raise InvalidInput(str(answer["refused"]), next_step=str(answer["next_step"]))
    return cookies.from_records(answer["cookies"])


def check(
    home: Home,
    site: str,
    jar: Sequence[Cookie],
    *,
    user_agent: str,
    network: Network,
    stopped: Callable[[], bool] = _never,
) -> Checked:
    """Ask a site whether these cookies are logged in. `stopped`: whether nobody waits for the answer any more."""
    with _folder(home) as work:
        (work / "cookies.txt").write_text(cookies.render(jar), "utf-8")
        (work / "cookies.txt").chmod(0o600)
        order = {
            "op": "check", "site": site, "work": str(work), "user_agent": user_agent, "network": asdict(network),
        }  # fmt: skip
        answer = _order(order, CHECK_S + network.timeout_s, stopped)
        if answer is None:
            return Checked(None, error=NetworkFailed(f"{site} gave no answer in time"))
        if "error" in answer:
            return Checked(None, error=from_dict(answer["error"]))
        if answer["standing"] == NO_WAY:
            return Checked(None)
        returned = tuple(cookies.parse((work / "cookies.txt").read_text("utf-8")))
    return Checked(
        answer["standing"] == "works", str(answer["account"]), str(answer["reason"]), returned=returned
    )


def sweep(home: Home) -> None:
    """Take away what a killed check left."""
    for left in home.run.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not (pid.isdecimal() and Path(f"/proc/{pid}").exists()):
            shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _folder(home: Home) -> Iterator[Path]:
    """A private folder for one check."""
    sweep(home.create())
    work = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=home.run))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _order(
    order: dict[str, Any],
    timeout_s: float,
    stopped: Callable[[], bool],
    env: Mapping[str, str] | None = None,
) -> dict[str, Any] | None:
    """The child's answer; None when it died, took too long, or nobody waits for it any more."""
    child = subprocess.Popen(
        [sys.executable, "-m", "mediadl.workers.session_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=env,
    )
    said: bytes | None = json.dumps(order).encode() + b"\n"
    end = time.monotonic() + timeout_s
    out = b""
    try:
        while child.returncode is None and time.monotonic() < end and not stopped():
            try:
                out, _ = child.communicate(said, timeout=_LOOK_S)
            except subprocess.TimeoutExpired:
                said = None
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    try:
        found: dict[str, Any] = json.loads(out)
    except ValueError:
        return None
    return found
