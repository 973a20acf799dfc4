"""How rows of older tools read: their names for columns, statuses and priorities, their ways of writing times."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from mediadl.models import ENDED_STATUSES, JobStatus, MediaKind, Priority
from mediadl.security import passwords
from mediadl.security.redact import redact
from mediadl.security.text import safe_text
from mediadl.store.job_rows import fold

_STATUS_WORDS: dict[JobStatus, str] = {
    JobStatus.PENDING: (
        "pending queued new ready retry retrying active running processing started downloading in_progress"
    ),
    JobStatus.COMPLETED: "completed complete done success successful finished downloaded ok skipped",
    JobStatus.FAILED: "failed failure error errored dead",
    JobStatus.CANCELLED: "cancelled canceled aborted stopped deleted",
    JobStatus.PAUSED: "paused on_hold held suspended",
    JobStatus.SCHEDULED: "scheduled delayed deferred",
    JobStatus.WAITING: "waiting",
}
_STATUSES = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_PRIORITY_WORDS = {
    "urgent": Priority.HIGH,
    "highest": Priority.HIGH,
    "critical": Priority.HIGH,
    "high": Priority.HIGH,
    "normal": Priority.NORMAL,
    "medium": Priority.NORMAL,
    "default": Priority.NORMAL,
    "low": Priority.LOW,
    "lowest": Priority.LOW,
    "background": Priority.LOW,
}
_KIND_WORDS: dict[MediaKind, str] = {
    MediaKind.IMAGE: "image photo picture img jpg jpeg png webp gif",
    MediaKind.VIDEO: "video reel clip movie mp4 webm mkv mov",
    MediaKind.AUDIO: "audio music song mp3 m4a ogg opus flac",
    MediaKind.DOCUMENT: "document pdf text",
}
_KINDS = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Habits:
    """What only the whole table tells: the scale of its priorities, and the time for rows without one."""

    middle: float | None = None
    """The number that means normal; None: 0, 1, 2 as ours."""
    now: float = 0.0

    @classmethod
    def of(cls, table: str, rows: Iterable[Mapping[str, Any]]) -> Habits:
        """Read them off a table."""
        now = datetime.now(UTC).timestamp()
        if table != "download_queue":
            return cls(now=now)
        seen = [_number(value) for row in rows for key, value in row.items() if key.lower() == "priority"]
        numbers = [number for number in seen if number is not None]
        if not numbers or (min(numbers) >= 0 and max(numbers) <= 2):
            return cls(now=now)
        return cls(0.0 if min(numbers) < 0 else 5.0 if max(numbers) <= 10 else 50.0, now)


def to_queue_row(row: Mapping[str, Any], habits: Habits) -> dict[str, Any]:
    """Columns of `download_queue` for a row of an older queue."""
    created_at = _first_time(row, "created_at added_at date_added queued_at timestamp date") or habits.now
    not_before = _first_time(
        row, "not_before scheduled_for scheduled_at scheduled_time scheduled start_after"
    )
    status = _status(row.get("status"), not_before, habits.now)
    url = _text(row, "url link source_url target")
    if not url and status not in ENDED_STATUSES:
        status = JobStatus.FAILED
    finished_at = _first_time(row, "finished_at completed_at ended_at updated_at")
    ended = status in ENDED_STATUSES
    title = _text(row, "title name filename")
    site = _text(row, "site") or _host(url)
    failed = status is JobStatus.FAILED
    values = {
        "url": url,
        "platform": _text(row, "platform module service extractor").lower() or "generic",
        "site": site,
        "content_type": _text(row, "content_type media_type type"),
        "title": title,
        "status": status.value,
        "priority": int(_priority(row.get("priority"), habits.middle)),
        "options": _options(_first(row, "options settings")),
        "trusted": 1,
        "reason": (_text(row, "reason") or "unknown") if failed else "",
        "message": _text(row, "message error_message error last_error") if failed else "",
        "not_before": not_before if status is JobStatus.SCHEDULED else None,
        "backend": _text(row, "backend engine method"),
        "attempts": _whole(row, "attempts retry_count retries") or 0 if ended else 0,
        "max_attempts": max(1, _whole(row, "max_attempts max_retries") or 5),
        "progress": 100.0
        if status is JobStatus.COMPLETED
        else _percent(_first(row, "progress progress_percent")),
        "bytes_done": _whole(row, "bytes_done downloaded_bytes bytes_downloaded") or 0,
        "bytes_total": _whole(row, "bytes_total total_bytes file_size size_bytes size"),
        "items_total": _whole(row, "items_total total_items total_files"),
        "created_at": created_at,
        "started_at": _first_time(row, "started_at start_time"),
        "finished_at": (finished_at or created_at) if ended else None,
        "folded": fold(title, url),
    }
    number = _number(row.get("id"))
    position = _number(_first(row, "position queue_position sort_order"))
    values["position"] = position if position is not None else number or created_at
    if number is not None:
        values["id"] = int(number)
    return values


def to_history_row(row: Mapping[str, Any], habits: Habits) -> dict[str, Any]:
    """Columns of `downloads` for a row of an older history."""
    url = _text(row, "url source_url page_url post_url link")
    digest = _text(row, "sha256 file_hash hash checksum").lower()
    digest = digest if len(digest) == 64 else ""
    mime = _text(row, "mime mime_type")
    path = _path(row, "path file_path filepath local_path filename")
    values = {
        "job_id": _whole(row, "job_id queue_id"),
        "site": _text(row, "site platform").lower() or _host(url),
        "media_id": _text(row, "media_id post_id shortcode video_id"),
        "idx": _whole(row, "idx media_index") or 0,
        "platform": _text(row, "platform module service extractor").lower() or "generic",
        "source": _text(row, "source username uploader author channel account"),
        "title": _text(row, "title name caption filename"),
        "url": url,
        "path": path,
        "size_bytes": _whole(row, "size_bytes file_size filesize size") or 0,
        "sha256": digest,
        "received_sha256": _text(row, "received_sha256") or digest,
        "kind": _kind(row, mime, path).value,
        "mime": mime,
        "width": _whole(row, "width"),
        "height": _whole(row, "height"),
        "duration_s": _number(_first(row, "duration_s duration")),
        "backend": _text(row, "backend engine method"),
        "posted_at": _first_time(row, "posted_at post_date upload_date published_at"),
        "stored_at": _first_time(
            row, "stored_at downloaded_at download_date completed_at finished_at created_at timestamp date"
        )
        or habits.now,
    }
    number = _number(row.get("id"))
    if number is not None:
        values["id"] = int(number)
    return values


_ROLE_WORDS = {
    "admin": "admin administrator superuser root owner superadmin",
    "viewer": "viewer guest read_only readonly reader",
}
_ROLES = {word: role for role, words in _ROLE_WORDS.items() for word in words.split()}


def to_user_row(row: Mapping[str, Any], now: float) -> dict[str, Any] | None:
    """Columns of `users` for an account of an older tool; None when it has no name."""
    name = _text(row, "username name login user email")[:64]
    if not name:
        return None
    role = _ROLES.get(_text(row, "role type group").lower(), "user")
    if _first(row, "is_admin is_superuser admin") in {1, "1", "true", "True"}:
        role = "admin"
    stored = str(_first(row, "password_hash hashed_password password") or "")
    left_out = _first(row, "disabled is_disabled") in {1, "1", "true", "True"}
    active = row.get("is_active", row.get("active", row.get("enabled")))
    created_at = _first_time(row, "created_at created date_joined registered_at") or now
    values: dict[str, Any] = {
        "name": name,
        "folded": name.casefold(),
        "role": role,
        "password_hash": stored if passwords.is_hash(stored) else "",
        "created_at": created_at,
        "disabled_at": now if left_out or active in {0, "0", "false", "False"} else None,
        "last_login_at": _first_time(row, "last_login_at last_login"),
    }
    number = _number(row.get("id"))
    if number is not None and number > 0 and number == int(number):
        values["id"] = int(number)
    return values


def to_activity_row(row: Mapping[str, Any], now: float) -> dict[str, Any] | None:
    """Columns of `activity_log` for a line of an older tool; None when it says nothing."""
    action = _text(row, "action activity event event_type type operation")[:200]
    if not action:
        return None
    return {
        "at": _first_time(row, "at created_at timestamp time date logged_at") or now,
        "user_id": _whole(row, "user_id"),
        "who": _text(row, "who username user_name user actor")[:64],
        "address": _text(row, "address ip ip_address remote_addr")[:64],
        "action": action,
        "target": redact(_text(row, "target details detail description message resource")[:500]),
    }


def to_time(value: object) -> float | None:
    """Epoch seconds for a time in any of the usual ways; texts without a zone are UTC. None when it is none."""
    number = _number(value)
    if number is not None:
        if isinstance(value, str) and len(value.strip()) == 8 and 19_000_101 <= number <= 29_991_231:
            return _day(value.strip())
        for limit, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
            if number >= limit:
                return number / unit
        return number if number > 0 else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _day(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _status(value: object, not_before: float | None, now: float) -> JobStatus:
    word = str(value or "").strip().lower().replace(" ", "_").replace("-", "_")
    # A word nobody knows must not start a download by itself
    status = _STATUSES.get(word, JobStatus.PAUSED) if word else JobStatus.PENDING
    if status in {JobStatus.PENDING, JobStatus.WAITING, JobStatus.SCHEDULED}:
        return JobStatus.SCHEDULED if not_before is not None and not_before > now else JobStatus.PENDING
    return status


def _priority(value: object, middle: float | None) -> Priority:
    if isinstance(value, str) and value.strip().lower() in _PRIORITY_WORDS:
        return _PRIORITY_WORDS[value.strip().lower()]
    number = _number(value)
    if number is None:
        return Priority.NORMAL
    if middle is None:
        return Priority(min(2, max(0, int(number))))
    return Priority.HIGH if number > middle else Priority.LOW if number < middle else Priority.NORMAL


def _kind(row: Mapping[str, Any], mime: str, path: str) -> MediaKind:
    words = (
        _text(row, "kind"),
        _text(row, "media_type"),
        _text(row, "file_type"),
        _text(row, "content_type"),
    )
    for word in (*words, mime.partition("/")[0], path.rpartition(".")[2]):
        if found := _KINDS.get(word.lower()):
            return found
    return MediaKind.OTHER


def _options(value: object) -> str:
    try:
        options = json.loads(value) if isinstance(value, str | bytes) else None
    except ValueError:
        options = None
    return json.dumps(options, ensure_ascii=False) if isinstance(options, dict) else "{}"


_words = functools.cache(str.split)
"""Names of columns, taken apart once and not for every row."""


def _first(row: Mapping[str, Any], names: str) -> Any:
    for name in _words(names):
        value = row.get(name)
        if value is not None and value != "":
            return value
    return None


def _first_time(row: Mapping[str, Any], names: str) -> float | None:
    for name in _words(names):
        value = row.get(name)
        if value is not None and (moment := to_time(value)) is not None:
            return moment
    return None


def _text(row: Mapping[str, Any], names: str) -> str:
    value = _first(row, names)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return safe_text(value, limit=8192) if value is not None else ""


def _path(row: Mapping[str, Any], names: str) -> str:
    """Kept to the letter: a cleaned path would name another file."""
    value = _first(row, names)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _number(value: object) -> float | None:
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < _LARGEST else None


def _whole(row: Mapping[str, Any], names: str) -> int | None:
    number = _number(_first(row, names))
    return None if number is None else max(0, int(number))


def _percent(value: object) -> float:
    number = _number(value)
    return 0.0 if number is None else min(100.0, max(0.0, number))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
