"""Takes secrets from a person or a pipe: never from the command line, never echoed."""

from __future__ import annotations

import os
import sys

from mediadl.errors import InvalidInput

_MOST_BYTES = 10_000_000
_END = b"\x04"


def paste(how: str) -> bytes:
    """What is pasted at the terminal, up to Ctrl+D, or all of a pipe.

    Raises:
        InvalidInput: more than anyone pastes.
    """
    if not sys.stdin.isatty():
        found = sys.stdin.buffer.read(_MOST_BYTES + 1)
    else:
        sys.stderr.write(f"{how}, then press Ctrl+D. Nothing is shown.\n")
        sys.stderr.flush()
        found = _unseen(sys.stdin.fileno())
    if len(found) > _MOST_BYTES:
        raise InvalidInput("too much for cookies", next_step="Give them as a file.")
    return found


def password(question: str) -> str:
    """A password asked for at the terminal, or the first line of a pipe.

    Raises:
        InvalidInput: none came.
    """
    if sys.stdin.isatty():
        import getpass

        found = getpass.getpass(f"{question}: ", stream=sys.stderr)
    else:
        found = sys.stdin.readline(_MOST_BYTES).rstrip("\r\n")
    if not found:
        raise InvalidInput("no password was given", next_step="Type it, or pipe it in: one line.")
    return found


def _unseen(descriptor: int) -> bytes:
    """Everything up to Ctrl+D. Not line by line: a terminal cuts lines at 4096 characters, and headers are longer."""
    import termios

    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    found = b""
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
        while _END not in found and len(found) <= _MOST_BYTES:
            more = os.read(descriptor, 65_536)
            if not more:
                break
            found += more
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    return found.partition(_END)[0]
