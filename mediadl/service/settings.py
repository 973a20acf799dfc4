"""Settings as front ends see them: value, default, source; set, unset, export, import.

`brief` answers the two questions that adding a job asks without building the schema, which would double the time that
`mediadl add` takes.
"""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediadl import __version__
from mediadl.errors import InvalidInput
from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, does

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.settings.keymap import Bound, Keymap
    from mediadl.settings.kinds import Setting, Sheet
    from mediadl.settings.schema import Settings

_ENV_PREFIX = "MEDIADL_"
_PATHS = frozenset({"downloads.directory", "network.ca_file"})

_AT_THE_MACHINE = _PATHS | {"engines.index", "network.proxy", "network.verify_tls"}
"""What would let somebody in a browser write anywhere, run other code or reach inside; `web.` too."""

_MOST_KEYMAP_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Brief:
    """The settings that are needed to put a job into the queue."""

    directory: str
    retries: int


@dataclass(frozen=True, slots=True)
class Telling:
    """How a person is told of jobs while the screens are open; the defaults are those of the schema."""

    on_screen: str = "all"
    """`all`, `failures` or `nothing`."""
    stay_s: float = 8
    bell: bool = False


@dataclass(frozen=True, slots=True)
class Locking:
    """When a terminal is locked; the defaults are those of the schema."""

    terminal: bool = False
    idle_s: float = 900
    """0: never while it is in use by nobody."""


