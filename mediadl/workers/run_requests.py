"""Turns what a schedule was told, and one of its sources, into the request of a job. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from mediadl.errors import InvalidInput
from mediadl.models import JobRequest, Lane, Priority
from mediadl.models.schedules import Schedule, Source, Walk
from mediadl.modules import options as module_options
from mediadl.modules import registry
from mediadl.security.text import safe_text
from mediadl.settings.fields import complaint
from mediadl.settings.filters import FilterTree
from mediadl.timing import moments

SUBSCRIPTION = "subscription"
"""The option that says which source a job reads, for which run, and how."""


class Requests:
    """Makes the requests of one run: what is the same for all its sources is read once."""

    def __init__(self, schedule: Schedule, now: float) -> None:
        """Reads what was told.

        Raises:
            InvalidInput: some of it cannot be used any more.
        """
        self._schedule = schedule
        spec = schedule.spec
        self._common = _common(spec, now)
        self._priority = Priority.parse(str(spec.get("priority") or "normal"))
        self._told: Mapping[str, str] = spec.get("options") or {}
        self._options: dict[str, dict[str, Any]] = {}

    def make(self, source: Source, run_id: int, walk: Walk, more: Mapping[str, Any]) -> JobRequest:
        """The request for a walk through a source. `more`: options that only this walk has.

        Raises:
            InvalidInput: the source's platform has no such option.
            Unsupported: the platform does not know the address any more.
        """
        target = registry.match(source.url, source.platform or None, source.content_type or None)
        if target.module not in self._options:
            self._options[target.module] = _module_options(target.module, self._told)
        owner_id = self._schedule.owner_id
        return JobRequest(
            url=target.url,
            platform=target.module,
            site=target.site,
            lane=Lane(target.lane),
            content_type=target.content_type,
            title=safe_text(target.title),
            priority=Priority.LOW if walk is Walk.BACKFILL else self._priority,
            options={
                **self._options[target.module],
                **self._common,
                **more,
                SUBSCRIPTION: {"source": source.id, "run": run_id, "walk": walk.value},
            },
            # Only who owns the machine may reach what is private to it
            trusted=owner_id is None,
            owner_id=owner_id,
        )


def _common(spec: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Options that do not depend on the platform; only those that were told."""
    found = {
        "quality": spec.get("quality"),
        "out": spec.get("out"),
        "name": spec.get("name_template"),
        "filters": _filters(spec.get("filters") or {}),
    }
    if text := spec.get("since"):
        found["since"] = moments.since(str(text), now)
    if text := spec.get("until"):
        found["until"] = moments.until(str(text), now)
    return {name: value for name, value in found.items() if value}


def _filters(given: Mapping[str, Any]) -> dict[str, Any]:
    if not given:
        return {}
    try:
        found = FilterTree.model_validate({"filters": dict(given)}).filters
    except ValidationError as error:
        key, reason = complaint(error, FilterTree)
        raise InvalidInput(f"{key.rpartition('.')[2]}: {reason}") from error
    return found.model_dump(mode="json", exclude_defaults=True)


def _module_options(module: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The options of a schedule that this platform has: a schedule may look at sources of several."""
    known = {option.name for option in registry.module(module).options}
    mine = {name: value for name, value in given.items() if name in known}
    if not mine:
        return {}
    schema = module_options.schema()
    try:
        found = schema.model_validate({module: mine}).options_of(module)
    except ValidationError as error:
        key, reason = complaint(error, schema)
        raise InvalidInput(f"option {key.partition('.')[2]} of {module}: {reason}") from error
    return {name: found[name] for name in mine}
