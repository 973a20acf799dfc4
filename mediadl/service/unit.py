"""The daemon as a unit of systemd's user manager: it starts with the session, or with the machine, and comes back."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import DaemonUnavailable, FolderNotWritable, InvalidInput, NotFound
from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.security.text import safe_text
from mediadl.service.daemon import NO_DAEMON
from mediadl.service.rights import Verbs, asks, does

if TYPE_CHECKING:
    from mediadl.service import Services

_WAIT_S = 90.0
_MANAGER_S = 20.0
_NOT_KEPT = frozenset({"MEDIADL_HOME", NO_DAEMON})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is to be written, and where."""

    name: str
    file: Path
    text: str
    left_out: tuple[str, ...] = ()
    """Variables of mediadl that are set here and that the unit does not have."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A unit that runs."""

    unit: Unit
    lingers: bool
    """Whether it goes on when the user is not signed in."""
    user: str


class UnitService(Verbs):
    """The unit of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.MACHINE)
    def unit(self) -> Unit:
        """The unit as it would be installed; nothing is written.

        Raises:
            InvalidInput: the path of the data folder or of Python cannot stand in a unit.
        """
        home = self._services.home
        name = _name(home)
        left_out = (one for one in os.environ if one.startswith("MEDIADL_") and one not in _NOT_KEPT)
        return Unit(name, _folder() / name, text_of(home), tuple(sorted(left_out)))

    @does(Right.MACHINE, "daemon.install")
    def install(self) -> Installed:
        """Write the unit, let it start with the session, and start it now in the place of a daemon that runs.

        Raises:
            DaemonUnavailable: systemd has no session of this user, or refused; says what it said.
            FolderNotWritable: the unit cannot be written.
        """
        unit = self.unit()
        _refuse_without_manager()
        self._services.home.create()
        _write(unit)
        _manager("daemon-reload")
        self._services.daemon.stop()
        _manager("enable", "--now", unit.name)
        user = _user()
        return Installed(unit, _lingers(user), user)

    @does(Right.MACHINE, "daemon.uninstall")
    def uninstall(self) -> Unit:
        """Stop the unit tidily and take it away.

        Raises:
            NotFound: there is none.
            DaemonUnavailable: systemd has no session of this user, or refused.
        """
        unit = self.unit()
        if not unit.file.exists():
            raise NotFound(
                f"{unit.name} is not installed", next_step="mediadl daemon status tells what runs."
            )
        _refuse_without_manager()
        _manager("disable", "--now", unit.name)
        try:
            unit.file.unlink(missing_ok=True)
        except OSError as error:
            raise FolderNotWritable(
                f"cannot delete {unit.file}: {error.strerror or error}", next_step="Delete it by hand."
            ) from error
        _manager("daemon-reload")
        return unit


def text_of(home: Home, python: str = "") -> str:
    """The unit of a data folder.

    Hardened where no download can feel it: files go where the user wants them, scripts of sites need memory that can
    be executed.

    Raises:
        InvalidInput: a path has control characters.
    """
    program = python or sys.executable
    return f"""\
# Made by `mediadl daemon install`; `mediadl daemon uninstall` takes it away.
[Unit]
Description=mediadl: downloads and schedules ({_quoted_words(str(home.root))})

[Service]
Type=exec
ExecStart={_argument(program)} -m mediadl daemon run
Environment={_assignment("MEDIADL_HOME", str(home.root))}
Restart=on-failure
RestartSec=15
KillMode=mixed
TimeoutStopSec={_WAIT_S:.0f}
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
"""


def _quoted_words(path: str) -> str:
    return _plain(path).replace("%", "%%").replace("\\", "\\\\")


def _argument(path: str) -> str:
    """A path as a word of ExecStart."""
    escaped = _plain(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _assignment(name: str, value: str) -> str:
    escaped = _plain(value).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{name}={escaped}"'


def _plain(path: str) -> str:
    if _CONTROL.search(path):
        raise InvalidInput(f"{safe_text(path)} cannot stand in a unit", next_step="Choose a plainer path.")
    return path


def _name(home: Home) -> str:
    """One unit for each data folder; the usual one has the plain name."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    if home.root == Path(base).expanduser().absolute() / "mediadl":
        return "mediadl.service"
    return f"mediadl-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}.service"


def _folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser().absolute() / "systemd" / "user"


def _write(unit: Unit) -> None:
    part = unit.file.with_name(f".{unit.name}.{os.getpid()}")
    try:
        unit.file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(unit.text, "utf-8")
        part.replace(unit.file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FolderNotWritable(
            f"cannot write {unit.file}: {error.strerror or error}",
            next_step="mediadl daemon install --dry-run shows it.",
        ) from error


def _refuse_without_manager() -> None:
    step = "Run mediadl daemon run under what you have; mediadl daemon install --dry-run shows the unit."
    if shutil.which("systemctl") is None:
        raise DaemonUnavailable("there is no systemd on this machine", next_step=step)
    done = _run(["systemctl", "--user", "show-environment"])
    if done.returncode:
        raise DaemonUnavailable("systemd has no session of this user here", next_step=step)


def _manager(*words: str) -> None:
    done = _run(["systemctl", "--user", *words])
    if done.returncode:
        said = safe_text(" ".join((done.stderr or done.stdout).split()), limit=400)
        raise DaemonUnavailable(
            f"systemctl --user {' '.join(words)}: {said or 'failed without a word'}",
            next_step="See systemctl --user status, or mediadl daemon run.",
        )


def _lingers(user: str) -> bool:
    if shutil.which("loginctl") is None:
        return False
    return _run(["loginctl", "show-user", user, "-p", "Linger", "--value"]).stdout.strip() == "yes"


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Output in words; 124 when it takes too long."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_MANAGER_S if "--now" not in command else _WAIT_S + _MANAGER_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "no answer in time")
    except OSError as error:
        raise DaemonUnavailable(
            f"{command[0]} cannot be started: {error.strerror or error}", next_step="Run mediadl daemon run."
        ) from error