class SettingsService(Verbs):
    """The settings of one data folder."""

    def __init__(self, home: Home, services: Services | None = None) -> None:
        self._home = home
        self._services = services

    @property
    @asks(Right.LOOK)
    def file(self) -> Path:
        """What the user changed from the defaults; may not exist."""
        return self._home.settings_file

    @asks(Right.LOOK)
    def values(self) -> Settings:
        """The settings in force.

        Raises:
            InvalidInput: file or environment hold a value that cannot be used.
        """
        from mediadl.settings import files

        return files.load(self.file, schema=_schema())

    @asks(Right.LOOK)
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

    @asks(Right.LOOK)
    def telling(self) -> Telling:
        """How a person wants to be told; builds the schema only where something else than the defaults is set."""
        try:
            text = self.file.read_bytes()
        except OSError:
            text = b""
        in_environment = any(name.startswith(f"{_ENV_PREFIX}NOTIFICATIONS__") for name in os.environ)
        if not in_environment and b"notifications" not in text:
            return Telling()
        try:
            wanted = self.values().notifications
        except InvalidInput:
            return Telling()  # the Settings screen says what is wrong; failures are told all the same
        return Telling(wanted.on_screen, wanted.stay_s, wanted.bell)

    @asks(Right.LOOK)
    def locking(self) -> Locking:
        """When a terminal is locked; builds the schema only where something else than the defaults is set."""
        try:
            text = self.file.read_bytes()
        except OSError:
            text = b""
        in_environment = any(name.startswith(f"{_ENV_PREFIX}SECURITY__") for name in os.environ)
        if not in_environment and b"lock_" not in text:
            return Locking()
        # Settings that cannot be used lock nobody out: whoever may change the file may unlock it too
        try:
            wanted = self.values().security
        except InvalidInput:
            return Locking()
        return Locking(wanted.lock_terminal, wanted.lock_idle_s)

    @asks(Right.SETTINGS)
    def list(self) -> builtins.list[Setting]:
        """Every setting with value, default and source, in the schema's order."""
        from mediadl.settings import files

        return files.listing(self.file, schema=_schema())

    @asks(Right.SETTINGS)
    def get(self, key: str) -> Setting:
        """One setting.

        Raises:
            NotFound: no such setting; names the closest one.
        """
        from mediadl.settings import files

        files.check_key(key, schema=_schema())
        return next(setting for setting in self.list() if setting.key == key)

    @does(Right.SETTINGS, "setting.set")
    def set(self, key: str, value: str) -> Setting:
        """Change one setting from its text form; a running daemon takes it over by itself.

        Raises:
            NotFound: no such setting.
            InvalidInput: the value cannot be used; nothing was changed.
        """
        from mediadl.settings import files

        files.check_key(key, schema=_schema())
        self._refuse_from_afar([key])
        files.write(self._made().settings_file, key, self._checked(key, value), schema=_schema())
        return self.get(key)

    @asks(Right.SETTINGS)
    def check(self, key: str, text: str) -> Any:
        """The value that `set` would take from this text; changes nothing.

        Raises:
            NotFound: no such setting.
            InvalidInput: the value cannot be used.
        """
        from mediadl.settings import files

        files.check_key(key, schema=_schema())
        return files.check(key, self._checked(key, text), schema=_schema())

    @asks(Right.SETTINGS)
    def example(self, key: str, text: str) -> str:
        """What a text that can be taken comes to, where that is not plain to see; else nothing."""
        if key == "downloads.name_template":
            from mediadl.pipeline import naming

            return naming.preview(text)
        if key == "downloads.directory" and not _is(_expanded(key, text.strip()), Path.is_dir):
            return "is made when the first file comes"
        return ""

    @does(Right.SETTINGS, "setting.save")
    def save(self, changes: Mapping[str, str | None], *, seen: Mapping[str, Any] | None = None) -> None:
        """Change several settings at once, all or none; `None` takes one back to its default.

        `seen` is what the file was thought to say, by key; what another program wrote meanwhile is not overwritten.

        Raises:
            NotFound: no such setting.
            InvalidInput: a value cannot be used, or one was changed meanwhile; nothing was changed.
        """
        from mediadl.settings import files

        self._refuse_from_afar(changes)
        checked: dict[str, str | None] = {}
        for key, text in changes.items():
            files.check_key(key, schema=_schema())
            checked[key] = None if text is None else self._checked(key, text)
        if checked:
            files.write_all(self._made().settings_file, checked, seen=seen, schema=_schema())

    @asks(Right.SETTINGS)
    def sheet(self) -> Sheet:
        """Every setting with what the file says.

        Raises:
            InvalidInput: file or environment hold a value that cannot be used.
        """
        from mediadl.settings import files
        from mediadl.settings.kinds import Sheet

        stamp = self.stamp()  # first: a change meanwhile is seen at the next look
        in_file = files.file_values(self.file, schema=_schema())
        return Sheet(tuple(self.list()), in_file, stamp, tuple(self.strays()))

    @asks(Right.SETTINGS)
    def strays(self) -> builtins.list[str]:
        """Keys in the file that are no option of their platform; they change nothing.

        Raises:
            InvalidInput: the file cannot be read.
        """
        from mediadl.settings import files

        return files.strays(self.file, schema=_schema())

    @asks(Right.LOOK)
    def stamp(self) -> tuple[int, ...]:
        """Changes whenever the file does."""
        return tuple(_state(self.file) or ())

    @property
    @asks(Right.LOOK)
    def keymap_file(self) -> Path:
        """The user's own keys; may not exist."""
        return self._home.root / "keymap.toml"

    @asks(Right.LOOK)
    def keymap_stamp(self) -> tuple[int, ...]:
        """Changes whenever the user's keys do."""
        return tuple(_state(self.keymap_file) or ())

    @asks(Right.LOOK)
    def keymap(self, known: Iterable[Bound]) -> Keymap:
        """The user's own keys for these actions; lines that cannot be used are told of, the rest counts."""
        from mediadl.settings import keymap

        try:
            with self.keymap_file.open("rb") as file:
                raw = file.read(_MOST_KEYMAP_BYTES)
        except FileNotFoundError:
            return keymap.Keymap()
        except OSError as error:
            return keymap.Keymap(troubles=(f"cannot read {self.keymap_file}: {error.strerror or error}",))
        return keymap.read(raw.decode("utf-8-sig", "replace"), known)

    @does(Right.SETTINGS, "setting.unset")
    def unset(self, key: str) -> Setting | None:
        """Take one setting back to its default. `None`: it was a stray, and is gone now.

        Raises:
            NotFound: no such setting.
        """
        from mediadl.settings import files

        self._refuse_from_afar([key])
        stray = key in self.strays()
        files.write(self._made().settings_file, key, None, schema=_schema())
        return None if stray else self.get(key)

    @asks(Right.SETTINGS)
    def export(self) -> str:
        """The settings file as text; empty when everything is at its default."""
        try:
            return self.file.read_text("utf-8-sig")
        except FileNotFoundError:
            return ""

    @does(Right.MACHINE, "setting.import", tells=False)
    def replace_all(self, text: str) -> None:
        """Take a whole settings file.

        Raises:
            InvalidInput: not TOML or a bad value; nothing was changed.
        """
        from mediadl.settings import files

        files.replace_all(self._made().settings_file, text, schema=_schema())

    def _refuse_from_afar(self, keys: Iterable[str]) -> None:
        """Keep what reaches beyond the program (folders, code, the way out) to the machine's owner."""
        if self.caller.may(Right.MACHINE):
            return
        for key in keys:
            if key in _AT_THE_MACHINE or key.startswith("web."):
                self.caller.require(Right.MACHINE, f"change {key}, which is set at the machine itself")

    def _made(self) -> Home:
        return self._home.create()

    @staticmethod
    def _checked(key: str, value: str) -> str:
        """What only other rooms can judge, and paths as the daemon will understand them."""
        if key == "downloads.name_template":
            from mediadl.pipeline import naming

            naming.check(value)
        if key in _PATHS and value.strip():
            path = _expanded(key, value.strip())
            if not value.strip().startswith("~"):
                value = str(path)
            if key == "network.ca_file" and not _is(path, Path.is_file):
                raise InvalidInput(
                    f"network.ca_file: no file {value}", next_step="Give the path of a PEM file."
                )
            if key == "downloads.directory" and _is(path, Path.exists) and not _is(path, Path.is_dir):
                raise InvalidInput(f"downloads.directory: {value} is no folder", next_step="Give a folder.")
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


def _schema() -> type[Settings]:
    """What can be set, the options of platforms included."""
    from mediadl.modules import options

    return options.schema()


def _expanded(key: str, text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise InvalidInput(
            f"{key}: there is no user {text.partition('/')[0].removeprefix('~')!r}",
            next_step="Give a whole path.",
        ) from error


def _is(path: Path, test: Callable[[Path], bool]) -> bool:
    """Whether the file system says so; a path it cannot even take is nothing."""
    try:
        return test(path)
    except OSError:
        return False


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
