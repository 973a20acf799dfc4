"""Opens files and folders with the programs of the desktop, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from mediadl.errors import InvalidInput, MediadlError, NotFound

_SOON_S = 1.5
"""An opener that fails does so at once; one that goes on is showing the file."""

_PROGRAMS = frozenset({
    ".appimage", ".bat", ".cmd", ".com", ".command", ".desktop", ".exe", ".jar", ".js", ".lnk", ".msi", ".ps1", ".py",
    ".scr", ".sh", ".url", ".vbs", ".webloc",
})  # fmt: skip
"""What a desktop may run rather than show."""


class CannotOpen(MediadlError):
    """The desktop refused, or there is none."""

    title = "Cannot open"


def has_desktop() -> bool:
    """Whether there is a display to show something on, and a program that opens things."""
    return _opener() is not None


def open_file(path: Path) -> None:
    """Show a file with the program the desktop has for its kind. Returns within two seconds.

    Raises:
        NotFound: it is not there.
        InvalidInput: it may be a program.
        CannotOpen: there is no desktop, or it refused.
    """
    if not path.is_file():
        raise NotFound(f"{path} is missing", next_step="Download it again.")
    if path.suffix.lower() in _PROGRAMS:
        raise InvalidInput(
            f"{path.name} may be a program and is not opened", next_step="Open its folder and look yourself."
        )
    _open(path)


def open_folder(path: Path) -> None:
    """Show the folder of a file; see `open_file`."""
    if not path.parent.is_dir():
        raise NotFound(f"{path.parent} is missing", next_step="Download it again.")
    _open(path.parent)


def _opener() -> str | None:
    if sys.platform == "darwin":
        return shutil.which("open")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open")


def _open(path: Path) -> None:
    opener = _opener()
    if opener is None:
        raise CannotOpen("there is no desktop here", next_step=f"The path is {path}.")
    try:
        # A group of its own: what it starts lives on when this program ends
        child = subprocess.Popen(
            [opener, str(path.absolute())],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CannotOpen(f"{opener} did not start", next_step=f"The path is {path}.") from error
    try:
        code = child.wait(_SOON_S)
    except subprocess.TimeoutExpired:
        threading.Thread(target=child.wait, name="opener", daemon=True).start()
        return
    if code:
        raise CannotOpen(f"no program opens {path.name} (exit code {code})", next_step=f"The path is {path}.")
