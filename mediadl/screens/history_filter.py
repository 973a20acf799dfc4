"""How the history is looked at: filters, order, list or gallery; what is kept of it for the next start."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mediadl.errors import InvalidInput
from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.timing import moments
from mediadl.widgets.amounts import size

SPANS = (("today", "today", "d"), ("7d", "the last 7 days", "w"), ("30d", "the last 30 days", "m"))
"""Word of a span of time, its words for people, and its letter in the menu."""

_SPAN_WORDS = {word: words for word, words, _ in SPANS}
_KEPT = ("platform", "source", "search")


@dataclass(frozen=True, slots=True)
class Look:
    """Which files, and how they are shown."""

    query: HistoryQuery = field(default_factory=HistoryQuery)
    when: str = ""
    """`today`, `7d`, `30d`, or two words joined by a blank: from and to, `-` for an open end."""
    gallery: bool = False
    zoom: int = 0

    @property
    def when_words(self) -> str:
        """The span of time for people."""
        if not self.when:
            return ""
        if self.when in _SPAN_WORDS:
            return _SPAN_WORDS[self.when]
        since, until = self.when.split(" ", 1)
        if until == "-":
            return f"since {since}"
        return f"until {until}" if since == "-" else f"{since} to {until}"

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered."""
        return self.without("all").query != self.query

    def span(self, when: str, now: float) -> Look:
        """Only what was stored then; an empty word: ever.

        Raises:
            InvalidInput: not a span of time.
        """
        since, until = bounds(when, now)
        return replace(self, when=when, query=replace(self.query, since=since, until=until))

    def without(self, name: str) -> Look:
        """One of the filters taken away, or `all`."""
        query = self.query
        if name == "all":
            bare = HistoryQuery(sort=query.sort, descending=query.descending)
            return replace(self, query=bare, when="")
        if name == "when":
            return replace(self, query=replace(query, since=None, until=None), when="")
        cleared: dict[str, dict[str, Any]] = {
            "kind": {"kind": None},
            "platform": {"platform": ""},
            "source": {"source": ""},
            "size": {"min_size_bytes": None, "max_size_bytes": None},
            "words": {"search": ""},
            "copy": {"only_copy": False},
        }
        return replace(self, query=replace(query, **cleared[name]))

    def state(self) -> dict[str, Any]:
        """In JSON's types."""
        query = self.query
        return {
            **{name: getattr(query, name) for name in _KEPT},
            "kind": query.kind.value if query.kind else "",
            "when": self.when,
            "only_copy": query.only_copy,
            "min": query.min_size_bytes,
            "max": query.max_size_bytes,
            "sort": query.sort.value,
            "descending": query.descending,
            "gallery": self.gallery,
            "zoom": self.zoom,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Look:
        """As before; whatever makes no sense is left out."""
        words = {name: state[name] for name in _KEPT if isinstance(state.get(name), str)}
        kind, sort, zoom = state.get("kind"), state.get("sort"), state.get("zoom")
        look = cls(
            HistoryQuery(
                **words,
                kind=MediaKind(kind) if kind in set(MediaKind) else None,
                only_copy=state.get("only_copy") is True,
                min_size_bytes=_bytes(state.get("min")),
                max_size_bytes=_bytes(state.get("max")),
                sort=HistorySort(sort) if sort in set(HistorySort) else HistorySort.STORED,
                descending=state.get("descending") is not False,
            ),
            gallery=state.get("gallery") is True,
            zoom=max(-9, min(zoom, 9)) if isinstance(zoom, int) else 0,
        )
        try:
            return look.span(str(state.get("when") or ""), time.time())
        except InvalidInput:
            return look


def bounds(when: str, now: float) -> tuple[float | None, float | None]:
    """Beginning and end of a span of time.

    Raises:
        InvalidInput: not a span of time, or its end lies before its beginning.
    """
    if not when:
        return None, None
    if when == "today":
        today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return today.timestamp(), None
    if when in _SPAN_WORDS:
        return moments.since(when, now), None
    since_word, _, until_word = when.partition(" ")
    since = None if since_word == "-" else moments.since(since_word, now)
    until = None if until_word in {"", "-"} else moments.until(until_word, now)
    if since is not None and until is not None and since > until:
        raise InvalidInput("the end lies before the beginning", next_step="Swap the two dates.")
    return since, until


def typed_span(text: str) -> str:
    """The span of time a person typed: `2026-01-01 2026-01-31`, `2026-01-01 to 2026-01-31`, `since 7d`, `until 12h`.

    Raises:
        InvalidInput: something else.
    """
    words = [word for word in text.replace(",", " ").split() if word.lower() not in {"to", "from", "and"}]
    if len(words) == 2 and words[0].lower() in {"since", "until", "before", "after"}:
        words = ["-", words[1]] if words[0].lower() in {"until", "before"} else [words[1], "-"]
    if len(words) == 1:
        words = [words[0], "-"]
    if len(words) != 2:
        raise InvalidInput(
            "not a span of time", next_step="Give 2026-01-01 2026-01-31, 7d, or until 2026-01-31."
        )
    when = " ".join(words)
    bounds(when, time.time())
    return when


def typed_size(text: str) -> tuple[int | None, int | None]:
    """Least and greatest size a person typed: `10MB`, `>10MB`, `<1GB`, `10MB-1GB`; nothing for no text.

    Raises:
        InvalidInput: something else.
    """
    word = text.replace(" ", "").replace("–", "-")
    if not word:
        return None, None
    if word[0] in "<>":
        found = moments.size(word[1:].removeprefix("="))
        return (found, None) if word[0] == ">" else (None, found)
    least, dash, most = word.partition("-")
    low = moments.size(least) if least else None
    high = moments.size(most) if dash and most else None
    if low is not None and high is not None and low > high:
        raise InvalidInput("the least is more than the most", next_step="Swap the two sizes.")
    if low is None and high is None:
        raise InvalidInput(f"not a size: {text!r}", next_step="Give 10MB, <1GB or 10MB-1GB.")
    return low, high


def size_text(query: HistoryQuery) -> str:
    """The sizes of a query as they are typed."""
    least = "" if query.min_size_bytes is None else size(query.min_size_bytes).replace(" ", "")
    most = "" if query.max_size_bytes is None else size(query.max_size_bytes).replace(" ", "")
    if least and most:
        return f"{least}-{most}"
    return f"<{most}" if most else least


def _bytes(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
