"""A job's private copy of an account's cookies: read it, and write back only what changed meanwhile.

Several clients of one run use the same file one after the other; none may undo what another one was given.
"""

from __future__ import annotations

import contextlib
import os
from http.cookiejar import Cookie, CookieJar, LoadError, MozillaCookieJar
from pathlib import Path

_Key = tuple[str, str, str]


class JarFile:
    """The file as one client knows it."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._known: dict[_Key, Cookie] = {}

    def load(self, into: CookieJar | None = None) -> list[Cookie]:
        """The cookies in the file; none when it is missing or broken."""
        found = list(_read(self._path))
        self._known = {_key(cookie): cookie for cookie in found}
        if into is not None:
            for cookie in found:
                into.set_cookie(cookie)
        return found

    def save(self, cookies: CookieJar) -> bool:
        """Write what is other than when it was loaded over the file, in one step; false when nothing is."""
        changed = [cookie for cookie in cookies if not _same(self._known.get(_key(cookie)), cookie)]
        if not changed:
            return False
        jar = _read(self._path)
        for cookie in changed:
            jar.set_cookie(cookie)
            self._known[_key(cookie)] = cookie
        _write(jar, self._path)
        return True


def _key(cookie: Cookie) -> _Key:
    return (cookie.domain.lstrip(".").lower(), cookie.path, cookie.name)


def _same(one: Cookie | None, other: Cookie) -> bool:
    return one is not None and (one.value, one.expires or 0) == (other.value, other.expires or 0)


def _read(path: Path) -> MozillaCookieJar:
    jar = MozillaCookieJar(str(path))
    with contextlib.suppress(OSError, LoadError, UnicodeDecodeError):
        jar.load(ignore_discard=True, ignore_expires=True)
    for cookie in jar:
        if cookie.expires == 0:
            # Other programs write 0 where a cookie ends with the browser's session
            cookie.expires, cookie.discard = None, True
    return jar


def _write(jar: MozillaCookieJar, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    jar.save(str(part), ignore_discard=True)
    part.replace(path)
