"""A schedule as a form: its fields in groups, what a typed text stands for, when it would run, what its sources are.

What can be told and what is wrong with it is decided where the command line asks as well: `schedule_check`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput, MediadlError
from mediadl.models.plans import NextRun
from mediadl.service import filtering
from mediadl.service.intake import Preview, split
from mediadl.service.plans import coming
from mediadl.settings.schedule_words import word_of

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.settings.kinds import Setting

RULE = "rule"
"""Stands for the fields that say when it runs; a form asks for them together."""

RULE_FIELDS = ("cron", "every_s", "adaptive", "least_every_s", "most_every_s")
FILTERS, OPTIONS, SOURCES = "filters", "options", "sources"
"""Fields with a form of their own."""

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What", "what is looked at", ("sources", "name", "content_types", "platform", "enabled")),
    (
        "When",
        "when it is looked at",
        (
            RULE, "time_zone", "windows", "window_end", "misfire", "jitter_s", "active_from", "active_until",
        ),
    ),
    (
        "Which items",
        "which of them are taken",
        ("backfill", "backfill_items", "max_items", "since", "until", FILTERS, OPTIONS, "dead_after_days"),
    ),
    ("Where to", "how they are stored", ("quality", "priority", "out", "name_template")),
)  # fmt: skip
"""Heading, what it is about, and fields, in the order of the form."""

FIRST_CRON = "0 3 * * *"
"""What a new schedule begins with: each night, when nobody is at work."""

_BESIDE: dict[str, dict[str, Any]] = {
    "every_s": {"cron": ""},
    "least_every_s": {"most_every_s": 31_536_000},
    "most_every_s": {"least_every_s": 300},
}
"""What must stand beside a field for it to be judged alone."""

_SECTION = "schedule"
_STAND_IN = "x"
_NEXT = 5


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would come of something that is told."""

    words: str
    """The rule; empty: there is none."""
    runs: tuple[NextRun, ...]
    rule_trouble: str
    """Why there is no rule."""
    trouble: str
    """Why it cannot be kept as it is; empty: it can."""
    field: str
    """The field that is wrong, where one is to blame."""


def blank() -> dict[str, Any]:
    """What a new schedule begins with."""
    from mediadl.settings.schedule import ScheduleSpec

    made = ScheduleSpec(name=_STAND_IN, cron=FIRST_CRON).model_dump(mode="json")
    return {**made, "name": ""}


def settings(values: Mapping[str, Any]) -> dict[str, Setting]:
    """Every field that has a row of its own, by name, with its value."""
    from mediadl.settings.fields import fields, setting
    from mediadl.settings.kinds import Source
    from mediadl.settings.schedule import ScheduleSpec, ScheduleTree

    found = {}
    for key, info in fields(ScheduleTree):
        name = key.partition(".")[2]
        if name not in {FILTERS, OPTIONS}:
            value = values.get(name, info.default)
            value = tuple(value) if isinstance(value, list) else value
            found[name] = setting(key, info, ScheduleSpec, value, Source.DEFAULT)
    return found


def default(name: str) -> Any:
    """What a field is when nothing is told; JSON-safe."""
    return blank()[name]


def value_of(name: str, text: str) -> Any:
    """What a typed text stands for; JSON-safe.

    Raises:
        InvalidInput: it cannot be used.
    """
    from pydantic import ValidationError

    from mediadl.settings.fields import complaint
    from mediadl.settings.schedule import ScheduleTree

    told = {**blank(), "name": _STAND_IN, **_BESIDE.get(name, {}), name: text}
    try:
        made = ScheduleTree.model_validate({_SECTION: told}).schedule
    except ValidationError as error:
        raise InvalidInput(complaint(error, ScheduleTree)[1]) from error
    return made.model_dump(mode="json")[name]


def foresee(services: Services, values: Mapping[str, Any]) -> Foreseen:
    """What would come of it; asks no site, writes nothing."""
    words, runs, rule_trouble = _rule(values)
    try:
        services.schedules.check(values)
    except MediadlError as error:
        field = _blamed(error.message) or _of_sources(services, values)
        return Foreseen(words, runs, rule_trouble, error.message, field)
    return Foreseen(words, runs, rule_trouble, "", "")


