"""The verbs that every front end uses: command line, screens and browser view stand on this and on nothing below it.

`open_services` costs nothing: each service, and the database behind it, is made when it is first asked for.
"""

from __future__ import annotations

import functools
import threading
import types
from typing import TYPE_CHECKING, Self

from mediadl.paths import Home
from mediadl.security.permissions import OWNER, Caller
from mediadl.service.rights import waiting_note

if TYPE_CHECKING:
    import subprocess

    from mediadl.service.activity import ActivityService
    from mediadl.service.archive import ArchiveService
    from mediadl.service.daemon import DaemonService
    from mediadl.service.database import DatabaseService
    from mediadl.service.doctor import Doctor
    from mediadl.service.engines import EngineService
    from mediadl.service.history import HistoryService
    from mediadl.service.logins import LoginService
    from mediadl.service.logs import LogService
    from mediadl.service.planned import PlanService
    from mediadl.service.platforms import PlatformService
    from mediadl.service.preview import PreviewService
    from mediadl.service.queue import QueueService
    from mediadl.service.repeats import RepeatService
    from mediadl.service.schedules import ScheduleService
    from mediadl.service.sessions import SessionService
    from mediadl.service.settings import SettingsService
    from mediadl.service.stats import StatsService
    from mediadl.service.threads import ThreadService
    from mediadl.service.thumbnails import ThumbnailService
    from mediadl.service.tokens import TokenService
    from mediadl.service.unit import UnitService
    from mediadl.service.users import UserService
    from mediadl.service.views import ViewService
    from mediadl.store.database import Database

__all__ = ["Services", "open_services"]


class _Shared:
    """What services of all callers of one data folder have in common."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.store: Database | None = None
        self.daemons: list[subprocess.Popen[bytes]] = []
        """The daemon that one of them started, until it has the lock; at most one."""


class Services:
    """Everything a front end can ask for, for one data folder. Usable from several threads; close it at the end."""

    def __init__(self, home: Home, caller: Caller = OWNER) -> None:
        self.home = home
        self.caller = caller
        self._shared = _Shared()
        self._is_root = True

    def acting_as(self, caller: Caller) -> Services:
        """The same services for somebody else: the database is shared, the rights are the caller's."""
        other = Services(self.home, caller)
        other._shared, other._is_root = self._shared, False
        return other

    @functools.cached_property
    def inner(self) -> Services:
        """What verbs use themselves, once they are allowed; never handed to a front end."""
        return self if self.caller is OWNER else self.acting_as(OWNER)

    @property
    def store(self) -> Database:
        """The database, opened (made, upgraded) on first use.

        Raises:
            DatabaseUnusable: it cannot be used and was not touched.
        """
        shared = self._shared
        with shared.opening:
            if shared.store is None:
                from mediadl.store.database import Database

                shared.store = Database.open(self.home)
                if (note := waiting_note()) is not None:
                    shared.store.note_next(note)
            return shared.store

    @property
    def opened_store(self) -> Database | None:
        """The database, if it was opened already."""
        return self._shared.store

    @functools.cached_property
    def queue(self) -> QueueService:
        """Jobs: add, list, steer."""
        from mediadl.service.queue import QueueService

        return QueueService(self)

    @functools.cached_property
    def history(self) -> HistoryService:
        """Stored files."""
        from mediadl.service.history import HistoryService

        return HistoryService(self)

    @functools.cached_property
    def sessions(self) -> SessionService:
        """Cookies per site and account."""
        from mediadl.service.sessions import SessionService

        return SessionService(self)

    @functools.cached_property
    def archive(self) -> ArchiveService:
        """Identities already fetched."""
        from mediadl.service.archive import ArchiveService

        return ArchiveService(self)

    @functools.cached_property
    def threads(self) -> ThreadService:
        """Forum threads."""
        from mediadl.service.threads import ThreadService

        return ThreadService(self)

    @functools.cached_property
    def settings(self) -> SettingsService:
        """Values, where they come from, how to change them."""
        from mediadl.service.settings import SettingsService

        return SettingsService(self.home, self)

    @functools.cached_property
    def logs(self) -> LogService:
        """Log lines of every process."""
        from mediadl.service.logs import LogService

        return LogService(self.home, self)

    @functools.cached_property
    def views(self) -> ViewService:
        """How the screens were looked at last."""
        from mediadl.service.views import ViewService

        return ViewService(self.home, self)

    @functools.cached_property
    def thumbnails(self) -> ThumbnailService:
        """Small pictures of stored files."""
        from mediadl.service.thumbnails import ThumbnailService

        return ThumbnailService(self.home, self)

    @functools.cached_property
    def daemon(self) -> DaemonService:
        """The background process."""
        from mediadl.service.daemon import DaemonService

        return DaemonService(self, self._shared.daemons)

    @functools.cached_property
    def unit(self) -> UnitService:
        """The background process as a unit of systemd."""
        from mediadl.service.unit import UnitService

        return UnitService(self)

    @functools.cached_property
    def database(self) -> DatabaseService:
        """Check, backup and facts of the database."""
        from mediadl.service.database import DatabaseService

        return DatabaseService(self)

    @functools.cached_property
    def platforms(self) -> PlatformService:
        """Platforms, their backends and how they do."""
        from mediadl.service.platforms import PlatformService

        return PlatformService(self)

    @functools.cached_property
    def plans(self) -> PlanService:
        """Schedules and jobs with a time, as one list."""
        from mediadl.service.planned import PlanService

        return PlanService(self)

    @functools.cached_property
    def preview(self) -> PreviewService:
        """What an address would give, without fetching it."""
        from mediadl.service.preview import PreviewService

        return PreviewService(self)

    @functools.cached_property
    def stats(self) -> StatsService:
        """Figures of the whole program."""
        from mediadl.service.stats import StatsService

        return StatsService(self)

    @functools.cached_property
    def engines(self) -> EngineService:
        """Versions of the engines."""
        from mediadl.service.engines import EngineService

        return EngineService(self)

    @functools.cached_property
    def users(self) -> UserService:
        """Accounts."""
        from mediadl.service.users import UserService

        return UserService(self)

    @functools.cached_property
    def logins(self) -> LoginService:
        """Signing in and out."""
        from mediadl.service.logins import LoginService

        return LoginService(self)

    @functools.cached_property
    def tokens(self) -> TokenService:
        """Keys for programs."""
        from mediadl.service.tokens import TokenService

        return TokenService(self)

    @functools.cached_property
    def repeats(self) -> RepeatService:
        """Requests that may be sent twice."""
        from mediadl.service.repeats import RepeatService

        return RepeatService(self)

    @functools.cached_property
    def schedules(self) -> ScheduleService:
        """What starts by itself, again and again."""
        from mediadl.service.schedules import ScheduleService

        return ScheduleService(self)

    @functools.cached_property
    def activity(self) -> ActivityService:
        """Who did what from where."""
        from mediadl.service.activity import ActivityService

        return ActivityService(self)

    @functools.cached_property
    def doctor(self) -> Doctor:
        """What is missing, what is wrong, how to mend it."""
        from mediadl.service.doctor import Doctor

        return Doctor(self)

    def close(self) -> None:
        """Close what was opened; the daemon goes on."""
        if not self._is_root:
            return
        if self._shared.daemons:
            self.inner.daemon.close()
        with self._shared.opening:
            if self._shared.store is not None:
                self._shared.store.close()
                self._shared.store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self.close()


def open_services(home: Home | None = None) -> Services:
    """The services of a data folder (default: the one `MEDIADL_HOME` names). Touches no file."""
    return Services(home or Home.locate())
