from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.answers import Run
from mediadl import __version__
from mediadl.cli import root
from mediadl.cli.root import NOUNS
from mediadl.errors import DatabaseUnusable, InvalidInput
from mediadl.paths import Home


def program(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mediadl", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1", **more},
        check=False,
    )


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_version_is_told(word: str) -> None:
    done = program(word)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"mediadl {__version__}\n", "")


def test_help_names_every_command_and_is_plain_without_a_terminal(run: Run) -> None:
    answer = run("--help")

    assert answer.code == 0
    assert answer.out.isascii()
    assert all(f"  {noun} " in answer.out for noun in NOUNS)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_explains_itself(run: Run, noun: str) -> None:
    answer = run(noun, "--help")

    assert answer.code == 0
    assert answer.out.startswith(f"Usage: mediadl {noun}")
    assert len(answer.lines) > 5


def test_screens_without_a_terminal_are_refused(home: Home) -> None:
    done = program()

    assert done.returncode == 2
    assert done.stderr.startswith("error: the screens need a terminal.")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lists",), "No such command"),
        (("https://example.com/a.jpg",), "To download it: mediadl add https://example.com/a.jpg"),
        (("queue", "lits"), "No such command"),
        (("queue", "list", "--limit", "-1"), "--limit"),
        (("queue", "show"), "ID"),
    ],
)
def test_wrong_words_are_one_line_and_exit_code_2(run: Run, words: tuple[str, ...], told: str) -> None:
    answer = run(*words)

    assert answer.code == 2
    assert told in answer.err
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1


def test_debug_adds_the_traceback_wherever_it_stands(run: Run) -> None:
    for words in (("--debug", "queue", "show", "9"), ("queue", "show", "9", "--debug")):
        answer = run(*words)

        assert answer.code == 3
        assert "Traceback" in answer.err
    assert "Traceback" not in run("queue", "show", "9").err
    assert run("add", "--", "--debug").code == 2


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            InvalidInput("bad \x1b[31m\nthing", next_step="Do better."),
            2,
            "error: bad [31m thing. Do better.\n",
        ),
        (DatabaseUnusable("gone."), 9, "error: gone.\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (OSError(5, "Input/output error"), 1, "error: Input/output error. Run mediadl doctor.\n"),
        (
            PermissionError(13, "Permission denied", "/x"),
            6,
            "error: /x: Permission denied. Run mediadl doctor.\n",
        ),
        (
            ZeroDivisionError("oops"),
            1,
            "error: ZeroDivisionError: oops. This is a defect; --debug shows where.\n",
        ),
    ],
)
def test_every_failure_becomes_one_harmless_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def fail(_arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(root, "_run", fail)

    answer = run("queue", "list")

    assert (answer.code, answer.out, answer.err) == (code, "", line)


def test_a_full_disk_behind_the_output_is_exit_code_6(home: Home) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mediadl", "settings", "list"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 6
    assert done.stderr == b"error: No space left on device. Run mediadl doctor.\n"


def test_a_reader_that_has_seen_enough_is_no_error(home: Home) -> None:
    urls = [f"https://example.com/{n}.jpg" for n in range(3000)]
    assert program("add", *urls).returncode == 0

    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "queue", "list", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        errors = child.stderr.read()

    assert (child.returncode, errors) == (0, b"")


def test_ctrl_c_ends_a_watch_with_130(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "watch", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1"},
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        # Events are heard from the start of the watch on: add until it has begun
        while not _readable(child):
            program("add", "https://example.com/a.jpg")
        line = child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)

    assert line.startswith(b'{"status": "pending"')
    assert child.returncode == 130
    assert b"Traceback" not in errors


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_commands_and_their_words(home: Home, shell: str) -> None:
    words = {"bash": "mediadl queue re", "zsh": "mediadl queue re", "fish": "mediadl queue re"}[shell]
    more = {
        "_MEDIADL_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": "re",
    }

    done = program(**more)

    assert {"resume", "retry", "remove"} <= set(done.stdout.replace('"', " ").replace(":", " ").split())


def test_the_screens_are_opened_from_a_terminal(home: Home, tmp_path: Path) -> None:
    script = tmp_path / "sitecustomize.py"
    script.write_text(
        "import sys, types\n"
        "app = types.ModuleType('mediadl.app')\n"
        "app.run = lambda services: print('screens for', services.home.root.name) or 7\n"
        "sys.modules['mediadl.app'] = app\n"
    )
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        start_new_session=True,
    ) as child:
        os.close(inside)
        code = child.wait(30)
    told = os.read(terminal, 1000)
    os.close(terminal)

    assert (code, told) == (7, b"screens for home\r\n")


def _readable(child: subprocess.Popen[bytes]) -> bool:
    assert child.stdout is not None
    return bool(select.select([child.stdout], [], [], 0.2)[0])
