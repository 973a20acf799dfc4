"""Terminals in browser tabs: first picture, time from key to answer, memory; alone, or with the API's load beside them.

Run it as `python -m benchmarks.web [--seconds 30] [--sessions 20] [--listeners 0] [--rate 0]`; with 300, 20, 200 and 50
it is the load that one small machine must bear. It works in a temporary folder, starts `mediadl serve`, prints one
line per figure and ends with 1 when a goal is missed: memory of a session, reads of the API, processes left behind.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.api import GOAL_S, PASSWORD, PEOPLE, Tally, fill, load, serving, settled, weight, working
from mediadl.paths import Home
from mediadl.service import Services

GOAL_PSS_MB = 45.0
WARM_S = 5.0
KEYS = "2435162"
"""A person goes through all six screens."""


@dataclass
class Seen:
    """What the people at the tabs saw."""

    first_s: list[float] = field(default_factory=list)
    answer_s: list[float] = field(default_factory=list)
    closed: list[int | None] = field(default_factory=list)
    busy: float = 0.0
    """Processor time of all terminals, in processors."""
    pss_first_mb: list[float] = field(default_factory=list)
    pss_end_mb: list[float] = field(default_factory=list)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--sessions", type=int, default=20)
    options.add_argument("--think", type=float, default=5.0, help="seconds between two keys of a person")
    options.add_argument("--listeners", type=int, default=0)
    options.add_argument("--rate", type=float, default=0.0)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        os.environ |= {
            "MEDIADL_HOME": str(home.root),
            "MEDIADL_NO_DAEMON": "1",
            "MEDIADL_DOWNLOADS__DIRECTORY": str(Path(folder) / "files"),
            "MEDIADL_WEB__SESSIONS_TOTAL": str(max(1, asked.sessions)),
        }
        with Services(home) as services:
            tokens = fill(services)
            with serving() as (process, port), working(services):
                seen, tally = Seen(), Tally()
                url = f"http://127.0.0.1:{port}"
                before = settled(process.pid)
                during = asyncio.run(everything(process.pid, url, tokens, asked, seen, tally))
                after = settled(process.pid)
                left = terminals(process.pid)
        return report(seen, tally, left, f"server: {before} before, {during} at work, {after} afterwards")


async def everything(
    pid: int, url: str, tokens: list[str], asked: argparse.Namespace, seen: Seen, tally: Tally
) -> object:
    """People at their tabs, and the API's load beside them."""
    until = time.monotonic() + WARM_S + asked.seconds
    people = [
        asyncio.create_task(person(url, number % PEOPLE, until, asked.think, seen))
        for number in range(asked.sessions)
    ]
    await asyncio.sleep(WARM_S)
    seen.pss_first_mb = [pss_mb(child) for child in terminals(pid)]
    used_s, began = sum(map(cpu_s, terminals(pid))), time.monotonic()
    if asked.listeners or asked.rate:
        during: object = await load(
            pid, url, tokens, until - time.monotonic(), asked.listeners, asked.rate or 1.0, tally
        )
    else:
        await asyncio.sleep(max(0.0, until - time.monotonic() - 1))
        during = weight(pid)
    seen.busy = (sum(map(cpu_s, terminals(pid))) - used_s) / (time.monotonic() - began)
    seen.pss_end_mb = [pss_mb(child) for child in terminals(pid)]
    await asyncio.gather(*people)
    return during


async def person(url: str, number: int, until: float, think_s: float, seen: Seen) -> None:
    """Sign in, open a tab, go from screen to screen."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.get(f"{url}/login") as page:
            word = re.search(r'name="form_word" value="([^"]+)"', await page.text())
        assert word is not None
        fields = {"form_word": word[1], "name": f"user{number}", "password": PASSWORD}
        async with client.post(f"{url}/login", data=fields, allow_redirects=False) as answer:
            assert answer.status == 302, answer.status
        began = time.perf_counter()
        async with client.ws_connect(f"{url}/ws?width=120&height=35", headers={"Origin": url}) as socket:
            await shown(socket)
            seen.first_s.append(time.perf_counter() - began)
            # Nobody presses a key while the memory of first screens is measured
            await settle(socket, WARM_S + think_s * number / PEOPLE)
            for key in itertools.cycle(KEYS):
                if time.monotonic() > until + 3:
                    break
                began = time.perf_counter()
                await socket.send_json(["stdin", key])
                if await shown(socket):
                    seen.answer_s.append(time.perf_counter() - began)
                await settle(socket, think_s)
            if socket.closed:
                seen.closed.append(socket.close_code)


async def shown(socket: aiohttp.ClientWebSocketResponse) -> bool:
    """Wait for the next bytes of a picture; false when none came."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20):
            async for message in socket:
                if isinstance(message.data, bytes) and len(message.data) > 64:
                    return True
    return False


async def settle(socket: aiohttp.ClientWebSocketResponse, seconds: float = 0.5) -> None:
    """Take what comes for a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for _ in socket:
                pass


def terminals(server: int) -> list[int]:
    """The terminals' processes: children of the nursery, which is a child of the server."""

    def of(pid: int) -> list[int]:
        with contextlib.suppress(OSError):
            return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    found = [child for nursery in of(server) for child in of(nursery)]
    return [pid for pid in found if not is_zombie(pid)]


def is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def pss_mb(pid: int) -> float:
    """Memory of a process with its share of what it shares."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(told.split("Pss:")[1].split()[0]) / 1000


def report(seen: Seen, tally: Tally, left: list[int], server: str) -> int:
    """Say it; the exit code."""
    print(f"first picture: {spread(seen.first_s)}")
    print(f"key to answer: {spread(seen.answer_s)}, {len(seen.answer_s)} keys")
    for when, sizes in (("at the first screen", seen.pss_first_mb), ("after all screens", seen.pss_end_mb)):
        print(
            f"memory of a session {when}: median {statistics.median(sizes):.1f} MB PSS, most {max(sizes):.1f} MB"
        )
    print(f"processors in use by terminals: {seen.busy:.2f}")
    print(server)
    print(f"closed early: {seen.closed}, left behind: {left}")
    missed = bool(left or seen.closed) or statistics.median(seen.pss_end_mb) > GOAL_PSS_MB
    if tally.took_s:
        times = sorted(tally.took_s)
        p95 = times[int(0.95 * len(times))]
        print(f"reads of the API: {len(times)}, codes {dict(tally.codes)}, {spread(times)}")
        print(f"listeners heard {dict(tally.heard)}, cut off {tally.lost}")
        missed = missed or p95 > GOAL_S or tally.lost > 0 or set(tally.codes) != {200}
    return int(missed)


def spread(times: list[float]) -> str:
    """Median, 95th percentile and worst, in words."""
    ordered = sorted(times)
    p95 = ordered[int(0.95 * len(ordered))]
    median, worst = statistics.median(ordered), ordered[-1]
    return f"median {median * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, worst {worst * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
