"""The verbs that every front end uses: command line, screens and browser view stand on this and on nothing below it.

`open_services` costs nothing: each service, and the database behind it, is made when it is first asked for.
"""

from __future__ import annotations

import functools
import threading
import types
from typing import TYPE_CHECKING, Self

from mediadl.paths import Home

if TYPE_CHECKING:
    from mediadl.service.archive import ArchiveService
    from mediadl.service.daemon import DaemonService
    from mediadl.service.database import DatabaseService
    from mediadl.service.doctor import Doctor
    from mediadl.service.engines import EngineService
    from mediadl.service.history import HistoryService
    from mediadl.service.logs import LogService
    from mediadl.service.platforms import PlatformService
    from mediadl.service.preview import PreviewService
    from mediadl.service.queue import QueueService
    from mediadl.service.sessions import SessionService
    from mediadl.service.settings import SettingsService
    from mediadl.service.stats import StatsService
    from mediadl.service.threads import ThreadService
    from mediadl.service.thumbnails import ThumbnailService
    from mediadl.service.views import ViewService
    from mediadl.store.database import Database

__all__ = ["Services", "open_services"]


class Services:
    """Everything a front end can ask for, for one data folder. Usable from several threads; close it at the end."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._opening = threading.Lock()
        self._store: Database | None = None

    @property
    def store(self) -> Database:
        """The database, opened (made, upgraded) on first use.

        Raises:
            DatabaseUnusable: it cannot be used and was not touched.
        """
        with self._opening:
            if self._store is None:
                from mediadl.store.database import Database

                self._store = Database.open(self.home)
            return self._store

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

        return SettingsService(self.home)

    @functools.cached_property
    def logs(self) -> LogService:
        """Log lines of every process."""
        from mediadl.service.logs import LogService

        return LogService(self.home)

    @functools.cached_property
    def views(self) -> ViewService:
        """How the screens were looked at last."""
        from mediadl.service.views import ViewService

        return ViewService(self.home)

    @functools.cached_property
    def thumbnails(self) -> ThumbnailService:
        """Small pictures of stored files."""
        from mediadl.service.thumbnails import ThumbnailService

        return ThumbnailService(self.home)

    @functools.cached_property
    def daemon(self) -> DaemonService:
        """The background process."""
        from mediadl.service.daemon import DaemonService

        return DaemonService(self)

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
    def doctor(self) -> Doctor:
        """What is missing, what is wrong, how to mend it."""
        from mediadl.service.doctor import Doctor

        return Doctor(self)

    def close(self) -> None:
        """Close what was opened; the daemon goes on."""
        if "daemon" in self.__dict__:
            self.daemon.close()
        with self._opening:
            if self._store is not None:
                self._store.close()
                self._store = None

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
