"""What an item of a forum says of its thread and post, for names and pages; empty words for every other item."""

from __future__ import annotations

from typing import Any

from mediadl.models import FoundItem

FIELDS = {
    "site": "Host it came from",
    "thread": "Title of the forum's thread",
    "thread_id": "The forum's number of the thread",
    "post": "The forum's number of the post",
    "author": "Who wrote the post",
    "name": "File name as the forum tells it",
}
"""Fields of a name template that forums fill."""


def words(item: FoundItem) -> dict[str, str]:
    """The text of each of these fields, as it came."""
    thread, post, file = (_part(item, name) for name in ("thread", "post", "file"))
    name = str(file.get("name") or "")
    stem, dot, ext = name.rpartition(".")
    return {
        "site": item.source,
        "thread": str(thread.get("title") or ""),
        "thread_id": str(thread.get("id") or ""),
        "post": str(post.get("id") or ""),
        "author": str(post.get("author") or ""),
        "name": stem if dot and stem and len(ext) <= 5 else name,
    }


def _part(item: FoundItem, name: str) -> dict[str, Any]:
    found = item.metadata.get(name)
    return found if isinstance(found, dict) else {}
