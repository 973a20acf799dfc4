"""The transfer child as a process, through the daemon's side of the pipe."""

from __future__ import annotations

import fcntl
import hashlib
import os
import queue
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakeweb import FakeWeb, Fault, SyntheticBlob
from fakeweb.media import jpeg
from mediadl.models import FoundItem, Identity
from mediadl.paths import Home
from mediadl.pipeline.protocol import (
    Cancel,
    Fetch,
    Limits,
    NetworkOptions,
    Stored,
    Target,
    TransferFailed,
    TransferProgress,
    TransfersCancelled,
)
from mediadl.pipeline.wire import decode, encode
from mediadl.workers.transfer_child import EXIT_LOCKED
from mediadl.workers.transfer_link import TransferGone, TransferLink
from transfer_bench import Files

MIB = 1 << 20
DEADLINE_S = 60.0


class Line:
    """A link whose answers land in a queue."""

    def __init__(self, home: Home) -> None:
        self.answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.link = TransferLink(home, self.answers.put)
        self.link.start()

    def wait_for(self, kind: type[Any], test: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next answer of this kind that passes the test; others are dropped."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            answer = self.answers.get(timeout=max(0.01, deadline - time.monotonic()))
            if isinstance(answer, kind) and test(answer):
                return answer


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def web(files: Files) -> Iterator[FakeWeb]:
    with FakeWeb([files]) as running:
        yield running


@pytest.fixture
def line(home: Home) -> Iterator[Line]:
    made = Line(home)
    yield made
    made.link.stop()


def order(web: FakeWeb, root: Path, path: str, n: int = 1, *, job_id: int = 1) -> Fetch:
    item = FoundItem(n, Identity("test", path), url=f"{web.url}{path}", ext=path.rpartition(".")[2])
    target = Target(
        str(root), str(root / ".mediadl" / f"job-{job_id}"), "files", (path.strip("/").partition(".")[0],)
    )
    return Fetch(f"{job_id}-{n}", job_id, item, target, NetworkOptions(timeout_s=10))


def test_an_order_is_carried_out(line: Line, web: FakeWeb, files: Files, tmp_path: Path) -> None:
    wanted = files.put("/cat.jpg", jpeg("cat"))

    assert line.link.send(order(web, tmp_path / "dl", "/cat.jpg"))

    answer = line.wait_for(Stored)
    assert answer.file.sha256 == wanted
    assert Path(answer.file.path).is_file()


def test_a_killed_child_is_announced_and_replaced_on_request(line: Line) -> None:
    first = line.link.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    assert line.wait_for(TransferGone).returncode == -signal.SIGKILL
    line.link.start()
    assert line.link.pid not in {None, first}


def test_stop_keeps_what_has_arrived(home: Home, web: FakeWeb, files: Files, tmp_path: Path) -> None:
    files.put("/big.bin", SyntheticBlob(40 * MIB))
    web.faults.add(Fault.stall(r"/big", after=8 * MIB))
    line = Line(home)
    line.link.send(order(web, tmp_path / "dl", "/big.bin"))
    line.wait_for(TransferProgress, lambda m: m.done_bytes > 4 * MIB)

    line.link.stop()

    assert line.link.pid is None
    names = {path.suffix for path in (tmp_path / "dl" / ".mediadl" / "job-1").iterdir()}
    assert {".json", ".part"} <= names


def test_the_child_ends_with_its_daemon(home: Home) -> None:
    child = _raw_child(home)
    assert child.stdin is not None

    child.stdin.close()

    assert child.wait(DEADLINE_S) == 0
    _close(child)


def test_a_second_child_waits_for_the_first_and_then_works(
    home: Home, web: FakeWeb, files: Files, tmp_path: Path
) -> None:
    wanted = files.put("/cat.jpg", jpeg("cat"))
    orphan = _raw_child(home)
    _wait_until_locked(home)
    second = _raw_child(home)
    assert second.stdin is not None
    assert second.stdout is not None
    second.stdin.write(encode(order(web, tmp_path / "dl", "/cat.jpg")))
    second.stdin.flush()

    orphan.kill()

    answer = next(m for m in map(decode, second.stdout) if isinstance(m, Stored))
    assert answer.file.sha256 == wanted
    for child in (orphan, second):
        child.kill()
        child.wait()
        _close(child)


def test_a_lock_that_is_never_freed_ends_the_child_with_a_clear_word(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with home.transfer_lock.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        code = (
            "import sys; from mediadl.workers import transfer_child as c; c.ORPHAN_WAIT_S = 0.2;"
            f"sys.argv = ['x', {str(home.transfer_lock)!r}]; sys.exit(c.main())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
        )

    assert done.returncode == EXIT_LOCKED
    assert b"another transfer process" in done.stderr


def test_lines_that_are_no_orders_are_survived(
    home: Home, web: FakeWeb, files: Files, tmp_path: Path
) -> None:
    files.put("/cat.jpg", jpeg("cat"))
    child = _raw_child(home)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"nonsense\n{}\n\xff\xfe\n" + encode(TransfersCancelled(1)))
    child.stdin.write(encode(order(web, tmp_path / "dl", "/cat.jpg")))
    child.stdin.flush()

    assert isinstance(decode(child.stdout.readline()), Stored)
    child.kill()
    child.wait()
    _close(child)


def test_an_interrupt_from_the_keyboard_does_not_reach_it(
    line: Line, web: FakeWeb, files: Files, tmp_path: Path
) -> None:
    files.put("/cat.jpg", jpeg("cat"))
    line.link.send(order(web, tmp_path / "dl", "/cat.jpg"))
    line.wait_for(Stored)
    assert line.link.pid is not None

    os.kill(line.link.pid, signal.SIGINT)

    line.link.send(Cancel(5))
    assert line.wait_for(TransfersCancelled).job_id == 5


def test_the_child_knows_no_engine_and_no_screen(home: Home) -> None:
    code = "import mediadl.workers.transfer_child, sys; print([m for m in sys.modules if '.' not in m])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE_S,
        check=True,
    )

    loaded = done.stdout.decode()
    for name in ("yt_dlp", "gallery_dl", "typer", "textual", "pydantic", "sqlite3", "av", "PIL"):
        assert f"'{name}'" not in loaded


