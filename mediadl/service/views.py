"""How the screens were looked at last: which one, its filter, order and place. Lost, it costs nobody anything."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks

if TYPE_CHECKING:
    from mediadl.service import Services

_MAX_BYTES = 256 * 1024


class ViewService(Verbs):
    """The remembered view of one data folder."""

    def __init__(self, home: Home, services: Services | None = None) -> None:
        self._home = home
        self._services = services

    @property
    def _file(self) -> Path:
        # Filters say what somebody looked for: everybody has a view of their own
        number = self._services.caller.user_id if self._services is not None else None
        return self._home.view_file if number is None else self._home.view_file_of(number)

    @asks(Right.LOOK)
    def load(self) -> dict[str, Any]:
        """What was saved; empty when there is nothing or it cannot be read."""
        try:
            with self._file.open("rb") as stream:
                found = json.loads(stream.read(_MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @asks(Right.LOOK)
    def save(self, view: dict[str, Any]) -> None:
        """Replace what was saved, at once or not at all; not synced, it is only a view.

        Raises:
            OSError: the disk did not take it.
        """
        if self._file != self._home.view_file:
            self._file.parent.mkdir(exist_ok=True, mode=0o700)
        content = json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        temporary = Path(f"{self._file}.{os.getpid()}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
            stream.write(content)
        temporary.replace(self._file)
