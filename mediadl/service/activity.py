"""Who did what from where."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from mediadl.models.accounts import Activity
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks
from mediadl.store import activity

if TYPE_CHECKING:
    from mediadl.service import Services


class ActivityService(Verbs):
    """The activity log of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.ACTIVITY)
    def list(
        self,
        *,
        who: str = "",
        action: str = "",
        outcome: str = "",
        since: float | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> builtins.list[Activity]:
        """Lines, the newest first.

        `who` is a whole name, `action` the beginning of an action; `before_id` asks for those older than a line.
        """
        return activity.list(
            self._services.store.read(),
            who=who,
            action=action,
            outcome=outcome,
            since=since,
            before_id=before_id,
            limit=limit,
        )
