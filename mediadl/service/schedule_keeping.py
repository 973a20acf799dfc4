"""What services do with schedules inside a transaction: keep, change, reckon the next run, start one, list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput
from mediadl.models import FoundItem
from mediadl.models.schedules import RunKind, Schedule, Source
from mediadl.security.permissions import Caller, Right
from mediadl.security.text import safe_text
from mediadl.service.plans import rule_of
from mediadl.service.schedule_check import Checked, Wanted
from mediadl.settings.schedule import MOST_NAME, Backfill
from mediadl.store import schedule_runs, schedules, source_rules, sources
from mediadl.store.database import Connection
from mediadl.timing.rules import Due

if TYPE_CHECKING:
    from mediadl.service.intake import AddOptions
    from mediadl.settings.schema import Settings

_RULE_FIELDS = (
    "cron", "every_s", "adaptive", "least_every_s", "most_every_s", "time_zone", "jitter_s", "active_from",
    "active_until", "windows",
)  # fmt: skip
"""What the next due time depends on."""

_LAST = 20
"""The run that was just begun is among so many newest ones, even where a clock was set back."""


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a source is, as far as its address tells, and what is known of it."""

    wanted: Wanted
    platform_title: str
    content: str
    """The kind of content in words."""
    backends: tuple[str, ...]
    """Who reads it, in the order they are asked."""
    source: Source | None
    """What is known; None: it was never looked at."""
    schedules: tuple[Schedule, ...]
    """Those that look at it already."""


THERE_BEFORE = "was there before; only what is new is wanted"
KNOWN_BEFORE = "was there at the last look"


def told(found: Schedule) -> dict[str, Any]:
    """What a schedule was told, with its name and whether it is switched on."""
    return {**found.spec, "name": found.name, "enabled": found.enabled}


def owner_seen(caller: Caller) -> int | None:
    """Whose schedules a caller sees; None: everybody's."""
    if caller.may(Right.SCHEDULES_ALL):
        return None
    # Nobody's number: whoever has no account and may not see all sees nothing
    return -1 if caller.user_id is None else caller.user_id


def add(
    tx: Connection, made: Checked, owner_id: int | None, now: float, *, like: Schedule | None = None
) -> Schedule:
    """Keep a new schedule. `like`: the one whose sources it shares, whatever they are called by now."""
    ids = schedules.source_ids(tx, like.id) if like is not None else []
    rules = source_rules.rules_of(made.spec)
    ids = ids or [_source_id(tx, one, (), rules, now) for one in made.sources]
    schedule_id = schedules.add(tx, made.name, made.spec, ids, made.enabled, owner_id, None, now)
    added = schedules.get(tx, schedule_id)
    if made.enabled:
        # Chance depends on the number, which is known only now
        schedules.set_next(tx, schedule_id, next_due(tx, made.spec, added, now), now)
    return schedules.get(tx, schedule_id)


def change(
    tx: Connection, found: Schedule, made: Checked, now: float, *, changed_by: int | None = None
) -> Schedule:
    """Put what was told anew in the place of what was.

    `changed_by`: the account that does; one of the machine's owner is that account's from then on: what somebody from
    afar wrote into it must not be run with the owner's trust.

    Raises:
        InvalidInput: somebody else changed it meanwhile.
    """
    if schedules.get(tx, found.id).changed_at != found.changed_at:
        raise InvalidInput(
            f"{found.name!r} was changed by somebody else meanwhile", next_step="Look at it, then try again."
        )
    same = all(
        made.spec.get(name) == found.spec.get(name) for name in ("sources", "platform", "content_types")
    )
    rules, known = source_rules.rules_of(made.spec), schedules.sources_of(tx, found.id)
    ids = (
        [one.id for one in known]
        if same
        else [_source_id(tx, one, known, rules, now) for one in made.sources]
    )
    if rules != source_rules.rules_of(found.spec):
        # How far they were read holds on: other rules are for what comes from now on
        ids = [source_rules.under(tx, source_id, rules) for source_id in ids]
    due = _due_after_change(tx, found, made, now)
    schedules.change(
        tx,
        found.id,
        name=made.name,
        spec=made.spec,
        source_ids=ids,
        enabled=made.enabled,
        due=due,
        now=now,
    )
    if changed_by is not None and found.owner_id is None:
        schedules.give_to(tx, found.id, changed_by)
    return schedules.get(tx, found.id)


def next_due(connection: Connection, spec: Mapping[str, Any], found: Schedule, now: float) -> Due | None:
    """The next run by a rule; none that was dealt with."""
    from mediadl.workers import run_times

    told = replace(found, spec=dict(spec))
    reckoned, last = rule_of(told), found.last_due_at
    # What was never looked at is looked at once before anybody knows how often it posts
    pause_s = 0.0 if last is None else run_times.pause_of(connection, told, now)
    due = reckoned.first(now, pause_s)
    if due is None or last is None or due.due_at > last:
        return due
    return reckoned.after(last, pause_s=pause_s)


