"""What keeps sites and accounts from being asked too much: rests, probes, budgets. Lives in the supervisor's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mediadl.errors import KINDS, SiteRests
from mediadl.models import Job, Lane
from mediadl.modules import registry
from mediadl.pipeline import breakers, plan
from mediadl.pipeline.facts import RefusedFact
from mediadl.pipeline.pacing import DAY_S, Standing, standing
from mediadl.pipeline.protocol import Grant, Message, Reopen, Resting, Spend, TransferFailed, Working
from mediadl.settings.schema import Settings
from mediadl.store import job_holding, sessions, sites, spending, tries
from mediadl.store.database import Connection, Database
from mediadl.workers.active import Active

LONG_WAIT_S = 30.0
"""A runner that waits for longer gives its place among the jobs at once to another."""


@dataclass(slots=True)
class Gentleness:
    """Called by the supervisor; writes through the database it is given."""

    database: Database
    active: Mapping[int, Active]
    tell_transfers: Callable[[Message], object]
    tell_runner: Callable[[int, Message], None]
    _closed: dict[str, set[str]] = field(default_factory=dict)
    """Hosts that the transfer child keeps closed, by the site whose jobs met the refusal."""

    # Before jobs start

    def hold_back(self, settings: Settings, now: float) -> None:
        """Let the jobs wait whose site rests or whose account has no request left; each is told until when."""
        read = self.database.read()
        resting = [
            state for state in sites.resting(read, now) if job_holding.waits_to_start(read, state.site)
        ]
        spent = [
            (site, min(standings, key=lambda how: how.until or 0.0))
            for site, standings in self._standings(read, settings, now).items()
            if all(how.until is not None for how in standings) and job_holding.waits_to_start(read, site)
        ]
        if not resting and not spent:
            return
        with self.database.write() as tx:
            for state in resting:
                kind = KINDS.get(state.cooldown_reason)
                why = f"after: {kind.title.lower()}" if kind else "for a while"
                job_holding.hold(
                    tx,
                    state.site,
                    state.cooldown_until or now,
                    reason="site_rests",
                    message=f"{state.site} is left alone {why}",
                    now=now,
                )
            for site, how in spent:
                spending.bring_back(tx, site, now)
                job_holding.hold(
                    tx,
                    site,
                    how.until or now,
                    reason="budget",
                    message=how.why,
                    now=now,
                    lanes=(Lane.RUNNER,),
                    content_types=_needing_login(site, settings),
                )

    def one_at_a_time(self) -> list[str]:
        """Sites where an account is used: its requests come from one job at a time."""
        return [session.site for session in sessions.list(self.database.read())]

    def starts(self, job: Job) -> None:
        """A job begins: hosts that refused its site's jobs take one request again."""
        hosts = self._closed.pop(job.site, None)
        if hosts:
            self.tell_transfers(Reopen(tuple(sorted(hosts))))

    def at_work(self, active: Active, now: float) -> bool:
        """Whether a job takes one of the places; one that waits for long does not. `now`: monotonic."""
        return active.waits_until - now < LONG_WAIT_S

    # While they run

    def heard(self, active: Active, message: Message, settings: Settings) -> None:
        """A runner said something."""
        match message:
            case Spend():
                self._grant(active.run.job, message, settings)
            case Working():
                active.waits_until = time.monotonic() + message.waiting_s
            case _:
                pass

    def transfer_failed(self, job: Job, message: TransferFailed) -> None:
        """The transfer child may have closed a host over it."""
        if message.host:
            self._closed.setdefault(job.site, set()).add(message.host)

    def refused(self, fact: RefusedFact, now: float) -> None:
        """A site refused one job: its others stop as well, and wait as long."""
        site = fact.job.site
        until = sites.get(self.database.read(), site).cooldown_until or fact.until
        for other in list(self.active.values()):
            if other.run.job.site == site and other.run.job.id != fact.job.id:
                other.run.fail_now(
                    SiteRests(
                        f"{site} is left alone after: {fact.error.title.lower()}",
                        retry_after_s=max(0.0, until - now),
                    )
                )

    def _grant(self, job: Job, asked: Spend, settings: Settings) -> None:
        """Count a request before it is sent, or say when it may be asked for again."""
        now = time.time()
        with self.database.write() as tx:
            spending.bring_back(tx, job.site, now)
            how = self._standing(tx, job.site, asked.account, settings, now)
            last_at = max(spending.sent(tx, job.site, asked.account, now - DAY_S), default=0.0)
            if how.until is None:
                spending.note(tx, job.site, asked.account, now)
        wait_s = 0.0 if how.until is None else max(0.01, how.until - now)
        self.tell_runner(job.id, Grant(asked.n, wait_s, how.why, last_at))

    def _standings(self, connection: Connection, settings: Settings, now: float) -> dict[str, list[Standing]]:
        """How the accounts stand, by site; sites where nothing is counted are left out."""
        found: dict[str, list[Standing]] = {}
        if settings.platforms.login == "never":
            return found
        for one in sessions.list(connection):
            if plan.budget_of(one.site, settings).limited:
                found.setdefault(one.site, []).append(
                    self._standing(connection, one.site, one.account, settings, now)
                )
        return found

    @staticmethod
    def _standing(
        connection: Connection, site: str, account: str, settings: Settings, now: float
    ) -> Standing:
        sent = spending.sent(connection, site, account, now - DAY_S)
        return standing(sent, plan.budget_of(site, settings), now)


def is_careful(database: Database, job: Job) -> bool:
    """Whether the first requests to a job's site should come one after the other."""
    state = sites.get(database.read(), job.site)
    return job.lane is Lane.TRANSFER and (state.last_success_at is None or state.failures > 0)


def resting_ways(database: Database, job: Job) -> list[Resting]:
    """The ways a job must not take now. Those whose rest is over are taken as a probe: by this job, and no other."""
    now = time.time()
    read = database.read()
    usable = [one.account for one in sessions.of_site(read, job.site, now) if not one.broken_reason]
    found: list[Resting] = []
    by_backend: dict[str, list[float]] = {}
    probes = []
    for backend, account, breaker in tries.all_breakers(read, job.site):
        until = breakers.rests_until(breaker, now)
        if until is None:
            if breakers.state(breaker, now) is breakers.State.HALF_OPEN:
                probes.append((backend, account, breakers.probing(breaker, now)))
        elif not account:
            found.append(Resting(backend, until))
        elif account in usable:
            by_backend.setdefault(backend, []).append(until)
    found += [
        Resting(backend, min(ends), account=True)
        for backend, ends in by_backend.items()
        if len(ends) == len(usable)
    ]
    if probes:
        with database.write() as tx:
            for backend, account, breaker in probes:
                tries.put_breaker(tx, job.platform, job.site, backend, account, breaker)
    return found


def _needing_login(site: str, settings: Settings) -> tuple[str, ...]:
    """Content types that only the account gives; empty: all, because it is used for everything."""
    if settings.platforms.login == "always":
        return ()
    known = next((module for module in registry.modules() if module.name == site), None)
    return tuple(sorted(known.needs_login)) if known is not None and known.needs_login else ("",)
