"""Settings as front ends see them: value, default, source; set, unset, export, import.

`brief` answers the two questions that adding a job asks without building the schema, which would double the time that
`mediadl add` takes.
"""

from __future__ import annotations

import builtins
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediadl import __version__
from mediadl.errors import InvalidInput
from mediadl.paths import Home

if TYPE_CHECKING:
    from mediadl.settings.files import Setting
    from mediadl.settings.schema import Settings

_ENV_PREFIX = "MEDIADL_"
_PATHS = frozenset({"downloads.directory", "network.ca_file"})


@dataclass(frozen=True, slots=True)
class Brief:
    """The settings that are needed to put a job into the queue."""

    directory: str
    retries: int


class SettingsService:
    """The settings of one data folder."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def file(self) -> Path:
        """What the user changed from the defaults; may not exist."""
        return self._home.settings_file

    def values(self) -> Settings:
        """The settings in force.

        Raises:
            InvalidInput: file or environment hold a value that cannot be used.
        """
        from mediadl.settings import files

        return files.load(self.file)

    def brief(self) -> Brief:
        """The few that `add` needs: remembered from last time while nothing they come from has changed.

        Raises:
            InvalidInput: file or environment hold a value that cannot be used.
        """
        stamp = self._stamp()
        memory = self._home.run / "settings.json"
        try:
            known = json.loads(memory.read_bytes())
            if known["stamp"] == stamp:
                return Brief(**known["brief"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none yet, or half of one after a power cut: made anew below
        downloads = self.values().downloads
        brief = Brief(downloads.directory, downloads.retries)
        self._remember(memory, {"stamp": stamp, "brief": asdict(brief)})
        return brief

    def list(self) -> builtins.list[Setting]:
        """Every setting with value, default and source, in the schema's order."""
        from mediadl.settings import files

        return files.listing(self.file)

    def get(self, key: str) -> Setting:
        """One setting.

        Raises:
            NotFound: no such setting; names the closest one.
        """
        from mediadl.settings import files

        files.check_key(key)
        return next(setting for setting in self.list() if setting.key == key)

    def set(self, key: str, value: str) -> Setting:
        """Change one setting from its text form; a running daemon takes it over by itself.

        Raises:
            NotFound: no such setting.
            InvalidInput: the value cannot be used; nothing was changed.
        """
        from mediadl.settings import files

        files.check_key(key)
        files.write(self._made().settings_file, key, self._checked(key, value))
        return self.get(key)

    def unset(self, key: str) -> Setting:
        """Take one setting back to its default.

        Raises:
            NotFound: no such setting.
        """
        from mediadl.settings import files

        files.write(self._made().settings_file, key, None)
        return self.get(key)

    def export(self) -> str:
        """The settings file as text; empty when everything is at its default."""
        try:
            return self.file.read_text("utf-8-sig")
        except FileNotFoundError:
            return ""

    def replace_all(self, text: str) -> None:
        """Take a whole settings file.

        Raises:
            InvalidInput: not TOML or a bad value; nothing was changed.
        """
        from mediadl.settings import files

        files.replace_all(self._made().settings_file, text)

    def _made(self) -> Home:
        return self._home.create()

    @staticmethod
    def _checked(key: str, value: str) -> str:
        """What only other rooms can judge, and paths as the daemon will understand them."""
        if key == "downloads.name_template":
            from mediadl.pipeline import naming

            naming.check(value)
        if key in _PATHS and value.strip() and not value.strip().startswith("~"):
            value = str(Path(value.strip()).absolute())
        if key == "network.ca_file" and value.strip() and not Path(value).expanduser().is_file():
            raise InvalidInput(f"network.ca_file: no file {value}", next_step="Give the path of a PEM file.")
        return value

    def _stamp(self) -> builtins.list[Any]:
        """Changes whenever program, file or environment do."""
        from mediadl import settings

        schema = Path(settings.__file__).with_name("schema.py")
        given = sorted(
            f"{name}={text}"
            for name, text in os.environ.items()
            if name.startswith(_ENV_PREFIX) and "__" in name
        )
        return [__version__, _state(schema), _state(self.file), _digest("\n".join(given)) if given else ""]

    def _remember(self, memory: Path, record: dict[str, Any]) -> None:
        """Best effort: without it the next `add` is merely slower."""
        part = memory.with_name(f".{memory.name}.{os.getpid()}")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                json.dump(record, stream)
            part.replace(memory)
        except OSError:
            part.unlink(missing_ok=True)


def _state(file: Path) -> list[int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def _digest(text: str) -> str:
    """Values of the environment can be secret: only this is kept."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
