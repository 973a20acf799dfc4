"""Platforms and how they do: their backends with lights, what rests until when, and a test of one on demand."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mediadl.errors import DownloadError, InvalidInput, NotFound, from_dict
from mediadl.models import BackendHealth, BackendTry, Breaker, Light, Session, SiteState
from mediadl.modules import registry
from mediadl.modules.base import Module, Option, Target
from mediadl.pipeline import breakers, lights
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import sessions, sites, tries

if TYPE_CHECKING:
    from mediadl.pipeline.protocol import Tried
    from mediadl.service import Services
    from mediadl.settings.schema import Settings

ANY_SITE = frozenset({"direct", "forum", "generic"})
"""Platforms that stand for any site."""

PROBED_ITEMS = 3
"""A test lists no more."""

_WORST = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY)


@dataclass(frozen=True, slots=True)
class Platform:
    """One module in a line."""

    name: str
    title: str
    light: Light
    why: str
    backends: tuple[BackendHealth, ...]
    """All content types together."""
    last_success_at: float | None
    cooldown_until: float | None
    """The site itself is left alone until then; None: it is not."""


@dataclass(frozen=True, slots=True)
class Details:
    """One module in full."""

    platform: Platform
    content_types: dict[str, str]
    needs_login: tuple[str, ...]
    by_type: tuple[BackendHealth, ...]
    """A backend at each content type it was asked for, or may be."""
    options: tuple[tuple[Option, Any], ...]
    """With the value in force."""
    limits: dict[str, str]
    sessions: tuple[Session, ...]
    resting: tuple[tuple[str, str, str, Breaker], ...]
    """Ways that are left alone, as (site, backend, account, breaker)."""
    advice: str
    """What to know before a login is used; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a test of a platform said."""

    url: str
    items: int
    error: DownloadError | None
    tried: tuple[tuple[str, BackendTry], ...]
    """Each backend that was asked, and how it did."""
    said: str = ""
    """What the site said that plainly has nothing."""


class PlatformService(Verbs):
    """Looks at platforms; a test starts a runner of its own and downloads nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.LOOK)
    def list(self, now: float | None = None) -> builtins.list[Platform]:
        """Every platform."""
        at = time.time() if now is None else now
        settings = self._services.inner.settings.values()
        return [self._platform(module, settings, at) for module in registry.modules()]

    @asks(Right.LOOK)
    def show(self, name: str, now: float | None = None) -> Details:
        """One platform in full.

        Raises:
            NotFound: there is none of this name.
        """
        at = time.time() if now is None else now
        module = _module(name)
        settings = self._services.inner.settings.values()
        read = self._services.store.read()
        values = settings.options_of(module.name)
        # Every type with its ways in the order in which they are asked, then those that were asked once
        rows = dict.fromkeys(
            (backend, kind) for kind in module.content_types for backend in _backends(module, kind)
        )
        rows |= dict.fromkeys(sorted(tries.asked(read, module.name), key=lambda one: (one[1], one[0])))
        return Details(
            self._platform(module, settings, at),
            dict(module.content_types),
            tuple(sorted(module.needs_login)),
            tuple(self._health(module, backend, kind, settings, at) for backend, kind in rows),
            tuple((option, values.get(option.name, option.default)) for option in module.options),
            _limits(module.name, settings),
            self._logins(module.name),
            tuple(tries.resting(read, module.name, at)),
            str(getattr(module, "advice", "")),
        )

    @does(Right.ENGINES, "platform.test")
    def test(self, name: str, url: str = "", told: Callable[[str], None] | None = None) -> Probe:
        """List a little of an address with every way that a job would take; nothing is downloaded.

        Without an address the last job of the platform that went well is asked for again, else its first example.

        Raises:
            NotFound: no such platform.
            InvalidInput: the address is not the platform's.
        """
        from mediadl.service.intake import AddOptions

        module = _module(name)
        if module.name == "direct":
            raise InvalidInput(
                "plain files have no backend to test", next_step="Add the address: mediadl add."
            )
        address = url or self._known_url(module)
        options = AddOptions(platform=module.name, max_items=PROBED_ITEMS)
        found = self._services.preview.begin(address, options, most=PROBED_ITEMS).run(told=told)
        return Probe(address, len(found.items), found.trouble, tuple(map(_way, found.tried)), found.said)

    @does(Right.STEER_ALL, "platform.clear")
    def clear(self, name: str) -> int:
        """Let everything of a platform be asked again at once; returns how many ways and sites rested.

        Raises:
            NotFound: no such platform.
        """
        module = _module(name)
        now = time.time()
        with self._services.store.write() as tx:
            from mediadl.store import jobs

            found = [state.site for state in sites.resting(tx, now) if self._is_of(module, state)]
            found += [site for site, *_ in tries.resting(tx, module.name, now)]
            for site in set(found):
                sites.clear(tx, site, now)
                tries.close(tx, site)
                for reason in ("site_rests", "rate_limited"):
                    jobs.wake(tx, site=site, reason=reason)
        return len(found)

    def _logins(self, site: str) -> tuple[Session, ...]:
        if not self.caller.may(Right.SESSIONS):
            return ()
        return tuple(one for one in sessions.list(self._services.store.read()) if one.site == site)

    def _is_of(self, module: Module, state: SiteState) -> bool:
        return state.site == module.name or (module.name in ANY_SITE and "." in state.site)

    def _platform(self, module: Module, settings: Settings, now: float) -> Platform:
        read = self._services.store.read()
        names = dict.fromkeys(backend for kind in module.content_types for backend in _backends(module, kind))
        names |= dict.fromkeys(backend for backend, _ in tries.asked(read, module.name))
        backends = tuple(self._health(module, backend, "", settings, now) for backend in names)
        state = sites.get(read, module.name)
        rests = state.cooldown_until if (state.cooldown_until or 0.0) > now else None
        light, why = _together(backends)
        if rests is not None:
            light, why = Light.RED, f"the site rests after: {lights.title(state.cooldown_reason).lower()}"
        success = max((one.last_success_at or 0.0 for one in backends), default=0.0) or state.last_success_at
        return Platform(module.name, module.title, light, why, backends, success, rests)

    def _health(
        self, module: Module, backend: str, kind: str, settings: Settings, now: float
    ) -> BackendHealth:
        read = self._services.store.read()
        if kind:
            found = tries.last(read, module.name, backend, kind)
        else:
            kinds = [one for name, one in tries.asked(read, module.name) if name == backend]
            all_of_them = [one for kind in kinds for one in tries.last(read, module.name, backend, kind)]
            found = sorted(all_of_them, key=lambda one: one.at)[-tries.KEPT :]
        rests = None
        if module.name not in ANY_SITE:
            breaker = tries.breaker(read, module.name, backend, "")
            rests = breakers.rests_until(breaker, now)
            for account in (one.account for one in sessions.list(read) if one.site == module.name):
                rests = rests or breakers.rests_until(tries.breaker(read, module.name, backend, account), now)
        verdict = lights.judge(
            found,
            now,
            rests_until=rests,
            disabled=_disabled(module, backend, settings),
            made_for_site=module.name not in ANY_SITE,
        )
        failed = found[-1].kind if found and found[-1].kind else ""
        return BackendHealth(
            module.name,
            backend,
            kind,
            verdict.light,
            verdict.why,
            tuple(found),
            lights.last_success_at(found),
            lights.usual_answer_s(found),
            rests,
            failed,
        )

    def _known_url(self, module: Module) -> str:
        from mediadl.models import JobQuery, JobStatus

        query = JobQuery(statuses=frozenset({JobStatus.COMPLETED}), platform=module.name)
        done = self._services.queue.page(query, 0, 1)
        return done[0].url if done else module.examples[0][0]


