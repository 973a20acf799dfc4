"""The database as a thing to look after: check it, copy it, say what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediadl.errors import FolderNotWritable

if TYPE_CHECKING:
    from mediadl.service import Services


class DatabaseService:
    """The database of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def check(self) -> list[str]:
        """What is wrong with it, in words; empty when all is well."""
        return self._services.store.check()

    def backup(self, path: Path) -> Path:
        """Copy it as it is now, while everything goes on; returns where to.

        Raises:
            InvalidInput: the file exists already.
            FolderNotWritable: it cannot be written there.
        """
        target = path.expanduser().absolute()
        if target.is_dir():
            target /= self._services.home.database.name
        try:
            self._services.store.backup(target)
        except OSError as error:
            raise FolderNotWritable(
                f"cannot write {target}: {error.strerror or error}", next_step="Choose another folder."
            ) from error
        return target

    def info(self) -> dict[str, Any]:
        """Where it is, how large, which schema, how many rows."""
        return self._services.store.info()
