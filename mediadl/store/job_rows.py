"""How a `Job` and a row of `download_queue` become each other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from mediadl.models import Job, JobStatus, Lane, Priority, Wanted

NAMES = tuple(field.name for field in fields(Job))
"""Columns in the order of the model's fields."""

COLUMNS = ", ".join(NAMES)
"""The same, for a SELECT."""

STORED_NAMES = (*NAMES, "first_lane", "deaths", "lease_boot", "lease_until", "folded")
"""Every column of a job that is written, those that only the store knows too."""

STORED = ", ".join(STORED_NAMES)
"""The same, for copies of whole rows."""

OPEN = "('pending','paused','scheduled','waiting')"
"""Open and in nobody's hands."""

ENDED = "('completed','failed','cancelled')"

CHUNK = 500
"""Ids per statement that names each of them."""

LISTED = "(SELECT value FROM json_each(?))"
"""Ids handed over as one value, `listed(ids)`: any number of them in one statement."""

_Key = TypeVar("_Key", int, str)
_AT = {name: place for place, name in enumerate(NAMES)}
_LANE, _STATUS, _WANTED = _AT["lane"], _AT["status"], _AT["wanted"]
_PRIORITY, _OPTIONS, _TRUSTED = _AT["priority"], _AT["options"], _AT["trusted"]
_STATUSES = {status.value: status for status in JobStatus}
_LANES = {lane.value: lane for lane in Lane}
_WANTS = {wanted.value: wanted for wanted in Wanted}
_PRIORITIES = {int(priority): priority for priority in Priority}


def to_job(row: Sequence[Any]) -> Job:
    """The model of a row that was selected with `COLUMNS`."""
    values = list(row)
    values[_LANE] = _LANES[values[_LANE]]
    values[_STATUS] = _STATUSES[values[_STATUS]]
    values[_WANTED] = _WANTS[values[_WANTED]]
    values[_PRIORITY] = _PRIORITIES[values[_PRIORITY]]
    text = values[_OPTIONS]
    values[_OPTIONS] = {} if text == "{}" else json.loads(text)
    values[_TRUSTED] = bool(values[_TRUSTED])
    return Job(*values)


def fold(title: str, url: str) -> str:
    """What the search of the queue looks into."""
    return f"{title} {url}".casefold()


def chunks(ids: Iterable[_Key]) -> Iterable[list[_Key]]:
    """The ids in parts that fit a statement, each id once."""
    known = list(dict.fromkeys(ids))
    for start in range(0, len(known), CHUNK):
        yield known[start : start + CHUNK]


def listed(ids: Iterable[int]) -> str:
    """The ids as the one value that `LISTED` stands for, each id once."""
    return json.dumps(list(dict.fromkeys(ids)))


def marks(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ",".join("?" * len(values))


def first(connection: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> Any:
    """The single value a statement gives."""
    return connection.execute(sql, values).fetchone()[0]


def returned(tx: sqlite3.Connection, sql: str, values: Sequence[Any]) -> list[int]:
    """The ids a statement with RETURNING names."""
    # All rows at once: a RETURNING that is not read to its end keeps the write lock
    return [row[0] for row in tx.execute(sql, values).fetchall()]
