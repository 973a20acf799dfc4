"""Settings of accounts and of the lock of the terminal."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mediadl.settings.kinds import Form, Tab
from mediadl.settings.section import Seconds, Section


class Security(Section):
    """Who gets in, and for how long."""

    TAB = Tab.SECURITY

    lock_terminal: bool = Field(
        False,
        title="Lock the terminal",
        description="Ask for an administrator's password before the screens are shown.",
    )
    lock_idle_s: Annotated[Seconds, Form(zero="never")] = Field(
        900,
        ge=0,
        le=604_800,
        title="Lock when idle",
        description="Time without a key or the mouse before a terminal that asks is locked again; 0: never.",
    )
    session_idle_s: Seconds = Field(
        1800,
        ge=60,
        le=31_536_000,
        title="Sign out when idle",
        description="Time without a request before a login in a browser ends.",
    )
    session_max_s: Seconds = Field(
        43_200,
        ge=300,
        le=31_536_000,
        title="Sign out after",
        description="Time before a login in a browser ends, however much it is used.",
    )
    activity_days: int = Field(
        90, ge=1, le=3650, title="Days of activity", description="Older lines of who did what are deleted."
    )
