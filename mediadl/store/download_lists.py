"""How the history is listed: windows, counts, places and whole lists for any number of files.

Used through `store.downloads`. The index of every order also holds what lists are filtered by, so that no row of the
table is read before a page is known: at 1,000,000 files a page of any filter takes milliseconds.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mediadl.models import HistoryQuery, HistorySort
from mediadl.store.job_rows import first, marks
from mediadl.store.sources import names_of

_KEYS = {
    HistorySort.STORED: ("stored_at", "id"),
    HistorySort.PLATFORM: ("platform", "stored_at", "id"),
    HistorySort.SOURCE: ("downloads.source", "stored_at", "id"),
    HistorySort.SIZE: ("size_bytes", "id"),
    HistorySort.TITLE: ("downloads.title", "id"),
}
_INDEXES = {
    "downloads_stored": "stored_at, id, platform, kind, size_bytes",
    "downloads_platform": "platform, stored_at, id, kind, size_bytes",
    "downloads_source": "source, stored_at, id, platform, kind, size_bytes",
    "downloads_size": "size_bytes, id, platform, kind, stored_at",
    "downloads_title": "title, id, platform, kind, size_bytes, stored_at",
}
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese, Korean."""
_INSIDE = (
    # The full-text index knows only how such runs begin; looking through the titles' index takes 0.2 s at 1,000,000
    "id IN (SELECT id FROM downloads INDEXED BY downloads_title WHERE instr(title, ?) > 0"
    " UNION ALL SELECT rowid FROM downloads_fts WHERE downloads_fts MATCH ?)"
)
_FAR = 1000
_AT_ONCE = 2000
_STEPS_BETWEEN_LOOKS = 50_000


def make_indexes(connection: sqlite3.Connection) -> None:
    """The step of the schema that lets the index of every order hold what lists are filtered by."""
    for name, columns in _INDEXES.items():
        connection.execute(f"DROP INDEX IF EXISTS {name}")
        connection.execute(f"CREATE INDEX {name} ON downloads({columns})")


def count(connection: sqlite3.Connection, query: HistoryQuery) -> int:
    """How many rows a list has."""
    if is_counted(query):
        terms, values = _filters(query, ())
        sql = f"SELECT coalesce(SUM(files), 0) FROM download_counts{_where(terms)}"
    else:
        by_size = query.min_size_bytes is not None or query.max_size_bytes is not None
        plan = _plan(connection, replace(query, sort=HistorySort.SIZE if by_size else HistorySort.STORED))
        sql, values = f"SELECT COUNT(*) FROM {plan.rows}{_where(plan.terms)}", plan.values
    return int(first(connection, sql, values))


def is_counted(query: HistoryQuery) -> bool:
    """Whether the length of this list is known without looking: all, or those of a platform or a kind."""
    narrowed = (
        _WORD.search(query.search),
        query.source,
        query.since,
        query.until,
        query.min_size_bytes,
        query.max_size_bytes,
        query.owner_id,
        query.only_copy or None,
    )
    return all(value in {None, ""} for value in narrowed)


def is_plain(query: HistoryQuery) -> bool:
    """Whether every page of this list is found at once, however far down it is."""
    by_platform = query.sort in {HistorySort.STORED, HistorySort.PLATFORM}
    return is_counted(query) and query.kind is None and (by_platform or not query.platform)


def begins_quickly(query: HistoryQuery) -> bool:
    """Whether the first page is found without looking at the whole list."""
    return query.sort is HistorySort.STORED or not (query.source or _WORD.search(query.search))


def window_ids(connection: sqlite3.Connection, query: HistoryQuery, offset: int, limit: int) -> list[int]:
    """The ids of `limit` rows of a list from `offset` on; a negative limit means all."""
    descending, reverse = query.descending, False
    if offset > _FAR and is_counted(query):
        # Skipping costs time by the row: from the nearer end it is half as much at worst
        total = count(connection, query)
        limit = total - offset if limit < 0 else min(limit, total - offset)
        if limit <= 0:
            return []
        if offset > total // 2:
            offset, reverse = total - offset - limit, True
            descending = not descending
    plan = _plan(connection, query)
    sql = f"{plan.select(descending=descending)} LIMIT ? OFFSET ?"
    found = [row[0] for row in connection.execute(sql, (*plan.values, limit, offset)).fetchall()]
    return found[::-1] if reverse else found


def ids(
    connection: sqlite3.Connection, query: HistoryQuery, stop: Callable[[], bool] | None = None
) -> array[int] | None:
    """The ids of a whole list, in order; None when `stop` said so meanwhile."""
    found = array("q")
    plan = _plan(connection, query)
    with _interruptible(connection, stop) as interrupted:
        cursor = connection.execute(plan.select(descending=query.descending), plan.values)
        while part := cursor.fetchmany(_AT_ONCE):
            found.extend([row[0] for row in part])
    return None if interrupted else found


def index_of(connection: sqlite3.Connection, query: HistoryQuery, download_id: int) -> int | None:
    """The place of a row in a list, from 0; None when the list does not have it."""
    plan = _plan(connection, query)
    keys = ", ".join(plan.keys)
    # By its number a row is found at once, whatever index the list is walked by
    mine = f"SELECT {keys} FROM {plan.rows.partition(' INDEXED')[0]}{_where([*plan.terms, f'{plan.id} = ?'])}"
    row = connection.execute(mine, (*plan.values, download_id)).fetchone()
    if row is None:
        return None
    before = f"({keys}) {'>' if query.descending else '<'} ({marks(row)})"
    sql = f"SELECT COUNT(*) FROM {plan.rows}{_where([*plan.terms, before])}"
    return int(first(connection, sql, (*plan.values, *row)))


