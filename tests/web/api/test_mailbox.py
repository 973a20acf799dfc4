from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.security.permissions import OWNER, Caller, Role, rights_of
from mediadl.web.api.mailbox import MOST_PLAIN, Mailbox, News, may_see

UWE = Caller(2, "uwe", Role.USER, rights_of(Role.USER), "api")
VERA = Caller(4, "vera", Role.VIEWER, rights_of(Role.VIEWER), "api")


def news(seq: int, job_id: int | None = 1, *, owner_id: int | None = 2, event: str = "queue_updated") -> News:
    return News(seq, {"event": event, "id": job_id, "n": seq}, owner_id, public=job_id is None)


async def taken(box: Mailbox) -> list[dict[str, object]]:
    return [json.loads(text) for text in await box.take()]


async def test_only_the_newest_state_of_a_job_waits() -> None:
    box = Mailbox(UWE, ["queue_updated"])

    for seq in range(10_000):
        box.put(news(seq, seq % 3))

    assert box.waiting == 3
    assert [one["n"] for one in await taken(box)] == [9997, 9998, 9999]


async def test_messages_come_in_the_order_of_the_journal() -> None:
    box = Mailbox(UWE, ["queue_updated"])
    for seq, job_id in ((5, 1), (7, 2), (9, 1)):
        box.put(news(seq, job_id))

    assert [one["seq"] for one in await taken(box)] == [7, 9]


async def test_what_was_missed_never_goes_back_behind_what_is_new() -> None:
    box = Mailbox(UWE, ["queue_updated"])
    box.put(news(9))

    box.put(news(5))

    assert [one["seq"] for one in await taken(box)] == [9]


async def test_what_takes_nobodys_place_is_bounded_and_the_loss_is_told() -> None:
    box = Mailbox(UWE, ["log"])
    for seq in range(MOST_PLAIN + 7):
        box.put(news(seq, None, event="log"))

    told = await taken(box)

    assert (told[0]["event"], told[0]["count"]) == ("lost", 7)
    assert len(told) == MOST_PLAIN + 1


async def test_other_words_and_other_peoples_jobs_are_not_taken_in() -> None:
    box = Mailbox(UWE, ["queue_updated"])

    box.put(news(1, event="log"))
    box.put(news(2, owner_id=3))
    box.put(news(3, owner_id=None))

    assert box.waiting == 0


async def test_nothing_is_given_out_after_the_end() -> None:
    box = Mailbox(UWE, ["queue_updated"])
    box.put(news(1))

    box.close(4401, "signed out")
    box.close(1000, "later")

    assert await box.take() == []
    assert await box.take() == []
    assert box.closed == (4401, "signed out")


@pytest.mark.parametrize(
    ("caller", "owner_id", "seen"),
    [
        (UWE, 2, True),
        (UWE, 3, False),
        (UWE, None, False),
        (VERA, 2, True),
        (OWNER, 2, True),
        (OWNER, None, True),
    ],
)
def test_who_sees_whose_jobs(caller: Caller, owner_id: int | None, seen: bool) -> None:
    assert may_see(caller, owner_id) is seen


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=60))
async def test_the_last_state_of_every_job_arrives_however_it_is_read(steps: list[tuple[int, bool]]) -> None:
    box = Mailbox(UWE, ["queue_updated"])
    newest: dict[int, int] = {}
    heard: list[dict[str, object]] = []
    for seq, (job_id, read) in enumerate(steps, 1):
        box.put(news(seq, job_id))
        newest[job_id] = seq
        if read:
            heard += await taken(box)
    if box.waiting:
        heard += await taken(box)

    assert {one["id"]: one["n"] for one in heard} == newest
    assert [one["seq"] for one in heard] == sorted(one["seq"] for one in heard)  # type: ignore[type-var]
