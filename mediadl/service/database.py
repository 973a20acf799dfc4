"""The database as a thing to look after: check it, copy it, say what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediadl.errors import FolderNotWritable
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, does

if TYPE_CHECKING:
    from mediadl.service import Services


class DatabaseService(Verbs):
    """The database of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.DATABASE)
    def check(self) -> list[str]:
        """What is wrong with it, in words; empty when all is well."""
        return self._services.store.check()

    @does(Right.FOLDERS, "database.backup")
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

    @asks(Right.DATABASE)
    def info(self) -> dict[str, Any]:
        """Where it is, how large, which schema, how many rows."""
        return self._services.store.info()