@pytest.mark.kill
def test_thirty_transfers_survive_a_child_killed_at_random_moments(
    home: Home, web: FakeWeb, files: Files, tmp_path: Path
) -> None:
    root = tmp_path / "dl"
    chance = random.Random(20)
    sizes = [chance.choice([200_000, 1_500_000, 6 * MIB, 12 * MIB]) for _ in range(30)]
    wanted = {
        f"/f{n}.bin": files.put(f"/f{n}.bin", SyntheticBlob(size, str(n))) for n, size in enumerate(sizes)
    }
    orders = {o.key: o for o in (order(web, root, path, n) for n, path in enumerate(wanted))}
    web.rate_bytes_per_s = 60 * MIB
    stored: dict[str, Stored] = {}
    line = Line(home)
    line.link.send(Limits(connections=8))
    kills = 0
    while len(stored) < len(orders):
        for key, one in orders.items():
            if key not in stored:
                line.link.send(one)
        # Kill within what a normal run takes, then let the last one finish
        deadline = time.monotonic() + (chance.uniform(0.2, 0.9) if kills < 12 else DEADLINE_S)
        _collect(line, stored, len(orders), deadline)
        if len(stored) < len(orders):
            pid = line.link.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            kills += 1
            while not isinstance(answer := line.answers.get(timeout=DEADLINE_S), TransferGone):
                if isinstance(answer, Stored):
                    stored[answer.key] = answer
            line.link.start()
    line.link.stop()

    assert kills >= 5
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (root / "files").iterdir()}
    assert found == {path.strip("/"): digest for path, digest in wanted.items()}
    assert list(root.rglob("*.part")) == []


def _collect(line: Line, stored: dict[str, Stored], all_of_them: int, deadline: float) -> None:
    while len(stored) < all_of_them and (left := deadline - time.monotonic()) > 0:
        try:
            answer = line.answers.get(timeout=left)
        except queue.Empty:
            return
        assert not isinstance(answer, TransferFailed | TransferGone), answer
        if isinstance(answer, Stored):
            stored[answer.key] = answer


def _raw_child(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mediadl.workers.transfer_child", str(home.transfer_lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_until_locked(home: Home) -> None:
    deadline = time.monotonic() + DEADLINE_S
    with home.transfer_lock.open("a") as probe:
        while True:
            try:
                fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(probe, fcntl.LOCK_UN)
            assert time.monotonic() < deadline
            time.sleep(0.01)


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
