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

    @asks(Right.LOOK)
    def load(self) -> dict[str, Any]:
        """What was saved; empty when there is nothing or it cannot be read."""
        try:
            with self._home.view_file.open("rb") as stream:
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
        content = json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        temporary = Path(f"{self._home.view_file}.{os.getpid()}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
            stream.write(content)
        temporary.replace(self._home.view_file)
