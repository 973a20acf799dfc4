"""Never glue two different files together: what is remembered of a partial file, and when it may be continued.

Neither engine sends If-Range, and both continue whatever lies under the name of a partial file. So each partial file
has a record beside it: the validator and length of the body it began with. It is continued only under that validator.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mediadl.errors import BadContent

_RANGE = re.compile(r"bytes=(\d+)-")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_LAST_MODIFIED_STRONG_S = 60


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the body a partial file came from."""

    validator: str = ""
    """Strong ETag or Last-Modified; empty: none, never continue."""
    total: int | None = None
    parts: str = ""
    """Hash of the list of fragments; empty for a plain file."""
    probe: str = ""
    """Address of the first fragment, asked again before continuing."""
    fragments: int = 0
    """How many whole ones the partial file has."""
    size_bytes: int = 0
    """Its length after the last of them."""
    progress: str = ""
    """The engine's own file on how far it is, as it should be at that length."""


class Records:
    """The records of one work folder, one small file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> Record | None:
        """The record of a partial file, None when there is none that can be read."""
        try:
            return Record(**json.loads(self._path(name).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, name: str, record: Record) -> None:
        """Remember; complete on disk or not at all."""
        path = self._path(name)
        part = path.with_suffix(".new")
        part.write_text(json.dumps(asdict(record)), "utf-8")
        part.replace(path)

    def roll_back(self, name: str) -> bool:
        """Bring a partial file of fragments to its last whole one: True when it can be continued there.

        The engine appends a fragment, then writes how far it is. A kill in between, or a full disk, parts the two, and
        the engine would repeat or leave out a fragment.
        """
        record, part = self.get(name), self._folder / f"{name}.part"
        try:
            if record is None or not record.fragments or part.stat().st_size < record.size_bytes:
                return False
            os.truncate(part, record.size_bytes)
            (self._folder / f"{name}.ytdl").write_text(record.progress, "utf-8")
        except FileNotFoundError:
            return False
        return True

    def drop(self, name: str) -> None:
        """Forget the record, and the partial file with everything that belongs to it."""
        self._path(name).unlink(missing_ok=True)
        for file in self._folder.glob(f"{_escape(name)}*"):
            if file.name == name or file.name.startswith((f"{name}.part", f"{name}.ytdl")):
                with contextlib.suppress(OSError):
                    file.unlink()

    def drop_others(self, stem: str, keep: str) -> None:
        """Remove what is left of the same item in another format."""
        for file in self._folder.glob(f"{_escape(stem)}-*"):
            if not file.name.startswith(keep):
                with contextlib.suppress(OSError):
                    file.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.resume.json"


def validator_of(headers: Mapping[str, str]) -> str:
    """The strong validator of an answer; empty when it has none (RFC 9110, 8.8.1 and 8.8.2.2)."""
    etag = (headers.get("etag") or "").strip()
    if etag.startswith('"') and len(etag) > 2:
        return etag
    modified, date = headers.get("last-modified"), headers.get("date")
    try:
        if modified and date:
            apart = email.utils.parsedate_to_datetime(date) - email.utils.parsedate_to_datetime(modified)
            if apart.total_seconds() >= _LAST_MODIFIED_STRONG_S:
                return modified.strip()
    except (TypeError, ValueError):
        pass
    return ""


def total_of(headers: Mapping[str, str]) -> int | None:
    """Length of the whole body that an answer announces."""
    found = _CONTENT_RANGE.match(headers.get("content-range") or "")
    if found:
        return None if found[3] == "*" else int(found[3])
    length = headers.get("content-length") or ""
    return int(length) if length.isdecimal() and not headers.get("content-encoding") else None


def range_start(headers: Mapping[str, str]) -> int:
    """First byte a request asks for; 0 when it wants all."""
    found = _RANGE.match(headers.get("range") or "")
    return int(found[1]) if found else 0


def check_partial(start: int, record: Record, headers: Mapping[str, str]) -> None:
    """Refuse a 206 that does not continue what lies on disk.

    Raises:
        BadContent: another start, another total length, another validator.
    """
    found = _CONTENT_RANGE.match(headers.get("content-range") or "")
    if not found or int(found[1]) != start:
        raise BadContent("the server continued at another place than asked for")
    total = total_of(headers)
    if record.total is not None and total is not None and total != record.total:
        raise BadContent("the file on the server has another length than before")
    now = validator_of(headers)
    if now and now != record.validator and record.validator.startswith('"') == now.startswith('"'):
        raise BadContent("the file on the server is not the one that was begun")


def hash_of(parts: Iterable[str]) -> str:
    """One word for a list of fragments; signatures in queries do not count."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.partition("?")[0].encode("utf-8", "replace") + b"\n")
    return digest.hexdigest()[:32]


def _escape(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)
