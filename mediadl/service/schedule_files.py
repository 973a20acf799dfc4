"""Schedules out of files and into them: what a file would change, and doing it, all or nothing, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput, MediadlError
from mediadl.models.schedules import Schedule
from mediadl.security.text import safe_text
from mediadl.service import schedule_check as checking
from mediadl.service import schedule_keeping as keeping
from mediadl.service import schedule_texts as texts
from mediadl.service.limits import within_limits
from mediadl.service.schedule_check import Checked
from mediadl.service.schedule_texts import Entry, Listed
from mediadl.settings.schedule import MOST_NAME, MOST_SOURCES
from mediadl.settings.schedule_words import RULES, fields_of
from mediadl.store import schedules
from mediadl.store.database import Connection

if TYPE_CHECKING:
    from mediadl.service import Services

_NO_NAME = "subscriptions"


class ChangeKind(StrEnum):
    """What a file does to a schedule."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"
    KEPT = "kept"
    """It is told otherwise in the file, and an import leaves it as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one schedule."""

    kind: ChangeKind
    name: str
    words: tuple[str, ...] = ()
    """What is told otherwise, one line each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file changes. Nothing is changed before `carry_out`."""

    changes: tuple[Change, ...]
    checked: Mapping[str, Checked]
    known: Mapping[str, Schedule]

    def count(self, kind: ChangeKind) -> int:
        """How many schedules it does that to."""
        return sum(one.kind is kind for one in self.changes)


@dataclass(frozen=True, slots=True)
class Taken:
    """How a file of sources only becomes schedules."""

    told: Mapping[str, Any]
    """What they are told besides their sources, by the fields of `ScheduleSpec`."""
    each: bool = False
    """One schedule for each source, not one for all."""


def export(services: Services, found: Sequence[Schedule], form: str) -> str:
    """Schedules as text that `plan` understands; sources that have moved since by where they are now."""
    read = services.store.read()
    return texts.write((_as_it_is(read, one) for one in found), form)


def entries(raw: bytes, name: str, form: str, taken: Taken, *, only_add: bool = True) -> list[Entry]:
    """The schedules that a file tells of. Not `only_add`: it must be one that can tell of all of them.

    Raises:
        InvalidInput: it cannot be used; says which line and why.
    """
    text = texts.decoded(raw, name)
    form = form or texts.format_of(name, text)
    if form in {"toml", "yaml"}:
        return texts.read(text, name, form)
    if not only_add:
        raise InvalidInput(
            f"{safe_text(name, limit=200)} is a list of sources, it does not tell of all schedules",
            next_step="Add them with mediadl schedule import.",
        )
    from mediadl.service import schedule_lists

    if form == "opml":
        title, listed = schedule_lists.opml(text, name)
    else:
        title, listed = "", schedule_lists.table(text, name)
    fallback = title or safe_text(PurePath(name).stem.strip("-"), limit=MOST_NAME) or _NO_NAME
    return _grouped(listed, taken, fallback, name)


def plan(services: Services, told: Iterable[Entry], file: str, *, only_add: bool = False) -> Plan:
    """What it takes to make it so. `only_add`: what is there already stays as it is.

    Raises:
        MediadlError: a schedule cannot be kept; says which line and why.
    """
    known = {
        one.name: one
        for one in schedules.list(services.store.read(), owner_id=keeping.owner_seen(services.caller))
    }
    checked: dict[str, Checked] = {}
    changes: list[Change] = []
    for entry in told:
        made = _checked(entry, file, services)
        checked[made.name] = made
        there = known.get(made.name)
        if there is None:
            changes.append(Change(ChangeKind.ADDED, made.name))
            continue
        words = _differences(keeping.told(there), made.spec)
        kind = ChangeKind.KEPT if only_add else ChangeKind.CHANGED
        changes.append(Change(kind if words else ChangeKind.SAME, made.name, words))
    if not only_add:
        changes += [Change(ChangeKind.REMOVED, name) for name in known if name not in checked]
    return Plan(tuple(changes), checked, known)


