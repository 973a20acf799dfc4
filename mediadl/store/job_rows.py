"""How a `Job` and a row of `download_queue` become each other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from mediadl.models import Job, JobStatus, Lane, Priority, Wanted

NAMES = tuple(field.name for field in fields(Job))
"""Columns in the order of the model's fields."""

COLUMNS = ", ".join(NAMES)
"""The same, for a SELECT."""

OPEN = "('pending','paused','scheduled','waiting')"
"""Open and in nobody's hands."""

ENDED = "('completed','failed','cancelled')"

CHUNK = 500
"""Ids per statement."""

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


def chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    """The ids in parts that fit a statement, each id once."""
    known = list(dict.fromkeys(ids))
    for start in range(0, len(known), CHUNK):
        yield known[start : start + CHUNK]


def marks(values: Sequence[object]) -> str:
    """As many question marks as there are values."""
    return ",".join("?" * len(values))


def first(connection: sqlite3.Connection, sql: str, values: Sequence[Any] = ()) -> Any:
    """The single value a statement gives."""
    return connection.execute(sql, values).fetchone()[0]
