"""Cookies per site and account: taken from a cookies.txt, listed, removed. Values stay in files of mode 0600."""

from __future__ import annotations

import builtins
import hashlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import Session
from mediadl.modules import registry
from mediadl.modules.base import site_of
from mediadl.service import cookies
from mediadl.store import jobs, sessions

if TYPE_CHECKING:
    from mediadl.service import Services

DEFAULT_ACCOUNT = "default"
_ACCOUNT = re.compile(r"^[\w.@+-]{1,64}$")
_HEALS = ("login_needed",)
"""What jobs may wait for that fresh cookies can give them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import kept."""

    session: Session
    left_out: int
    """Cookies of other sites in the file."""
    expired: str
    """Cookies of this site that had run out already, in words; empty: none."""
    woken: int
    """Jobs that waited for this and go on."""


class SessionService:
    """The sessions of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def list(self) -> builtins.list[Session]:
        """All sessions by site and account."""
        return sessions.list(self._services.store.read())

    def import_file(self, site: str, path: Path, account: str = DEFAULT_ACCOUNT) -> Imported:
        """Take the cookies of a site (`instagram`, `forum.example`, a URL) from a cookies.txt.

        Raises:
            InvalidInput: unknown site, a wrong file, or nothing in it that is still good; nothing was changed.
        """
        if not _ACCOUNT.match(account):
            raise InvalidInput(
                f"not an account name: {account[:80]!r}", next_step="Use letters, digits and . @ + - _ ."
            )
        word, hosts = site_word(site)
        kept, left_out, expired = _choose(word, hosts, _read(path), time.time())
        file = f"{_slug(word)}-{_digest(word, account)}.txt"
        _write(self._services.home.create().sessions / file, cookies.render(kept))
        session = Session(
            word, account, file, len(kept), cookies.login_runs_out_at(kept), time.time(), broken_reason=""
        )
        with self._services.store.write() as tx:
            sessions.put(tx, session)
            woken = sum(jobs.wake(tx, site=word, reason=reason) for reason in _HEALS)
        if woken:
            self._services.daemon.ensure()
        return Imported(session, left_out, expired, woken)

    def remove(self, site: str, account: str = "") -> builtins.list[Session]:
        """Forget the sessions of a site, or only of one account; returns them.

        Raises:
            NotFound: there is none.
        """
        word, _ = site_word(site)
        gone = [s for s in self.list() if s.site == word and account in {"", s.account}]
        if not gone:
            of = f" of account {account}" if account else ""
            raise NotFound(f"no session for {word}{of}", next_step="See mediadl session list.")
        with self._services.store.write() as tx:
            for session in gone:
                sessions.remove(tx, session.site, session.account)
        for session in gone:
            (self._services.home.sessions / session.file).unlink(missing_ok=True)
        return gone


def site_word(text: str) -> tuple[str, tuple[str, ...]]:
    """The pacing key jobs of a site carry, and the hosts whose cookies belong to it.

    Raises:
        InvalidInput: neither a platform nor a host.
    """
    asked = text.strip().lower()
    for module in registry.modules():
        if module.aliases and asked in {module.name, *module.aliases}:
            return module.name, _hosts(module.examples)
    host = site_of(asked if "://" in asked else f"https://{asked}")
    if "." not in host or not re.fullmatch(r"[\w.-]+", host):
        names = ", ".join(module.name for module in registry.modules() if module.aliases)
        raise InvalidInput(
            f"not a site: {text[:80]!r}", next_step=f"Give {names}, or a host such as forum.example."
        )
    for module in registry.modules():
        hosts = _hosts(module.examples)
        if module.aliases and any(host == known or host.endswith("." + known) for known in hosts):
            return module.name, hosts
    return host, (host,)


def _hosts(examples: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Domains of a platform, from the addresses it names as its own."""
    found = [(urlsplit(url).hostname or "").split(".") for url, _ in examples if "://" in url]
    return tuple(sorted({".".join(labels[-2:]) for labels in found if len(labels) > 1}))


def _read(path: Path) -> list[cookies.Cookie]:
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(cookies.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"cannot read {path}: {error.strerror or error}", next_step="Check the path."
        ) from error
    try:
        return cookies.parse(raw)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}", next_step=error.next_step) from error


def _choose(
    word: str, hosts: tuple[str, ...], found: list[cookies.Cookie], now: float
) -> tuple[list[cookies.Cookie], int, str]:
    """Cookies to keep, how many belong to other sites, and which of the site's own had run out."""
    ours = [cookie for cookie in found if cookie.fits(hosts)]
    if not ours:
        raise InvalidInput(
            f"the file holds no cookie of {word} ({', '.join(hosts)})",
            next_step="Log in to the site in the browser, then export its cookies.",
        )
    expired = [cookie for cookie in ours if cookie.expired(now)]
    good = [cookie for cookie in ours if not cookie.expired(now)]
    words = cookies.expired_words(expired) if expired else ""
    if not good:
        raise InvalidInput(
            f"all cookies of {word} have run out: {words}",
            next_step="Log in to the site in the browser, then export its cookies again.",
        )
    return good, len(found) - len(ours), words


def _write(path: Path, text: str) -> None:
    """Replace the jar in one step; nobody else may ever read it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", word).strip(".-")[:80] or "site"


def _digest(word: str, account: str) -> str:
    return hashlib.sha256(f"{word}\n{account}".encode()).hexdigest()[:12]
