"""What a schedule can be told: one definition for command line, editor, text files, API and check.

The sources and how to treat them are told as for `mediadl add`; times are text as people write them, read by
`mediadl.timing`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from mediadl.settings.kinds import Form, Kind, Tab
from mediadl.settings.section import Seconds, Section, Text, Words, filled

MOST_SOURCES = 1000
MOST_NAME = 80


class Misfire(StrEnum):
    """What becomes of due times that nobody was there for."""

    ONCE = "once"
    """One run for all of them together, at once."""
    SKIP = "skip"
    """None; the next one is waited for."""


class WindowEnd(StrEnum):
    """What becomes of jobs at work when the allowed hours end."""

    FINISH = "finish"
    PAUSE = "pause"
    """They go on when the hours come again."""


class Backfill(StrEnum):
    """What becomes of everything a source had before it was subscribed to."""

    ALL = "all"
    """All of it, at the pace of `backfill_items`."""
    NONE = "none"
    """Nothing: only what is new from now on."""


def _cron(value: str) -> str:
    if not value:
        return ""
    from mediadl.timing import cron

    return cron.check(value)


def _zone(value: str) -> str:
    if not value:
        return ""
    from mediadl.timing import zones

    return zones.check(value)


def _windows(value: tuple[str, ...]) -> tuple[str, ...]:
    from mediadl.timing import windows

    return windows.check(value)


def _active(value: str) -> str:
    from mediadl.timing import active

    return active.check(value)


def _sources(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > MOST_SOURCES:
        raise ValueError(f"at most {MOST_SOURCES} sources")
    return tuple(dict.fromkeys(value))


def _name(value: str) -> str:
    if len(value) > MOST_NAME:
        raise ValueError(f"must not be longer than {MOST_NAME} characters")
    return filled(value)


Name = Annotated[Text, AfterValidator(_name)]
Sources = Annotated[Words, AfterValidator(_sources)]


class ScheduleSpec(Section):
    """A schedule: what is looked at, when, and what is taken."""

    TAB = Tab.GENERAL

    name: Name = Field(title="Name", description="What you call it; each name is used once.")
    sources: Sources = Field(
        (), title="Sources", description="Addresses, or instagram:NAME, tiktok:@NAME; several are possible."
    )
    platform: Text = Field("", title="Platform", description="Who reads the sources; empty: as they say.")
    content_types: Words = Field(
        (),
        title="Content",
        description="posts, stories, videos …; empty: what each source is asked for first.",
    )
    enabled: bool = Field(True, title="Enabled", description="Off: kept, but nothing starts by itself.")

    cron: Annotated[Text, AfterValidator(_cron)] = Field(
        "", title="Cron", description="Five fields: minute hour day month weekday; such as 30 2 * * *."
    )
    every_s: Annotated[Seconds, Form(zero="as the cron line says")] = Field(
        0, ge=0, le=31_536_000, title="Every", description="Time between two runs, instead of a cron line."
    )
    adaptive: bool = Field(
        False,
        title="Adapt",
        description="Follow how often the sources post, instead of a cron line or a fixed time.",
    )
    least_every_s: Seconds = Field(
        3600, ge=300, le=31_536_000, title="At most every", description="Shortest time between adaptive runs."
    )
    most_every_s: Seconds = Field(
        604_800,
        ge=300,
        le=31_536_000,
        title="At least every",
        description="Longest time between adaptive runs.",
    )
    time_zone: Annotated[Text, AfterValidator(_zone)] = Field(
        "", title="Time zone", description="Such as Europe/Berlin; empty: this machine's."
    )
    jitter_s: Annotated[Seconds, Form(zero="none")] = Field(
        0, ge=0, le=86_400, title="Jitter", description="Start up to so much later, by chance."
    )
    active_from: Annotated[Text, AfterValidator(_active)] = Field(
        "", title="From", description="No run before this date or time; empty: any."
    )
    active_until: Annotated[Text, AfterValidator(_active)] = Field(
        "", title="Until", description="No run after this date or time; empty: any."
    )
    windows: Annotated[Words, AfterValidator(_windows)] = Field(
        (), title="Allowed hours", description="Such as 01:00-06:00 or sat-sun 08:00-20:00; empty: always."
    )
    window_end: WindowEnd = Field(
        WindowEnd.FINISH,
        title="At their end",
        description="Jobs at work finish, or pause until the next hours.",
    )
    misfire: Misfire = Field(
        Misfire.ONCE, title="Missed runs", description="One run for all that were missed, or none."
    )

    max_items: Annotated[int, Form(zero="all")] = Field(
        0,
        ge=0,
        le=1_000_000,
        title="New items per run",
        description="Most new items of a source in one run; 0: all.",
    )
    backfill: Backfill = Field(
        Backfill.ALL,
        title="Older items",
        description="Fetch what the sources had before: all of it, or nothing.",
    )
    backfill_items: Annotated[int, Form(zero="all at once")] = Field(
        50,
        ge=0,
        le=1_000_000,
        title="Older items per run",
        description="So many older items of a source are fetched with each run, at low priority.",
    )
    dead_after_days: Annotated[int, Form(zero="never")] = Field(
        0,
        ge=0,
        le=3650,
        title="Dead after",
        description="Look only once a month at a source without a post for so many days; 0: never.",
    )
    priority: Literal["high", "normal", "low"] = Field(
        "normal", title="Priority", description="Of the jobs that a run makes."
    )
    quality: Text = Field("", title="Quality", description="Rendition of videos; empty: as the settings say.")
    since: Text = Field("", title="Since", description="Nothing posted before this date.")
    until: Text = Field("", title="Before", description="Nothing posted after this date.")
    out: Annotated[Text, Form(Kind.FOLDER)] = Field(
        "", title="Folder", description="Where files go; empty: as the settings say."
    )
    name_template: Text = Field(
        "", title="Names", description="Pattern of folder and file names; empty: as the settings say."
    )
    options: dict[str, str] = Field(
        default_factory=dict, title="Options", description="Options of the platform, by name."
    )
    filters: dict[str, Any] = Field(
        default_factory=dict,
        title="Filters",
        description="Which items are taken, by the names of the filters.",
    )

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        told = [bool(self.cron), self.every_s > 0, self.adaptive]
        if not any(told):
            raise ValueError("needs a rule: a cron line, a time between runs, or adaptive")
        if sum(told) > 1:
            raise ValueError("needs one rule only: a cron line, a time between runs, or adaptive")
        if 0 < self.every_s < 60:
            raise ValueError("every: at least 60 seconds")
        if self.least_every_s > self.most_every_s:
            raise ValueError("at-most-every is longer than at-least-every")
        return self


class ScheduleTree(BaseModel):
    """The schedule as the one section of a schema, so that forms are made of it as of any other."""

    schedule: ScheduleSpec
