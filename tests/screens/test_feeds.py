"""Jobs that fail or wait are told of as the settings say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mediadl.events import Event, EventKind
from mediadl.screens.feeds import Feeds
from mediadl.service import Services

FAILED = {"status": "failed", "reason": "private"}
WAITING = {"status": "waiting", "reason": "login_needed"}


class App(SimpleNamespace):
    """What the feeds ask of the app."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, float]] = []
        self.bells = 0

    def notify(self, _text: str, *, title: str, timeout: float, **_more: Any) -> None:
        self.told.append((title, timeout))

    def call_later(self, do: Any) -> None:
        do()

    def bell(self) -> None:
        self.bells += 1


def happens(services: Services, payload: dict[str, Any]) -> App:
    app = App()
    feeds = Feeds(cast("Any", app), services, 1.0)
    feeds._tell_news([Event(EventKind.JOB_CHANGED, 5, payload)])
    return app


def test_by_default_failures_and_waiting_are_told(services: Services) -> None:
    for payload in (FAILED, WAITING):
        app = happens(services, payload)
        assert [stay for _, stay in app.told] == [8]
        assert app.bells == 0


@pytest.mark.parametrize(
    ("what", "failed", "waiting"), [("failures", 1, 0), ("nothing", 0, 0), ("all", 1, 1)]
)
def test_only_what_is_wanted_is_told(services: Services, what: str, failed: int, waiting: int) -> None:
    services.settings.save(
        {"notifications.on_screen": what, "notifications.bell": "true", "notifications.stay_s": "3 s"}
    )

    for payload, number in ((FAILED, failed), (WAITING, waiting)):
        app = happens(services, payload)
        assert len(app.told) == app.bells == number
        assert all(stay == 3 for _, stay in app.told)


def test_settings_that_cannot_be_read_silence_nothing(services: Services) -> None:
    services.settings.file.write_bytes(b"[notifications]\nbell = \xff")

    assert len(happens(services, FAILED).told) == 1
