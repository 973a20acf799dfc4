"""Schedules as a text file: TOML or YAML, the same words in both; written by `export`, read by `import` and `apply`.

A file comes from anywhere: its size, depth and number of entries are bounded, YAML is read as plain words without tags
and aliases, and whatever is wrong is told in one line with the line's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from mediadl.errors import InvalidInput
from mediadl.security.text import safe_text
from mediadl.settings.kinds import Kind, parse_duration, parse_size, typed_text
from mediadl.settings.schedule_words import fields_of, word_of

KEY = "schedules"
"""The one key at the top of a file."""

MOST_BYTES = 4_000_000
MOST_ENTRIES = 10_000

_MOST_DEPTH = 12
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*schedules[ \t]*\]\]", re.MULTILINE)
_LINE = re.compile(r"\(?at (?:line (\d+), column \d+|end of document)\)?")
_FORMATS = {
    ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".opml": "opml", ".xml": "opml", ".csv": "csv", ".txt": "csv"
}  # fmt: skip
FORMATS = ("toml", "yaml", "opml", "csv")


@dataclass(frozen=True, slots=True)
class Entry:
    """One schedule of a file."""

    told: Mapping[str, Any]
    """By the names of the fields of `ScheduleSpec`, not checked yet."""
    line: int = 0
    """Where it begins, from 1; 0: not known."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A source of a file that has sources only."""

    source: str
    title: str = ""
    line: int = 0
    further: Mapping[str, str] = field(default_factory=dict)
    """What else a CSV's columns say of its schedule, by word."""


def format_of(name: str, text: str) -> str:
    """The format of a file, by its name's end, else by its first characters.

    Raises:
        InvalidInput: neither tells.
    """
    if known := _FORMATS.get(PurePath(name).suffix.lower()):
        return known
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return "opml"
    if _HEADER.search(text):
        return "toml"
    if re.search(r"^schedules[ \t]*:", text, re.MULTILINE):
        return "yaml"
    raise InvalidInput(
        f"{_short(name)}: no telling what kind of file it is",
        next_step=f"Say it with --format {'|'.join(FORMATS)}.",
    )


