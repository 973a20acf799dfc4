"""What is known of a thread before it is read again. Pure; comes as JSON from the one who keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """A thread as it was at the end of the last check; all empty: never read."""

    software: str = ""
    thread_id: str = ""
    title: str = ""
    posts: dict[str, str] = field(default_factory=dict)
    """Id → digest."""
    pages: tuple[tuple[int, str], ...] = ()
    """Number and address of the last pages, in order."""
    full: bool = True
    """The next walk is to begin at the first page."""
    owed: tuple[dict[str, Any], ...] = ()
    """Files that were found and are not there yet."""
    resume: str = ""
    """Address of the page at which a walk over the whole thread was broken off; empty: none was."""

    @classmethod
    def of(cls, memory: dict[str, Any]) -> Known:
        """What a job's memory tells: `thread` from the tables, `walk` from a walk that did not come to its end."""
        found = memory.get("thread") or {}
        walk = memory.get("walk") or {}
        return cls(
            software=str(found.get("software") or ""),
            thread_id=str(found.get("thread_id") or ""),
            title=str(found.get("title") or ""),
            posts=dict(found.get("posts") or {}),
            pages=tuple((int(number), str(url)) for number, url in found.get("pages") or ()),
            full=bool(found.get("full", True)),
            owed=tuple(found.get("owed") or ()),
            resume=str(walk.get("url") or ""),
        )