def _way(tried: Tried) -> tuple[str, BackendTry]:
    error = from_dict(tried.error) if tried.error else None
    how = BackendTry(
        time.time(),
        error.kind if error else "",
        error.message if error else "",
        tried.logged_in,
        tried.answer_s,
        tried.took_s,
        tried.items,
    )
    return tried.backend, how


def _module(name: str) -> Module:
    try:
        return registry.module(name.strip().lower())
    except InvalidInput as error:
        raise NotFound(error.message, next_step=error.next_step) from error


def _backends(module: Module, kind: str) -> tuple[str, ...]:
    try:
        return module.backends(Target(module.name, "", kind, module.name))
    except (KeyError, DownloadError):
        return ()


def _disabled(module: Module, backend: str, settings: Settings) -> str:
    """Why a backend is not asked; empty: it is."""
    values = settings.options_of(module.name)
    key = f"use_{backend}"
    for option in module.options:
        if option.name == key and not values.get(key, option.default):
            return f"switched off: mediadl settings set {module.name}.{key} true"
    return ""


def _together(backends: Sequence[BackendHealth]) -> tuple[Light, str]:
    """A platform does as well as the best of its ways."""
    known = [one for one in backends if one.light is not Light.GREY]
    if not known:
        return Light.GREY, "never asked"
    best = max(known, key=lambda one: _WORST.index(one.light))
    return best.light, f"{best.backend}: {best.why}"


def _limits(name: str, settings: Settings) -> dict[str, str]:
    found = settings.platforms
    if name == "instagram":
        return {
            "pause": f"about {found.instagram_delay_s:g} s, with a login {found.instagram_delay_s * 5:g} s",
            "with a login, per hour": str(found.instagram_requests_per_hour or "any number"),
            "with a login, per day": str(found.instagram_requests_per_day or "any number"),
            "cool-down": f"{found.cooldown_s:g} s at first, doubled each time",
        }
    return {
        "pause": f"about {found.request_delay_s:g} s" if found.request_delay_s else "none",
        "with a login, per hour": str(found.account_requests_per_hour or "any number"),
        "with a login, per day": str(found.account_requests_per_day or "any number"),
        "cool-down": f"{found.cooldown_s:g} s at first, doubled each time",
    }