def decoded(raw: bytes, name: str) -> str:
    """The text of a file.

    Raises:
        InvalidInput: too large, or no text.
    """
    if len(raw) > MOST_BYTES:
        raise InvalidInput(
            f"{_short(name)} is larger than {MOST_BYTES // 1_000_000} MB", next_step="Split it."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refusal(name, line, "not UTF-8 text") from error
    if "\0" in text:
        raise refusal(name, text[: text.index("\0")].count("\n") + 1, "not text")
    return text


def refusal(name: str, line: int, why: str) -> InvalidInput:
    """The error for a file that cannot be used, in one line."""
    where = f", line {line}" if line else ""
    return InvalidInput(
        f"{_short(name)}{where}: {safe_text(why)}", next_step="Mend the file; nothing was changed."
    )


def read(text: str, name: str, form: str) -> list[Entry]:
    """The schedules of a TOML or YAML file, in its order; names are each there once.

    Raises:
        InvalidInput: says which line and why.
    """
    found = _toml(text, name) if form == "toml" else _yaml(text, name)
    entries = []
    seen: dict[str, int] = {}
    for line, told in found:
        if not isinstance(told, Mapping):
            raise refusal(name, line, "a schedule is a table of words and values")
        try:
            entry = Entry(fields_of({str(word): value for word, value in told.items()}), line)
        except ValueError as error:
            raise refusal(name, line, str(error)) from error
        called = str(entry.told.get("name", "")).strip()
        if not called:
            raise refusal(name, line, "a schedule needs a name")
        if called in seen:
            where = f", as in line {seen[called]}" if seen[called] else ""
            raise refusal(name, line, f"the name {called!r} is there twice{where}")
        seen[called] = line
        entries.append(entry)
    return entries


def write(specs: Iterable[Mapping[str, Any]], form: str) -> str:
    """Schedules as text that `read` understands; only what differs from the defaults."""
    told = [short(spec) for spec in specs]
    if form == "yaml":
        import yaml

        return yaml.safe_dump({KEY: told}, sort_keys=False, allow_unicode=True, width=110)
    return _as_toml(told)


def short(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule by its words, without what is as by default."""
    from mediadl.settings.fields import kind_of
    from mediadl.settings.filters import Filters
    from mediadl.settings.schedule import ScheduleSpec

    def words(values: Mapping[str, Any], schema: Any) -> dict[str, Any]:
        found = {}
        for name, info in schema.model_fields.items():
            value = values.get(name, info.default)
            if name in {"options", "filters"} or value == info.default:
                continue
            plain = list(value) if isinstance(value, tuple) else value
            if plain != (list(info.default) if isinstance(info.default, tuple) else info.default):
                found[word_of(name)] = _typed(kind_of(info), plain)
        return found

    found = words(spec, ScheduleSpec)
    if spec.get("options"):
        found["options"] = dict(spec["options"])
    if spec.get("filters"):
        found["filters"] = words(spec["filters"], Filters)
    return found


def _typed(kind: Kind, value: Any) -> Any:
    """A size or a time as people write it, where that says exactly the same."""
    if kind not in {Kind.SIZE, Kind.DURATION}:
        return value
    text = typed_text(kind, value)
    return text if (parse_size if kind is Kind.SIZE else parse_duration)(text) == value else value


# TOML


def _toml(text: str, name: str) -> list[tuple[int, Any]]:
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = str(error)
        place = _LINE.search(told)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        raise refusal(name, line, _LINE.sub("", told).strip() or "not TOML") from error
    except (ValueError, RecursionError) as error:
        # Numbers of thousands of digits, brackets in brackets in brackets
        raise refusal(name, 0, "not TOML that anybody would write") from error
    _refuse_strangers(found, name)
    entries = found.get(KEY, [])
    if not isinstance(entries, list):
        raise refusal(name, 0, f"write [[{KEY}]] above each schedule")
    _refuse_many(len(entries), name)
    lines = [text.count("\n", 0, one.start()) + 1 for one in _HEADER.finditer(text)]
    if len(lines) != len(entries):
        lines = [0] * len(entries)
    return list(zip(lines, entries, strict=True))


def _refuse_strangers(found: Mapping[Any, Any], name: str) -> None:
    strange = next((str(key) for key in found if key != KEY), None)
    if strange is not None:
        raise refusal(name, 0, f"{strange[:80]!r} is not expected there; the file has {KEY} only")


def _refuse_many(count: int, name: str) -> None:
    if count > MOST_ENTRIES:
        raise refusal(name, 0, f"{count} schedules are too many; at most {MOST_ENTRIES}")


def _as_toml(told: Sequence[Mapping[str, Any]]) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Schedules of mediadl: mediadl schedule apply FILE makes it so."))
    if not told:
        document.add(KEY, tomlkit.array())
        return tomlkit.dumps(document)
    tables = tomlkit.aot()
    for one in told:
        table = tomlkit.table()
        for word, value in one.items():
            table.add(word, _toml_value(value))
        tables.append(table)
    document.add(KEY, tables)
    return tomlkit.dumps(document)


def _toml_value(value: Any) -> Any:
    import tomlkit

    if isinstance(value, list) and len(value) > 3:
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(multiline=True)
    return value


# YAML


def _yaml(text: str, name: str) -> list[tuple[int, Any]]:
    import yaml

    try:
        events = yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        root, lines = _Composer(events, name).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refusal(name, mark.line + 1 if mark else 0, error.problem or "not YAML") from error
    except yaml.YAMLError as error:
        raise refusal(name, 0, "not YAML that can be read") from error
    if root is None or root == "":
        return []
    if not isinstance(root, dict):
        raise refusal(name, 1, f"write {KEY}: and the schedules below it")
    _refuse_strangers(root, name)
    entries = root.get(KEY)
    if entries is None or entries == "":
        return []
    if not isinstance(entries, list):
        raise refusal(name, 0, f"{KEY} is a list: begin each schedule with a dash")
    _refuse_many(len(entries), name)
    return [(lines.get(id(one), 0), one) for one in entries]


class _Composer:
    """Words, lists and tables of YAML's events. Every plain word stays text: `12:30` is no number, `no` is no false."""

    def __init__(self, events: Any, name: str) -> None:
        self._events = iter(events)
        self._name = name
        self._lines: dict[int, int] = {}

    def document(self) -> tuple[Any, dict[int, int]]:
        """What the one document says, and the lines at which its lists and tables begin."""
        import yaml

        root: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(event, "a second document begins there; one is expected")
                root = self._value(next(self._events), 0)
        return root, self._lines

    def _value(self, event: Any, depth: int) -> Any:
        import yaml

        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refuse(event, "anchors and aliases are not read; write it out")
        if getattr(event, "tag", None) and not event.tag.startswith("tag:yaml.org,2002:str"):
            raise self._refuse(event, "tags are not read; leave it out")
        if depth > _MOST_DEPTH:
            raise self._refuse(event, "nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        if isinstance(event, yaml.SequenceStartEvent):
            listed: list[Any] = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                listed.append(self._value(inner, depth + 1))
            return self._at(event, listed)
        return self._at(event, self._table(depth))

    def _table(self, depth: int) -> dict[str, Any]:
        import yaml

        table: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            word = self._value(key, depth + 1)
            if not isinstance(word, str):
                raise self._refuse(key, "a word is expected before the colon")
            if word in table:
                raise self._refuse(key, f"{word[:80]!r} is there twice")
            table[word] = self._value(next(self._events), depth + 1)
        return table

    def _at(self, event: Any, made: Any) -> Any:
        self._lines[id(made)] = event.start_mark.line + 1
        return made

    def _refuse(self, event: Any, why: str) -> InvalidInput:
        return refusal(self._name, event.start_mark.line + 1, why)


def _short(name: str) -> str:
    return "the text" if name == "-" else safe_text(name, limit=200)
