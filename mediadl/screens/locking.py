"""When the terminal is locked: at the start and after a rest, if the settings say so. `lock` has the screen itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.widget import AwaitMount

from mediadl.screens.keys_in_order import KeysInOrder

if TYPE_CHECKING:
    from mediadl.screens.lock import LockScreen
    from mediadl.service import Services

_LOOK_S = 1.0
_NO_ADMIN = (
    "security.lock_terminal is on, but no administrator has an account: mediadl user add NAME --role admin"
)


class AdminGate:
    """Opens for the password of any administrator's account."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def check(self, password: str) -> bool:
        """Whether it is one. Takes as long as a sign-in.

        Raises:
            DatabaseUnusable: the accounts cannot be read.
        """
        return self._services.logins.is_admin_password(password)


class Locking(KeysInOrder):
    """An app that can be locked. While it is, no other screen comes into view."""

    clock: Callable[[], float] = time.monotonic

    def __init__(self) -> None:
        super().__init__()
        self._guarded: Services | None = None
        self._used_at = 0.0
        self._stamp: tuple[int, ...] = ()
        self._asks_after_s = 0.0
        self._shown_lock: LockScreen | None = None
        self._held_back: list[Callable[[], object]] = []

    @property
    def locked(self) -> bool:
        """Whether the password is asked for."""
        return self._shown_lock is not None

    def guard(self, services: Services) -> None:
        """Lock now if the settings say so, and later after a rest. In a browser the login does that."""
        if not services.caller.local:
            return
        self._guarded = services
        self._used_at = self.clock()
        self._stamp = services.settings.stamp()
        self._asks_after_s = self._rest_allowed(services)
        if services.settings.locking().terminal:
            self.lock_terminal()
        self.set_interval(_LOOK_S, self._look)

    def lock_terminal(self, why: str = "") -> None:
        """Cover everything until an administrator's password is typed; says why it cannot, where nobody has one."""
        if self.locked or self._guarded is None:
            return
        if not self._guarded.logins.has_admin():
            self.notify(_NO_ADMIN, severity="warning", timeout=15, markup=False)
            return
        from mediadl.screens.lock import LockScreen

        screen = LockScreen(AdminGate(self._guarded), why=why)
        super().push_screen(screen, self._unlocked)
        self._shown_lock = screen

    def _look(self) -> None:
        if self._guarded is None or self.locked:
            return
        stamp = self._guarded.settings.stamp()
        if stamp != self._stamp:
            self._stamp, self._asks_after_s = stamp, self._rest_allowed(self._guarded)
        if 0 < self._asks_after_s <= self.clock() - self._used_at:
            self._used_at = self.clock()
            self.lock_terminal("Nobody was here for a while: this screen is locked. Downloads go on.")

    @staticmethod
    def _rest_allowed(services: Services) -> float:
        """Seconds nobody may be here for; 0: any time."""
        wanted = services.settings.locking()
        return wanted.idle_s if wanted.terminal else 0.0

    def _unlocked(self, _right: bool | None) -> None:
        self._shown_lock = None
        self._used_at = self.clock()
        held, self._held_back = self._held_back, []
        for act in held:
            act()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is here."""
        if isinstance(event, events.InputEvent | events.Paste):
            self._used_at = self.clock()
        await super().on_event(event)

    def push_screen(self, screen: Any, callback: Any = None, *args: Any, **options: Any) -> Any:
        """Show a screen; while the terminal is locked, when it is open again."""
        if self.locked and screen is not self._shown_lock:
            self._held_back.append(
                lambda: super(Locking, self).push_screen(screen, callback, *args, **options)
            )
            return AwaitMount(self.screen, ())
        return super().push_screen(screen, callback, *args, **options)

    def switch_mode(self, mode: str) -> AwaitMount:
        """Show another main screen; while the terminal is locked, when it is open again."""
        if self.locked:
            self._held_back.append(lambda: super(Locking, self).switch_mode(mode))
            return AwaitMount(self.screen, ())
        return super().switch_mode(mode)
