"""Filters as people give them: read, checked, and as rows of a form. The definition is `mediadl.settings.filters`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput, MediadlError

if TYPE_CHECKING:
    from mediadl.settings.kinds import Setting

_SECTION = "filters"
LIMITS = "limits"
"""Section of what says how far a job goes."""
_PATTERNS = ("match", "reject")
_MOST_ITEMS = 10**9


def parse(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a job carries of the filters that were given as text; only what differs from taking everything.

    Raises:
        InvalidInput: names the filter, for a pattern also the place in it.
    """
    if not given:
        return {}
    from pydantic import ValidationError

    from mediadl.settings.fields import complaint
    from mediadl.settings.filters import FilterTree

    try:
        found = FilterTree.model_validate({_SECTION: dict(given)}).filters
    except ValidationError as error:
        key, reason = complaint(error, FilterTree)
        raise InvalidInput(
            f"{_flag(key.rpartition('.')[2])}: {reason}", next_step="See mediadl add --help."
        ) from error
    _check_patterns(found.match, found.reject)
    _check_order(found.min_duration_s, found.max_duration_s, "duration")
    _check_order(found.min_size_bytes, found.max_size_bytes, "size")
    kept = found.model_dump(exclude_defaults=True)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def form(given: Mapping[str, str]) -> list[Setting]:
    """Every filter with its value as text stands for it, for a form.

    Raises:
        InvalidInput: a text cannot be used.
    """
    from mediadl.settings.fields import fields, setting
    from mediadl.settings.filters import Filters, FilterTree
    from mediadl.settings.kinds import Source

    values = parse(given)
    return [
        setting(key, info, Filters, values.get(key.partition(".")[2], info.default), Source.DEFAULT)
        for key, info in fields(FilterTree)
    ]


def limits_form(given: Mapping[str, str]) -> list[Setting]:
    """How far a job goes (`since`, `until`, `max_items`), with what was typed, for a form."""
    from mediadl.settings.kinds import Kind, Setting, Source, Tab

    day = "a day such as 2026-01-31, or how long ago: 7d"
    told = {
        "since": ("Posted since", "Nothing posted before.", day),
        "until": ("Posted until", "Nothing posted after.", day),
        "max_items": ("Most files", "No more than so many are taken.", "a whole number, 1 or more"),
    }
    return [
        Setting(
            f"{LIMITS}.{name}",
            given.get(name, ""),
            "",
            Source.DEFAULT,
            title,
            text,
            Kind.TEXT,
            Tab.PLATFORMS,
            allowed,
        )
        for name, (title, text, allowed) in told.items()
    ]


def limits(given: Mapping[str, str], now: float) -> dict[str, Any]:
    """The same as values of `AddOptions`.

    Raises:
        InvalidInput: a text cannot be used.
    """
    from mediadl.timing import moments

    found: dict[str, Any] = {}
    if since := given.get("since", "").strip():
        found["since"] = moments.since(since, now)
    if until := given.get("until", "").strip():
        found["until"] = moments.until(until, now)
    if most := given.get("max_items", "").strip():
        if not (most.isascii() and most.isdigit() and 0 < int(most) < _MOST_ITEMS):
            raise InvalidInput(f"not a number of files: {most!r}", next_step="Give 1 or more.")
        found["max_items"] = int(most)
    if found.get("since", 0) > found.get("until", float("inf")):
        raise InvalidInput("since is later than until", next_step="Swap the two dates.")
    return found


def limit_trouble(name: str, text: str, beside: Mapping[str, str]) -> str:
    """Why a text cannot be taken for a limit `beside` the others, in words; empty: it can."""
    import time

    try:
        limits({**beside, name: text}, time.time())
    except MediadlError as error:
        return error.message
    return ""


def in_words(given: Mapping[str, Any]) -> list[str]:
    """The filters as sentences without their subject, for people.

    Raises:
        InvalidInput: a text cannot be used.
    """
    from mediadl.security.text import safe_text
    from mediadl.settings.filter_words import described

    return [safe_text(one) for one in described({_SECTION: parse(given)})]


def trouble(name: str, text: str, beside: Mapping[str, Any]) -> str:
    """Why a text cannot be taken for a filter `beside` the others, in words; empty: it can."""
    try:
        parse({**beside, name: text})
    except MediadlError as error:
        return error.message.removeprefix(f"{_flag(name)}: ")
    return ""


def _check_patterns(*texts: str) -> None:
    if not any(texts):
        return
    from mediadl.security.patterns import pattern

    for name, text in zip(_PATTERNS, texts, strict=True):
        if text:
            try:
                pattern(text)
            except InvalidInput as error:
                raise InvalidInput(f"{name}: {error.message}", next_step=error.next_step) from error


def _check_order(least: float, most: float, what: str) -> None:
    if least and most and least > most:
        raise InvalidInput(f"min-{what} is more than max-{what}", next_step="Swap the two, or leave one out.")


def _flag(name: str) -> str:
    """A filter as the command line calls it."""
    return {"keywords": "keyword", "all_keywords": "all-keywords"}.get(
        name, name.removesuffix("_s").removesuffix("_bytes").replace("_", "-")
    )