def start(
    tx: Connection, found: Schedule, kind: RunKind, settings: Settings, now: float
) -> tuple[int, list[int]]:
    """Begin a run that someone asked for; returns its number and those of its jobs.

    Raises:
        InvalidInput: another one is going on.
    """
    from mediadl.workers import run_maker

    held = schedule_runs.running(tx, found.id)
    job_ids = run_maker.start_run(tx, found, Due(now, now), kind, settings, now)
    if held:
        return held[0].id, job_ids
    return max(run.id for run in schedule_runs.of(tx, found.id, _LAST)), job_ids


def looked_up(
    read: Connection,
    wanted: Wanted,
    may_see: Callable[[Schedule], bool],
    spec: Mapping[str, Any] | None = None,
) -> SourceCheck:
    """What a source is and what is known of it; `spec`: only of what a schedule told so would go on with."""
    from mediadl.modules import registry

    module = registry.module(wanted.platform)
    target = registry.match(wanted.url, wanted.platform, wanted.content_type)
    rules = None if spec is None else source_rules.rules_of(spec)
    known = {
        source: [one for one in schedules.with_source(read, source.id) if may_see(one)]
        for source in sources.at(read, wanted.url, wanted.content_type, rules)
    }
    readers = sorted((one for readers in known.values() for one in readers), key=lambda one: one.name)
    return SourceCheck(
        wanted,
        module.title,
        module.content_types.get(wanted.content_type, wanted.content_type),
        module.backends(target),
        next((source for source, readers in known.items() if readers), None),
        tuple(readers),
    )


def is_source(source: Source, wanted: Wanted) -> bool:
    """Whether a known source is the one that is asked for."""
    return (source.url, source.content_type) == (wanted.url, wanted.content_type)


def as_wanted(source: Source) -> Wanted:
    """A known source, as one that is asked for."""
    return Wanted(
        source.url, source.url, source.platform, source.content_type, source.site, safe_text(source.name)
    )


def passed_over(
    source: Source | None, one: Wanted, spec: Mapping[str, Any]
) -> Callable[[FoundItem], str] | None:
    """Says which items of a source's list a subscription without its older posts leaves out, and why."""
    if Backfill(spec["backfill"]) is not Backfill.NONE:
        return None
    from mediadl.modules import registry
    from mediadl.pipeline.frontier import Cursor, Frontier, post_of

    target = registry.match(one.url, one.platform, one.content_type)
    cursor = Cursor() if source is None else Cursor(source.head, source.floor_at)
    frontier = Frontier(cursor, newest_first=registry.module(one.platform).newest_first(target))
    is_first = source is None or source.complete_at is None

    def leaves(item: FoundItem) -> str:
        post = post_of(item, one.content_type)
        frontier.seen(post, item.posted_at)
        if is_first:
            return THERE_BEFORE
        return KNOWN_BEFORE if frontier.is_old(post) else ""

    return leaves


def for_source(asked: AddOptions, one: Wanted) -> AddOptions:
    """How the jobs of a schedule are treated, at one of its sources."""
    return replace(asked, platform=one.platform, content_type=one.content_type)


def free_name(connection: Connection, name: str) -> str:
    """A name that no schedule has, like another one."""
    for n in range(2, 10_000):
        tail = f" {n}"
        candidate = name[: MOST_NAME - len(tail)] + tail
        if schedules.by_name(connection, candidate) is None:
            return candidate
    raise InvalidInput(f"every name like {name!r} is taken", next_step="Give another name.")


def _source_id(tx: Connection, one: Wanted, known: Sequence[Source], rules: str, now: float) -> int:
    """The number of a source; one that was `known` is found by its address, or by the name it had."""
    for source in known:
        if is_source(source, one):
            return source.id
    if one.name and not sources.at(tx, one.url, one.content_type, rules):
        for source in known:
            was = {name.casefold() for name in source.former_names}
            alike = (source.platform, source.content_type) == (one.platform, one.content_type)
            if alike and one.name.casefold() in was:
                return source.id
    return sources.ensure(tx, one.url, one.platform, one.content_type, one.site, one.name, now, rules=rules)


def _due_after_change(tx: Connection, found: Schedule, made: Checked, now: float) -> Due | None:
    if not made.enabled:
        return None
    same_rule = all(made.spec.get(name) == found.spec.get(name) for name in _RULE_FIELDS)
    if same_rule and found.enabled and found.next_due_at is not None:
        return Due(found.next_due_at, found.next_start_at or found.next_due_at)
    return next_due(tx, made.spec, found, now)
