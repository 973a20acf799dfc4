"""The settings in force while the daemon runs: follows the file, keeps the last good ones."""

from __future__ import annotations

from pathlib import Path

from mediadl.errors import InvalidInput
from mediadl.logs import get_logger
from mediadl.modules import options
from mediadl.settings import files
from mediadl.settings.schema import Settings

_log = get_logger("settings")


class LiveSettings:
    """Reads the file again when it changed. Used by one thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._schema = options.schema()
        self.current: Settings = self._schema()
        self.refresh()

    def refresh(self) -> bool:
        """Look at the file; true when there are new settings."""
        seen = self._stamp()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.current = files.load(self._file, schema=self._schema)
            for key in files.strays(self._file, schema=self._schema):
                _log.warning("%s in the settings is no option of its platform: left alone", key)
        except InvalidInput as error:
            _log.error("settings kept as they were: %s", error.message)
            return False
        return True

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._file.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
