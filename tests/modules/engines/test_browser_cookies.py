"""Cookies out of a browser's own store: of the site asked for only, and every failure in one line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mediadl.errors import InvalidInput
from mediadl.modules.engines import browser_cookies
from mediadl.workers import session_link


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A Firefox profile with cookies of two sites."""
    folder = tmp_path / "profile"
    folder.mkdir()
    store = sqlite3.connect(folder / "cookies.sqlite")
    store.executescript(
        """
        PRAGMA user_version = 12;
        CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT,
            value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER,
            isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0,
            rawSameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0);
        INSERT INTO moz_cookies(name, value, host, path, expiry, isSecure) VALUES
            ('sessionid', 'very-secret', '.instagram.com', '/', 4102444800, 1),
            ('mid', 'm', 'www.instagram.com', '/x', 4102444800, 0),
            ('session', 'bank-secret', '.bank.example', '/', 4102444800, 1);
        """
    )
    store.close()
    return folder


def test_the_cookies_of_one_site_are_taken_from_a_profile(profile: Path) -> None:
    found = session_link.from_browser("firefox", str(profile), ("instagram.com",))

    assert {(one.domain, one.name, one.value, one.path, one.secure) for one in found} == {
        (".instagram.com", "sessionid", "very-secret", "/", True),
        ("www.instagram.com", "mid", "m", "/x", False),
    }
    assert found[0].expires_at == 4102444800


def test_an_unknown_browser_is_told_with_those_that_are_known() -> None:
    with pytest.raises(InvalidInput, match="no browser 'lynx'") as caught:
        session_link.from_browser("lynx", "", ("instagram.com",))

    assert "firefox" in caught.value.next_step


@pytest.mark.parametrize("browser", ["firefox", "chrome", "brave"])
def test_a_browser_that_is_not_here_is_told(browser: str) -> None:
    with pytest.raises(InvalidInput, match=f"no cookies of {browser} are here"):
        browser_cookies.read(browser, "", ("instagram.com",))


def test_a_store_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "cookies.sqlite").write_bytes(b"no database at all" * 100)

    with pytest.raises(InvalidInput, match="cannot be read"):
        browser_cookies.read("firefox", str(tmp_path), ("instagram.com",))
