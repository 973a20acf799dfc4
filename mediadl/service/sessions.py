"""Logins per site and account: taken from a browser, a file or a paste, tested, listed, forgotten. Sealed at rest."""

from __future__ import annotations

import builtins
import functools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mediadl.errors import DownloadError, InvalidInput, LoginNeeded, NotFound, VaultLocked
from mediadl.models import Session
from mediadl.modules import registry
from mediadl.modules.base import Module, Network, site_of
from mediadl.security.permissions import Right
from mediadl.service import cookies
from mediadl.service.cookies import Paste
from mediadl.service.rights import Verbs, asks, does
from mediadl.service.session_choice import choose, tested_words, warning
from mediadl.store import jobs, sessions, tries
from mediadl.store.vault import Login, Vault

if TYPE_CHECKING:
    from mediadl.service import Services

DEFAULT_ACCOUNT = "default"
USES = ("needed", "always", "never")
BROWSERS = ("brave", "chrome", "chromium", "edge", "firefox", "opera", "vivaldi", "whale")
"""Whose cookies can be read."""
_ACCOUNT = re.compile(r"^[\w.@+-]{1,64}$")
_HEALS = (LoginNeeded.kind,)
"""What jobs may wait for that a fresh login can give them."""
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test of a session said."""

    session: Session
    works: bool | None
    """None: the site cannot be asked cheaply, or gave no answer."""
    words: str
    """The result for people, in one line."""
    error: DownloadError | None = None
    """Why there was no answer."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import kept."""

    session: Session
    left_out: int
    """Cookies of other sites that were there."""
    expired: str
    """Cookies of this site that had run out already, in words; empty: none."""
    woken: int
    """Jobs that waited for this and go on."""
    warning: str = ""
    """What makes it doubtful that this is a login."""
    advice: str = ""
    """What to know before an account is used here; with the first import of a platform only."""
    tested: Tested | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What may be said with an import."""

    account: str = DEFAULT_ACCOUNT
    user_agent: str = ""
    """Of the browser; empty: as before."""
    use: str = ""
    """One of `USES`; empty: as before, else as the settings say."""
    test: bool = False
    """Ask the site whether the login works."""


class SessionService(Verbs):
    """The sessions of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._vault = Vault(services.home)

    @asks(Right.SESSIONS)
    def list(self) -> builtins.list[Session]:
        """All sessions by site and account."""
        found = sessions.list(self._services.store.read())
        if not any(session.sealed_with for session in found):
            return found
        here = self._vault.key_id()
        return [replace(one, locked=bool(one.sealed_with) and one.sealed_with != here) for one in found]

    @asks(Right.LOOK)
    def platforms(self) -> tuple[str, ...]:
        """Platforms whose accounts hold everywhere on them; other sites are named by their host."""
        return tuple(module.name for module in _platforms())

    @does(Right.FOLDERS, "session.import")
    def import_file(
        self, site: str, path: Path, account: str = DEFAULT_ACCOUNT, extras: Extras | None = None
    ) -> Imported:
        """Take the cookies of a site (`instagram`, `forum.example`, a URL) from a cookies.txt or an extension's JSON.

        Raises:
            InvalidInput: unknown site, a wrong file, or nothing in it that is still good; nothing was changed.
            VaultLocked: the key to seal them with cannot be used; nothing was changed.
        """
        word, hosts = site_word(site)
        extras = extras or Extras(account)
        _check(extras)
        found = cookies.read_path(path, hosts, secure=_secure(site))
        return self._keep(word, hosts, found, extras, f"the file {path.name}")

    @does(Right.SESSIONS, "session.import")
    def import_paste(self, site: str, text: str | bytes, extras: Extras | None = None) -> Imported:
        """Take them from a pasted text: a `Cookie:` header, a curl command, JSON or the lines of a cookies.txt.

        Raises:
            InvalidInput, VaultLocked: as with a file.
        """
        word, hosts = site_word(site)
        extras = extras or Extras()
        _check(extras)
        found = cookies.read_paste(text, hosts, secure=_secure(site))
        return self._keep(word, hosts, found, extras, "the paste")

    @does(Right.FOLDERS, "session.import")
    def import_browser(
        self, site: str, browser: str, extras: Extras | None = None, stopped: Callable[[], bool] = bool
    ) -> Imported:
        """Take them from a browser on this machine: `firefox`, or with its profile `firefox:NAME`.

        `stopped`: whether nobody waits for it any more.

        Raises:
            InvalidInput, VaultLocked: as with a file; also when the browser's store cannot be read.
        """
        from mediadl.workers import session_link

        word, hosts = site_word(site)
        extras = extras or Extras()
        _check(extras)
        name, _, profile = browser.partition(":")
        found = session_link.from_browser(name.strip().lower(), profile.strip(), hosts, stopped=stopped)
        return self._keep(word, hosts, Paste(tuple(found)), extras, name.strip().lower())

    @does(Right.SESSIONS, "session.import")
    def import_said(
        self, site: str, said: str, extras: Extras | None = None, stopped: Callable[[], bool] = bool
    ) -> Imported:
        """Take them from what someone gave in one field: a browser's name, a file's path, or the cookies themselves.

        Raises:
            InvalidInput, VaultLocked: as with a file.
        """
        text = said.strip()
        if text.partition(":")[0].lower() in BROWSERS and "=" not in text:
            return self.import_browser(site, text, extras, stopped)
        is_path = "\n" not in text and text[:1] not in {"{", "["} and ("=" not in text or _is_file(text))
        if is_path:
            return self.import_file(site, Path(text), extras=extras)
        return self.import_paste(site, said, extras)

    @does(Right.SESSIONS, "session.password")
    def set_password(self, site: str, user: str, password: str, extras: Extras | None = None) -> Imported:
        """Keep the name and password of an account, for sites (forums) where a form is the way in.

        Raises:
            InvalidInput: a platform that takes cookies only, or a name or password that cannot be one.
            VaultLocked: the key to seal them with cannot be used.
        """
        word, hosts = site_word(site)
        extras = extras or Extras()
        _check(extras)
        if any(module.name == word for module in _platforms()):
            raise InvalidInput(
                f"{word} takes no password here",
                next_step=f"Import the cookies of a browser: mediadl session import {word}.",
            )
        for what, text in (("name", user), ("password", password)):
            if not text or len(text) > _LONGEST or not text.isprintable():
                raise InvalidInput(f"not a {what} that can be used", next_step="Give it on one line.")
        before, old = self._before(word, extras.account)
        login = replace(old, hosts=hosts, user=user, password=password)
        session = self._session(word, before, extras)
        return self._put(session, login, Imported(session, 0, "", 0, advice=self._advice(word)), extras)

    @does(Right.SESSIONS, "session.test")
    def test(self, site: str, account: str = "", stopped: Callable[[], bool] = bool) -> builtins.list[Tested]:
        """Ask a site whether its logins work; jobs that waited go on with one that may.

        Raises:
            NotFound: there is none.
        """
        word, _ = site_word(site)
        return [self._test(session, stopped) for session in self._named(word, account)]

    @does(Right.SESSIONS, "session.remove")
    def remove(self, site: str, account: str = "") -> builtins.list[Session]:
        """Forget the sessions of a site, or only of one account; returns them.

        Raises:
            NotFound: there is none.
        """
        word, _ = site_word(site)
        gone = self._named(word, account)
        with self._services.store.write() as tx:
            for session in gone:
                sessions.remove(tx, session.site, session.account)
        for session in gone:
            if session.file:
                (self._services.home.sessions / session.file).unlink(missing_ok=True)
        return gone

    def _named(self, word: str, account: str) -> builtins.list[Session]:
        found = [s for s in self.list() if s.site == word and account in {"", s.account}]
        if not found:
            of = f" of account {account}" if account else ""
            raise NotFound(f"no session for {word}{of}", next_step="See mediadl session list.")
        return found

    def _keep(self, word: str, hosts: tuple[str, ...], found: Paste, extras: Extras, origin: str) -> Imported:
        """Seal what is good of the cookies that were found."""
        now = time.time()
        good, left_out, expired = choose(word, hosts, found.cookies, origin, now)
        before, old = self._before(word, extras.account)
        login = replace(old, cookies=tuple(replace(one, changed_at=now) for one in good), hosts=hosts)
        extras = replace(extras, user_agent=extras.user_agent or found.user_agent)
        session = self._session(word, before, extras)
        made = Imported(
            session, left_out, expired, 0, warning=warning(word, hosts, good), advice=self._advice(word)
        )
        return self._put(session, login, made, extras)

    def _put(self, session: Session, login: Login, made: Imported, extras: Extras) -> Imported:
        with self._services.store.write() as tx:
            before = sessions.get(tx, session.site, session.account)
            kept = self._vault.put(tx, session, login)
            tries.close(tx, session.site, session.account)
        if before is not None and before.file:
            (self._services.home.sessions / before.file).unlink(missing_ok=True)
        tested = self._test(kept) if extras.test and kept.cookies else None
        woken = 0
        if tested is None or tested.works is not False:
            woken = self._wake(session.site)
        return replace(made, session=tested.session if tested else kept, woken=woken, tested=tested)

    def _before(self, word: str, account: str) -> tuple[Session | None, Login]:
        """What is there of the account; what cannot be opened any more is given up."""
        read = self._services.store.read()
        session = sessions.get(read, word, account)
        if session is None:
            return None, Login()
        try:
            return session, self._vault.open(read, session)
        except VaultLocked:
            return session, Login()

    def _session(self, word: str, before: Session | None, extras: Extras) -> Session:
        return Session(
            word,
            extras.account,
            "",
            0,
            None,
            time.time(),
            broken_reason="",
            user_agent=extras.user_agent or (before.user_agent if before else ""),
            use=extras.use or (before.use if before else ""),
        )

    def _advice(self, word: str) -> str:
        if any(session.site == word for session in sessions.list(self._services.store.read())):
            return ""
        return next((module.advice for module in registry.modules() if module.name == word), "")

    def _wake(self, word: str) -> int:
        with self._services.store.write() as tx:
            woken = sum(jobs.wake(tx, site=word, reason=reason) for reason in _HEALS)
        if woken:
            self._services.daemon.ensure()
        return woken

    def _test(self, session: Session, stopped: Callable[[], bool] = bool) -> Tested:
        from mediadl.workers import session_link

        store = self._services.store
        try:
            login = self._vault.open(store.read(), session)
        except VaultLocked as error:
            return Tested(session, works=False, words=f"{error.message}. {error.next_step}")
        net = self._services.inner.settings.values().network
        ca_file = str(Path(net.ca_file).expanduser()) if net.ca_file else ""
        checked = session_link.check(
            self._services.home,
            session.site,
            login.cookies,
            user_agent=session.user_agent,
            network=Network(net.proxy, ca_file, net.verify_tls, net.timeout_s, 0, trusted=self.caller.local),
            stopped=stopped,
        )
        words = tested_words(session, checked)
        if checked.error is not None:
            return Tested(session, None, words, checked.error)
        now = time.time()
        with store.write() as tx:
            if checked.works:
                self._vault.merge(tx, session, login, checked.returned, changed_at=now, now=now)
            sessions.note_check(tx, session.site, session.account, words, now)
            reason = (checked.reason or "not logged in any more") if checked.works is False else ""
            sessions.mark_broken(tx, session.site, session.account, reason)
            if checked.works is not False:
                tries.close(tx, session.site, session.account)
        if checked.works is not False:
            self._wake(session.site)
        after = sessions.get(store.read(), session.site, session.account) or session
        return Tested(after, checked.works, words)


