"""Reads lists of sources that other programs write: OPML of feed readers and YouTube, CSV of Takeout and spreadsheets.

OPML comes from anywhere: a document type or an entity ends the reading, as do depth and number of its outlines.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.parsers import expat

from mediadl.errors import MediadlError
from mediadl.security.text import safe_text
from mediadl.service.schedule_texts import MOST_ENTRIES, Listed, refusal
from mediadl.settings.schedule_words import fields_of

_MOST_DEPTH = 50
_MOST_CELL = 20_000
_FEED = re.compile(r"^(?:www\.)?youtube\.com$")
_ADDRESS = re.compile(r"https?://\S+$", re.IGNORECASE)
_URL_COLUMNS = ("url", "source", "sources", "address", "link", "xmlurl", "htmlurl", "channelurl", "feed")
_TITLE_COLUMNS = ("title", "channeltitle", "text", "description")


def opml(text: str, name: str) -> tuple[str, list[Listed]]:
    """Title and sources of an OPML file; outlines without an address are folders and left out.

    Raises:
        InvalidInput: says which line and why.
    """
    found = _Outlines(name)
    try:
        found.parse(text)
    except expat.ExpatError as error:
        raise refusal(name, error.lineno, expat.ErrorString(error.code)) from error
    if not found.is_opml:
        raise refusal(name, 1, "not OPML: it does not begin with <opml>")
    return found.title.strip(), found.listed


class _Outlines:
    """Collects outlines."""

    def __init__(self, name: str) -> None:
        self.listed: list[Listed] = []
        self.title = ""
        self.is_opml = False
        self._name = name
        self._depth = 0
        self._in_title = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.ExternalEntityRefHandler = self._refuse_doctype

    def parse(self, text: str) -> None:
        """Read it all. The text is decoded already, whatever its first line says."""
        self._parser.Parse(re.sub(r"^\s*<\?xml[^>]*\?>", _blank, text, count=1).encode(), True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise self._refuse("nested too deeply")
        tag = tag.lower()
        self.is_opml |= self._depth == 1 and tag == "opml"
        self._in_title = tag == "title"
        if tag == "outline":
            self._outline({key.lower(): value.strip() for key, value in attributes.items()})

    def _outline(self, told: Mapping[str, str]) -> None:
        source = _source(told.get("xmlurl", ""), told.get("htmlurl", "") or told.get("url", ""))
        if not source:
            return
        if len(self.listed) >= MOST_ENTRIES:
            raise self._refuse(f"more than {MOST_ENTRIES} sources")
        title = told.get("title", "") or told.get("text", "")
        self.listed.append(Listed(source, safe_text(title, limit=200), self._parser.CurrentLineNumber))

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        self._in_title = False

    def _text(self, text: str) -> None:
        if self._in_title and len(self.title) < 200:
            self.title += text

    def _refuse_doctype(self, *_told: Any) -> int:
        raise self._refuse("document types and entities are not read; take them out")

    def _refuse(self, why: str) -> MediadlError:
        return refusal(self._name, self._parser.CurrentLineNumber, why)


def _blank(found: re.Match[str]) -> str:
    """As many lines as there were, so that numbers of lines stay right."""
    return "\n" * found[0].count("\n")


def _source(feed: str, page: str) -> str:
    """What to look at: a YouTube feed's channel or list, the page of a platform we know, else the feed itself."""
    parts = urlsplit(feed) if feed else None
    if parts is not None and _FEED.match(parts.hostname or "") and parts.path == "/feeds/videos.xml":
        asked = parse_qs(parts.query)
        if channel := asked.get("channel_id"):
            return f"https://www.youtube.com/channel/{channel[0]}"
        if playlist := asked.get("playlist_id"):
            return f"https://www.youtube.com/playlist?list={playlist[0]}"
        if user := asked.get("user"):
            return f"https://www.youtube.com/user/{user[0]}"
    if feed and page and not _is_platform(page):
        return feed
    return page or feed


def _is_platform(url: str) -> bool:
    from mediadl.modules import registry

    try:
        return registry.match(url).module not in {"generic", "direct"}
    except MediadlError:
        return False


def table(text: str, name: str) -> list[Listed]:
    """Sources of a CSV file with a line of titles, or of one with an address in each line.

    Columns: the address (`url`, `source`, `Channel Url` …), a title, and any word of a schedule (`name`, `every` …).

    Raises:
        InvalidInput: says which line and why.
    """
    rows = list(_rows(text, name))
    if not rows:
        return []
    titles = [re.sub(r"[\s_-]", "", cell).lower() for cell in rows[0][1]]
    if not any(title in _URL_COLUMNS for title in titles):
        if ":" in rows[0][1][0]:
            return [Listed(cells[0], "", line) for line, cells in rows if cells[0]]
        column = _column_of_addresses(rows[1:])
        if column is None:
            raise refusal(name, rows[0][0], "no column is called url or source")
        return [Listed(cells[column], "", line) for line, cells in rows[1:]]
    columns = _columns(titles, [cell.strip() for cell in rows[0][1]], rows[0][0], name)
    found = []
    for line, cells in rows[1:]:
        told: dict[str, str] = {}
        for kind, cell in zip(columns, cells, strict=False):
            if kind and cell:
                told.setdefault(kind, cell)
        source = told.pop("*url", "")
        if not source:
            raise refusal(name, line, "there is no address in this line")
        found.append(Listed(source, safe_text(told.pop("*title", ""), limit=200), line, told))
    return found


def _rows(text: str, name: str) -> Iterable[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for cells in reader:
            cleaned = [cell.strip() for cell in cells]
            if not any(cleaned) or cleaned[0].startswith("#"):
                continue
            count += 1
            if count > MOST_ENTRIES + 1:
                raise refusal(name, reader.line_num, f"more than {MOST_ENTRIES} lines")
            if any(len(cell) > _MOST_CELL for cell in cleaned):
                raise refusal(name, reader.line_num, "a cell is too long")
            yield reader.line_num, cleaned
    except csv.Error as error:
        raise refusal(name, reader.line_num, str(error)) from error


def _column_of_addresses(rows: Sequence[tuple[int, list[str]]]) -> int | None:
    """The first column that has an address in every line: titles may be in any language."""
    columns = min((len(cells) for _, cells in rows), default=0)
    return next((n for n in range(columns) if all(_ADDRESS.match(cells[n]) for _, cells in rows)), None)


def _columns(titles: list[str], written: list[str], line: int, name: str) -> list[str]:
    """What each column is: `*url`, `*title`, a word of a schedule, or nothing that matters."""
    kinds = []
    for title, word in zip(titles, written, strict=True):
        if title in _URL_COLUMNS:
            kinds.append("*url")
        elif title in _TITLE_COLUMNS:
            kinds.append("*title")
        elif title in {"channelid", "type", "id", ""}:
            kinds.append("")
        else:
            key = word.lower().replace(" ", "_").replace("-", "_")
            try:
                fields_of({key: ""})
            except ValueError as error:
                if str(error).startswith("no word"):
                    raise refusal(name, line, f"column {word[:80]!r}: {error}") from error
            kinds.append(key)
    return kinds
