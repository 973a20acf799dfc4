from __future__ import annotations

import asyncio
import json

import pytest

from api_stage import people
from mediadl.events import Event, EventKind
from mediadl.paths import Home
from mediadl.security.permissions import OWNER
from mediadl.service import Services
from mediadl.store import journal
from mediadl.web.api import hub as hubs
from mediadl.web.api import messages
from mediadl.web.api.hub import Hub
from mediadl.web.api.mailbox import Mailbox

URL = "https://example.com/{}.jpg"


async def heard(box: Mailbox, wanted: int) -> list[int]:
    """Numbers of the jobs that were told of, until there are enough."""
    found: list[int] = []
    async with asyncio.timeout(30):
        while len(found) < wanted:
            found += [json.loads(text)["id"] for text in await box.take()]
    return found


async def test_more_than_one_part_of_the_journal_is_read_at_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "PART", 10)
    with Services(home) as services:
        hub = Hub(services, lambda caller: caller)
        box = Mailbox(OWNER, [messages.QUEUE])
        try:
            services.queue.add([URL.format(0)])
            hub.join(box)
            await asyncio.to_thread(hub.last_id)
            numbers = [one.job_id for one in services.queue.add([URL.format(n) for n in range(1, 96)])]

            told = await heard(box, len(numbers))
        finally:
            await asyncio.to_thread(hub.stop)

    assert sorted(told) == numbers


async def test_who_joins_a_hub_that_stopped_is_sent_away(home: Home) -> None:
    with Services(home) as services:
        hub = Hub(services, lambda caller: caller)
        await asyncio.to_thread(hub.stop)
        box = Mailbox(OWNER, [messages.QUEUE])

        hub.join(box)

    assert box.closed == (1001, "the server stops")
    assert hub.listeners == 0


def test_what_was_missed_is_every_job_once(home: Home) -> None:
    with Services(home) as services:
        people(services)
        hub = Hub(services, lambda caller: caller)
        first = hub.last_id()
        [one, two] = [added.job_id for added in services.queue.add([URL.format(1), URL.format(2)])]
        services.queue.pause([one])

        missed = hub.missed(first)

    assert missed is not None
    told = [(news.job_id, news.content["status"]) for news in missed if news.event == messages.QUEUE]
    assert sorted(told) == [(one, "paused"), (two, "pending")]


@pytest.mark.parametrize(
    ("kind", "payload", "level"),
    [
        (EventKind.JOB_CHANGED, {"status": "failed", "reason": "not_found"}, "error"),
        (EventKind.JOB_CHANGED, {"status": "completed"}, "info"),
        (EventKind.JOB_CHANGED, {"status": "waiting", "reason": "login_needed"}, "warning"),
        (EventKind.JOB_CHANGED, {"status": "waiting", "reason": "rate_limited"}, None),
        (EventKind.JOB_CHANGED, {"priority": "high"}, None),
        (EventKind.SESSION_CHANGED, {"site": "instagram", "account": "a", "broken": "login_needed"}, "error"),
        (EventKind.ENGINE, {"name": "yt-dlp", "state": "refused", "after": "1", "reason": "no"}, "warning"),
        (EventKind.ENGINE, {"name": "yt-dlp", "state": "updated"}, None),
        (EventKind.DAEMON, {}, None),
    ],
)
def test_what_deserves_attention(
    home: Home, kind: EventKind, payload: dict[str, str], level: str | None
) -> None:
    with Services(home) as services:
        [added] = services.queue.add([URL.format(1)])
        job = services.queue.get(added.job_id)

    told = messages.notification(Event(kind, job.id, payload, 5, 1.0), job)

    assert (told["level"] if told else None) == level


def test_a_title_from_outside_stays_one_harmless_line(home: Home) -> None:
    event = Event(EventKind.SESSION_CHANGED, None, {"site": "a\x1b]52;c;x\x07\nb", "broken": "x"}, 5, 1.0)

    told = messages.notification(event, None)

    assert told is not None
    assert not {"\x1b", "\n", "\x07"} & set(told["title"])


def test_a_job_that_nobody_knows_any_more_is_not_told_of(home: Home) -> None:
    with Services(home) as services:
        hub = Hub(services, lambda caller: caller)
        with services.store.write() as tx:
            journal.append(tx, [Event(EventKind.JOB_REMOVED, 77)], 1.0)

        assert hub.missed(0) == []
