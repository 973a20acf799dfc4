"""Accounts on the command line: passwords come from a pipe or a terminal, and are told nowhere."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import time
from base64 import b32decode

import pytest

from cli.answers import Run
from mediadl.paths import Home
from mediadl.security import totp

PASSWORD = "correct horse battery"


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.fixture
def anna(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, f"{PASSWORD}\n")
    assert run("user", "add", "anna", "--role", "admin").code == 0


def test_accounts_are_made_listed_changed_and_removed(
    run: Run, anna: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, f"{PASSWORD}\n")
    made = run("user", "add", "bert", "--json").record
    assert (made["name"], made["role"], made["enabled"], made["two_factor"]) == ("bert", "user", True, False)
    assert run("user", "role", "bert", "viewer").err == "bert is viewer now\n"
    assert run("user", "disable", "BERT").err == "bert may not sign in any more\n"
    assert [one["enabled"] for one in run("user", "list", "--json").records] == [True, False]
    assert run("user", "enable", "bert").code == 0
    assert run("user", "remove", "bert").code == 2
    assert run("user", "remove", "bert", "--yes").err == "removed bert\n"
    assert [one["name"] for one in run("user", "list", "--json").records] == ["anna"]
    lines = run("user", "list").lines
    assert lines[1].split()[:4] == ["anna", "admin", "enabled", "off"]


def test_what_cannot_be_done_is_said_with_its_exit_code(
    run: Run, anna: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "short\n")
    assert "too short" in run("user", "add", "bert").err
    give(monkeypatch, "")
    assert "no password was given" in run("user", "add", "bert").err
    assert run("user", "role", "anna", "king").err.startswith(
        "error: no role 'king'. Possible: admin, user, viewer"
    )
    assert run("user", "role", "anna", "user").err.startswith("error: anna is the last administrator.")
    assert run("user", "disable", "nobody").code == 3
    give(monkeypatch, f"{PASSWORD}\n")
    assert run("user", "add", "Anna").code == 2


def test_a_password_is_told_nowhere_and_changed_from_a_pipe(
    run: Run, anna: None, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "another long enough pass\n")
    answer = run("user", "password", "anna")

    assert answer.err == "changed the password of anna\n"
    written = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    for secret in (PASSWORD.encode(), b"another long enough pass"):
        assert secret not in written


def test_no_command_takes_a_password_as_an_argument(run: Run) -> None:
    for verb in ("add", "password", "2fa"):
        words = run("user", verb, "--help").out
        assert "--password" not in words
        assert "PASSWORD" not in words


def test_an_app_is_set_up_with_a_code_drawn_and_codes_printed(
    run: Run, anna: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "000000\n")
    answer = run("user", "2fa", "anna")

    assert answer.code == 2
    assert "█" in answer.err
    assert max(map(len, answer.err.splitlines()[:20])) <= 80
    assert "not the code" in answer.err
    assert answer.out == ""


def test_at_a_terminal_the_whole_way_to_a_second_factor(anna: None, home: Home, run: Run) -> None:
    """The seed is read off the screen, as a person would."""
    controller, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "mediadl", "user", "2fa", "anna"],
        stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, start_new_session=True,
        env={**os.environ, "MEDIADL_HOME": str(home.root), "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(terminal)
    try:
        shown = _until(controller, "Code of the app: ")
        words = shown.split("type this into it: ")[1].splitlines()[0]
        text = words.replace(" ", "").strip()
        seed = b32decode(text + "=" * (-len(text) % 8))
        wrong = "000000" if totp.code_at(seed, int(time.time() // 30)) != "000000" else "000001"
        os.write(controller, f"{wrong}\n".encode())
        _until(controller, "Code of the app: ")
        os.write(controller, f"{totp.code_at(seed, int(time.time() // 30))}\n".encode())
        _until(controller, "needs a code of the app from now on")
        codes = child.communicate(timeout=30)[0].decode().split()
        assert child.returncode == 0
    finally:
        child.kill()
        child.wait(30)
        os.close(controller)

    assert len(codes) == 10
    assert run("user", "list", "--json").record["recovery_codes"] == 10
    assert len(run("user", "2fa", "anna", "--codes").lines) == 10
    assert run("user", "2fa", "anna", "--off").code == 2
    assert run("user", "2fa", "anna", "--off", "--yes").code == 0
    assert run("user", "list", "--json").record["two_factor"] is False


def _until(descriptor: int, words: str) -> str:
    found = b""
    while words.encode() not in found:
        found += os.read(descriptor, 65_536)
    return found.decode()


def test_before_there_is_an_account_the_list_says_how_to_make_one(run: Run) -> None:
    answer = run("user", "list")

    assert answer.code == 0
    assert "mediadl user add NAME" in answer.err
