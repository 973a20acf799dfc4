"""Fast plain bodies that go past libcurl."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fakeweb import Fault, SyntheticBlob
from mediadl.pipeline.protocol import Cancel, TransfersCancelled
from mediadl.pipeline.transfer import arriving, http
from mediadl.pipeline.transfer import bulk as bulk_module
from mediadl.pipeline.transfer.bulk import BUFFER_BYTES, Bulk
from mediadl.pipeline.transfer.digest import FollowingDigest
from transfer_bench import Bench, with_network

MIB = 1 << 20


@pytest.fixture
def bulks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Bulk]]:
    """Everything is fast and large enough; all bulks that ran."""
    seen: list[Bulk] = []
    run = Bulk.run

    def noted(self: Bulk) -> None:
        seen.append(self)
        run(self)

    monkeypatch.setattr(Bulk, "run", noted)
    monkeypatch.setattr(http, "BULK_BYTES", MIB)
    monkeypatch.setattr(http, "BULK_SPEED_BYTES_PER_S", 1)
    return iter([seen])


async def test_the_bytes_are_the_same(bench: Bench, bulks: Iterator[list[Bulk]]) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(120 * MIB))
    bench.web.rate_bytes_per_s = 400 * MIB

    answer = await bench.fetch("/big.bin")

    assert answer.file.sha256 == wanted
    assert len(next(bulks)) == 1


@pytest.mark.parametrize("make", [Fault.reset, Fault.close, Fault.stall])
async def test_a_broken_bulk_is_continued(
    bench: Bench, bulks: Iterator[list[Bulk]], make: type[Fault]
) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(60 * MIB))
    bench.web.rate_bytes_per_s = 200 * MIB
    bench.web.faults.add(make(r"/big", after=40 * MIB, times=1))  # type: ignore[call-arg]

    answer = await bench.stored(with_network(bench.order("/big.bin"), timeout_s=1.0))

    assert answer.file.sha256 == wanted
    assert bench.web.log.body_bytes() < 70 * MIB
    assert next(bulks)


async def test_a_cancelled_bulk_can_be_continued(bench: Bench, bulks: Iterator[list[Bulk]]) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(60 * MIB))
    stall = bench.web.faults.add(Fault.stall(r"/big", after=40 * MIB))
    bench.web.rate_bytes_per_s = 200 * MIB
    order = bench.order("/big.bin")
    await bench.pause_at(order, 30 * MIB)
    bench.web.faults.remove(stall)
    bench.web.log.clear()

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted
    assert bench.web.log.body_bytes() < 40 * MIB
    assert next(bulks)


async def test_a_file_of_which_much_was_there_is_hashed_whole(
    bench: Bench, bulks: Iterator[list[Bulk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest of a resumed file has to catch up before it can be fed."""
    monkeypatch.setattr(arriving, "FEED_BYTES", 8 * MIB)
    wanted = bench.files.put("/big.bin", SyntheticBlob(120 * MIB))
    stall = bench.web.faults.add(Fault.stall(r"/big", after=40 * MIB))
    bench.web.rate_bytes_per_s = 100 * MIB
    order = bench.order("/big.bin")
    await bench.pause_at(order, 30 * MIB)
    bench.web.faults.remove(stall)

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted
    assert next(bulks)


