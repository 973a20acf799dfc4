"""Reads and writes settings: defaults, then the file, then the environment; says where each value came from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mediadl.errors import InvalidInput, NotFound
from mediadl.settings.schema import Settings

ENV_PREFIX = "MEDIADL_"


class Source(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as shown to people."""

    key: str
    """`section.name`."""
    value: Any
    default: Any
    source: Source
    title: str
    help: str


def load(file: Path, environ: dict[str, str] | None = None) -> Settings:
    """The settings in force.

    Raises:
        InvalidInput: the file or a variable has a value that cannot be used; names it and says what to do.
    """
    values = _file_values(file)
    for (section, name), text in _env_values(environ).items():
        values.setdefault(section, {})[name] = text
    return _validate(values, file)


def listing(file: Path, environ: dict[str, str] | None = None) -> list[Setting]:
    """Every setting with value, default and source, in the schema's order."""
    settings = load(file, environ)
    in_file = _file_values(file)
    in_env = _env_values(environ)
    rows = []
    for key, info in fields():
        section, name = key.split(".")
        source = Source.DEFAULT
        if name in in_file.get(section, {}):
            source = Source.FILE
        if (section, name) in in_env:
            source = Source.ENVIRONMENT
        value = getattr(getattr(settings, section), name)
        rows.append(Setting(key, value, info.default, source, info.title or name, info.description or ""))
    return rows


def fields() -> list[tuple[str, FieldInfo]]:
    """Every key with its pydantic field, in the schema's order."""
    return [
        (f"{section}.{name}", info)
        for section, outer in Settings.model_fields.items()
        for name, info in cast("type[BaseModel]", outer.annotation).model_fields.items()
    ]


def check_key(key: str) -> tuple[str, str]:
    """Section and name of a key.

    Raises:
        NotFound: no such setting; names the closest one.
    """
    known = [k for k, _ in fields()]
    if key not in known:
        import difflib

        close = difflib.get_close_matches(key, known, n=1)
        hint = f"Did you mean {close[0]}?" if close else "See mediadl settings list."
        raise NotFound(f"no setting {key!r}", next_step=hint)
    section, name = key.split(".")
    return section, name


def write(file: Path, key: str, value: str | None) -> Settings:
    """Set one key from its text form, or take it back to the default (`None`); keeps comments in the file.

    The new file is validated as a whole before it replaces the old one, atomically.

    Raises:
        NotFound: no such setting.
        InvalidInput: the value cannot be used; the file is unchanged.
    """
    import tomlkit

    section, name = check_key(key)
    document = tomlkit.parse(_read(file))
    table = document.get(section)
    if value is None:
        if table is not None:
            table.pop(name, None)
            if not table:
                document.pop(section)
    else:
        if table is None:
            table = document[section] = tomlkit.table()
        checked = _validate({section: {name: value}}, None)
        document[section][name] = getattr(getattr(checked, section), name)
    settings = _validate(tomllib.loads(tomlkit.dumps(document)), file)
    _replace(file, tomlkit.dumps(document))
    return settings


def replace_all(file: Path, text: str) -> Settings:
    """Take a whole settings file from `text` after checking it.

    Raises:
        InvalidInput: not TOML or a bad value; the file is unchanged.
    """
    settings = _validate(_parse(text, "the imported file"), None)
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


def _env_values(environ: dict[str, str] | None) -> dict[tuple[str, str], str]:
    known = {key for key, _ in fields()}
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


def _validate(values: dict[str, Any], file: Path | None) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = f" ({file})" if file is not None and file.exists() else ""
        reason = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            reason = "no such setting"
        raise InvalidInput(f"{key}: {reason}{where}", next_step="See mediadl settings list.") from error


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
