"""Hands the logins of the vault to the jobs that need one: one job per account at a time, each with a copy of its own.

What a job's run changed in its copy flows back into the vault when the run gives the account back; a login that the
site refused is marked, and nobody is given it until it is imported or tested anew.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediadl.errors import DownloadError, LoginNeeded, MediadlError, VaultLocked, from_dict
from mediadl.events import Event, EventKind
from mediadl.logs import get_logger
from mediadl.models import Job, Session, SessionStanding
from mediadl.paths import Home
from mediadl.pipeline import plan, work_folder
from mediadl.pipeline.facts import DescribeFact, Outbox
from mediadl.pipeline.protocol import LoginNews, LoginReady, Message
from mediadl.security import cookies
from mediadl.settings.schema import Settings
from mediadl.store import jobs, journal, sessions
from mediadl.store.database import Database
from mediadl.store.vault import Login, Vault
from mediadl.workers import session_link
from mediadl.workers.active import Active

_log = get_logger("sessions")

_BUSY = "waiting for the account: another job uses it"
_NO_FLOW_BACK = frozenset({"login_needed", "challenge"})
"""What a site sets while it refuses is worth nothing."""
_USABLE = (SessionStanding.FINE, SessionStanding.SOON)


@dataclass(frozen=True, slots=True)
class LoginPlan:
    """What is known of a job's login before it runs."""

    mode: str
    """`needed`, `always` or `never`."""
    account: str = ""
    """Who would go out; empty: there is no session of the site."""


@dataclass(slots=True)
class _Lease:
    session: Session
    given: Login
    copy: Path
    refused: DownloadError | None = None


@dataclass(frozen=True, slots=True)
class _Asker:
    job: Job
    work: Path


