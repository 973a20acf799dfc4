"""Figure 9: a list of jobs in other widgets of the same toolkit, Textual's DataTable and textual-fastdatatable.

They get the same eight columns in a window of the same size and nothing else: no database, no other process. What
stands beside them is the whole Queue screen over its database, of `all_screens.py`. DataTable is measured at
10,000 rows, because at 100,000 its first paint takes a minute.

`python benchmarks/table_peers.py` measures all; fastdatatable is installed into an environment of its own below
`.venv`, and left out with a note where that cannot be done.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import resource
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SIZE = (140, 45)
FAST = "textual-fastdatatable==0.19.5"
COLUMNS = ("Status", "Title", "Platform", "Progress", "Speed", "Left", "Size", "Note")
ROWS = {"DataTable": 10_000, "fastdatatable": 100_000}
FIGURES = {
    "first_paint": ("first paint", "ms"),
    "line": ("key to paint, a line", "ms"),
    "page": ("key to paint, a page", "ms"),
    "memory": ("memory of the program", "MB"),
}
INSTALL_S = 180


def row(number: int) -> tuple[str, ...]:
    """A row as the Queue shows it."""
    title = f"Recording {number:06} of the long winter, part {number % 7}"
    return ("○ Pending", title, "generic", "", "", "", "", f"try 1 of 6 · {number % 50}")


def app_of(kind: str) -> Any:
    """An app with nothing but the table, filled while it starts."""
    from textual.app import App

    number = ROWS[kind]

    class OneTable(App[None]):
        def compose(self) -> Any:
            if kind == "DataTable":
                from textual.widgets import DataTable

                self.table: Any = DataTable(cursor_type="row")
            else:
                # In an environment of its own
                fast = importlib.import_module("textual_fastdatatable")
                arrow = importlib.import_module("textual_fastdatatable.backend").ArrowBackend

                columns = zip(*(row(n) for n in range(number)), strict=True)
                backend = arrow.from_pydict(dict(zip(COLUMNS, map(list, columns), strict=True)))
                self.table = fast.DataTable(backend=backend, cursor_type="row")
            yield self.table

        def on_mount(self) -> None:
            if kind == "DataTable":
                self.table.add_columns(*COLUMNS)
                self.table.add_rows(row(n) for n in range(number))
            self.table.focus()

    return OneTable()


async def measure(kind: str) -> dict[str, float]:
    """One table; times in milliseconds."""
    began = time.monotonic()
    app = app_of(kind)
    painted = asyncio.Event()
    show = app._display

    def note(screen: Any, renderable: Any) -> None:
        show(screen, renderable)
        painted.set()

    app._display = note
    found: dict[str, float] = {}
    async with app.run_test(size=SIZE):
        while app.table.row_count < ROWS[kind]:
            await painted.wait()
            painted.clear()
        app.table.refresh()
        await painted.wait()
        found["first_paint"] = ms(time.monotonic() - began)
        await asyncio.sleep(0.5)
        for name, key in (("line", "down"), ("page", "pagedown")):
            found[name] = ms(statistics.median([await after(app, painted, key) for _ in range(15)]))
    found["memory"] = memory_mb()
    return found


def memory_mb() -> float:
    """Of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6)


async def after(app: Any, painted: asyncio.Event, key: str) -> float:
    """Seconds from a key to the paint of the moved cursor."""
    from textual import events

    before = app.table.cursor_coordinate
    began = time.monotonic()
    app.post_message(events.Key(key, None))
    async with asyncio.timeout(20):
        while True:
            painted.clear()
            await painted.wait()
            if app.table.cursor_coordinate != before:
                break
    took = time.monotonic() - began
    await asyncio.sleep(0.05)
    return took


def ms(seconds: float) -> float:
    """Milliseconds."""
    return round(seconds * 1000, 1)


def python_of(kind: str) -> str:
    """The interpreter that has the table; installs it where needed.

    Raises:
        OSError: it cannot be installed.
        subprocess.SubprocessError: the same.
    """
    if kind == "DataTable":
        return sys.executable
    folder = ROOT / ".venv" / "peers"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", FAST],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=INSTALL_S,
            check=True, start_new_session=True,
        )  # fmt: skip
        (folder / "installed").write_text(FAST)
    return str(python)


def run() -> tuple[dict[str, dict[str, float]], list[str]]:
    """What each table took, and why one could not be measured."""
    found: dict[str, dict[str, float]] = {}
    notes: list[str] = []
    for kind in ROWS:
        try:
            done = subprocess.run(
                [python_of(kind), __file__, "--measure", kind],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120, check=True, start_new_session=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            notes.append(f"{kind} was not measured: {type(error).__name__}")
        else:
            found[kind] = json.loads(done.stdout.splitlines()[-1])
    return found, notes


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", choices=list(ROWS))
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(asyncio.run(measure(given.measure))))
        return
    found, notes = run()
    for kind, values in found.items():
        for name, (words, unit) in FIGURES.items():
            print(f"{kind} at {ROWS[kind]:,} rows: {words:<24} {values[name]:>8} {unit}")
    print(*notes, sep="\n")


if __name__ == "__main__":
    main()
