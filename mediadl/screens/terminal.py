"""The terminal itself: its title, whether it is still there, and how to leave it clean when nothing else could."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
from types import FrameType
from typing import Protocol

_RESTORE = (
    "\x1b[?2026l"  # end a synchronized update
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?1004l\x1b[?2048l"  # bracketed paste, focus reports, in-band resize
    "\x1b[<u"  # kitty keyboard
    "\x1b[?7h\x1b[0m"  # line wrap, colours
    "\x1b[?1049l\x1b[?25h"  # main screen, cursor
    "\x1b[23;2t"  # title
)

SAVE_TITLE = "\x1b[22;2t"
"""Pushes the terminal's title on its stack."""

RESTORE_TITLE = "\x1b[23;2t"
"""Takes it back."""


def title_sequence(title: str) -> str:
    """The sequence that names the terminal's window; `title` must be sanitized."""
    return f"\x1b]2;{title}\x07"


def reset_terminal() -> None:
    """Last resort: leave full-screen mode, mouse, paste and keyboard modes, and make the line editable again.

    Never raises and never waits long: a terminal that is gone needs nothing.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _make_editable(descriptor)
            os.write(descriptor, _RESTORE.encode())
        finally:
            os.close(descriptor)


def terminal_gone() -> bool:
    """Whether standard input was a terminal that has been closed."""
    try:
        termios.tcgetattr(sys.__stdin__.fileno())  # type: ignore[union-attr]
    except termios.error:
        return True
    except (AttributeError, ValueError, OSError):
        return True
    return False


def exit_within(seconds: float, code: int) -> threading.Timer:
    """End the process by force unless it ends by itself in time; a thread that hangs must not keep it.

    Nothing is lost: the queue lives in the database and belongs to the daemon.
    """

    def leave() -> None:
        reset_terminal()
        os._exit(code)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
    return timer


class Leaving(Protocol):
    """An app that can be ended from outside."""

    @property
    def is_running(self) -> bool:
        """Whether its loop runs."""

    def run(self) -> int | None:
        """Show the screens until the user leaves."""

    def leave_by_signal(self, signum: int) -> None:
        """End at once and tidily."""

    def stay_alive(self) -> None:
        """Forget a forced end."""


def run_until_signalled(app: Leaving) -> int | None:
    """Run the app; SIGTERM and SIGHUP end it tidily, and the terminal gets its title back. For the main thread."""

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        if not app.is_running:
            reset_terminal()
            sys.exit(128 + signum)
        app.leave_by_signal(signum)

    before = {signum: signal.signal(signum, on_signal) for signum in (signal.SIGTERM, signal.SIGHUP)}
    try:
        return app.run()
    finally:
        app.stay_alive()
        for signum, handler in before.items():
            signal.signal(signum, handler)
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            sys.__stdout__.write(RESTORE_TITLE)
            sys.__stdout__.flush()


def _make_editable(descriptor: int) -> None:
    with contextlib.suppress(termios.error):
        attributes = termios.tcgetattr(descriptor)
        attributes[0] |= termios.ICRNL | termios.IXON
        attributes[1] |= termios.OPOST
        attributes[3] |= termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
