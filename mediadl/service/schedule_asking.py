"""What can be asked about schedules, kept ones and such as are only told: what they mean, what a run would fetch."""

from __future__ import annotations

import difflib
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from mediadl.errors import InvalidInput, NotFound
from mediadl.models.schedules import Schedule, Source
from mediadl.security.permissions import Right
from mediadl.security.text import safe_text
from mediadl.service import schedule_check as checking
from mediadl.service import schedule_keeping as keeping
from mediadl.service.limits import within_limits
from mediadl.service.rights import Verbs, asks
from mediadl.service.schedule_check import Checked, Wanted
from mediadl.service.schedule_keeping import SourceCheck
from mediadl.store import schedules
from mediadl.store.database import Connection

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.preview import Look

_LOOKED_AT = 30
"""Items of each source in a preview, unless another number is asked for."""
_MOST_LOOKS = 20
"""Sources that one preview looks at."""


class Asking(Verbs):
    """Questions about schedules; changes nothing. A schedule is named by its number or its name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.SCHEDULES_OWN)
    def get(self, word: str | int) -> Schedule:
        """A schedule by its number or name.

        Raises:
            NotFound: there is none; names the closest one.
        """
        return self._find(self._services.store.read(), word)

    # Asking about what is not kept yet

    @asks(Right.SCHEDULES_OWN)
    def check(self, given: Mapping[str, Any]) -> Checked:
        """A schedule as it would be kept, by the fields of `ScheduleSpec`; nothing is kept.

        Raises:
            InvalidInput: names the field and says what is wrong. Further errors: see `schedule_check.check`.
        """
        return self._checked(given)

    @asks(Right.SCHEDULES_OWN)
    def changed(self, word: str | int, given: Mapping[str, Any]) -> Checked:
        """A schedule as it would be after a change; nothing is kept.

        Raises:
            NotFound: there is none.
            InvalidInput: as `check`.
        """
        found = self.get(word)
        return self._checked(keeping.told(found) | checking.with_rule(given))

    @asks(Right.SCHEDULES_OWN)
    def rule_in_words(self, spec: Mapping[str, Any]) -> str:
        """When something with these fields would run.

        Raises:
            InvalidInput: there is no such rule.
        """
        words: str = checking.rule(spec, anchor_at=time.time(), seed="").words()
        return words

    @asks(Right.SCHEDULES_OWN)
    def check_sources(
        self, words: Sequence[str], platform: str = "", content_types: Sequence[str] = ()
    ) -> list[SourceCheck]:
        """What these sources are and who reads them; asks no site.

        Raises:
            InvalidInput: one of them is none. Further errors: see `schedule_check.wanted`.
        """
        read = self._services.store.read()
        found = checking.wanted(words, platform, content_types, self.caller)
        return [keeping.looked_up(read, one, self._may_see) for one in found]

    @asks(Right.SCHEDULES_OWN)
    def suggest_name(
        self, words: Sequence[str], platform: str = "", content_types: Sequence[str] = ()
    ) -> str:
        """A name that no schedule has, after the first of its sources.

        Raises:
            InvalidInput: that is no source. Further errors: see `schedule_check.wanted`.
        """
        if not words:
            return ""
        first = checking.wanted(words[:1], platform, content_types, self.caller)[0]
        found = schedules.by_name(self._services.store.read(), name := checking.name_of(first))
        return keeping.free_name(self._services.store.read(), name) if found is not None else name

    @asks(Right.SCHEDULES_OWN)
    def looks(
        self, what: str | int | Mapping[str, Any], *, most: int = _LOOKED_AT, only: Sequence[str] = ()
    ) -> list[tuple[Wanted, Look]]:
        """A preview of each source of a schedule, kept (number, name) or only told (fields); nothing is asked yet.

        `Look.run` lists what a run would fetch, and what not by which rule. `only`: sources with one of these words in
        their name or address.

        Raises:
            NotFound: there is no such schedule.
            InvalidInput: as `check`, or there are too many sources.
        """
        read = self._services.store.read()
        known: dict[Wanted, Source | None]
        if isinstance(what, Mapping):
            made = self._checked(what)
            spec: Mapping[str, Any] = made.spec
            # Of whom another account is subscribed to, this one learns nothing
            changed = schedules.by_name(read, made.name)
            own = schedules.sources_of(read, changed.id) if changed and self._may_see(changed) else []
            known = {
                one: next((source for source in own if keeping.is_source(source, one)), None)
                or keeping.looked_up(read, one, self._may_see, spec).source
                for one in made.sources
            }
        else:
            found = self.get(what)
            spec = found.spec
            known = {keeping.as_wanted(one): one for one in schedules.sources_of(read, found.id)}
        words = [word.casefold() for word in only]
        sources = [
            one
            for one in known
            if not words or any(word in f"{one.name} {one.word} {one.url}".casefold() for word in words)
        ]
        if len(sources) > _MOST_LOOKS:
            raise InvalidInput(
                f"{len(sources)} sources are too many for a preview",
                next_step=f"Look at {_MOST_LOOKS} at most: mediadl schedule preview NAME --source WORD.",
            )
        asked = checking.add_options(spec, trusted=self.caller.local)
        return [
            (
                one,
                self._services.preview.begin(
                    one.url,
                    keeping.for_source(asked, one),
                    most=most,
                    leaves=keeping.passed_over(known[one], one, spec),
                ),
            )
            for one in sources
        ]

    # Inside

    @property
    def _owner(self) -> int | None:
        """Whose schedules are seen; None: everybody's."""
        return keeping.owner_seen(self.caller)

    def _checked(self, given: Mapping[str, Any]) -> Checked:
        """What was told, checked for the caller."""
        return checking.check(given, self.caller, limits=partial(within_limits, self._services))

    def _may_see(self, found: Schedule) -> bool:
        return self._owner is None or found.owner_id == self._owner

    def _find(self, connection: Connection, word: str | int) -> Schedule:
        text = str(word).strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        found = schedules.find(connection, number) if number is not None else None
        found = found or schedules.by_name(connection, text)
        if found is None or not self._may_see(found):
            raise self._unknown(connection, text)
        return found

    def _unknown(self, connection: Connection, text: str) -> NotFound:
        names = [one.name for one in schedules.list(connection, owner_id=self._owner, limit=5000)]
        close = difflib.get_close_matches(text[:100], names, n=1)
        hint = f"Did you mean {safe_text(close[0])}?" if close else "See mediadl schedule list."
        return NotFound(f"no schedule {safe_text(text, limit=100)!r}", next_step=hint)
