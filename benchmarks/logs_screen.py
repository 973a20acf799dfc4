"""The Logs screen over a log of 1,000,000 lines, beside toolong and lnav where they are installed.

The programs run in a terminal of their own (tmux, 140x45), the peers on all lines in one file; what counts is the time
until the last line, or the result of a search, stands on the screen, from the start of the program and, for mediadl,
also from the key that opens the screen. `TOOLONG` names that program when it is not in the path. `make bench` runs this
as figure 8; alone: `python benchmarks/logs_screen.py`, with `--json` for one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.log_peers import PEER_FIGURES, PEERS, RARE, SIZE, peers, rare_lines  # noqa: E402 - also run alone

DAYS = 7
APPENDED_PER_S = 10_000
MODULES = (
    "workers.pool",
    "workers.supervisor",
    "pipeline.fetch",
    "modules.instagram",
    "service.queue",
    "store.jobs",
)


def seed(folder: Path, lines: int) -> None:
    """Files of a week, as the program writes them; the rare word stands near both ends and in the middle."""
    chance = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    rare = rare_lines(lines)
    number = 0
    for day in range(DAYS):
        begin = datetime.combine((now - timedelta(days=DAYS - 1 - day)).date(), datetime.min.time(), UTC)
        span_s = 86_400.0 if day < DAYS - 1 else (now - begin).total_seconds()
        share = lines // DAYS + (lines % DAYS if day == DAYS - 1 else 0)
        with (folder / f"mediadl-{begin.date().isoformat()}.jsonl").open("w", encoding="utf-8") as stream:
            for n in range(share):
                number += 1
                at = begin + timedelta(seconds=span_s * n / share)
                level = chance.choices(("debug", "info", "warning", "error"), (50, 45, 4, 1))[0]
                job = f'"job":{chance.randrange(1, 5000)},' if chance.random() < 0.6 else ""
                word = f" {RARE}" if number in rare else " größer" if number % 500 == 0 else ""
                stream.write(
                    f'{{"at":"{at.isoformat(timespec="milliseconds")[:23]}Z","level":"{level}",'
                    f'"module":"{chance.choice(MODULES)}",{job}"pid":{1000 + number % 5},'
                    f'"message":"step {number}: looked at https://video.example/watch?v={number:07} and stored part'
                    f' {number % 97} of the long winter{word}"}}\n'
                )


def append_for_ever(folder: Path) -> None:
    """The other process: so many lines a second, as a very busy daemon would."""
    from mediadl.logs import LogWriter

    writer = LogWriter(folder, level="debug")
    began, number = time.monotonic(), 0
    while True:
        for _ in range(200):
            number += 1
            writer.write(
                "info", "bench.flood", f"line {number} of a flood of lines that nobody can read", number % 50
            )
        time.sleep(max(0.0, began + number / APPENDED_PER_S - time.monotonic()))


async def measure(home_root: Path, seconds: float) -> dict[str, float]:
    """Run the app headless and look at its Logs screen; times in milliseconds."""
    from benchmarks.tui import Paint, _ms, _p95, _rss_mb, _watch_loop
    from mediadl.app import MediadlApp
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(home_root))
    found: dict[str, float] = {}
    app = MediadlApp(services)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1.5)
        memory = _rss_mb()
        gaps: list[float] = []
        watching = asyncio.create_task(_watch_loop(gaps))
        began = time.monotonic()
        await app.run_action("app.logs")
        table: Any = None
        while table is None or not (table.current is not None and table._painted):
            await asyncio.sleep(0.001)
            table = getattr(app.screen, "table", None) if type(app.screen).__name__ == "LogsScreen" else None
        found["first_paint"] = _ms(time.monotonic() - began)
        screen: Any = app.screen
        await _until(lambda: screen.tally.searched >= 1)
        found["counted"] = _ms(time.monotonic() - began)
        found["gap_counting"] = _ms(max(gaps))
        cpu, began = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        found["idle_cpu"] = round((time.process_time() - cpu) / (time.monotonic() - began) * 100, 1)

        gaps.clear()
        watch = Paint(app, table)
        keys = ["k"] * 40 + ["pageup"] * 30 + ["home", "end"] * 5 + ["ctrl+u"] * 10
        found["key_p95"] = _ms(_p95([await watch.after(key) for key in keys]))
        found["gap_keys"] = _ms(max(gaps))

        gaps.clear()
        await pilot.press("slash")
        began = time.monotonic()
        screen.filter_line.field.value = RARE
        await _until(
            lambda: table.total >= 1 and RARE in str(table.current.line.message if table.current else "")
        )
        found["first_match"] = _ms(time.monotonic() - began)
        await _until(lambda: screen._searched >= 1 and table.total == 3)
        found["all_matches"] = _ms(time.monotonic() - began)
        await pilot.press("escape")
        await _until(lambda: table.total > 1000)
        found["gap_filter"] = _ms(max(gaps))

        screen.table.go_on()
        flood = _start("--home", str(home_root), "--append")
        await pilot.pause(1.0)
        gaps.clear()
        total, cpu, began = table.total, time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        found["flood_cpu"] = round((time.process_time() - cpu) / took * 100, 1)
        found["flood_lines"] = round((table.total - total) / took)
        found["flood_gap"] = _ms(max(gaps))
        flood.kill()
        flood.wait()
        watching.cancel()
        found["memory_added"] = round(_rss_mb() - memory, 1)
    services.close()
    return found


async def _until(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.005)


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, __file__, *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "MEDIADL_NO_DAEMON": "1"}, start_new_session=True,
    )  # fmt: skip


def run(lines: int = 1_000_000, seconds: float = 4.0) -> tuple[dict[str, float], list[str]]:
    """Seed, measure in a fresh process, then the peers on the same files."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        seed(home / "logs", lines)
        beside, notes = peers(home / "logs", lines)
        measured = _start("--home", str(home), "--measure", str(seconds))
        out, _ = measured.communicate(timeout=180)
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return {**found, **beside}, notes


