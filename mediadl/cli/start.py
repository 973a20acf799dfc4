"""What stands around every command: failures become one line and an exit code; and the way into the screens."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from mediadl.cli import output
from mediadl.errors import FolderNotWritable, InvalidInput, MediadlError

INTERRUPTED = 130
_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


def guarded(command: Callable[[], int], *, debug: bool = False) -> int:
    """Run a command to its exit code, whatever happens in it."""
    try:
        code = command()
        sys.stdout.flush()
    except MediadlError as error:
        _trace(debug)
        output.complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has seen enough
        _hush()
        return 0
    except OSError as error:
        _trace(debug)
        where = f"{error.filename}: " if error.filename else ""
        output.say(f"error: {where}{error.strerror or error}. Run mediadl doctor.")
        return FolderNotWritable.exit_code if error.errno in _NOT_WRITABLE else 1
    except Exception as error:  # noqa: BLE001 - the last handler: a defect of ours, told as such
        _trace(debug)
        output.say(f"error: {type(error).__name__}: {error}. This is a defect; --debug shows where.")
        return 1
    return code


def open_screens() -> int:
    """The terminal program.

    Raises:
        InvalidInput: there is no terminal.
    """
    require_terminal()
    from mediadl.app import run
    from mediadl.service import open_services

    with open_services() as services:
        return run(services)


def require_terminal() -> None:
    """Refuse to draw where nobody can see it.

    Raises:
        InvalidInput: there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput("the screens need a terminal", next_step="See mediadl --help for the commands.")


def _trace(debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exc(file=sys.stderr)


def _hush() -> None:
    """Let the interpreter flush into nothing at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
