"""Brings engine versions in, tries them, and switches to those that work; `python -m mediadl.workers.engine_update`.

The order makes a kill at any moment harmless: a version is unpacked under a name that nobody reads, tried there,
renamed into its place, and only then pointed at. What is left over is removed by the next update.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mediadl import logs
from mediadl.errors import (
    DownloadError,
    EngineRefused,
    InvalidInput,
    MediadlError,
    NetworkFailed,
    NotFound,
    NotWritable,
    ProxyFailed,
    TlsFailed,
)
from mediadl.events import Event, EventKind
from mediadl.logs import get_logger
from mediadl.modules.base import Network
from mediadl.paths import Home
from mediadl.settings import files as settings_files
from mediadl.settings.schema import Settings
from mediadl.store import engine_checks, journal
from mediadl.store.database import Database
from mediadl.workers import engine_wheels
from mediadl.workers.engine_sources import Channel, IndexSource, Offer, Source, best, exactly, runs_here
from mediadl.workers.engine_store import ENGINES, EngineStore, order, write_origin
from mediadl.workers.engine_trial import Trials

_log = get_logger("engines")

RECENT_URLS = 3
MOST_URLS = 12
"""Of a trial, so that it takes minutes at most and asks no site for much."""
REFUSED_FOR_S = 7 * 86_400
"""So long an update by schedule leaves a version alone that was refused."""
_EXACTLY = re.compile(r"^([A-Za-z0-9._-]+)\s*==\s*([0-9][^\s;,]*)\s*(?:;\s*(.*))?$")


class State(StrEnum):
    """What became of an update."""

    UPDATED = "updated"
    CURRENT = "current"
    """Nothing newer is known."""
    PINNED = "pinned"
    """The user wants this very version."""
    REFUSED = "refused"
    """A newer one was tried and did not do."""
    FAILED = "failed"
    """It could not be had."""
    ABSENT = "absent"
    """The engine is not installed, and was not asked for by name."""
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one engine. Versions are never empty where there is one."""

    name: str
    state: State
    before: str
    after: str = ""
    """The version that was to be taken."""
    reason: str = ""
    """Why not, in one line."""

    @property
    def is_change(self) -> bool:
        """Whether another version is used now."""
        return self.state in {State.UPDATED, State.ROLLED_BACK}

    @property
    def is_trouble(self) -> bool:
        """Whether the user wanted something that did not happen."""
        return self.state in {State.REFUSED, State.FAILED}


