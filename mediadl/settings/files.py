"""Reads and writes settings: defaults, then the file, then the environment; says where each value came from.

`schema` is what can be set: `Settings`, or the same with the sections of platforms. An option that a platform does not
have (any more) is no reason to refuse the whole file: it is left alone, and `strays` names it.
"""

from __future__ import annotations

import fcntl
import os
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from mediadl.errors import InvalidInput, NotFound
from mediadl.settings.fields import ENV_PREFIX, complaint, fields, setting
from mediadl.settings.kinds import Setting, Source
from mediadl.settings.schema import PlatformSection, Section, Settings

__all__ = [
    "ENV_PREFIX", "Setting", "Source", "check", "check_key", "fields", "file_values", "listing", "load", "replace_all",
    "strays", "write", "write_all",
]  # fmt: skip

_LOCK_WAIT_S = 10.0
_LOCK_LOOK_S = 0.02


def load(file: Path, environ: dict[str, str] | None = None, *, schema: type[Settings] = Settings) -> Settings:
    """The settings in force.

    Raises:
        InvalidInput: the file or a variable has a value that cannot be used; names it and says what to do.
    """
    values = _file_values(file)
    for (section, name), text in _env_values(environ, schema).items():
        values.setdefault(section, {})[name] = text
    return _validate(values, file, schema)


def listing(
    file: Path, environ: dict[str, str] | None = None, *, schema: type[Settings] = Settings
) -> list[Setting]:
    """Every setting with value, default and source, in the schema's order."""
    settings = load(file, environ, schema=schema)
    in_file = _file_values(file)
    in_env = _env_values(environ, schema)
    rows = []
    for key, info in fields(schema):
        section, name = key.split(".")
        source = Source.DEFAULT
        if name in in_file.get(section, {}):
            source = Source.FILE
        if (section, name) in in_env:
            source = Source.ENVIRONMENT
        group = cast("type[Section]", schema.model_fields[section].annotation)
        rows.append(setting(key, info, group, getattr(getattr(settings, section), name), source))
    return rows


def file_values(file: Path, *, schema: type[Settings] = Settings) -> dict[str, Any]:
    """What the file says, by key.

    Raises:
        InvalidInput: the file has a value that cannot be used.
    """
    in_file = _file_values(file)
    settings = _validate(in_file, file, schema)
    return {
        key: getattr(getattr(settings, section), name)
        for key, (section, name) in ((key, key.split(".")) for key, _ in fields(schema))
        if name in in_file.get(section, {})
    }


def strays(file: Path, *, schema: type[Settings] = Settings) -> list[str]:
    """Keys in the file that are no option of their platform.

    Raises:
        InvalidInput: the file cannot be read.
    """
    return [
        f"{section}.{name}"
        for section, table in _file_values(file).items()
        for name in _unknown(section, table, schema)
    ]


