"""Decides which found items a job takes, and says in words why it leaves one out.

Job and preview ask the same `Selection`. What a job carries was checked when it was added (`mediadl.settings.filters`
says what can be asked, `mediadl.service.filtering` checks it).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.security.patterns import pattern
from mediadl.settings.filter_words import length_text, size_words

FILTERED = "filtered"
"""Why an item was skipped, as a word: a rule of the job left it out."""

_CAPTIONS = ("title", "fulltitle", "description", "content", "caption", "text")
_MOST_CAPTION = 20_000
_ARTICLES = {"image": "an image", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item is left out."""

    why: str
    by_rule: bool
    """A rule looked at the item; false: the job was never meant to reach it (beyond a number, not picked)."""


class Selection:
    """What one job takes of what is found. Counts what was picked; the caller counts what it took."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._max_items = options.get("max_items")
        self._since, self._until = options.get("since"), options.get("until")
        self._rules: Mapping[str, Any] = options.get("filters") or {}
        self._picked = _picked(options.get("pick"))
        self._missing = set(self._picked.values())

    @property
    def by_hand(self) -> bool:
        """Whether a person picked the items: then nothing else decides."""
        return bool(self._picked)

    @property
    def missing(self) -> int:
        """Picked items that did not turn up (yet)."""
        return len(self._missing)

    def is_complete(self, taken: int) -> bool:
        """Whether nothing more is wanted."""
        if self._picked:
            return not self._missing
        return self._max_items is not None and taken >= int(self._max_items)

    def refusal(self, item: FoundItem, taken: int) -> Refusal | None:
        """Why the item is left out; None when it is wanted. `taken` counts the items taken so far."""
        if self._picked:
            number = next((self._picked[name] for name in item.names if name in self._picked), None)
            if number is None:
                return Refusal("not picked", by_rule=False)
            self._missing.discard(number)
            return None
        why = self._by_date(item) or broken_rule(item, self._rules)
        if why:
            return Refusal(why, by_rule=True)
        if self.is_complete(taken):
            return Refusal(f"beyond the first {self._max_items} items", by_rule=False)
        return None

    def _by_date(self, item: FoundItem) -> str:
        if item.posted_at is None:
            return ""
        if self._since is not None and item.posted_at < float(self._since):
            return f"posted {_day(item.posted_at)}, before {_day(float(self._since))}"
        if self._until is not None and item.posted_at > float(self._until):
            return f"posted {_day(item.posted_at)}, after {_day(float(self._until))}"
        return ""


def broken_rule(item: FoundItem, rules: Mapping[str, Any]) -> str:
    """The rule that the item does not meet, in words; empty when it meets all."""
    if not rules:
        return ""
    return (
        _by_media(item, rules)
        or _by_range(
            item.duration_s, rules, "duration_s", ("shorter than", "longer than"), "length", length_text
        )
        or _by_range(
            item.size_bytes, rules, "size_bytes", ("smaller than", "larger than"), "size", size_words
        )
        or _by_words(item, rules)
    )


def pick_of(items: Iterable[Sequence[Identity]]) -> list[list[list[str | int]]]:
    """Picked items, each by all its names, as a job carries them."""
    return [[[name.site, name.id, name.index] for name in names] for names in items]


def _picked(stored: Any) -> dict[Identity, int]:
    found: dict[Identity, int] = {}
    for number, names in enumerate(stored or ()):
        found |= {Identity(str(site), str(media_id), int(index)): number for site, media_id, index in names}
    return found


# By what a file is


def _by_media(item: FoundItem, rules: Mapping[str, Any]) -> str:
    wanted = rules.get("media")
    if not wanted or item.kind.value in wanted:
        return ""
    if item.kind is MediaKind.OTHER:
        return "nobody says what kind of file it is" if rules.get("strict") else ""
    what = _ARTICLES.get(item.kind.value, f"a {item.kind.value}")
    return f"is {what}, not {' or '.join(wanted)}"


def _by_range(
    value: float | None,
    rules: Mapping[str, Any],
    name: str,
    words: tuple[str, str],
    what: str,
    text: Any,
) -> str:
    least, most = rules.get(f"min_{name}"), rules.get(f"max_{name}")
    if not least and not most:
        return ""
    if value is None:
        return f"its {what} is not known" if rules.get("strict") else ""
    if least and value < least:
        return f"{words[0]} {text(least)}: {text(value)}"
    if most and value > most:
        return f"{words[1]} {text(most)}: {text(value)}"
    return ""


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


# By what is written about it


def _by_words(item: FoundItem, rules: Mapping[str, Any]) -> str:
    asked = any(rules.get(name) for name in ("match", "reject", "keywords", "without"))
    texts = _texts(item) if asked else []
    if rules.get("match") and not any(map(pattern(rules["match"]).found_in, texts)):
        return f"does not match /{rules['match']}/"
    if rules.get("reject") and any(map(pattern(rules["reject"]).found_in, texts)):
        return f"matches /{rules['reject']}/"
    plain = [_folded(text) for text in texts]
    wanted = [word for word in rules.get("keywords") or () if not _has(plain, word)]
    if wanted and rules.get("all_keywords"):
        return f"does not have {_quoted(wanted[0])}"
    if wanted and len(wanted) == len(rules["keywords"]):
        return f"does not have {' or '.join(map(_quoted, wanted))}"
    unwanted = next((word for word in rules.get("without") or () if _has(plain, word)), None)
    return f"has {_quoted(unwanted)}" if unwanted else ""


def _texts(item: FoundItem) -> list[str]:
    """Title and caption, each once."""
    told = (item.metadata.get(name) for name in _CAPTIONS)
    found = [item.title, *(text[:_MOST_CAPTION] for text in told if isinstance(text, str))]
    return list(dict.fromkeys(found))


def _has(texts: Iterable[str], word: str) -> bool:
    search = _word(word).search
    return any(search(text) for text in texts)


@functools.lru_cache(maxsize=256)
def _word(word: str) -> re.Pattern[str]:
    """A whole word, or several in a row. Where a script has no capitals, words need no gaps between them."""
    plain = _folded(word)
    # No letter with capitals, no digit beside it: `cat` is not in `concatenate`, but 猫 is in 黒猫です
    before = r"(?<![^\W_])" if _has_gaps(plain[:1]) else ""
    after = r"(?![^\W_])" if _has_gaps(plain[-1:]) else ""
    return re.compile(before + re.escape(plain) + after)


def _has_gaps(character: str) -> bool:
    return character.isdigit() or character.lower() != character.upper()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _quoted(word: str) -> str:
    return f"“{word}”"