FIGURES: dict[str, tuple[str, str, str]] = {
    "first_paint": ("first paint of the Logs screen at the end of 1,000,000 lines", "ms", "<= 300"),
    "counted": ("all lines counted by level and module", "ms", ""),
    "first_match": ("first match of a rare word on screen", "ms", "<= 300"),
    "all_matches": ("all lines with a rare word", "ms", ""),
    "key_p95": ("key to paint, 95 % of lines, pages, first and last", "ms", "<= 50"),
    "gap_keys": ("longest gap of the event loop while keys come", "ms", "<= 100"),
    "idle_cpu": ("processor while nothing comes", "% of a core", "<= 10"),
    "gap_counting": ("longest gap of the event loop while lines are counted", "ms", "<= 100"),
    "gap_filter": ("longest gap of the event loop while a filter searches", "ms", "<= 100"),
    "flood_gap": ("longest gap of the event loop, 10,000 lines/s appended", "ms", "<= 100"),
    "flood_lines": ("lines shown as they came", "1/s", ""),
    "flood_cpu": ("processor while 10,000 lines/s come", "% of a core", ""),
    "memory_added": ("memory added by the screen and its log", "MB", "<= 20"),
}
"""What each measured name says, its unit and its goal."""


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--append", action="store_true")
    parser.add_argument("--measure", type=float)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.append:
        append_for_ever(given.home / "logs")
    elif given.measure is not None:
        print(json.dumps(asyncio.run(measure(given.home, given.measure))))
    else:
        found, notes = run(given.lines, given.seconds)
        show(found, notes, as_json=given.json)


def show(found: dict[str, float], notes: Sequence[str], *, as_json: bool) -> None:
    """Print the figures."""
    figures = {
        words: {"value": found[name], "unit": unit, "goal": goal}
        for name, (words, unit, goal) in FIGURES.items()
    }
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for words, figure in figures.items():
        print(f"{words:<65} {figure['value']:>9} {figure['unit']:<12} {figure['goal']}")
    for what, words in PEER_FIGURES.items():
        for name in PEERS:
            ours, theirs = found.get(f"mediadl_{what}"), found.get(f"{name}_{what}")
            if ours and theirs:
                print(
                    f"{words:<75} mediadl {ours:>6.0f} ms  {name} {theirs:>6.0f} ms  ratio {theirs / ours:.2f}"
                )
    for note in notes:
        print(note)


if __name__ == "__main__":
    main()