def check_key(key: str, *, schema: type[Settings] = Settings) -> tuple[str, str]:
    """Section and name of a key.

    Raises:
        NotFound: no such setting; names the closest one.
    """
    known = [k for k, _ in fields(schema)]
    if key not in known:
        import difflib

        close = difflib.get_close_matches(key, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else "See mediadl settings list."
        raise NotFound(f"no setting {key!r}", next_step=hint)
    section, name = key.split(".")
    return section, name


def check(key: str, text: str, *, schema: type[Settings] = Settings) -> Any:
    """The value a text stands for.

    Raises:
        NotFound: no such setting.
        InvalidInput: the value cannot be used.
    """
    section, name = check_key(key, schema=schema)
    return getattr(getattr(_validate({section: {name: text}}, None, schema), section), name)


def write(file: Path, key: str, value: str | None, *, schema: type[Settings] = Settings) -> Settings:
    """Set one key from its text form, or take it back to the default (`None`); keeps comments in the file.

    The new file is validated as a whole before it replaces the old one, atomically.

    Raises:
        NotFound: no such setting.
        InvalidInput: the value cannot be used; the file is unchanged.
    """
    return write_all(file, {key: value}, schema=schema)


def write_all(
    file: Path,
    changes: Mapping[str, str | None],
    *,
    seen: Mapping[str, Any] | None = None,
    schema: type[Settings] = Settings,
) -> Settings:
    """Set several keys like `write`, all or none. `seen`: what the file was thought to say, by key.

    A stray option of a platform can be taken out like any other.

    Raises:
        NotFound: no such setting.
        InvalidInput: a value cannot be used, or another program changed one of the keys; the file is unchanged.
    """
    import tomlkit

    values = {key: None if text is None else check(key, text, schema=schema) for key, text in changes.items()}
    with _alone(file):
        before = _read(file)
        _parse(before, str(file))
        if seen is not None:
            _refuse_changed(file, changes, seen, schema)
        stray = strays(file, schema=schema)
        document = tomlkit.parse(before)
        for key, value in values.items():
            section, name = key.split(".", 1) if key in stray else check_key(key, schema=schema)
            table: Any = document.get(section)
            if value is not None:
                if table is None:
                    table = document[section] = tomlkit.table()
                table[name] = list(value) if isinstance(value, tuple) else value
            elif table is not None:
                table.pop(name, None)
                # Someone's comments stay, even without a value
                if not table and "#" not in table.as_string():
                    document.pop(section)
        text = tomlkit.dumps(document)
        if len(text) < len(before):
            # What was taken out leaves blank lines at the end
            text = f"{text.rstrip()}\n" if text.strip() else ""
        settings = _validate(tomllib.loads(text), file, schema)
        _replace(file, text)
    return settings


def _refuse_changed(
    file: Path, changes: Mapping[str, str | None], seen: Mapping[str, Any], schema: type[Settings]
) -> None:
    now = file_values(file, schema=schema)
    for key in changes:
        if now.get(key) != seen.get(key):
            raise InvalidInput(
                f"{key}: was changed by another program meanwhile",
                next_step="Look at the new value, then save again.",
            )


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """No other program reads and writes the file meanwhile."""
    lock = file.with_name(f".{file.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_WAIT_S
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise InvalidInput(
                        f"{file} is being written by another program", next_step="Try again."
                    ) from None
                time.sleep(_LOCK_LOOK_S)
        yield
    finally:
        os.close(descriptor)


def replace_all(file: Path, text: str, *, schema: type[Settings] = Settings) -> Settings:
    """Take a whole settings file from `text` after checking it.

    Raises:
        InvalidInput: not TOML, a bad value or a key that is none; the file is unchanged.
    """
    settings = _validate(_parse(text, "the imported file"), None, schema, strict=True)
    with _alone(file):
        _replace(file, text)
    return settings


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {file}: {error}", next_step="Mend or remove the file.") from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"{name} is not valid TOML: {error}", next_step="Mend that line or remove the file."
        ) from error


def _file_values(file: Path) -> dict[str, dict[str, Any]]:
    values = _parse(_read(file), str(file))
    for section, table in values.items():
        if not isinstance(table, dict):
            raise InvalidInput(
                f"{file}: {section!r} must be a [section]", next_step="See mediadl settings list."
            )
    return values


def _env_values(environ: dict[str, str] | None, schema: type[Settings]) -> dict[tuple[str, str], str]:
    known = {key for key, _ in fields(schema)}
    found = {}
    for variable, text in (os.environ if environ is None else environ).items():
        if not variable.startswith(ENV_PREFIX) or "__" not in variable:
            continue
        key = variable.removeprefix(ENV_PREFIX).lower().replace("__", ".", 1)
        if key not in known:
            raise InvalidInput(f"{variable} names no setting", next_step="See mediadl settings list.")
        section, name = key.split(".")
        found[section, name] = text
    return found


def _validate(
    values: Mapping[str, Any], file: Path | None, schema: type[Settings], *, strict: bool = False
) -> Settings:
    if not strict:
        values = {section: _without_strays(section, table, schema) for section, table in values.items()}
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        key, reason = complaint(error, schema)
        where = f" ({file})" if file is not None and file.exists() else ""
        raise InvalidInput(f"{key}: {reason}{where}", next_step="See mediadl settings list.") from error


def _unknown(section: str, table: Any, schema: type[Settings]) -> list[str]:
    """Names in the table of a platform that the platform does not have."""
    info = schema.model_fields.get(section)
    group = info.annotation if info is not None else None
    if not (isinstance(group, type) and issubclass(group, PlatformSection) and isinstance(table, dict)):
        return []
    return [name for name in table if name not in group.model_fields]


def _without_strays(section: str, table: Any, schema: type[Settings]) -> Any:
    unknown = _unknown(section, table, schema)
    return {name: value for name, value in table.items() if name not in unknown} if unknown else table


def _replace(file: Path, text: str) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
