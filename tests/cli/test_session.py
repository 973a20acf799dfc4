"""Logins on the command line: where they come from, what is told of them, and that nothing secret is."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.answers import Run
from mediadl.paths import Home

LATER = 4102444800
JAR = f".instagram.com\tTRUE\t/\tTRUE\t{LATER}\tsessionid\tvery-secret\n"
NOWHERE = "http://127.0.0.1:9"


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_sessions_are_imported_listed_and_removed_without_their_values(run: Run, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR)

    answer = run("session", "import", "instagram", str(jar), "--account", "bob", "--no-test")
    assert answer.code == 0
    assert answer.err.startswith("kept 1 cookie of instagram, account bob\nlogin: good until 2100-01-01\n")
    listed = run("session", "list", "--json").record
    assert (listed["site"], listed["account"], listed["cookies"]) == ("instagram", "bob", 1)
    assert listed["standing"] == "fine"
    assert "very-secret" not in run("session", "list").out
    assert run("session", "remove", "instagram").code == 2
    assert run("session", "remove", "instagram", "--yes").err == "removed instagram bob\n"
    assert run("session", "remove", "instagram", "--yes").code == 3


@pytest.mark.parametrize(
    "pasted",
    [
        "Cookie: sessionid=very-secret; csrftoken=x",
        "sessionid=very-secret; csrftoken=x",
        "curl 'https://www.instagram.com/' -H 'user-agent: Browser/1' -H 'cookie: sessionid=very-secret; a=b'",
        json.dumps([{"domain": ".instagram.com", "name": "sessionid", "value": "very-secret"}]),
        JAR,
    ],
)
def test_what_is_piped_in_is_taken_in_every_form(
    run: Run, monkeypatch: pytest.MonkeyPatch, pasted: str
) -> None:
    give(monkeypatch, pasted)

    answer = run("session", "import", "ig", "--paste", "--no-test", "--json")

    assert (answer.code, answer.record["site"]) == (0, "instagram")
    assert answer.record["cookies"] in {1, 2}
    assert "very-secret" not in answer.out + answer.err


def test_an_import_that_is_no_login_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "csrftoken=x")

    answer = run("session", "import", "instagram", "--paste", "--no-test")

    assert answer.code == 0
    assert "warning: no login cookie of instagram (sessionid)" in answer.err


def test_a_login_that_runs_out_soon_is_warned_of(run: Run, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR.replace(str(LATER), str(int(time.time()) + 3 * 86_400 + 60)))
    run("session", "import", "instagram", str(jar), "--no-test")

    answer = run("session", "list")

    assert "runs out in 3 days" in answer.out
    assert "mediadl session import instagram cookies.txt" in answer.err
    assert run("session", "list", "--json").record["standing"] == "soon"


def test_a_password_comes_from_a_pipe_and_is_told_nowhere(
    run: Run, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "open sesame 123\n")

    answer = run("session", "login", "forum.example.org", "--user", "ada")
    listed = run("session", "list", "--json")

    assert answer.code == 0, answer.err
    assert listed.record["has_password"] is True
    written = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    for where in (answer.out, answer.err, listed.out):
        assert "open sesame" not in where
    assert b"open sesame" not in written
    assert "logs in by form" in run("session", "list").out


def test_a_platform_that_takes_cookies_only_refuses_a_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "x\n")

    answer = run("session", "login", "instagram", "--user", "ada")

    assert (answer.code, "session import instagram" in answer.err) == (2, True)


@pytest.mark.parametrize("words", [(), ("a.txt", "--paste"), ("--from-browser", "firefox", "--paste")])
def test_one_source_is_named(run: Run, words: tuple[str, ...]) -> None:
    assert run("session", "import", "instagram", *words).code == 2


def test_a_browser_that_is_not_here_is_told_in_one_line(run: Run) -> None:
    answer = run("session", "import", "instagram", "--from-browser", "firefox", "--no-test")

    assert answer.code == 2
    assert "no cookies of firefox are here" in answer.err
    assert answer.err.count("\n") == 1


def test_a_test_without_an_answer_is_no_verdict(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", NOWHERE)
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR)

    imported = run("session", "import", "instagram", str(jar))
    tested = run("session", "test", "instagram", "--json")

    assert imported.code == 0
    assert "test: not tested: the proxy did not let us through" in imported.err
    assert (tested.code, tested.record["works"]) == (1, None)
    assert run("session", "list", "--json").record["standing"] == "fine"


def test_a_lost_key_is_told_with_the_way_out(run: Run, home: Home, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR)
    run("session", "import", "instagram", str(jar), "--no-test")
    home.session_key.unlink()

    listed, tested = run("session", "list"), run("session", "test", "instagram")

    assert "locked: its key is not here" in listed.out
    assert tested.code == 4
    assert "the key of the sealed cookies is missing" in tested.err
    assert run("session", "import", "instagram", str(jar), "--no-test").code == 0
    assert run("session", "list", "--json").record["standing"] == "fine"


def test_a_named_key_that_is_missing_is_an_error_and_none_is_made(
    run: Run, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_KEY_FILE", str(tmp_path / "no-key"))
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR)

    answer = run("session", "import", "instagram", str(jar), "--no-test")

    assert (answer.code, answer.err.count("\n")) == (4, 1)
    assert not home.session_key.exists()
    assert not (tmp_path / "no-key").exists()
    assert run("session", "list", "--json").out == ""


def test_a_long_paste_at_a_terminal_comes_whole_and_unseen(home: Home) -> None:
    value = "v" * 9_000
    child, terminal = pty.fork()
    if child == 0:
        os.environ["MEDIADL_NO_DAEMON"] = "1"
        words = ["session", "import", "instagram", "--paste", "--no-test"]
        os.execv(sys.executable, [sys.executable, "-m", "mediadl", *words])
    try:
        seen = b""
        while b"Nothing is shown" not in seen:
            seen += os.read(terminal, 4096)
        # The echo is switched off after the words: wait for that
        end = time.monotonic() + 30
        while _echoes(terminal) and time.monotonic() < end:
            os.sched_yield()
        os.write(terminal, f"sessionid={value}; csrftoken=t\n".encode() + b"\x04")
        while True:
            try:
                more = os.read(terminal, 4096)
            except OSError:
                break
            if not more:
                break
            seen += more
        _, status = os.waitpid(child, 0)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 0, seen
    assert b"vvvv" not in seen
    listed = subprocess.run(
        [sys.executable, "-m", "mediadl", "session", "list", "--json"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(listed.stdout)["cookies"] == 2


def _echoes(terminal: int) -> bool:
    import termios

    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


@pytest.mark.parametrize("agent", ["@firefox", "+chrome", "browser", "auto", "B/1\x1b[31m", "x" * 500])
def test_words_that_engines_take_for_orders_are_no_user_agent(run: Run, tmp_path: Path, agent: str) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(JAR)

    answer = run("session", "import", "instagram", str(jar), "--no-test", "--user-agent", agent)

    assert answer.code == 2
    assert "not a user agent" in answer.err