class Updater:
    """Changes the versions of one data folder."""

    def __init__(
        self,
        store: EngineStore,
        settings: Settings,
        database: Database,
        *,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`tell` hears what goes on, for people who wait."""
        self.store = store
        self._settings = settings
        self._database = database
        self._tell = tell
        self._by_schedule = False
        self._cut_off: DownloadError | None = None
        self._network = network_of(settings)
        self.trials = Trials(store, self._network)

    def index(self) -> IndexSource:
        """The index of the settings."""
        return IndexSource(self._settings.engines.index, self._network, self.store.root)

    def update(
        self, names: Sequence[str], source: Source, channel: Channel, *, by_schedule: bool = False
    ) -> list[Outcome]:
        """Bring engines up to date; none named: all that are there.

        Raises:
            EngineRefused: another update is at work.
        """
        self._by_schedule, self._cut_off = by_schedule, None
        with self.store.busy() as mine:
            if not mine:
                raise EngineRefused("another update of engines is at work", next_step="Wait for its end.")
            self.store.sweep()
            return [
                self._kept(self._update(name, source, channel, by_name=bool(names)))
                for name in names or ENGINES
            ]

    def pin(self, name: str, version: str, source: Source) -> Outcome:
        """Use exactly this version and leave it alone from now on; it is fetched when it is not there.

        Raises:
            EngineRefused: it does not work, or another update is at work.
            DownloadError: it could not be had.
        """
        before = self.now(name)
        taken = self._here(name, version)
        if taken is None:
            with self.store.busy() as mine:
                if not mine:
                    raise EngineRefused("another update of engines is at work", next_step="Wait for its end.")
                offer = exactly(source.offers(name), version)
                if offer is None:
                    raise NotFound(f"{source.name} has no {name} {version}", next_step="mediadl engines list")
                # Chosen by name: that it works is enough, it need not do what the one in use does
                refusal, taken = self._bring(name, source, offer, [])
                if refusal:
                    self._kept(Outcome(name, State.REFUSED, before, offer.version, refusal))
                    raise EngineRefused(
                        f"{name} {offer.version}: {refusal}", next_step="Nothing was changed."
                    )
        self.store.switch(name, taken, pinned=True)
        return self._kept(Outcome(name, State.PINNED, before, self.now(name)))

    def unpin(self, name: str) -> Outcome:
        """Let it be updated again; the version stays."""
        self.store.point(name, replace(self.store.pointer(name), pinned=False))
        return Outcome(name, State.CURRENT, self.now(name), self.now(name))

    def roll_back(self, name: str) -> Outcome:
        """Use the version before from now on; takes no longer than writing one small file.

        Raises:
            NotFound: there is none.
        """
        before = self.now(name)
        self.store.roll_back(name)
        return self._kept(Outcome(name, State.ROLLED_BACK, before, self.now(name)))

    def now(self, name: str) -> str:
        """The version in use; empty when there is none."""
        return self.store.in_use(name) or self.store.packaged(name)

    def urls(self, name: str) -> list[str]:
        """Addresses to try an engine with: the user's own, and some that worked with it lately."""
        recent = engine_checks.recent_urls(self._database.read(), name, RECENT_URLS)
        return list(dict.fromkeys([*self._settings.engines.canary, *recent]))[:MOST_URLS]

    # One engine

    def _update(self, name: str, source: Source, channel: Channel, *, by_name: bool) -> Outcome:
        before = self.now(name)
        if not before and not by_name:
            return Outcome(name, State.ABSENT, "")
        if self.store.pointer(name).pinned:
            return Outcome(name, State.PINNED, before, before)
        if self._cut_off is not None:
            return Outcome(name, State.FAILED, before, "", self._cut_off.message)
        turn = self.store.pointer(name).turn
        self.store.tidy(name)
        self._tell(f"{name}: asking {source.name}")
        try:
            offers = source.offers(name)
            self._note(name, offers)
            offer = best((o for o in offers if runs_here(o.requires_python)), channel)
            if offer is None:
                # Of an engine that was not named, it is no trouble that a folder has nothing of it
                state = State.FAILED if by_name else State.CURRENT
                return Outcome(name, state, before, before, f"{source.name} has no version for this Python")
            if before and order(offer.version) <= order(before):
                return Outcome(name, State.CURRENT, before, before)
            if self._by_schedule and not self.store.known(name).may_try(offer.version, time.time()):
                return Outcome(name, State.CURRENT, before, before)
            refusal, taken = self._bring(name, source, offer, self.urls(name))
        except DownloadError as error:
            if isinstance(error, NetworkFailed | ProxyFailed | TlsFailed):
                # The others would wait for the same
                self._cut_off = error
            return Outcome(name, State.FAILED, before, "", error.message)
        if refusal:
            self.store.note_refused(name, offer.version, refusal, time.time() + REFUSED_FOR_S)
            return Outcome(name, State.REFUSED, before, offer.version, refusal)
        if not self.store.switch(name, taken, turn=turn):
            return Outcome(name, State.FAILED, before, taken, "another version was chosen meanwhile")
        self.store.tidy(name)
        return Outcome(name, State.UPDATED, before, taken)

    def _bring(self, name: str, source: Source, offer: Offer, urls: Sequence[str]) -> tuple[str, str]:
        """Fetch, unpack and try a version: why it was refused, or the name of its folder.

        Raises:
            DownloadError: it could not be had, or is no sound wheel.
        """
        made = self.store.scratch(name, "new")
        try:
            made.mkdir(mode=0o700)
            self._tell(f"{name}: fetching {offer.version}")
            unpacked = self._unpack(source, offer, made, ENGINES[name].module)
            if order(unpacked.version) != order(offer.version):
                return f"it says it is version {unpacked.version}", ""
            if not runs_here(unpacked.requires_python):
                return f"it needs Python {unpacked.requires_python}", ""
            refusal = self._companions(name, source, unpacked.requires, made)
            if refusal:
                return refusal, ""
            write_origin(made, {"from": source.name, "file": offer.file, "sha256": offer.sha256,
                                "released_at": offer.released_at, "stored_at": time.time()})  # fmt: skip
            self._tell(f"{name}: trying {offer.version}")
            refusal = self.trials.objection(name, offer.version, made, urls)
            if refusal:
                return refusal, ""
            self.store.adopt(name, offer.version, made)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return "", offer.version

    def _unpack(self, source: Source, offer: Offer, made: Path, module: str) -> engine_wheels.Unpacked:
        wheel = made / ".wheel"
        wheel.mkdir()
        file = wheel / "engine.whl"
        try:
            source.fetch(offer, file)
            return engine_wheels.unpack(file, made, module)
        except OSError as error:
            raise NotWritable(f"cannot store {offer.file}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(wheel, ignore_errors=True)

    def _companions(self, name: str, source: Source, requires: Iterable[str], made: Path) -> str:
        """Bring the packages of which this version wants an exact one; why that was impossible, or nothing."""
        for package, module in ENGINES[name].companions:
            wanted = _wanted(requires, package)
            if not wanted or order(wanted) == order(self.store.packaged(package)):
                continue
            try:
                offer = exactly(source.offers(package), wanted)
                if offer is None:
                    return f"it needs {package} {wanted}, which {source.name} does not have"
                self._unpack(source, offer, made, module)
            except DownloadError as error:
                return f"it needs {package} {wanted}: {error.message}"
        return ""

    def _here(self, name: str, version: str) -> str | None:
        """The folder's name of a version that is there already; None when it is not."""
        if order(version)[0] == 0:
            raise InvalidInput(
                f"not a version: {version!r}", next_step="Give one as mediadl engines list prints it."
            )
        packaged = self.store.packaged(name)
        if packaged and order(packaged) == order(version):
            return ""
        return next((one for one in self.store.stored(name) if order(one) == order(version)), None)

    def _note(self, name: str, offers: Sequence[Offer]) -> None:
        """Keep what the source knows, for `engines list` and the age of what is used."""
        known = self.store.known(name)
        dated = {offer.version: offer.released_at for offer in offers if offer.released_at}
        of_use = {self.now(name), self.store.packaged(name), *self.store.stored(name)}
        newest = {channel: found for channel in ("stable", "nightly") if (found := best(offers, channel))}
        of_use |= {found.version for found in newest.values()}
        self.store.note(
            name,
            replace(
                known,
                checked_at=time.time(),
                newest={channel: found.version for channel, found in newest.items()},
                released_at={**known.released_at, **{v: at for v, at in dated.items() if v in of_use}},
            ),
        )

    def _kept(self, outcome: Outcome) -> Outcome:
        """Write down what happened, for the log and for whoever watches."""
        state, name = outcome.state, outcome.name
        if state in {State.CURRENT, State.ABSENT} or (
            state is State.PINNED and outcome.before == outcome.after
        ):
            return outcome
        level = _log.warning if outcome.is_trouble else _log.info
        level("%s %s: %s%s", name, outcome.after, state, f": {outcome.reason}" if outcome.reason else "")
        payload = {
            "name": name,
            "state": state.value,
            "before": outcome.before,
            "after": outcome.after,
            "reason": outcome.reason,
            "by": "schedule" if self._by_schedule else "user",
        }
        with self._database.write() as tx:
            journal.append(tx, [Event(EventKind.ENGINE, None, payload)], time.time())
        return outcome


def network_of(settings: Settings) -> Network:
    """How engines' sources and trials reach the outside."""
    net = settings.network
    return Network(net.proxy, net.ca_file, net.verify_tls, net.timeout_s, 1, trusted=True)


def main() -> int:
    """The update by schedule: what the settings say, in a process of its own."""
    os.nice(10)
    home = Home.locate().create()
    handler = logs.start(home.logs)
    try:
        settings = settings_files.load(home.settings_file)
        store = EngineStore(home.engines)
        with Database.open(home) as database:
            updater = Updater(store, settings, database)
            found = updater.update([], updater.index(), settings.engines.channel, by_schedule=True)
    except MediadlError as error:
        _log.warning("the engines were not updated: %s", error.message)
        return 1
    finally:
        logs.stop(handler)
    return int(any(outcome.state is State.FAILED for outcome in found))


def _wanted(requires: Iterable[str], package: str) -> str:
    """The exact version of a package that a wheel's default extra asks for; empty when it does not care."""
    for line in requires:
        match = _EXACTLY.match(line)
        if match and engine_wheels.normal(match[1]) == package and "extra == 'pin'" not in (match[3] or ""):
            return match[2]
    return ""


if __name__ == "__main__":
    sys.exit(main())
