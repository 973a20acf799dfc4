"""Reads the cookies of a browser on this machine, by way of yt-dlp. For a child: it opens databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediadl.errors import InvalidInput
from mediadl.security.cookies import Cookie

_PASTE = "Close the browser, or paste the cookies: mediadl session import SITE --paste."


class _Log:
    """What yt-dlp says about it; only its warnings matter, when nothing was found."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        """Drop it."""

    info = error = debug

    def warning(self, message: str, only_once: bool = False) -> None:
        """Keep it."""
        self.warnings.append(message)


def browsers() -> tuple[str, ...]:
    """Names of browsers that can be read."""
    from yt_dlp.cookies import SUPPORTED_BROWSERS

    return tuple(sorted(SUPPORTED_BROWSERS))


def read(browser: str, profile: str, hosts: Sequence[str]) -> list[Cookie]:
    """The cookies that a browser holds for these hosts. `profile`: name or path; empty: the one used last.

    Raises:
        InvalidInput: unknown browser, no such profile, or a store that cannot be read.
    """
    from yt_dlp.cookies import CookieLoadError, extract_cookies_from_browser
    from yt_dlp.dependencies import sqlite3

    if browser not in browsers():
        raise InvalidInput(
            f"no browser {browser[:40]!r} that can be read", next_step=f"Possible: {', '.join(browsers())}."
        )
    log = _Log()
    try:
        jar = extract_cookies_from_browser(browser, profile or None, log)
    except FileNotFoundError as error:
        raise InvalidInput(
            f"no cookies of {browser} are here" + (f" in the profile {profile[:80]!r}" if profile else ""),
            next_step="Name the profile (--from-browser firefox:PROFILE), or use --paste.",
        ) from error
    except (OSError, ValueError, CookieLoadError, sqlite3.Error) as error:
        raise InvalidInput(f"the cookies of {browser} cannot be read: {error}", next_step=_PASTE) from error
    found = [cookie for one in jar if (cookie := _cookie(one)).fits(hosts)]
    if not found and log.warnings:
        raise InvalidInput(
            f"no cookies for {', '.join(hosts)} in {browser}: {log.warnings[-1][:160]}", next_step=_PASTE
        )
    return found


def _cookie(one: Any) -> Cookie:
    return Cookie(
        str(one.domain),
        str(one.domain).startswith("."),
        one.path or "/",
        bool(one.secure),
        max(float(one.expires or 0), 0.0),
        str(one.name),
        "" if one.value is None else str(one.value),
        http_only=False,
    )
