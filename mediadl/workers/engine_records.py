"""The small files of the engine store: read whatever stands there, replaced in one step that survives a power cut."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from mediadl.errors import FolderNotWritable

HIDDEN = "."
"""First character of names that readers pass over."""

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version of an engine is used. An empty version is the one that came with the program."""

    version: str = ""
    previous: str | None = None
    """The one before; None: there is none to go back to."""
    pinned: bool = False
    beside: str = ""
    """The packaged version at the time of the switch: a newer one that arrives with the program is taken instead."""
    switched_at: float = 0.0
    turn: int = 0
    """Counts the switches."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an engine's versions elsewhere."""

    checked_at: float = 0.0
    newest: dict[str, str] = field(default_factory=dict)
    """Newest version by channel."""
    released_at: dict[str, float] = field(default_factory=dict)
    """When versions were published, where a source told."""
    refused: dict[str, str] = field(default_factory=dict)
    """Versions that were tried and not taken, or were taken back, with the reason."""
    retry_at: dict[str, float] = field(default_factory=dict)
    """When an update by schedule may try such a version again; those that are missing: never."""

    def may_try(self, version: str, now: float) -> bool:
        """Whether an update by schedule may take this version."""
        retry_at = self.retry_at.get(version)
        return version not in self.refused or (retry_at is not None and retry_at <= now)


def read_json(file: Path) -> dict[str, Any]:
    """An object of a file; empty when there is none."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def read(file: Path, kind: type[Record]) -> Record:
    """A record of a file; what is missing or of another type there is as when nothing was written."""
    found = read_json(file)
    default = kind()
    kept = {}
    for one in fields(default):  # type: ignore[arg-type]
        usual = getattr(default, one.name)
        value = found.get(one.name, usual)
        right = type(value) is type(usual) or (usual is None and isinstance(value, str))
        kept[one.name] = (
            float(value) if isinstance(usual, float) and type(value) is int else value if right else usual
        )
    return kind(**kept)


def write(file: Path, record: dict[str, Any]) -> None:
    """Replace a file in one step that survives a power cut.

    Raises:
        FolderNotWritable: it cannot be written.
    """
    made = file.with_name(f"{HIDDEN}{file.name}-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with made.open("w", encoding="utf-8") as stream:
            json.dump(record, stream, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        made.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise FolderNotWritable(f"cannot write {file}: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Make sure that new names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