def site_word(text: str) -> tuple[str, tuple[str, ...]]:
    """The pacing key jobs of a site carry, and the hosts whose cookies belong to it.

    Raises:
        InvalidInput: neither a platform nor a host.
    """
    asked = text.strip().lower()
    for module in _platforms():
        if asked in {module.name, *module.aliases}:
            return module.name, _hosts(module.examples)
    host = site_of(asked if "://" in asked else f"https://{asked}")
    if "." not in host or not re.fullmatch(r"[\w.-]+", host):
        names = ", ".join(module.name for module in _platforms())
        raise InvalidInput(
            f"not a site: {text[:80]!r}", next_step=f"Give {names}, or a host such as forum.example."
        )
    for module in _platforms():
        hosts = _hosts(module.examples)
        if any(host == known or host.endswith("." + known) for known in hosts):
            return module.name, hosts
    return host, (host,)


@functools.cache
def _platforms() -> tuple[Module, ...]:
    """Those whose accounts hold for the platform as a whole; at the others each host has accounts of its own."""
    return tuple(module for module in registry.modules() if module.aliases and _is_one_site(module))


def _is_one_site(module: Module) -> bool:
    urls = (url for url, _ in module.examples if "://" in url)
    return any(target is not None and target.site == module.name for target in map(module.match, urls))


def _hosts(examples: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Domains of a platform, from the addresses it names as its own."""
    found = [(urlsplit(url).hostname or "").split(".") for url, _ in examples if "://" in url]
    return tuple(sorted({".".join(labels[-2:]) for labels in found if len(labels) > 1}))


def _check(extras: Extras) -> None:
    if not _ACCOUNT.match(extras.account):
        raise InvalidInput(
            f"not an account name: {extras.account[:80]!r}", next_step="Use letters, digits and . @ + - _ ."
        )
    if extras.use and extras.use not in USES:
        raise InvalidInput(
            f"a login cannot be used {extras.use[:40]!r}", next_step=f"Possible: {', '.join(USES)}."
        )
    if extras.user_agent and not cookies.is_user_agent(extras.user_agent):
        raise InvalidInput(
            "not a user agent", next_step="Copy what the browser says of itself (navigator.userAgent)."
        )


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _secure(site: str) -> bool:
    return not site.strip().lower().startswith("http://")