def sources(
    connection: sqlite3.Connection, platform: str, part: str, limit: int, owner_id: int | None = None
) -> list[tuple[str, int]]:
    """The `limit` accounts, channels and hosts with most files, as (source, files); of all, or of one account.

    `platform`: only of this one; `part`: only those with this text in their name; empty: all.
    """
    terms, values = ["source <> ''"], list[Any]()
    if platform:
        terms.append("platform = ?")
        values.append(platform)
    if owner_id is not None:
        terms.append("owner_id = ?")
        values.append(owner_id)
    if part:
        terms.append("instr(lower(source), ?) > 0")
        values.append(part.lower())
    sql = f"SELECT source, COUNT(*) AS n FROM downloads{_where(terms)} GROUP BY source ORDER BY n DESC, source LIMIT ?"
    return [(name, number) for name, number in connection.execute(sql, (*values, limit)).fetchall()]


def stamp(connection: sqlite3.Connection) -> tuple[int, int]:
    """Two numbers that change when rows come or go: the newest id ever given and how many files there are."""
    newest = first(connection, "SELECT coalesce(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'downloads'")
    files = first(connection, "SELECT coalesce(SUM(files), 0) FROM download_counts")
    return int(newest), int(files)


def _expression(words: Sequence[str]) -> str:
    """The full-text expression for words: all of them, as beginnings. What a person typed has no signs any more."""
    # A single letter begins too many words to be looked up quickly, other than in scripts without spaces
    return " ".join(f'"{word}"' if len(word) == 1 and word.isascii() else f'"{word}"*' for word in words)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where a list's rows come from, the conditions on them and their values, and what they are ordered by."""

    rows: str
    id: str
    keys: Sequence[str]
    terms: list[str]
    values: list[Any]

    def select(self, *, descending: bool) -> str:
        """The ids of all rows, in order."""
        order = ", ".join(f"{key} DESC" if descending else key for key in self.keys)
        return f"SELECT {self.id} FROM {self.rows}{_where(self.terms)} ORDER BY {order}"


def _plan(connection: sqlite3.Connection, query: HistoryQuery) -> _Plan:
    terms, values = _filters(
        query, names_of(connection, query.source, query.platform) if query.source else ()
    )
    keys = _KEYS[query.sort]
    typed = _WORD.findall(unicodedata.normalize("NFC", query.search))
    spaced = [word for word in typed if not _UNSPACED.search(word)]
    for word in typed:
        if word not in spaced:
            terms.append(_INSIDE)
            values += [word, _expression([word])]
    if not spaced:
        return _Plan(f"downloads{_hint(query)}", "id", keys, terms, values)
    by_time = query.sort is HistorySort.STORED
    # Rows are written in the order they are stored, and the full-text index gives them by number without sorting
    rows = "downloads_fts"
    if terms or not by_time:
        # The words decide first: CROSS JOIN keeps SQLite from asking the index anew for every row
        rows += " CROSS JOIN downloads ON id = downloads_fts.rowid"
    terms, values = ["downloads_fts MATCH ?", *terms], [_expression(spaced), *values]
    return _Plan(rows, "downloads_fts.rowid", ("downloads_fts.rowid",) if by_time else keys, terms, values)


def _hint(query: HistoryQuery) -> str:
    """Which index is walked; SQLite, which does not know the data, would rather read and sort half the table."""
    if query.source:
        return ""
    if query.only_copy:
        return " INDEXED BY downloads_only_copy"
    if query.owner_id is not None:
        return " INDEXED BY downloads_owner"
    by_platform = query.platform and query.sort is HistorySort.STORED
    return f" INDEXED BY downloads_{'platform' if by_platform else query.sort.value}"


def _filters(query: HistoryQuery, names: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Conditions and their values; `names`: all that the source asked for goes by, or went."""
    terms: list[str] = []
    values: list[Any] = []
    for term, value in (
        ("downloads.owner_id = ?", query.owner_id),
        ("platform = ?", query.platform or None),
        ("downloads.source = ?", (query.source or None) if len(names) < 2 else None),
        ("kind = ?", query.kind and query.kind.value),
        ("stored_at >= ?", query.since),
        ("stored_at < ?", query.until),
        ("size_bytes >= ?", query.min_size_bytes),
        ("size_bytes <= ?", query.max_size_bytes),
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    if len(names) > 1:
        terms.append(f"downloads.source IN ({marks(names)})")
        values += names
    if query.only_copy:
        terms.append("downloads.only_copy_at IS NOT NULL")
    return terms, values


def _where(terms: list[str]) -> str:
    return f" WHERE {' AND '.join(terms)}" if terms else ""


@contextlib.contextmanager
def _interruptible(connection: sqlite3.Connection, stop: Callable[[], bool] | None) -> Iterator[list[bool]]:
    """Ends the statement of the block when `stop` says so; the list it gives is then not empty."""
    interrupted: list[bool] = []
    if stop is None:
        yield interrupted
        return
    connection.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
    try:
        yield interrupted
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        interrupted.append(True)
    finally:
        connection.set_progress_handler(None, 0)
