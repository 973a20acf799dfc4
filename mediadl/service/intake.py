"""Turns what people paste into job requests: splits lines, drops comments, finds the platform, checks the options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mediadl.errors import InvalidInput, MediadlError
from mediadl.models import Identity, JobRequest, Lane, Priority
from mediadl.modules import registry
from mediadl.security.text import safe_text
from mediadl.security.urls import refuse_private_host

if TYPE_CHECKING:
    from mediadl.modules.base import Target

_COMMENT = re.compile(r"(^|\s)#.*$")
_WRAPPING = "<>\"'`,;"


@dataclass(frozen=True, slots=True)
class AddOptions:
    """How the jobs of one `add` are to be treated; what is left out is up to settings and module."""

    platform: str = ""
    content_type: str = ""
    priority: Priority = Priority.NORMAL
    not_before: float | None = None
    """Start at this moment (epoch seconds), not before."""
    quality: str = ""
    max_items: int | None = None
    since: float | None = None
    """Nothing posted before this moment."""
    until: float | None = None
    """Nothing posted after this moment."""
    out: str = ""
    """Folder instead of `downloads.directory`."""
    name: str = ""
    """Template instead of `downloads.name_template`."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The module's own options, as text."""
    filters: Mapping[str, Any] = field(default_factory=dict)
    """Which items are wanted, as text by the names of `mediadl.settings.filters`."""
    pick: tuple[tuple[Identity, ...], ...] = ()
    """Exactly these items, each by all its names; whatever was fetched before or left out by filters."""
    force: bool = False
    """Fetch also what the archive knows."""
    trusted: bool = True
    """False: private addresses are refused."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What one word of the input would become."""

    line: int
    """Line of the input, from 1."""
    text: str
    url: str = ""
    platform: str = ""
    content_type: str = ""
    title: str = ""
    source: str = ""
    error: str = ""
    """Why it cannot be added, in words; empty: it can."""
    next_step: str = ""


def split(texts: Iterable[str]) -> list[tuple[int, str]]:
    """(line number, word) of everything that is neither blank nor comment; lines count through all texts."""
    found: list[tuple[int, str]] = []
    number = 0
    for text in texts:
        for line in text.removeprefix("\ufeff").splitlines() or [""]:
            number += 1
            words = _COMMENT.sub("", line).split()
            found += [(number, word) for raw in words if (word := raw.strip(_WRAPPING))]
    return found


def previews(text: str, options: AddOptions, limit: int) -> list[Preview]:
    """What the first `limit` words of a text would become; never raises for bad ones."""
    return [
        replace(_preview(word, options.platform, options.content_type, options.trusted), line=line)
        for line, word in split([text])[:limit]
    ]


@lru_cache(maxsize=20_000)
def _preview(word: str, platform: str, content_type: str, trusted: bool) -> Preview:
    """Of one word. Remembered: with every key that is typed, all words of a long list are asked for again."""
    try:
        target = _target(word, AddOptions(platform, content_type, trusted=trusted))
    except MediadlError as error:
        return Preview(0, safe_text(word), error=safe_text(error.message), next_step=error.next_step)
    return Preview(
        0,
        safe_text(word),
        target.url,
        target.module,
        target.content_type,
        safe_text(target.title),
        safe_text(target.source),
    )


def requests(texts: Sequence[str], options: AddOptions) -> list[JobRequest]:
    """A request for everything asked for, the same thing only once.

    Raises:
        InvalidInput: nothing asked for, a bad line (named) or a bad option.
        Unsupported: the platform asked for does not know the address.
        AddressRefused: a private address from a caller who is not trusted with it.
    """
    words = split(texts)
    if not words:
        raise InvalidInput("no URL given", next_step="Give an address such as https://example.com/page.")
    several_lines = words[-1][0] > 1 or len(words) > 1
    made: dict[tuple[str, str, str], JobRequest] = {}
    checked: dict[str, dict[str, Any]] = {}
    for line, word in words:
        try:
            target = _target(word, options)
            if target.module not in checked:
                checked[target.module] = job_options(options, target.module)
        except MediadlError as error:
            if not several_lines:
                raise
            raise type(error)(f"line {line}: {error.message}", next_step=error.next_step) from error
        key = (target.module, target.url, target.content_type)
        if key not in made:
            made[key] = _request(target, options, checked[target.module])
    return list(made.values())


def job_options(options: AddOptions, module: str) -> dict[str, Any]:
    """The options a job carries, checked; only those that were given.

    Raises:
        InvalidInput: names the option and says what is possible.
    """
    if options.max_items is not None and options.max_items < 1:
        raise InvalidInput("max-items must be 1 or more", next_step="Leave it out to get everything.")
    if options.since is not None and options.until is not None and options.since > options.until:
        raise InvalidInput("since is later than until", next_step="Swap the two dates.")
    given: dict[str, Any] = dict(_module_options(module, options.options))
    if options.pick:
        from mediadl.pipeline.filters import pick_of

        given["pick"] = pick_of(options.pick)
    elif options.filters:
        from mediadl.service import filtering

        if wanted := filtering.parse(options.filters):
            given["filters"] = wanted
    if options.quality:
        given["quality"] = _quality(options.quality)
    if options.name:
        from mediadl.pipeline import naming

        naming.check(options.name)
        given["name"] = options.name
    if options.out:
        given["out"] = str(Path(options.out).expanduser().absolute())
    common = {"max_items": options.max_items, "since": options.since, "until": options.until}
    given.update({name: value for name, value in common.items() if value is not None})
    if options.force:
        given["force"] = True
    return given


def _target(word: str, options: AddOptions) -> Target:
    target = registry.match(word, options.platform or None, options.content_type or None)
    if not options.trusted:
        refuse_private_host(urlsplit(target.url).hostname or "")
    return target


def _request(target: Target, options: AddOptions, checked: dict[str, Any]) -> JobRequest:
    return JobRequest(
        url=target.url,
        platform=target.module,
        site=target.site,
        lane=Lane(target.lane),
        content_type=target.content_type,
        title=safe_text(target.title),
        priority=options.priority,
        not_before=options.not_before,
        options=checked,
        trusted=options.trusted,
    )


def _quality(word: str) -> str:
    from typing import get_args

    from mediadl.settings.schema import Quality

    known = get_args(Quality)
    if word not in known:
        raise InvalidInput(f"no quality {word!r}", next_step=f"Qualities: {', '.join(known)}.")
    return word


def _module_options(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    if not given:
        return {}
    from pydantic import ValidationError

    from mediadl.modules import options
    from mediadl.settings.fields import complaint

    module = registry.module(name)
    if unknown := [word for word in given if word not in {option.name for option in module.options}]:
        known = ", ".join(option.name for option in module.options)
        raise InvalidInput(
            f"{module.title} has no option {unknown[0]!r}", next_step=f"It has: {known or 'none'}."
        )
    schema = options.schema()
    try:
        found = schema.model_validate({name: dict(given)}).options_of(name)
    except ValidationError as error:
        key, reason = complaint(error, schema)
        raise InvalidInput(
            f"option {key.partition('.')[2]} of {module.title}: {reason}",
            next_step=f"See mediadl settings list {name}.",
        ) from error
    return {option: found[option] for option in given}
