"""Reads the schema: which settings there are, how each is edited, what it allows and what is wrong with a value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, cast, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mediadl.settings.kinds import Form, Kind, Setting, Source, Tab, typed_text
from mediadl.settings.schema import MOST_BYTES, Section, Settings

ENV_PREFIX = "MEDIADL_"

_BY_TYPE: dict[Any, Kind] = {bool: Kind.SWITCH, int: Kind.NUMBER, float: Kind.NUMBER, str: Kind.TEXT}

_SHAPES = frozenset({
    "int_parsing", "int_type", "int_from_float", "int_parsing_size", "float_parsing", "float_type", "finite_number",
    "greater_than_equal", "less_than_equal", "bool_parsing", "bool_type", "literal_error", "string_type",
    "string_unicode", "tuple_type", "enum",
})  # fmt: skip
"""Failures for which it says enough what would be right."""


def fields(schema: type[BaseModel] = Settings) -> list[tuple[str, FieldInfo]]:
    """Every key with its pydantic field, in the schema's order."""
    return [
        (f"{section}.{name}", info)
        for section, outer in schema.model_fields.items()
        for name, info in cast("type[BaseModel]", outer.annotation).model_fields.items()
    ]


def kind_of(info: FieldInfo) -> Kind:
    """How the field is edited."""
    told = [form.kind for form in _forms(info) if form.kind is not None]
    if told:
        return told[-1]
    if get_origin(info.annotation) is Literal or _is_enum(info.annotation):
        return Kind.CHOICE
    return _BY_TYPE[info.annotation]


def tab_of(info: FieldInfo, section: type[Section]) -> Tab:
    """The tab the field is shown on."""
    told = [form.tab for form in _forms(info) if form.tab is not None]
    return told[-1] if told else section.TAB


def choices_of(info: FieldInfo) -> tuple[str, ...]:
    """What can be chosen; nothing when anything can be typed."""
    if get_origin(info.annotation) is Literal:
        return tuple(str(one) for one in get_args(info.annotation))
    if _is_enum(info.annotation):
        return tuple(str(one.value) for one in cast("type[Enum]", info.annotation))
    return ("true", "false") if info.annotation is bool else ()


def allowed(info: FieldInfo) -> str:
    """What can be given, in words that follow `must be`."""
    kind = kind_of(info)
    choices = choices_of(info)
    if choices:
        return f"{', '.join(choices[:-1])} or {choices[-1]}"
    words = {
        Kind.SIZE: "a size such as 500 MB",
        Kind.SPEED: "a speed such as 2 MB/s",
        Kind.DURATION: "a time such as 30 s or 5 min",
        Kind.NUMBER: "a whole number" if info.annotation is int else "a number",
        Kind.WORDS: "words with commas between them",
        Kind.FOLDER: "a folder",
        Kind.FILE: "a file",
        Kind.THEME: "the name of a theme",
    }.get(kind, "text")
    least: Any = next((bound.ge for bound in info.metadata if isinstance(bound, annotated_types.Ge)), None)
    most: Any = next((bound.le for bound in info.metadata if isinstance(bound, annotated_types.Le)), None)
    if least is None or (most is not None and most >= MOST_BYTES):
        return words
    comma = "" if kind is Kind.NUMBER else ","
    if most is None:
        return f"{words}, {typed_text(kind, least)} or more"
    return f"{words}{comma} from {typed_text(kind, least)} to {typed_text(kind, most)}"


def setting(key: str, info: FieldInfo, section: type[Section], value: Any, source: Source) -> Setting:
    """One setting for people."""
    zero = next((form.zero for form in reversed(_forms(info)) if form.zero), "")
    return Setting(
        key,
        value,
        info.default,
        source,
        info.title or key,
        info.description or "",
        kind_of(info),
        tab_of(info, section),
        allowed(info),
        choices_of(info),
        zero,
        section.__doc__ or "",
        title_of(key.partition(".")[0], section),
        variable(key),
    )


def title_of(name: str, section: type[BaseModel]) -> str:
    """What a section is called by people."""
    title = section.TITLE if issubclass(section, Section) else ""
    return title or name.capitalize()


def variable(key: str) -> str:
    """The environment variable that sets a key."""
    return ENV_PREFIX + key.replace(".", "__").upper()


def complaint(error: ValidationError, schema: type[BaseModel] = Settings) -> tuple[str, str]:
    """Key and reason of the first thing that is wrong, the reason in words of a person."""
    first: Mapping[str, Any] = cast("Mapping[str, Any]", error.errors(include_url=False)[0])
    key = ".".join(str(part) for part in first["loc"][:2])
    if first["type"] == "extra_forbidden":
        return ".".join(str(part) for part in first["loc"]), "no such setting"
    info = dict(fields(schema)).get(key)
    if info is not None and first["type"] in _SHAPES:
        return key, f"must be {allowed(info)}"
    if first["type"] == "string_too_long":
        return key, f"must be at most {first['ctx']['max_length']} characters long"
    return key, str(first["msg"]).removeprefix("Value error, ")


def _is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Enum)


def _forms(info: FieldInfo) -> list[Form]:
    """What annotations say of forms, the most particular last."""
    return [told for told in info.metadata if isinstance(told, Form)]
