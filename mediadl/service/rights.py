"""The one place where verbs are allowed or refused, and where it is written down who did what.

Every public verb of a service says which right it needs: `asks` for those that only look, `does` for those that change
something. A verb that says nothing is refused to everybody but the owner of the machine's account, until it does.
"""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mediadl.errors import MediadlError, NotFound, PermissionDenied
from mediadl.models import JobQuery
from mediadl.security.permissions import OWNER, Caller, Right
from mediadl.security.redact import redact
from mediadl.security.text import safe_text

if TYPE_CHECKING:
    from mediadl.models import HistoryQuery
    from mediadl.service import Services
    from mediadl.store.database import Connection

_log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

RIGHT = "needed_right"
"""Attribute of a verb: the right it needs."""

ACT = "act"
"""Attribute of a verb: what it does, in words of the activity log; empty when it only looks."""

UNDECLARED = "undeclared"
"""Attribute of a verb that said nothing."""

_NAMED = 5
_LONGEST = 300


class _Mine(threading.local):
    """How deep this thread is in verbs that change something: the outermost one is what was done."""

    verbs: int = 0
    waiting: Callable[[Connection], None] | None = None
    """Writes the line of that one, for a database that is opened meanwhile."""


_mine = _Mine()


class Verbs:
    """What all services are: verbs of somebody."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Refuse what declared nothing."""
        super().__init_subclass__(**more)
        for name, value in list(vars(cls).items()):
            if name.startswith("_"):
                continue
            if isinstance(value, property):
                if value.fget is not None and not hasattr(value.fget, RIGHT):
                    setattr(cls, name, property(_undeclared(value.fget), doc=value.__doc__))
            elif inspect.isfunction(value) and not hasattr(value, RIGHT):
                setattr(cls, name, _undeclared(value))

    @property
    def caller(self) -> Caller:
        """Whose verbs these are."""
        services: Services | None = getattr(self, "_services", None)
        return OWNER if services is None else services.caller


def asks(right: Right) -> Callable[[F], F]:
    """Mark a verb that only looks with the right it needs."""

    def mark(verb: F) -> F:
        @functools.wraps(verb)
        def allowed(self: Verbs, *args: Any, **kwargs: Any) -> Any:
            caller = self.caller
            if right not in caller.rights:
                _refuse(self, caller, right, verb.__name__, "")
            return verb(self, *args, **kwargs)

        setattr(allowed, RIGHT, right)
        setattr(allowed, ACT, "")
        return cast("F", allowed)

    return mark


def does(right: Right, act: str, *, tells: bool = True) -> Callable[[F], F]:
    """Mark a verb that changes something with the right it needs and what it does, in words.

    A line of the activity log is written in the verb's first transaction, else after it. `tells`: the first thing the
    verb is given may be written down.
    """

    def mark(verb: F) -> F:
        @functools.wraps(verb)
        def allowed(self: Verbs, *args: Any, **kwargs: Any) -> Any:
            caller = self.caller
            target = _words(next(iter((*args, *kwargs.values())), "")) if tells else ""
            if right not in caller.rights:
                _refuse(self, caller, right, act, target)
            services: Services | None = getattr(self, "_services", None)
            if services is None or _mine.verbs:
                return verb(self, *args, **kwargs)
            return _noting(services, act, target, lambda: verb(self, *args, **kwargs))

        setattr(allowed, RIGHT, right)
        setattr(allowed, ACT, act)
        return cast("F", allowed)

    return mark


def waiting_note() -> Callable[[Connection], None] | None:
    """What is to be written into the first transaction of a database that this thread is opening."""
    return _mine.waiting


def note(tx: Connection, act: str, target: str, outcome: str = "ok", *, caller: Caller) -> None:
    """Write a line of the activity log into a transaction, for acts that are not one verb's."""
    from mediadl.models.accounts import Activity
    from mediadl.store import activity

    line = Activity(
        0, time.time(), caller.user_id, caller.name, caller.via, caller.address, act, _words(target), outcome
    )
    activity.add(tx, line)


def scoped(caller: Caller, query: JobQuery) -> JobQuery:
    """A list of jobs, narrowed to what the caller may see."""
    return query if caller.sees_all else replace(query, owner_id=_number(caller))


def scoped_history(caller: Caller, query: HistoryQuery) -> HistoryQuery:
    """A list of files, narrowed to what the caller may see."""
    return query if caller.sees_all else replace(query, owner_id=_number(caller))


def own_id(caller: Caller) -> int | None:
    """Whose jobs and files a caller is kept to; None: everybody's."""
    return None if caller.sees_all else _number(caller)


def refuse_foreign(
    caller: Caller, right: Right, what: str, owners: Iterable[tuple[int, int | None]], words: str
) -> None:
    """Refuse a change to what belongs to somebody else.

    `owners`: (number, owner) of everything asked for. To whom may not even see it, it does not exist.

    Raises:
        NotFound: a thing is another's and may not be seen.
        PermissionDenied: it may be seen but not changed.
    """
    if right in caller.rights:
        return
    for number, owner in owners:
        if owner == caller.user_id and caller.user_id is not None:
            continue
        if not caller.sees_all:
            raise NotFound(f"No {what} {number}", next_step=f"See the numbers of yours: mediadl {words}.")
        caller.require(right, f"change {what} {number}, which is another's")


def _number(caller: Caller) -> int:
    # Nobody's number: whoever has no account and may not see all sees nothing
    return -1 if caller.user_id is None else caller.user_id


def _undeclared(verb: F) -> F:
    denied = asks(Right.MACHINE)(verb)
    setattr(denied, UNDECLARED, True)
    return denied


def _refuse(verbs: Verbs, caller: Caller, right: Right, act: str, target: str) -> None:
    services: Services | None = getattr(verbs, "_services", None)
    if services is not None:
        _write(services, act, target, "refused")
    caller.require(right, act.replace("_", " "))


def _noting(services: Services, act: str, target: str, verb: Callable[[], Any]) -> Any:
    caller = services.caller
    written: list[bool] = []

    def in_it(tx: Connection) -> None:
        note(tx, act, target, caller=caller)
        written.append(True)

    _mine.verbs, _mine.waiting = _mine.verbs + 1, in_it
    if services.opened_store is not None:
        services.opened_store.note_next(in_it)
    try:
        done = verb()
    except PermissionDenied:
        _forget_note(services)
        _write(services, act, target, "refused")
        raise
    finally:
        _mine.verbs -= 1
        _forget_note(services)
    if not written:
        _write(services, act, target, "ok")
    return done


def _forget_note(services: Services) -> None:
    _mine.waiting = None
    if services.opened_store is not None:
        services.opened_store.take_note()


def _write(services: Services, act: str, target: str, outcome: str) -> None:
    """Write a line by itself; what was done is done, so a database that cannot be used stops nobody."""
    if services.opened_store is None and not services.home.database.exists():
        return
    try:
        with services.store.write() as tx:
            note(tx, act, target, outcome, caller=services.caller)
    except MediadlError as error:
        _log.warning("could not write down who did what (%s): %s", act, error.message)


def _words(value: object) -> str:
    """What an act was done to, in a line without secrets."""
    if isinstance(value, str):
        said = value
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        shown = ", ".join(str(one) for one in value[:_NAMED])
        said = shown if len(value) <= _NAMED else f"{len(value)}: {shown} …"
    elif value is None or isinstance(value, int | float):
        said = "" if value is None else str(value)
    else:
        said = str(getattr(value, "name", "") or getattr(value, "value", ""))
    return safe_text(redact(said), limit=_LONGEST)
