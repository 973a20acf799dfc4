"""Decides which found items a job does not want, and says why."""

from __future__ import annotations

from typing import Any

from mediadl.models import FoundItem


def refusal(item: FoundItem, options: dict[str, Any], taken: int) -> str:
    """Why the item is left out, in words; empty when it is wanted. `taken` counts the items taken so far."""
    max_items = options.get("max_items")
    if max_items is not None and taken >= int(max_items):
        return f"beyond the first {max_items} items"
    since, until = options.get("since"), options.get("until")
    if item.posted_at is not None:
        if since is not None and item.posted_at < float(since):
            return "older than asked for"
        if until is not None and item.posted_at > float(until):
            return "newer than asked for"
    return ""
