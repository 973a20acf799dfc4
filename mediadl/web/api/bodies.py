"""What callers send: the words of `mediadl add` and of the settings, with the same types and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
)
from pydantic.fields import FieldInfo

from mediadl.models import JobStatus, Move, Priority
from mediadl.modules import registry
from mediadl.modules.base import Module
from mediadl.service.queue import AddOptions
from mediadl.settings.filters import Filters
from mediadl.settings.schedule import ScheduleSpec
from mediadl.settings.schema import Quality
from mediadl.settings.section import PlatformSection, Text

MOST_URLS = 1000
MOST_IDS = 5000
LARGEST = 2**53 - 1
"""More than any table numbers, and what every reader of JSON can hold."""

PriorityWord = Literal["high", "normal", "low"]
Id = Annotated[int, Field(ge=1, le=LARGEST)]


def _text_of_moment(value: object) -> object:
    # Bare numbers would be taken for seconds
    if not isinstance(value, str) or "-" not in value[1:]:
        raise ValueError("must be like 2026-12-31T23:30:00Z")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text_of_moment),
    Field(strict=False, description="ISO 8601 with an offset, such as 2026-12-31T23:30:00Z."),
]


def told_as_json(model: type[BaseModel]) -> BeforeValidator:
    """Takes a group of settings as JSON means it: 1 is no true, and text is a number only where people write it so."""

    def read(value: object) -> object:
        if isinstance(value, dict):
            for name, field in model.model_fields.items():
                if name in value and not _is_of(field, value[name]):
                    raise ValueError(f"{name}: is of another type")
        return value

    return BeforeValidator(read)


def reads_text(field: FieldInfo) -> bool:
    """Whether a value is also taken as people write it."""
    return any(isinstance(one, BeforeValidator) for one in field.metadata)


def _is_of(field: FieldInfo, value: object) -> bool:
    """Whether a value of JSON is of the field's kind; text and groups are judged by the field itself."""
    kind = field.annotation
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind in {int, float}:
        number = isinstance(value, int | float) and (kind is float or float(value).is_integer())
        return number or (isinstance(value, str) and reads_text(field))
    return True


