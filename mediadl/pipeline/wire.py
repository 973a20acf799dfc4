"""Messages of the protocol as lines of JSON, and back."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from enum import Enum
from typing import Any

from mediadl.pipeline.protocol import Message

_BY_OP: dict[str, type[Any]] = {cls.OP: cls for cls in typing.get_args(Message)}


def encode(message: Message) -> bytes:
    """One line, newline included."""
    record = {"op": message.OP, **_plain(message)}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def decode(line: bytes | str) -> Message:
    """The message of one line.

    Raises:
        ValueError: not one of ours.
    """
    record = json.loads(line)
    if not isinstance(record, dict) or record.get("op") not in _BY_OP:
        raise ValueError("not a message of the protocol")
    cls = _BY_OP[record.pop("op")]
    try:
        return typing.cast("Message", _build(cls, record))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"incomplete {cls.__name__}: {error}") from error


def _plain(value: Any) -> Any:
    """`dataclasses.asdict` without its deep copies, defaults left out."""
    record = {}
    for name, default in _fields(type(value)):
        item = getattr(value, name)
        if hasattr(item, "__dataclass_fields__"):
            record[name] = _plain(item)
        elif item and isinstance(item, tuple) and hasattr(item[0], "__dataclass_fields__"):
            record[name] = [_plain(one) for one in item]
        elif item != default:
            record[name] = item
    return record


_FIELDS: dict[type[Any], tuple[tuple[str, Any], ...]] = {}


def _fields(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    """Each field's name and default."""
    if cls not in _FIELDS:
        _FIELDS[cls] = tuple((spec.name, spec.default) for spec in dataclasses.fields(cls))
    return _FIELDS[cls]


def _build(cls: type[Any], record: dict[str, Any]) -> Any:
    arguments: dict[str, Any] = {}
    for name, convert in _converters(cls).items():
        if name in record:
            value = record[name]
            arguments[name] = convert(value) if convert is not None and value is not None else value
    return cls(**arguments)


_CONVERTERS: dict[type[Any], dict[str, Any]] = {}


def _converters(cls: type[Any]) -> dict[str, Any]:
    """Field name → function that turns the JSON value into the field's type (None: keep)."""
    if cls not in _CONVERTERS:
        hints = typing.get_type_hints(cls)
        _CONVERTERS[cls] = {spec.name: _converter(hints[spec.name]) for spec in dataclasses.fields(cls)}
    return _CONVERTERS[cls]


def _converter(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return _converter(inner[0]) if len(inner) == 1 else None
    if typing.get_origin(hint) is tuple:
        convert = _converter(typing.get_args(hint)[0])
        return tuple if convert is None else lambda values: tuple(convert(value) for value in values)
    if isinstance(hint, type):
        if dataclasses.is_dataclass(hint):
            return lambda value: _build(hint, value)
        if issubclass(hint, Enum):
            return hint
    return None
