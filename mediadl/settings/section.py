"""What every section of the settings is made of: the kinds of its values, and its place in forms."""

from __future__ import annotations

import os
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from mediadl.settings.kinds import Form, Kind, Tab, parse_duration, parse_size, parse_words

# Looking for plugins reads every installed package: a third of the time to the first setting
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _printable(value: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in value):
        raise ValueError("must not have control characters")
    return value


def filled(value: str) -> str:
    """Refuse an empty value."""
    if not value:
        raise ValueError("must not be empty")
    return value


def _size(value: Any) -> Any:
    parsed = parse_size(value) if isinstance(value, str) else None
    return value if parsed is None else parsed


def _duration(value: Any) -> Any:
    parsed = parse_duration(value) if isinstance(value, str) else None
    return value if parsed is None else parsed


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096), AfterValidator(_printable)]
Folder = Annotated[Text, AfterValidator(filled), Form(Kind.FOLDER)]
File = Annotated[Text, Form(Kind.FILE)]
Secret = Annotated[Text, Form(Kind.SECRET)]
Words = Annotated[
    tuple[Text, ...],
    BeforeValidator(lambda value: parse_words(value) if isinstance(value, str) else value),
    Form(Kind.WORDS),
]
Bytes = Annotated[int, BeforeValidator(_size), Form(Kind.SIZE)]
Speed = Annotated[int, BeforeValidator(_size), Form(Kind.SPEED)]
Seconds = Annotated[float, BeforeValidator(_duration), Form(Kind.DURATION)]

MOST_BYTES = 10**15


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)

    TAB: ClassVar[Tab]
    """Where its fields are shown, unless they say otherwise."""
    TITLE: ClassVar[str] = ""
    """What people call it; empty: its name says it."""


class PlatformSection(Section):
    """The options of one platform; made from what the platform says of them (`mediadl.modules.options`)."""

    TAB = Tab.PLATFORMS
