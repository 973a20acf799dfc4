"""Identities already fetched: list, take over from other programs, forget."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mediadl.errors import DatabaseUnusable, InvalidInput, NotFound
from mediadl.models import Identity
from mediadl.modules.instagram import media_pk
from mediadl.security.permissions import Right
from mediadl.security.text import safe_text
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import archive, foreign_archive

if TYPE_CHECKING:
    from mediadl.service import Services

_SQLITE = b"SQLite format 3\x00"
_YTDLP_LINE = re.compile(r"^([\w.:+-]+) (\S+)$")
_TIKTOK_KEY = re.compile(r"^(\d+)_(\d+)(?:_|$)")
_LETTERS = re.compile(r"^[a-z]+")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found."""

    program: str
    """Whose archive it was."""
    entries: int
    new: int


class ArchiveService(Verbs):
    """The archive of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.ARCHIVE)
    def page(self, site: str = "", offset: int = 0, limit: int = -1) -> list[Identity]:
        """Known identities by site and id, of one site or (empty) of all; a negative limit means all."""
        return archive.list(self._services.store.read(), site, offset, limit)

    @asks(Right.ARCHIVE)
    def count(self, site: str = "") -> int:
        """How many identities are known."""
        return archive.count(self._services.store.read(), site)

    @does(Right.FOLDERS, "archive.import")
    def import_file(self, path: Path) -> Imported:
        """Take over what yt-dlp (archive.txt), gallery-dl (SQLite) or another mediadl (JSON lines) fetched.

        Raises:
            InvalidInput: none of these; nothing was changed.
        """
        program, identities = _parse(path.expanduser())
        with self._services.store.write() as tx:
            new = archive.add_many(tx, identities, time.time())
        return Imported(program, len(identities), new)

    @asks(Right.ARCHIVE)
    def export(self, stream: TextIO, site: str = "") -> int:
        """Write every identity as a JSON line that `import_file` takes; returns how many."""
        found = self.page(site)
        for identity in found:
            record = {"site": identity.site, "id": identity.id, "index": identity.index}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        return len(found)

    @does(Right.ARCHIVE, "archive.forget")
    def forget(self, words: Iterable[str]) -> int:
        """Forget identities, so that they are fetched again. `SITE:ID:INDEX`, or `SITE:ID` for a whole post.

        Raises:
            InvalidInput: a word of another form.
            NotFound: one of them is not known; nothing was forgotten.
        """
        parsed = [_word(word) for word in words]
        with self._services.store.write() as tx:
            gone = 0
            for word, (site, media_id, index) in parsed:
                if index is None:
                    known = archive.forget_post(tx, site, media_id)
                else:
                    known = archive.forget(tx, [Identity(site, media_id, index)])
                if not known:
                    raise NotFound(f"{word} is not in the archive", next_step="See mediadl archive list.")
                gone += known
        return gone


def _word(word: str) -> tuple[str, tuple[str, str, int | None]]:
    site, _, rest = word.partition(":")
    media_id, colon, index = rest.rpartition(":")
    if colon and index.isdecimal():
        found: tuple[str, str, int | None] = (site, media_id, int(index))
    else:
        found = (site, rest, None)
    if not found[0] or not found[1]:
        raise InvalidInput(
            f"not an identity: {safe_text(word)!r}", next_step="Give SITE:ID or SITE:ID:INDEX."
        )
    return safe_text(word), found


def _parse(path: Path) -> tuple[str, list[Identity]]:
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE))
        if start == _SQLITE:
            return "gallery-dl", list(_gallerydl(path))
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _wrong(path, "it is not text") from error
    except OSError as error:
        raise InvalidInput(
            f"cannot read {path}: {error.strerror or error}", next_step="Check the path."
        ) from error
    filled = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if not filled:
        raise _wrong(path, "it is empty")
    if filled[0][1].startswith("{"):
        return "mediadl", [_own(path, number, line) for number, line in filled]
    return "yt-dlp", [_ytdlp(path, number, line) for number, line in filled]


def _gallerydl(path: Path) -> Iterator[Identity]:
    categories = _categories()
    found = False
    try:
        for table, entry in foreign_archive.gallerydl_entries(path):
            found = True
            category = table if table != "archive" else _category(entry, categories)
            key = entry.removeprefix(category)
            if category and key:
                yield _from_gallerydl(category, key)
    except DatabaseUnusable as error:
        raise _wrong(path, error.message) from error
    if not found:
        raise _wrong(path, "it is a database of something else, or empty")


def _from_gallerydl(category: str, key: str) -> Identity:
    if category == "tiktok" and (match := _TIKTOK_KEY.match(key)):
        return Identity("tiktok", match[1], max(0, int(match[2]) - 1))
    return Identity(category, key)


def _category(entry: str, categories: list[str]) -> str:
    """gallery-dl writes site and key without anything between them."""
    for name in categories:
        if entry.startswith(name):
            return name
    letters = _LETTERS.match(entry)
    return letters[0] if letters else ""


def _categories() -> list[str]:
    """The sites gallery-dl knows, longest first: its files are named after them. The engine is not imported."""
    spec = find_spec("gallery_dl")
    folder = Path(spec.origin).parent / "extractor" if spec and spec.origin else None
    names = [file.stem for file in folder.glob("[!_]*.py")] if folder else []
    return sorted(names, key=lambda name: (-len(name), name))


def _ytdlp(path: Path, number: int, line: str) -> Identity:
    match = _YTDLP_LINE.match(line)
    if match is None:
        raise _wrong(path, f"line {number} is not like 'youtube dQw4w9WgXcQ'")
    site, media_id = match[1].lower(), match[2]
    # yt-dlp remembers a post's shortcode, our module the number that it stands for
    return Identity(site, media_pk(media_id) if site == "instagram" else media_id)


def _own(path: Path, number: int, line: str) -> Identity:
    try:
        record = json.loads(line)
        return Identity(str(record["site"]), str(record["id"]), int(record.get("index", 0)))
    except (ValueError, KeyError, TypeError) as error:
        raise _wrong(path, f"line {number} has no site and id") from error


def _wrong(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(
        f"{path} is no archive: {reason}",
        next_step="Give yt-dlp's archive.txt, gallery-dl's SQLite file or an export of mediadl.",
    )