class Body(BaseModel):
    """Something that is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Wishes(Body):
    """How the jobs of one request are to be treated; what is left out is up to settings and platform."""

    priority: PriorityWord = Field("normal", description="What starts first.")
    not_before: Moment | None = Field(None, description="Start at this moment, not before.")
    quality: Quality | None = Field(None, description="Preferred rendition of videos.")
    max_items: int | None = Field(None, ge=1, le=LARGEST, description="Most files per job.")
    since: Moment | None = Field(None, description="Nothing posted before this moment.")
    until: Moment | None = Field(None, description="Nothing posted after this moment.")
    out: Text = Field("", description="Folder instead of downloads.directory; refused to accounts.")
    name: Text = Field("", description="Pattern of names instead of downloads.name_template.")
    filters: Annotated[Filters, told_as_json(Filters)] = Field(
        default_factory=Filters, description="Which items are taken."
    )
    force: bool = Field(False, description="Fetch also what was fetched before.")

    def asked(
        self, platform: str = "", content_type: str = "", options: Mapping[str, str] | None = None
    ) -> AddOptions:
        """What the services take."""
        return AddOptions(
            platform=platform,
            content_type=content_type,
            priority=Priority.parse(self.priority),
            not_before=epoch(self.not_before),
            quality=self.quality or "",
            max_items=self.max_items,
            since=epoch(self.since),
            until=epoch(self.until),
            out=self.out,
            name=self.name,
            options=options or {},
            filters=self.filters.model_dump(exclude_unset=True),
            force=self.force,
            trusted=False,
        )


Address = Annotated[Text, Field(min_length=1, pattern=r"\S")]
OptionValue = str | bool | int | float


class Add(Wishes):
    """Addresses to download."""

    urls: list[Address] = Field(
        min_length=1, max_length=MOST_URLS, description="Addresses, instagram:NAME, tiktok:@NAME."
    )
    platform: Text = Field("", description="Platform that must take them; empty: whoever knows them.")
    content_type: Text = Field("", description="What is wanted of an account: posts, stories …")
    options: dict[str, OptionValue] = Field(
        default_factory=dict, description="Options of the platform, by name."
    )

    def wanted(self, platform: str = "") -> AddOptions:
        """What the services take."""
        return self.asked(platform or self.platform, self.content_type, as_text(self.options))


def as_text(options: Mapping[str, Any]) -> dict[str, str]:
    """Values as people type them: the services check text."""
    return {name: str(v).lower() if isinstance(v, bool) else str(v) for name, v in options.items()}


def of_platform(name: str, target: str, about: str, **fields: Any) -> type[Wishes]:
    """The body of a platform's own route: whom or what, and the platform's own options."""
    module: Module = registry.module(name)
    model: type[PlatformSection] = module.options_model()
    options: Any = Annotated[model, told_as_json(model)]
    made: type[Wishes] = create_model(
        f"{name.capitalize()}{target.capitalize()}",
        __base__=Wishes,
        __doc__=about,
        options=(options, Field(default_factory=model, description=model.__doc__)),
        **fields,
    )
    return made


class Change(Body):
    """What is to be different about a job; what is left out stays."""

    wanted: Literal["run", "pause", "cancel"] | None = Field(None, description="Go on, hold, or end.")
    priority: PriorityWord | None = None
    move: Move | None = Field(None, strict=False, description="Its place among those of its priority.")
    not_before: Moment | None = Field(None, description="Start at this moment, not before.")


class Clear(Body):
    """Which jobs leave the list."""

    statuses: list[Annotated[JobStatus, Field(strict=False)]] = Field(
        min_length=1, max_length=len(JobStatus), description="All jobs of these; active ones never."
    )


class Bulk(Body):
    """One act on many stored files."""

    action: Literal["delete", "redownload", "improve"]
    ids: list[Id] = Field(min_length=1, max_length=MOST_IDS)
    files: bool = Field(False, description="delete: the files on the disk.")
    record: bool = Field(True, description="delete: the rows of the history.")
    forget: bool = Field(False, description="delete: let the same media be fetched again.")


class QueueBulk(Body):
    """One act on many jobs."""

    action: Literal["run", "pause", "cancel", "remove", "retry"]
    ids: list[Id] = Field(min_length=1, max_length=MOST_IDS)


class SettingValues(Body):
    """Settings to change, by key, as they are typed; null takes one back to its default."""

    values: dict[str, OptionValue | None] = Field(min_length=1, max_length=200)


class Login(Body):
    """Who signs in."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1024)
    code: str = Field("", max_length=64, description="Of the second factor, or a recovery code.")


class Refresh(Body):
    """What a login was given for going on."""

    refresh_token: str = Field(min_length=1, max_length=200)


class Probe(Body):
    """What to ask a platform for."""

    url: Text = Field("", description="An address of the platform; empty: something known.")


NewSchedule = Annotated[ScheduleSpec, told_as_json(ScheduleSpec)]
"""What `mediadl schedule add` takes."""


def _all_optional(model: type[BaseModel], name: str, about: str) -> type[BaseModel]:
    """The fields of a model, none of which must be given."""
    fields: dict[str, Any] = {
        key: (
            field.rebuild_annotation() | None,
            Field(None, title=field.title, description=field.description),
        )
        for key, field in model.model_fields.items()
    }
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), __doc__=about, **fields)


if TYPE_CHECKING:
    ScheduleChange = BaseModel
else:
    _Change = _all_optional(ScheduleSpec, "ScheduleChange", "What is to be different about a schedule.")
    ScheduleChange = Annotated[_Change, told_as_json(ScheduleSpec)]


def epoch(at: datetime | None) -> float | None:
    """Seconds since the epoch."""
    if at is None:
        return None
    try:
        return at.timestamp()
    except (OverflowError, ValueError):
        # The first and the last day of the calendar, with an offset
        return 0.0 if at.year < 1971 else 253_402_214_400.0
