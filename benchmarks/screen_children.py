"""Processes around the measured one: a busy daemon beside it, itself with its JSON, the program in a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Unfit, last_words  # noqa: E402 - runs as a script too
from benchmarks.program import mediadl_command  # noqa: E402 - the same

ENVIRONMENT = {"MEDIADL_NO_DAEMON": "1"}
EVENTS_PER_S = 200
LOG_LINES_PER_S = 10
LIMIT_S = 180
START_LIMIT_S = 20.0


@contextmanager
def busy(home: Path) -> Iterator[None]:
    """Another process updates the active jobs meanwhile."""
    child = subprocess.Popen(
        [sys.executable, __file__, str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **ENVIRONMENT},
        start_new_session=True,
    )
    try:
        yield
        if child.poll() is not None:
            raise RuntimeError(f"the process that plays the daemon ended with {child.returncode}")
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def json_of(command: Sequence[str], python: str = sys.executable) -> Any:
    """What a script prints as JSON in its last line."""
    done = subprocess.run(
        [python, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, **ENVIRONMENT},
        timeout=LIMIT_S,
        check=True,
        start_new_session=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def cold_start(home: Path, wanted: bytes) -> float:
    """Seconds from the command to a text on its terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 140, 0, 0))
    environment = {**os.environ, **ENVIRONMENT, "MEDIADL_HOME": str(home), "TERM": "xterm-256color"}
    began = time.monotonic()
    child = subprocess.Popen(
        mediadl_command(), stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    seen = b""
    try:
        while wanted not in seen:
            left = began + START_LIMIT_S - time.monotonic()
            if left <= 0 or not select.select([master], [], [], left)[0]:
                raise Unfit(f"{wanted.decode()!r} did not come: {last_words(seen.decode(errors='replace'))}")
            seen += os.read(master, 65536)
        return time.monotonic() - began
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(master)


def rss_mb() -> float:
    """Memory of this process."""
    with Path("/proc/self/statm").open() as stream:
        return int(stream.read().split()[1]) * resource.getpagesize() / 1e6


def show(figures: Mapping[str, Mapping[str, object]], *, as_json: bool) -> None:
    """Print figures for people or for `other_figures`."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for words, figure in figures.items():
        print(f"{words:<62} {figure['value']:>8} {figure['unit']:<12} {figure['goal']}")


def update_for_ever(home_root: Path) -> None:
    """Progress of the active jobs, now and then a change of state and a line in the log."""
    from mediadl.logs import LogWriter
    from mediadl.models import JobQuery, JobStatus
    from mediadl.paths import Home
    from mediadl.service import open_services
    from mediadl.store import job_runs

    services = open_services(Home(home_root))
    active = services.queue.page(JobQuery(statuses=frozenset({JobStatus.ACTIVE})), 0, 8)
    writer = LogWriter(services.home.logs)
    step = 0
    began = time.monotonic()
    while True:
        step += 1
        job = active[step % len(active)]
        with services.store.write(durable=False) as tx:
            done = step % 1000
            job_runs.progress(
                tx,
                [
                    job_runs.ProgressRow(
                        job.id, job.fence, done / 10, done * 1_000_000, 1_000_000_000, 5e6 + step, 120, done // 10,
                        estimated_completion=time.time() + 600 - done,
                    )
                ],
            )  # fmt: skip
            if step % EVENTS_PER_S == 0:
                job_runs.describe(tx, job.id, job.fence, message=f"step {step}")
        if step % (EVENTS_PER_S // LOG_LINES_PER_S) == 0:
            writer.write("info", "pipeline.fetch", f"step {step} of the busy one", job.id)
        time.sleep(max(0.0, began + step / EVENTS_PER_S - time.monotonic()))


if __name__ == "__main__":
    update_for_ever(Path(sys.argv[1]))