class Accounts:
    """Called by the supervisor, in its thread."""

    def __init__(
        self, home: Home, database: Database, outbox: Outbox, send: Callable[[int, Message], None]
    ) -> None:
        """`send` gives a message to the runner of a job."""
        self._home = home
        self._database = database
        self._outbox = outbox
        self._send = send
        self._vault = Vault(home)
        self._leases: dict[int, _Lease] = {}
        self._waiting: list[_Asker] = []
        self._refused: set[int] = set()
        """Jobs whose account was refused in the run that goes on."""

    def start(self, settings: Settings, taken_over: Sequence[int]) -> None:
        """Seal what lies open from before there was a vault, and take away copies that killed processes left."""
        session_link.sweep(self._home)
        try:
            moved = self._vault.seal_plain(self._database)
        except MediadlError as error:
            _log.warning("%s. %s", error.message, error.next_step)
        else:
            if moved:
                _log.info("sealed the cookies of %d sessions", moved)
        found = jobs.get_many(self._database.read(), taken_over)
        usual = Path(settings.downloads.directory).expanduser().absolute()
        for root in {usual, *(plan.root_of(job, settings) for job in found)}:
            for job_id in work_folder.job_ids(root):
                discard_copy(work_folder.path_of(root, job_id))

    def plan(self, job: Job, settings: Settings) -> LoginPlan:
        """Whether a job may use a login, and whose."""
        for session in self._of_site(job.site):
            mode = session.use or settings.platforms.login
            return LoginPlan(mode, "" if mode == "never" else session.account)
        return LoginPlan(settings.platforms.login)

    def account_of(self, job_id: int) -> str:
        """Whose login a job has now; empty: none."""
        lease = self._leases.get(job_id)
        return lease.session.account if lease else ""

    def hear(self, active: Active, news: LoginNews) -> None:
        """A runner wants a login, or tells that the site did not take the one it has."""
        job = active.run.job
        if news.refused is not None:
            self._refuse(job.id, from_dict(news.refused))
            return
        asker = _Asker(job, work_folder.path_of(active.root, job.id))
        if not self._serve(asker):
            self._waiting.append(asker)
            self._outbox.facts.append(DescribeFact(job, {"message": _BUSY}))

    def give_back(self, job_id: int, end: str) -> None:
        """A run needs its login no more; `end`: the kind of error it ended with."""
        self._waiting = [asker for asker in self._waiting if asker.job.id != job_id]
        lease = self._leases.pop(job_id, None)
        if lease is None:
            return
        if lease.refused is None and end not in _NO_FLOW_BACK:
            self._flow_back(job_id, lease)
        elif lease.refused is not None and lease.refused.kind == LoginNeeded.kind:
            self._mark_refused(lease.session.site, lease.session.account, lease.refused.message)
        discard_copy(lease.copy.parent)
        for asker in [one for one in self._waiting if one.job.site == lease.session.site]:
            if self._serve(asker):
                self._waiting.remove(asker)
                self._outbox.facts.append(DescribeFact(asker.job, {"message": ""}))

    def settled(self, active: Active, error: DownloadError | None) -> None:
        """A job's run is written down: nothing secret stays, and another account that works gets its turn."""
        job, run = active.run.job, active.run
        if run.items.login_refused is not None:
            self._mark_refused(job.site, run.items.account, run.items.login_refused.message)
        self.give_back(job.id, error.kind if error else "")
        discard_copy(work_folder.path_of(active.root, job.id))
        was_refused = job.id in self._refused or run.items.login_refused is not None
        self._refused.discard(job.id)
        if not was_refused or error is None or error.kind != LoginNeeded.kind:
            return
        if any(session.standing(time.time()) in _USABLE for session in self._of_site(job.site)):
            try:
                with self._database.write() as tx:
                    jobs.wake(tx, site=job.site, reason=LoginNeeded.kind)
            except MediadlError as failed:
                _log.warning("jobs go on waiting for a login: %s", failed.message)

    def _serve(self, asker: _Asker) -> bool:
        """Answer a runner that wants a login; false while other jobs use all that work."""
        job = asker.job
        found = self._of_site(job.site)
        taken = {lease.session.account for lease in self._leases.values() if lease.session.site == job.site}
        trouble = ""
        for session in found:
            if session.use == "never":
                continue
            if session.standing(time.time()) not in _USABLE:
                trouble = trouble or refusal_words(session)
                continue
            if session.account in taken:
                continue
            try:
                ready = self._lend(job, asker.work, session)
            except MediadlError as error:
                trouble = trouble or error.message
                _log.warning("%s. %s", error.message, error.next_step, extra={"job": job.id})
            else:
                self._send(job.id, ready)
                return True
        usable = {s.account for s in found if s.standing(time.time()) in _USABLE and s.use != "never"}
        if usable & taken:
            return False
        none = LoginNeeded(trouble or f"no login of {job.site} is here")
        self._send(job.id, LoginReady(error=none.to_dict()))
        return True

    def _refuse(self, job_id: int, error: DownloadError) -> None:
        lease = self._leases.get(job_id)
        if lease is not None:
            lease.refused = error
            if error.kind == LoginNeeded.kind:
                self._refused.add(job_id)

    def _mark_refused(self, site: str, account: str, reason: str) -> None:
        """Note that the site refuses a login, and tell it once."""
        payload = {"site": site, "account": account, "broken": reason}
        try:
            with self._database.write() as tx:
                was = sessions.get(tx, site, account)
                if was is None or not sessions.mark_broken(tx, site, account, reason):
                    return
                if not was.broken_reason:
                    journal.append(tx, [Event(EventKind.SESSION_CHANGED, None, payload)], time.time())
        except MediadlError as error:
            _log.warning("cannot note it: %s", error.message)  # the next job's run will
        _log.warning("%s refuses the login %s: %s", site, account, reason)

    def header(self, job: Job, account: str) -> str:
        """The `Cookie` header of an account for the job's own address; empty when none fits or it cannot be opened."""
        session = sessions.get(self._database.read(), job.site, account)
        if session is None or session.standing(time.time()) not in _USABLE:
            return ""
        try:
            login = self._vault.open(self._database.read(), session)
        except MediadlError as error:
            _log.warning("%s. %s", error.message, error.next_step, extra={"job": job.id})
            return ""
        return cookie_header(login, job.url)

    def _of_site(self, site: str) -> list[Session]:
        return sessions.of_site(self._database.read(), site, time.time())

    def _lend(self, job: Job, work: Path, session: Session) -> LoginReady:
        login = self._vault.open(self._database.read(), session)
        copy = work / plan.COOKIES
        try:
            _write(copy, cookies.render(login.cookies))
        except OSError as error:
            raise VaultLocked(
                f"cannot write the cookies for the job: {error.strerror or error}", next_step="Retry it."
            ) from error
        self._leases[job.id] = _Lease(session, login, copy)
        return LoginReady(session.account, session.user_agent, login.user, login.password)

    def _flow_back(self, job_id: int, lease: _Lease) -> None:
        try:
            changed_at = lease.copy.stat().st_mtime
            returned = cookies.parse(lease.copy.read_text("utf-8"))
            with self._database.write() as tx:
                merged = self._vault.merge(
                    tx, lease.session, lease.given, returned, changed_at=changed_at, now=time.time()
                )
        except (OSError, ValueError, MediadlError) as error:
            _log.warning("newer cookies are lost: %s", error, extra={"job": job_id})
        else:
            if merged:
                _log.info("took over newer cookies of %s", lease.session.site, extra={"job": job_id})


def refusal_words(session: Session) -> str:
    """Why a login is not used, in one line."""
    name = session.site if session.account == "default" else f"{session.site} ({session.account})"
    if session.broken_reason:
        return f"the login of {name} was refused: {session.broken_reason}"
    return f"the login of {name} has run out"


def cookie_header(login: Login, url: str) -> str:
    """The `Cookie` header that a login gives for one URL; empty when none fits."""
    jar = http.cookiejar.CookieJar()
    for one in login.cookies:
        jar.set_cookie(
            http.cookiejar.Cookie(
                0, one.name, one.value, None, False, one.domain, one.subdomains, one.domain.startswith("."),
                one.path, True, one.secure, int(one.expires_at) or None, not one.expires_at, None, None, {},
            )
        )  # fmt: skip
    request = urllib.request.Request(url)  # noqa: S310 - never opened, only matched against the jar
    jar.add_cookie_header(request)
    return request.get_header("Cookie") or ""


def discard_copy(work: Path) -> None:
    """Take the copy of the cookies out of a job's work folder."""
    for name in (plan.COOKIES, f".{plan.COOKIES}.part"):
        with contextlib.suppress(OSError):
            (work / name).unlink(missing_ok=True)


def _write(copy: Path, text: str) -> None:
    copy.unlink(missing_ok=True)
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