def carry_out(tx: Connection, planned: Plan, owner_id: int | None, now: float) -> None:
    """Make it so.

    Raises:
        InvalidInput: a schedule was changed meanwhile, or a name is taken by somebody else's.
    """
    by_kind: dict[ChangeKind, list[str]] = {kind: [] for kind in ChangeKind}
    for one in planned.changes:
        by_kind[one.kind].append(one.name)
    schedules.remove(tx, [planned.known[name].id for name in by_kind[ChangeKind.REMOVED]], now)
    for name in by_kind[ChangeKind.CHANGED]:
        keeping.change(tx, planned.known[name], planned.checked[name], now, changed_by=owner_id)
    for name in by_kind[ChangeKind.ADDED]:
        keeping.add(tx, planned.checked[name], owner_id, now)


def _checked(entry: Entry, file: str, services: Services) -> Checked:
    try:
        return checking.check(entry.told, services.caller, limits=partial(within_limits, services))
    except MediadlError as error:
        where = texts.refusal(file, entry.line, error.message).message
        raise type(error)(where, next_step=error.next_step) from error


def _as_it_is(read: Connection, found: Schedule) -> dict[str, Any]:
    """What a schedule was told, with where its sources are now."""
    told = keeping.told(found)
    known = schedules.sources_of(read, found.id)
    here = {source.url for source in known}
    try:
        sources = checking.wanted(told["sources"], told["platform"], told["content_types"])
    except MediadlError:
        return told  # a platform knows one of them no more; the text is all there is
    meant: dict[str, set[str]] = {}
    for one in sources:
        meant.setdefault(one.word, set()).add(one.url)
    stay = [word for word in told["sources"] if meant.get(word, set()) & here]
    told_urls = {url for word in stay for url in meant[word]}
    moved = [source.url for source in known if source.url not in told_urls]
    return told | {"sources": [*stay, *dict.fromkeys(moved)]}


def _grouped(listed: Sequence[Listed], taken: Taken, fallback: str, file: str) -> list[Entry]:
    """Schedules of sources: by the name that a column says, one for each, or one for all."""
    groups: dict[str, list[Listed]] = {}
    for one in listed:
        name = one.further.get("name", "") or (_called(one, groups) if taken.each else "")
        groups.setdefault(name or str(taken.told.get("name", "")) or fallback, []).append(one)
    found = []
    for name, members in _parts(groups):
        told: dict[str, Any] = {}
        for one in members:
            further = {word: value for word, value in one.further.items() if word != "name"}
            try:
                fields = fields_of(further)
            except ValueError as error:
                raise texts.refusal(file, one.line, str(error)) from error
            if any(told.get(word, value) != value for word, value in fields.items()):
                raise texts.refusal(file, one.line, f"{name!r} is told otherwise in a line above")
            told |= fields
        rule = {} if any(told.get(word) for word in RULES) else _rule(taken.told)
        found.append(
            Entry(
                {
                    **taken.told,
                    **rule,
                    **told,
                    "name": name[:MOST_NAME],
                    "sources": [one.source for one in members],
                },
                members[0].line,
            )
        )
    return found


def _parts(groups: Mapping[str, list[Listed]]) -> Iterable[tuple[str, list[Listed]]]:
    """The groups, those with more sources than a schedule can have as several."""
    for name, members in groups.items():
        for n in range(0, len(members), MOST_SOURCES):
            yield (
                name if n == 0 else f"{name[: MOST_NAME - 4]} {n // MOST_SOURCES + 1}",
                members[n : n + MOST_SOURCES],
            )


def _rule(told: Mapping[str, Any]) -> dict[str, Any]:
    """The rule of sources that say none: as often as they post."""
    return {} if any(told.get(word) for word in RULES) else {"cron": "", "every_s": 0, "adaptive": True}


def _called(one: Listed, taken: Mapping[str, object]) -> str:
    """A name of its own for a source."""
    name = (one.title or one.source)[:MOST_NAME].strip()
    n = 2
    called = name
    while called in taken:
        called = f"{name[: MOST_NAME - 6]} {n}"
        n += 1
    return called


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What is told otherwise, by the words of text files."""
    was, now = texts.short(before), texts.short(after)
    words = []
    for word in dict.fromkeys([*was, *now]):
        if was.get(word) != now.get(word):
            words += _difference(word, was.get(word), now.get(word))
    return tuple(words)


def _difference(word: str, was: Any, now: Any) -> list[str]:
    if word == "sources":
        gone = [f"- {one}" for one in was or () if one not in (now or ())]
        come = [f"+ {one}" for one in now or () if one not in (was or ())]
        return gone + come or ["sources: another order"]
    return [f"{word}: {_shown(was)} → {_shown(now)}"]


def _shown(value: Any) -> str:
    if value is None:
        return "as by default"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