def look_at(services: Services, text: str, platform: str, content_types: tuple[str, ...]) -> list[Preview]:
    """What each word of a text is as a source; bad ones say why. Asks no site."""
    from mediadl.settings.schedule import MOST_SOURCES

    found = []
    for line, word in split([text])[:MOST_SOURCES]:
        plain = Preview(line, word)
        try:
            looked = services.schedules.check_sources([word], platform, content_types)
        except MediadlError as error:
            found.append(replace(plain, error=error.message, next_step=error.next_step))
            continue
        one = looked[0].wanted
        types = ", ".join(dict.fromkeys(each.wanted.content_type for each in looked))
        users = dict.fromkeys(schedule.name for each in looked for schedule in each.schedules)
        also = f"also in {', '.join(users)}" if users else one.title
        found.append(
            replace(
                plain, url=one.url, platform=one.platform, content_type=types, source=one.name, title=also
            )
        )
    return found


def filter_words(values: Mapping[str, Any]) -> str:
    """The filters in words; empty: none."""
    try:
        return "; ".join(filtering.in_words(values.get(FILTERS) or {}))
    except MediadlError as error:
        return error.message


def filter_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """The filters as a person would type them, by name."""
    from mediadl.settings.fields import fields, kind_of
    from mediadl.settings.filters import FilterTree
    from mediadl.settings.kinds import typed_text

    given = values.get(FILTERS) or {}
    kinds = {key.partition(".")[2]: kind_of(info) for key, info in fields(FilterTree)}
    return {name: typed_text(kinds[name], value) for name, value in given.items() if name in kinds}


def filters_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """The filters that texts stand for.

    Raises:
        InvalidInput: one cannot be used.
    """
    return filtering.parse(texts)


def one_platform(values: Mapping[str, Any]) -> str:
    """The platform that reads all the sources; empty: there are several, or none."""
    from mediadl.service.schedule_check import wanted

    found = set()
    for word in values.get(SOURCES) or ():
        try:
            found |= {one.platform for one in wanted([word], values.get("platform") or "", ())}
        except MediadlError:
            return ""
    return found.pop() if len(found) == 1 else ""


def _rule(values: Mapping[str, Any]) -> tuple[str, tuple[NextRun, ...], str]:
    from pydantic import ValidationError

    from mediadl.settings.fields import complaint
    from mediadl.settings.schedule import ScheduleTree
    from mediadl.timing.rules import Rule

    # Only what the rule depends on: whatever else is wrong does not hide when it would run
    own = ("cron", "every_s", "adaptive", "least_every_s", "most_every_s", "time_zone", "jitter_s", "active_from",
           "active_until", "windows")  # fmt: skip
    told = {"name": _STAND_IN} | {name: values[name] for name in own if name in values}
    now = time.time()
    try:
        spec = ScheduleTree.model_validate({_SECTION: told}).schedule.model_dump(mode="json")
        rule = Rule.of(spec, anchor_at=now, seed="")
        return rule.words(), tuple(coming(rule, now, _NEXT)), ""
    except ValidationError as error:
        return "", (), complaint(error, ScheduleTree)[1]
    except ValueError as error:
        return "", (), str(error)


def _of_sources(services: Services, values: Mapping[str, Any]) -> str:
    """The field to blame when the sources cannot be looked at as told; empty: they can."""
    words, platform = values.get(SOURCES) or (), values.get("platform") or ""
    for field, told in ((SOURCES, ("", ())), ("platform", (platform, ())),
                        ("content_types", (platform, values.get("content_types") or ()))):  # fmt: skip
        try:
            services.schedules.check_sources(words, *told)
        except MediadlError:
            return field
    return ""


def _blamed(message: str) -> str:
    """The field that a complaint begins with."""
    from mediadl.settings.schedule import ScheduleSpec

    word = message.partition(":")[0].replace("-", "_")
    if word.startswith("source") or "a source" in message:
        return SOURCES
    return next((name for name in ScheduleSpec.model_fields if word_of(name) == word), "")
