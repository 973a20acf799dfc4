"""Versions of yt-dlp, gallery-dl and instaloader: which are used, how old they are, how to change and try them."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediadl import logs
from mediadl.errors import InvalidInput, NotFound
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, does
from mediadl.workers.engine_sources import Channel, FolderSource, Source
from mediadl.workers.engine_store import ENGINES, EngineStore, order
from mediadl.workers.engine_trial import Report
from mediadl.workers.engine_update import Outcome, State, Updater

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mediadl.service import Services

_DATED = re.compile(r"^(20\d\d)\.(\d{1,2})\.(\d{1,2})(?!\d)")
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """How one engine stands."""

    name: str
    version: str
    """In use; empty when it is not installed."""
    source: Literal["packaged", "updated", "none"]
    """Came with the program, or lies beside it."""
    packaged: str
    newest: str
    """Newest that is known, by the channel of the settings; empty when nobody has looked."""
    checked_at: float | None
    age_days: int | None
    """Since its release, or since it was installed where nobody tells that; None when it is not installed."""
    is_old: bool
    pinned: bool
    previous: str
    """What `rollback` would use; empty when there is nothing."""
    stored: tuple[str, ...]
    """Versions that lie beside the program."""
    refused: dict[str, str]
    """Newer versions that were tried and not taken, with the reason."""


class EngineService(Verbs):
    """For front ends; `update`, `pin` and `test` take seconds to minutes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = EngineStore(services.home.engines)

    @asks(Right.LOOK)
    def list(self) -> list[EngineInfo]:
        """Every engine that can be kept fresh; asks nobody outside."""
        return [self.info(name) for name in ENGINES]

    @asks(Right.LOOK)
    def info(self, name: str) -> EngineInfo:
        """How one engine stands.

        Raises:
            InvalidInput: there is no such engine.
        """
        store, settings = self._store, self._services.inner.settings.values().engines
        name = known_name(name)
        in_use, packaged = store.in_use(name), store.packaged(name)
        version = in_use or packaged
        known, pointer = store.known(name), store.pointer(name)
        released_at = known.released_at.get(version) or _released(store, name, in_use, version)
        age_days = None if released_at is None else max(0, int((time.time() - released_at) / DAY_S))
        previous = pointer.previous if pointer.previous is None else pointer.previous or packaged
        return EngineInfo(
            name=name,
            version=version,
            source="updated" if in_use else "packaged" if packaged else "none",
            packaged=packaged,
            newest=known.newest.get(settings.channel, ""),
            checked_at=known.checked_at or None,
            age_days=age_days,
            is_old=age_days is not None and age_days >= settings.old_after_days,
            pinned=pointer.pinned,
            previous=previous if previous and store.has(name, pointer.previous or "") else "",
            stored=tuple(store.stored(name)),
            refused={v: why for v, why in known.refused.items() if order(v) > order(version)},
        )

    @does(Right.ENGINES, "engine.update")
    def update(
        self,
        names: Sequence[str] = (),
        *,
        channel: Channel | None = None,
        folder: Path | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> Sequence[Outcome]:
        """Bring engines up to date, from the index or from a folder of wheels; none named: all that are installed.

        Raises:
            InvalidInput: no such engine, or no such folder.
            EngineRefused: another update is at work.
        """
        chosen = [known_name(name) for name in names]
        settings = self._services.inner.settings.values()
        with self._updater(tell) as updater:
            return updater.update(
                chosen, _source(updater, self._allowed(folder)), channel or settings.engines.channel
            )

    @does(Right.ENGINES, "engine.rollback")
    def roll_back(self, name: str) -> Outcome:
        """Use the version before; jobs at work end with theirs.

        Raises:
            NotFound: there is none.
        """
        with self._updater() as updater:
            return updater.roll_back(known_name(name))

    @does(Right.ENGINES, "engine.pin")
    def pin(
        self,
        name: str,
        version: str,
        *,
        folder: Path | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> Outcome:
        """Use exactly this version until it is unpinned; fetched and tried when it is not there.

        Raises:
            EngineRefused: it does not work.
            NotFound: the source does not have it.
        """
        with self._updater(tell) as updater:
            return updater.pin(known_name(name), version, _source(updater, self._allowed(folder)))

    @does(Right.ENGINES, "engine.unpin")
    def unpin(self, name: str) -> Outcome:
        """Let updates change it again."""
        with self._updater() as updater:
            return updater.unpin(known_name(name))

    @does(Right.ENGINES, "engine.test")
    def test(self, name: str, urls: Sequence[str] = ()) -> Report:
        """Try the version in use: its self-test, then listing these addresses, or the usual ones when none are given.

        Raises:
            NotFound: it is not installed.
        """
        name = known_name(name)
        if urls:
            self.caller.require(Right.MACHINE, "try an engine with addresses")
        with self._updater() as updater:
            if not updater.now(name):
                raise NotFound(
                    f"{name} is not installed", next_step=f"Fetch it: mediadl engines update {name}."
                )
            return updater.trials.run(name, self._store.in_use(name), list(urls) or updater.urls(name))

    def _allowed(self, folder: Path | None) -> Path | None:
        # What lies in it is run
        if folder is not None:
            self.caller.require(Right.FOLDERS, "take engines from a folder")
        return folder

    @classmethod
    def words(cls, done: Sequence[Outcome]) -> Sequence[str]:
        """What became of engines, a line for each; one line for all that failed for one reason."""
        failed = [one for one in done if one.state is State.FAILED]
        if len(failed) < 2 or len({one.reason for one in failed}) > 1:
            return [line for line in map(cls._line, done) if line]
        others = [line for line in map(cls._line, (one for one in done if one not in failed)) if line]
        return [*others, f"{', '.join(one.name for one in failed)}: not updated: {failed[0].reason}"]

    @staticmethod
    def _line(done: Outcome) -> str:
        name, before = done.name, done.before or "none"
        return {
            State.UPDATED: f"{name}: {before} → {done.after}",
            State.ROLLED_BACK: f"{name}: {before} → {done.after}",
            State.CURRENT: f"{name}: {before} stays, nothing newer is there",
            State.PINNED: f"{name}: {before} is pinned; mediadl engines pin {name} --unpin frees it",
            State.REFUSED: f"{name}: {done.after} was refused, {before} stays: {done.reason}",
            State.FAILED: f"{name}: not updated, {before} stays: {done.reason}",
            State.ABSENT: "",
        }[done.state]

    @contextmanager
    def _updater(self, tell: Callable[[str], None] = lambda line: None) -> Iterator[Updater]:
        home = self._services.home.create()
        settings = self._services.inner.settings.values()
        # A command has no log of its own, the screens have
        handler = None if logging.getLogger("mediadl").handlers else logs.start(home.logs)
        try:
            yield Updater(self._store, settings, self._services.store, tell=tell)
        finally:
            if handler is not None:
                logs.stop(handler)


def known_name(name: str) -> str:
    """The engine that is meant.

    Raises:
        InvalidInput: there is none of this name.
    """
    wanted = name.strip().lower().replace("_", "-")
    if wanted not in ENGINES:
        raise InvalidInput(f"no engine {name!r}", next_step=f"Engines: {', '.join(ENGINES)}.")
    return wanted


def _source(updater: Updater, folder: Path | None) -> Source:
    return updater.index() if folder is None else FolderSource(folder.expanduser().absolute())


def _released(store: EngineStore, name: str, in_use: str, version: str) -> float | None:
    """When a version was published, as far as its origin or its number tells, else when it came here."""
    origin = store.origin(name, in_use) if in_use else {}
    released_at, stored_at = origin.get("released_at"), origin.get("stored_at")
    if isinstance(released_at, int | float) and released_at > 0:
        return float(released_at)
    match = _DATED.match(version)
    if match is not None:
        try:
            return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC).timestamp()
        except ValueError:
            return None
    if in_use:
        return float(stored_at) if isinstance(stored_at, int | float) else None
    return store.packaged_at(name)
