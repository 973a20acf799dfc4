"""What a schedule is told, checked once: command line, editor, text files and API refuse in the same words.

A schedule's own fields are checked by `ScheduleSpec`, its sources by the platforms, how they are treated as for `add`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mediadl.errors import InvalidInput, MediadlError
from mediadl.models import Lane, Priority
from mediadl.modules import registry
from mediadl.security.permissions import OWNER, Caller, Right
from mediadl.security.text import safe_text
from mediadl.security.urls import refuse_private_host
from mediadl.service import filtering
from mediadl.service.intake import AddOptions, job_options
from mediadl.settings.schedule import MOST_NAME
from mediadl.settings.schedule_words import RULES, word_of
from mediadl.timing import moments

if TYPE_CHECKING:
    from mediadl.modules.base import Target
    from mediadl.settings.schedule import ScheduleSpec
    from mediadl.timing.rules import Rule

_SECTION = "schedule"
_HELP = "See mediadl schedule add --help."


@dataclass(frozen=True, slots=True)
class Wanted:
    """One source of a schedule: an address with one kind of content."""

    word: str
    """As it was told."""
    url: str
    platform: str
    content_type: str
    site: str
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A schedule that can be kept."""

    spec: dict[str, Any]
    """Every field of `ScheduleSpec`, JSON-safe and canonical."""
    sources: tuple[Wanted, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.spec["name"])

    @property
    def enabled(self) -> bool:
        """Whether it starts by itself."""
        return bool(self.spec["enabled"])


def check(
    given: Mapping[str, Any],
    caller: Caller = OWNER,
    *,
    limits: Callable[[AddOptions], AddOptions] | None = None,
) -> Checked:
    """A schedule as told by the fields of `ScheduleSpec`; asks no site.

    `limits` makes of options what the caller may have; without it, choosing a folder takes the right to.

    Raises:
        InvalidInput: names the field and says what is wrong.
        Unsupported: the platform asked for does not know a source.
        AddressRefused: a private address from a caller who is not trusted with it.
        PermissionDenied: the caller may not choose this folder.
    """
    spec = _spec(given)
    if not spec.sources:
        raise InvalidInput("a schedule needs a source", next_step="Give an address, or instagram:NAME.")
    sources = wanted(spec.sources, spec.platform, spec.content_types, caller)
    asked = _asked(spec, trusted=caller.local)
    if limits is not None:
        asked = limits(asked)
    elif spec.out:
        caller.require(Right.FOLDERS, "choose folders")
    found = spec.model_dump(mode="json")
    for platform, told in _by_platform(sources, spec.options).items():
        options = job_options(replace(asked, options=told), platform)
        found["filters"] = options.get("filters", {})
        found["out"] = options.get("out", "")
    rule(found, anchor_at=0.0, seed="")
    return Checked(found, sources)


def with_rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """Changes to a schedule: one that names a rule puts it in the place of the one there was."""
    told = [name for name in RULES if name in given and given[name] not in (0, "", "0", False, None, "false")]
    if not told:
        return dict(given)
    return {"cron": "", "every_s": 0, "adaptive": False} | dict(given)


def wanted(
    words: Iterable[str], platform: str, content_types: Iterable[str], caller: Caller = OWNER
) -> tuple[Wanted, ...]:
    """The sources that words mean, each with each kind of content, none twice.

    Raises:
        InvalidInput: not an address, unknown platform or type, or a single file.
        Unsupported: the platform asked for does not know an address.
        AddressRefused: a private address from a caller who is not trusted with it.
    """
    found: dict[tuple[str, str], Wanted] = {}
    several = list(words)
    for word in several:
        for content_type in list(content_types) or [""]:
            try:
                one = _wanted(word, platform, content_type, caller)
            except MediadlError as error:
                if len(several) == 1:
                    raise
                raise type(error)(
                    f"source {safe_text(word, limit=80)}: {error.message}", next_step=error.next_step
                ) from error
            found.setdefault((one.url, one.content_type), one)
    return tuple(found.values())


def name_of(one: Wanted) -> str:
    """What a schedule of this source would be called: by the account where there is one, else by the page."""
    return (one.name or one.title or one.url)[:MOST_NAME].strip()