async def test_a_slow_disk_is_not_taken_for_a_silent_server(
    bench: Bench, bulks: Iterator[list[Bulk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asleep = os.pwrite, [True]

    def waking(fd: int, content: memoryview, offset: int) -> int:
        if asleep and asleep.pop():
            threading.Event().wait(2.0)
        return write(fd, content, offset)

    wanted = bench.files.put("/big.bin", SyntheticBlob(60 * MIB))
    bench.web.rate_bytes_per_s = 100 * MIB
    monkeypatch.setattr(os, "pwrite", waking)

    answer = await bench.stored(with_network(bench.order("/big.bin"), timeout_s=0.5))

    assert answer.file.sha256 == wanted
    assert next(bulks)
    assert not asleep
    assert bench.web.log.count("/big") == 1


async def test_cancel_does_not_wait_for_a_stalled_bulk(bench: Bench, bulks: Iterator[list[Bulk]]) -> None:
    bench.files.put("/big.bin", SyntheticBlob(60 * MIB))
    bench.web.rate_bytes_per_s = 200 * MIB
    bench.web.faults.add(Fault.stall(r"/big", after=40 * MIB))
    order = bench.order("/big.bin", network=replace(bench.network, timeout_s=600))
    bench.desk.take(order)
    await bench.heard(object, lambda m: getattr(m, "done_bytes", 0) >= 30 * MIB)

    bench.desk.take(Cancel(1, discard=True))

    await bench.heard(TransfersCancelled)
    assert bench.partials() == []
    assert next(bulks)


@dataclass(frozen=True)
class Moved:
    """What became of a body behind four bytes that were there already."""

    bulk: Bulk
    file: bytes
    sha256: str
    failure: OSError | None


def moved_through(tmp_path: Path, content: bytes, *, size: int | None = None, ahead: int = 4) -> Moved:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    path = tmp_path / "file"
    path.write_bytes(b"h" * ahead)
    failure = None
    with theirs, ours, path.open("r+b") as file:
        digest = FollowingDigest(file.fileno())
        wanted = len(content) if size is None else size
        bulk = Bulk(ours.fileno(), file.fileno(), ahead, wanted, digest.feed)

        def send() -> None:
            with suppress(BrokenPipeError):
                theirs.sendall(content)
                theirs.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            bulk.run()
        except OSError as error:
            failure = error
        ours.close()
        sender.join()
    assert digest.hashed_bytes in {0, ahead + bulk.moved}
    return Moved(bulk, path.read_bytes(), digest.hexdigest(), failure)


@pytest.mark.parametrize("ahead", [0, 4, bulk_module.PAGE, 1_000_001])
def test_a_bulk_writes_behind_what_is_there_and_hashes_all(tmp_path: Path, ahead: int) -> None:
    content = os.urandom(9 * MIB + 17)

    moved = moved_through(tmp_path, content, ahead=ahead)

    assert moved.bulk.moved == len(content)
    assert moved.file == b"h" * ahead + content
    assert moved.sha256 == hashlib.sha256(moved.file).hexdigest()


def test_a_bulk_that_ends_early_says_how_far_it_came(tmp_path: Path) -> None:
    moved = moved_through(tmp_path, b"x" * 1000, size=2000)

    assert moved.bulk.moved == 1000
    assert moved.file == b"h" * 4 + b"x" * 1000


def refusing(monkeypatch: pytest.MonkeyPatch, code: int, after: int = 0) -> list[int]:
    """Let aligned writes that large fail, from the given one on; the sizes of all that were tried."""
    pwrite = os.pwrite
    tried: list[int] = []

    def write(fd: int, data: memoryview, at: int) -> int:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_DIRECT:
            tried.append(len(data))
            if len(tried) > after:
                raise OSError(code, os.strerror(code))
        return pwrite(fd, data, at)

    monkeypatch.setattr(os, "pwrite", write)
    return tried


def test_a_disk_that_wants_no_direct_writes_gets_ordinary_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = refusing(monkeypatch, errno.EINVAL)
    content = os.urandom(4 * MIB)

    moved = moved_through(tmp_path, content)

    assert moved.file == b"h" * 4 + content
    assert len(tried) <= 1


def test_a_file_system_without_direct_access_gets_ordinary_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_module, "_open_direct", lambda fd: None)
    content = os.urandom(4 * MIB)

    assert moved_through(tmp_path, content).file == b"h" * 4 + content


def test_a_disk_that_fills_up_ends_it_and_only_what_is_on_it_is_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = refusing(monkeypatch, errno.ENOSPC, after=2)
    content = os.urandom(4 * BUFFER_BYTES)

    moved = moved_through(tmp_path, content)

    if not tried:
        pytest.skip("no direct writes here")
    there = 4 + moved.bulk.moved
    assert moved.failure is not None
    assert moved.failure.errno == errno.ENOSPC
    assert 0 < moved.bulk.moved < len(content)
    assert moved.file[:there] == (b"h" * 4 + content)[:there]
    assert moved.sha256 == hashlib.sha256(moved.file[:there]).hexdigest()


def test_a_hash_that_cannot_go_on_ends_it(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    def fails(offset: int, content: memoryview) -> None:
        raise OSError(errno.EIO, "unreadable")

    with theirs, ours, (tmp_path / "file").open("w+b") as file:
        bulk = Bulk(ours.fileno(), file.fileno(), 0, 100 * MIB, fails)
        sender = threading.Thread(target=_send_until_closed, args=(theirs,))
        sender.start()
        with pytest.raises(OSError, match="unreadable"):
            bulk.run()
        ours.close()
        sender.join()


def _send_until_closed(sock: socket.socket) -> None:
    with suppress(OSError):
        for _ in range(100):
            sock.sendall(bytes(MIB))


def test_what_comes_slowly_is_written_soon(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    heard = threading.Event()
    with theirs, ours, (tmp_path / "file").open("w+b") as file:
        bulk = Bulk(ours.fileno(), file.fileno(), 0, 100 * MIB, lambda offset, content: heard.set())
        running = threading.Thread(target=bulk.run)
        running.start()
        theirs.sendall(b"x" * 1000)

        assert heard.wait(30)
        bulk.stopping = True
        running.join(30)

    assert bulk.moved == 1000
    assert (tmp_path / "file").read_bytes() == b"x" * 1000


def test_a_limited_bulk_moves_in_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("mediadl.pipeline.transfer.bulk.time.sleep", naps.append)
    ours, theirs = socket.socketpair()
    with theirs, ours, (tmp_path / "file").open("w+b") as file:
        bulk = Bulk(ours.fileno(), file.fileno(), 0, 100_000, lambda offset, content: None)
        bulk.rate_bytes_per_s = MIB
        theirs.sendall(b"x" * 100_000)
        bulk.run()

    assert sum(naps) == pytest.approx(100_000 / MIB)
    assert len(naps) > 1
