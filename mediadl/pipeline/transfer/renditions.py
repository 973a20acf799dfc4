"""Which renditions of a file are tried one after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mediadl.pipeline.protocol import Fetch


def renditions(order: Fetch) -> Iterator[tuple[Fetch, bool]]:
    """The chosen one, the others, and at last (True) the chosen one though it is mute: some films are so by right."""
    item = order.item
    if not item.others:
        # Nothing to compare with
        yield replace(order, item=replace(item, sound=False)), False
        return
    yield order, False
    for url in item.others:
        yield replace(order, item=replace(item, url=url, fallbacks=(), size_bytes=None)), False
    if item.sound:
        yield replace(order, item=replace(item, sound=False)), True
