"""How many exchanges a host gets at once: more while all goes well, fewer when it pushes back."""

from __future__ import annotations

import asyncio

import pytest

from fakeweb import Fault
from fakeweb.media import jpeg
from mediadl.pipeline.transfer import window
from mediadl.pipeline.transfer.hosts import Hosts
from transfer_bench import Bench


class Rush:
    """Exchanges with one host that all last until they are let go."""

    def __init__(self, hosts: Hosts, count: int) -> None:
        self._hosts = hosts
        self.running = 0
        self._ends = asyncio.Semaphore(0)
        self._tasks = [asyncio.create_task(self._one()) for _ in range(count)]

    async def _one(self) -> None:
        async with self._hosts.slot(1, "a"):
            self.running += 1
            await self._ends.acquire()
            self.running -= 1

    async def let_go(self, count: int) -> int:
        """End so many; how many run then."""
        for _ in range(count):
            self._ends.release()
        for _ in range(4 * count + 8):
            await asyncio.sleep(0)
        return self.running

    async def end(self) -> None:
        await self.let_go(len(self._tasks))
        await asyncio.gather(*self._tasks)


async def test_a_host_gets_more_at_once_while_all_goes_well_up_to_the_cap() -> None:
    rush = Rush(Hosts(100, 20), 200)

    assert await rush.let_go(0) == window.FIRST
    assert await rush.let_go(1) == window.FIRST + 1
    assert await rush.let_go(20) == 20
    await rush.end()


async def test_a_host_that_pushes_back_gets_half_once_per_round_and_no_more_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("mediadl.pipeline.transfer.hosts.time.monotonic", lambda: now[0])
    hosts = Hosts(100, 32)
    rush = Rush(hosts, 400)
    await rush.let_go(0)
    assert await rush.let_go(16) == 32

    hosts.pushed_back("a")
    hosts.pushed_back("a")  # asked for before it was known

    assert await rush.let_go(60) == 16
    now[0] += window.CALM_S - 1
    assert await rush.let_go(30) == 16
    now[0] += 2
    assert await rush.let_go(4) == 20
    await rush.end()


async def test_a_window_never_closes() -> None:
    room = window.Window()
    for turn in range(10):
        room.pushed_back(turn * 10.0)

    assert room.size == 1


async def test_what_a_host_has_shown_is_forgotten_when_nothing_runs() -> None:
    hosts = Hosts(100, 32)
    first = Rush(hosts, 40)
    await first.let_go(0)
    assert await first.let_go(8) > window.FIRST
    await first.end()

    second = Rush(hosts, 40)

    assert await second.let_go(0) == window.FIRST
    await second.end()


@pytest.mark.parametrize("fault", [Fault.status(r"/\d", 503, times=1), Fault.reset(r"/\d", times=1)])
async def test_a_refusal_makes_the_window_smaller(bench: Bench, fault: Fault) -> None:
    bench.files.put("/1.jpg", jpeg("1"))
    bench.web.faults.add(fault)

    await bench.fetch("/1.jpg")

    assert bench.desk._means.hosts._room("127.0.0.1") < window.FIRST
