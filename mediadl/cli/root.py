"""The command line's root: finds the noun, imports only its file, hands the words to typer."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer

from mediadl.cli import output
from mediadl.cli.start import guarded, open_screens
from mediadl.errors import InvalidInput

PROGRAM = "mediadl"

NOUNS = {
    "add": "Queue downloads; --wait shows progress until they have ended.",
    "queue": "Look at jobs and steer them.",
    "watch": "Print what happens, as it happens.",
    "history": "Files that were stored.",
    "stats": "How much came when, from where, and how it went.",
    "schedule": "Look at sources again and again, and fetch what is new.",
    "platforms": "What can be downloaded from, how each way there does, what rests until when.",
    "session": "Logins per site and account.",
    "settings": "Values, where they come from, how to change them.",
    "logs": "What was written down.",
    "archive": "Identities already fetched.",
    "thread": "Forum threads: look at them, watch them for new posts.",
    "engines": "Versions of yt-dlp, gallery-dl and instaloader: update, try, go back.",
    "serve": "The same screens in a browser, with accounts.",
    "user": "Accounts for the browser and the API.",
    "token": "Keys for programs that use the API.",
    "activity": "Who did what from where.",
    "daemon": "The background process.",
    "db": "The database: check, backup, facts.",
    "doctor": "What is missing, what is wrong, how to mend it.",
    "demo": "The whole program against a simulated web, in a throw-away folder.",
}
"""Every command with its line of help; each has a file of its name with a command or a group of its name."""

_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""typer's own class for wrong words, wherever this version of typer keeps it."""


def main(arguments: list[str]) -> int:
    """Run one command line; returns the exit code."""
    arguments, debug = _take_debug(arguments)
    return guarded(lambda: _run(arguments), debug=debug)


def _run(arguments: list[str]) -> int:
    app = build(_noun(arguments))
    try:
        code = app(arguments, prog_name=PROGRAM, standalone_mode=False)
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            # A bare noun: its help is the answer; with colours it has been drawn already
            if drawn := getattr(error, "message", ""):
                sys.stderr.write(f"{drawn}\n")
            return InvalidInput.exit_code
        raise _in_one_line(error) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except SystemExit as error:
        # typer leaves by itself when a pipe breaks
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    return code if isinstance(code, int) else 0


def build(noun: str | None = None) -> typer.Typer:
    """The commands: all of them, or only one to save the others' time."""
    fancy = output.is_fancy(sys.stdout)
    app = typer.Typer(
        name=PROGRAM,
        help="One queue for everything worth keeping. Without a command: the terminal program.",
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if fancy else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    for name in [noun] if noun else NOUNS:
        part: Any = getattr(importlib.import_module(f"mediadl.cli.{name}"), name)
        if isinstance(part, typer.Typer):
            app.add_typer(part, name=name, help=NOUNS[name])
        else:
            app.command(name, short_help=NOUNS[name])(part)
    return app


def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", "-V", help="Print the version."),
    debug: bool = typer.Option(False, "--debug", help="Add the traceback to errors."),
) -> int | None:
    if version:
        from mediadl import __version__

        output.data(f"mediadl {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        return open_screens()
    return None


def _noun(arguments: list[str]) -> str | None:
    """The command asked for, when it is one; completion and help need all of them."""
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:
        return None
    word = next((word for word in arguments if not word.startswith("-")), "")
    if "://" in word and arguments[0] == word:
        raise InvalidInput(f"no command {word}", next_step=f"To download it: mediadl add {word}")
    return word if word in NOUNS and arguments[0] == word else None


def _take_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """`--debug` counts wherever it stands before `--`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [word for n, word in enumerate(arguments) if n >= end or word != "--debug"]
    return kept, len(kept) < len(arguments)


def _in_one_line(error: Exception) -> InvalidInput:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", PROGRAM)
    return InvalidInput(" ".join(message.split()), next_step=f"See {command} --help.")
