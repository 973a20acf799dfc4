"""Tokens and activity on the command line."""

from __future__ import annotations

import io
import time
from datetime import datetime

import pytest

from cli.answers import Run
from mediadl.paths import Home


def test_a_token_is_shown_once_listed_without_it_and_revoked(run: Run, home: Home) -> None:
    answer = run("token", "create", "phone", "--scope", "read,add")
    secret = answer.out.strip()
    listed = run("token", "list", "--json")

    assert secret.startswith("mdl_")
    assert len(secret) == 47
    assert "not shown again" in answer.err
    assert secret not in answer.err
    assert (listed.record["name"], listed.record["user"], listed.record["scopes"]) == (
        "phone", "owner", ["read", "add"],
    )  # fmt: skip
    written = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert secret.encode() not in written
    assert run("token", "revoke", "1").code == 2
    assert run("token", "revoke", "1", "--yes").err == "revoked token 1 phone\n"
    assert run("token", "revoke", "1", "--yes").code == 3
    assert run("token", "list").err.startswith("no token yet")


@pytest.mark.parametrize(
    ("words", "days"), [((), 90), (("--expires", "12h"), 0.5), (("--expires", "never"), None)]
)
def test_a_token_ends_when_it_was_told_to(run: Run, words: tuple[str, ...], days: float | None) -> None:
    made = run("token", "create", "phone", "-s", "read", *words, "--json").record

    assert made["token"].startswith("mdl_")
    if days is None:
        assert made["expires_at"] is None
        return
    left_s = datetime.fromisoformat(made["expires_at"]).timestamp() - time.time()
    assert left_s == pytest.approx(days * 86_400, abs=120)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x",), "Missing option"),
        (("x", "-s", "everything"), "no scope 'everything'. Scopes: read, add"),
        (("x", "-s", "read", "--expires", "soon"), "not a length of time: 'soon'"),
        (("x", "-s", "read", "--expires", "-5d"), "not a length of time"),
        (("x", "-s", "read", "--user", "nobody"), "no account 'nobody'"),
    ],
)
def test_a_bad_token_is_refused_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    answer = run("token", "create", *words)

    assert answer.code in {2, 3}
    assert said in answer.err
    assert answer.out == ""


def test_activity_says_who_did_what_and_can_be_narrowed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"correct horse battery\n")))
    run("user", "add", "anna", "--role", "admin")
    run("add", "https://example.com/a.jpg?token=abc123")
    run("queue", "pause", "1")
    run("settings", "set", "downloads.retries", "7")
    lines = run("activity", "list", "--json").records

    assert [(one["who"], one["via"], one["action"], one["target"]) for one in reversed(lines)] == [
        ("owner", "terminal", "user.add", "anna"),
        ("owner", "terminal", "job.add", "https://example.com/a.jpg?token=[hidden]"),
        ("owner", "terminal", "job.pause", "1"),
        ("owner", "terminal", "setting.set", "downloads.retries"),
    ]
    assert [one["action"] for one in run("activity", "list", "--action", "job", "--json").records] == [
        "job.pause", "job.add",
    ]  # fmt: skip
    assert run("activity", "list", "--user", "anna", "--json").records == []
    assert run("activity", "list", "--refused").err == "nothing was written down\n"
    assert len(run("activity", "list", "--limit", "1").lines) == 2
    assert run("activity", "list", "--since", "1h", "--json").records == lines
