"""What can be asked of the items of a job: one definition for command line, form and check.

An item whose value is not known (a size that the site does not tell) is taken, unless `strict`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from mediadl.settings.kinds import Form, Tab
from mediadl.settings.schema import MOST_BYTES, Bytes, Seconds, Section, Text, Words

MEDIA = ("image", "video", "audio", "document")
"""Kinds of files that can be asked for."""

_CLOCK = re.compile(r"^(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)$")
_MOST_WORDS = 50
_MOST_SECONDS = 31_536_000


def _clock(value: Any) -> Any:
    """`1:30` as players show it."""
    found = _CLOCK.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        return value
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


def _kinds(value: tuple[str, ...]) -> tuple[str, ...]:
    singular = tuple(word.lower().removesuffix("s") for word in value)
    for word in singular:
        if word not in MEDIA:
            raise ValueError(f"there is no kind {word!r}; there are {', '.join(MEDIA)}")
    return tuple(dict.fromkeys(singular))


def _few(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > _MOST_WORDS:
        raise ValueError(f"at most {_MOST_WORDS} words")
    return tuple(dict.fromkeys(value))


Keywords = Annotated[Words, AfterValidator(_few)]
Length = Annotated[Seconds, BeforeValidator(_clock), Form(zero="any")]
Size = Annotated[Bytes, Form(zero="any")]


class Filters(Section):
    """Which items are taken."""

    TAB = Tab.PLATFORMS

    match: Text = Field("", title="Matches", description="Pattern that the title or caption must have.")
    reject: Text = Field("", title="Rejects", description="Pattern that neither title nor caption may have.")
    keywords: Keywords = Field((), title="Words", description="Whole words, at least one of them.")
    all_keywords: bool = Field(
        False, title="All words", description="All of the words, not just one of them."
    )
    without: Keywords = Field((), title="Without", description="Whole words, none of them.")
    min_duration_s: Length = Field(
        0, ge=0, le=_MOST_SECONDS, title="Shortest", description="Nothing that plays for less."
    )
    max_duration_s: Length = Field(
        0, ge=0, le=_MOST_SECONDS, title="Longest", description="Nothing that plays for more."
    )
    min_size_bytes: Size = Field(0, ge=0, le=MOST_BYTES, title="Smallest", description="No smaller files.")
    max_size_bytes: Size = Field(0, ge=0, le=MOST_BYTES, title="Largest", description="No larger files.")
    media: Annotated[Words, AfterValidator(_kinds)] = Field(
        (), title="Media", description=f"Only {', '.join(MEDIA[:-1])} or {MEDIA[-1]}; several are possible."
    )
    strict: bool = Field(
        False, title="Strict", description="Leave out also what the site tells no length, size or kind of."
    )


class FilterTree(BaseModel):
    """The filters as the one section of a schema."""

    filters: Filters = Field(default_factory=Filters)
