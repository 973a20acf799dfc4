"""How a host is opened with care, closed when it refuses, and opened again by one exchange."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from fakeweb import Fault
from fakeweb.media import jpeg
from mediadl.pipeline.protocol import Reopen, Stored, TransferFailed
from mediadl.pipeline.transfer.hosts import Hosts
from mediadl.pipeline.transfer.window import FIRST, Window
from transfer_bench import Bench


def test_a_host_nobody_need_be_careful_with_starts_at_full_width() -> None:
    assert Window().room(0.0) == FIRST


def test_care_doubles_with_every_round_of_answers() -> None:
    window = Window(careful=True)
    rooms = []
    for _ in range(FIRST):
        rooms.append(window.room(0.0))
        window.answered()

    assert rooms == [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16]


@given(st.lists(st.sampled_from(["answered", "close", "reopen", "went_well", "pushed_back"]), max_size=60))
def test_a_closed_host_takes_nothing_and_an_open_one_never_more_than_the_cap(steps: list[str]) -> None:
    window, now, closed = Window(), 0.0, False
    for step in steps:
        now += 1.0
        match step:
            case "close":
                window.close(now + 1000)
                closed = True
            case "reopen":
                window.reopen()
                closed = False
            case "went_well":
                window.went_well(now, 32)
            case "pushed_back":
                window.pushed_back(now)
            case _:
                window.answered()
        room = window.room(now)
        assert room == 0 if closed else 1 <= room <= 32


async def test_one_exchange_at_a_time_shows_whether_a_closed_host_is_open_again() -> None:
    hosts, inside, most = Hosts(), 0, 0
    hosts.close("a", 3600)
    gate = asyncio.Event()

    async def use() -> None:
        nonlocal inside, most
        async with hosts.slot(1, "a"):
            inside += 1
            most = max(most, inside)
            await gate.wait()
            inside -= 1

    tasks = [asyncio.create_task(use()) for _ in range(5)]
    await asyncio.sleep(0)
    assert inside == 0
    hosts.reopen("a")
    await asyncio.sleep(0)
    assert inside == 1
    gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)

    assert most == 1


async def test_a_careful_start_that_waits_for_its_first_answer_is_not_forgotten_between_two_exchanges() -> (
    None
):
    hosts, most, inside = Hosts(), 0, 0

    async def use() -> None:
        nonlocal inside, most
        async with hosts.slot(1, "a", careful=True):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.wait_for(asyncio.gather(*(use() for _ in range(8))), 30)

    assert most == 1


async def test_a_host_that_refuses_gets_one_more_request_at_most_and_goes_on_when_it_may(
    bench: Bench,
) -> None:
    for n in range(10):
        bench.files.put(f"/{n}.jpg", jpeg(str(n)))
    bench.web.faults.add(Fault.status(r"/\d", 429, skip=2))

    tasks = [asyncio.create_task(bench.answer_to(bench.order(f"/{n}.jpg", careful=True))) for n in range(10)]
    await bench.heard(TransferFailed)
    _, waiting = await asyncio.wait(tasks, timeout=1.0)
    asked = len(bench.web.log.entries())
    bench.web.faults.clear()
    bench.desk.take(Reopen(("127.0.0.1",)))
    await asyncio.wait_for(asyncio.gather(*tasks), 20)

    answers = [task.result() for task in tasks]
    refused = [answer for answer in answers if isinstance(answer, TransferFailed)]
    assert asked <= 4
    assert len(waiting) == 10 - asked
    assert {answer.host for answer in refused} == {"127.0.0.1"}
    assert sum(isinstance(answer, Stored) for answer in answers) == 10 - len(refused)
