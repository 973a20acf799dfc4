"""The child that asks a site: its answer, its silence, and an end when nobody waits any more."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakeweb.world import World, default_world
from mediadl.errors import InvalidInput
from mediadl.modules.base import Network
from mediadl.paths import Home
from mediadl.security.cookies import Cookie
from mediadl.workers import session_link

LATER = 4_102_444_800.0


@pytest.fixture
def world() -> Iterator[World]:
    made = default_world()
    with made.web:
        yield made


@pytest.fixture
def silent() -> Iterator[str]:
    """A proxy that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def jar(session_id: str) -> list[Cookie]:
    return [Cookie(".instagram.com", True, "/", True, LATER, "sessionid", session_id, True)]


def ask(home: Home, world: World, session_id: str, site: str = "instagram") -> session_link.Checked:
    network = Network(world.web.url, str(world.web.ca_pem), True, 5.0, 0, True)
    return session_link.check(home, site, jar(session_id), user_agent="Browser/1", network=network)


def left(home: Home) -> list[Path]:
    return list(home.run.glob("check-*"))


def test_a_site_says_who_is_logged_in_and_nothing_stays(home: Home, world: World) -> None:
    found = ask(home, world, world.instagram.session_id)

    assert (found.works, found.account, found.error) == (True, "viewer", None)
    assert "sessionid" in {cookie.name for cookie in found.returned}
    sent = {name.lower(): value for name, value in world.web.log.entries()[-1].headers.items()}
    assert sent["user-agent"] == "Browser/1"
    assert left(home) == []


def test_a_dead_login_is_told_as_such(home: Home, world: World) -> None:
    found = ask(home, world, "nobody-any-more")

    assert found.works is False
    assert found.reason


def test_a_site_that_nobody_knows_to_ask_gives_no_verdict(home: Home, world: World) -> None:
    found = ask(home, world, "x", "files.example.com")

    assert (found.works, found.error) == (None, None)


def test_silence_is_no_verdict(home: Home, silent: str) -> None:
    network = Network(silent, "", True, 0.5, 0, True)

    found = session_link.check(home, "instagram", jar("x"), user_agent="", network=network)

    assert found.works is None
    assert found.error is not None
    assert left(home) == []


def test_who_waits_no_more_ends_it_at_once_and_nothing_stays(home: Home, silent: str) -> None:
    network = Network(silent, "", True, 60.0, 0, True)
    begun = time.monotonic()

    found = session_link.check(
        home,
        "instagram",
        jar("x"),
        user_agent="",
        network=network,
        stopped=lambda: time.monotonic() > begun + 0.3,
    )

    assert found.works is None
    assert left(home) == []


def test_what_a_killed_check_left_is_swept_and_a_living_one_kept(home: Home) -> None:
    dead, living = home.run / "check-999999999-x", home.run / f"check-{os.getpid()}-y"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "cookies.txt").touch()

    session_link.sweep(home)

    assert left(home) == [living]


def test_a_browsers_cookies_do_not_stay_behind_when_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = tmp_path / "places"
    places.mkdir()
    child, copied = tmp_path / "child", tmp_path / "copied"
    child.write_text(f'#!/bin/sh\necho secret > "$TMPDIR/cookies.sqlite"\ntouch {copied}\nexec sleep 60\n')
    child.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    monkeypatch.setenv("TMPDIR", str(places))
    monkeypatch.setattr(sys, "executable", str(child))

    with pytest.raises(InvalidInput):
        session_link.from_browser("firefox", "", ["site.example"], stopped=copied.exists)

    assert copied.exists()
    assert list(places.iterdir()) == []