def rule(spec: Mapping[str, Any], *, anchor_at: float, seed: str) -> Rule:
    """When a schedule runs.

    Raises:
        InvalidInput: it has no rule that can be reckoned with.
    """
    from mediadl.timing.rules import Rule

    try:
        return Rule.of(spec, anchor_at=anchor_at, seed=seed)
    except ValueError as error:
        raise InvalidInput(safe_text(str(error)), next_step=_HELP) from error


def add_options(spec: Mapping[str, Any], *, trusted: bool = True) -> AddOptions:
    """How the jobs of a schedule are treated, as `add` and a preview take it."""
    return _asked(_spec(spec), trusted=trusted)


def _spec(given: Mapping[str, Any]) -> ScheduleSpec:
    from pydantic import ValidationError

    from mediadl.settings.fields import complaint
    from mediadl.settings.schedule import ScheduleTree

    told = {str(name): value for name, value in given.items() if value is not None}
    told["options"] = _texts(told.get("options") or {})
    told["filters"] = _filters(told.get("filters") or {})
    try:
        return ScheduleTree.model_validate({_SECTION: told}).schedule
    except ValidationError as error:
        key, reason = complaint(error, ScheduleTree)
        word = word_of(key.partition(".")[2])
        if reason == "no such setting":
            raise InvalidInput(f"a schedule has no {word[:80]!r}", next_step=_HELP) from error
        whole = f"a schedule {reason}" if reason.startswith("needs") else reason
        text = f"{word.replace('_', '-')}: {reason}" if word else whole
        raise InvalidInput(safe_text(text, limit=400), next_step=_HELP) from error


def _texts(options: Any) -> dict[str, str]:
    """Options as text: in a file one may be a number or true."""
    if not isinstance(options, Mapping) or any(isinstance(one, (Mapping, list)) for one in options.values()):
        raise InvalidInput("options: names with values are wanted", next_step=_HELP)
    return {
        str(name): str(one).lower() if isinstance(one, bool) else str(one) for name, one in options.items()
    }


def _filters(filters: Any) -> dict[str, Any]:
    if not isinstance(filters, Mapping):
        raise InvalidInput("filters: names with values are wanted", next_step=_HELP)
    return filtering.parse({str(name): value for name, value in filters.items()})


def _asked(spec: ScheduleSpec, *, trusted: bool) -> AddOptions:
    now = time.time()
    return AddOptions(
        platform=spec.platform,
        priority=Priority.parse(spec.priority),
        quality=spec.quality,
        max_items=spec.max_items or None,
        since=moments.since(spec.since, now) if spec.since else None,
        until=moments.until(spec.until, now) if spec.until else None,
        out=spec.out,
        name=spec.name_template,
        options=spec.options,
        filters=spec.filters,
        trusted=trusted,
    )


def _by_platform(sources: Iterable[Wanted], told: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The platforms of sources, each with those of the options that it has; one that none has goes to the first."""
    has = {one.platform: {option.name for option in registry.module(one.platform).options} for one in sources}
    unknown = {
        name: value for name, value in told.items() if not any(name in names for names in has.values())
    }
    found = {
        platform: {name: value for name, value in told.items() if name in names}
        for platform, names in has.items()
    }
    found[next(iter(found))] |= unknown
    return found


def _wanted(word: str, platform: str, content_type: str, caller: Caller) -> Wanted:
    target: Target = registry.match(word, platform or None, content_type or None)
    if not caller.local:
        refuse_private_host(urlsplit(target.url).hostname or "")
    if Lane(target.lane) is Lane.TRANSFER:
        raise InvalidInput(
            f"{safe_text(target.url, limit=80)} is a single file and never has anything new",
            next_step="Fetch it with mediadl add, or give the page that lists such files.",
        )
    return Wanted(
        word,
        target.url,
        target.module,
        target.content_type,
        target.site,
        # The host is nobody's name
        "" if target.source in {target.site, urlsplit(target.url).hostname} else safe_text(target.source),
        safe_text(target.title or ""),
    )
