"""Fast plain bodies that go past libcurl."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakeweb import Fault, SyntheticBlob
from mediadl.pipeline.protocol import Cancel, TransfersCancelled
from mediadl.pipeline.transfer import http
from mediadl.pipeline.transfer.bulk import Bulk
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


def moved_through(tmp_path: Path, content: bytes, *, size: int | None = None) -> tuple[Bulk, bytes]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    path = tmp_path / "file"
    path.write_bytes(b"head")
    with theirs, ours, path.open("r+b") as file:
        bulk = Bulk(ours.fileno(), file.fileno(), 4, len(content) if size is None else size)

        def send() -> None:
            theirs.sendall(content)
            theirs.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        bulk.run()
        sender.join()
    return bulk, path.read_bytes()


def test_a_bulk_writes_behind_what_is_there(tmp_path: Path) -> None:
    content = os.urandom(3 * MIB + 17)

    bulk, file = moved_through(tmp_path, content)

    assert bulk.moved == len(content)
    assert file == b"head" + content


def test_a_bulk_that_ends_early_says_how_far_it_came(tmp_path: Path) -> None:
    bulk, file = moved_through(tmp_path, b"x" * 1000, size=2000)

    assert bulk.moved == 1000
    assert file == b"head" + b"x" * 1000


def test_a_file_system_that_cannot_splice_gets_ordinary_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    splice = os.splice

    def refuse(source: int, target: int, count: int, **places: int) -> int:
        if places:
            raise OSError(errno.EINVAL, "no")
        return splice(source, target, count)

    monkeypatch.setattr(os, "splice", refuse)
    content = os.urandom(MIB)

    bulk, file = moved_through(tmp_path, content)

    assert bulk.moved == len(content)
    assert file == b"head" + content


def test_a_limited_bulk_moves_in_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("mediadl.pipeline.transfer.bulk.time.sleep", naps.append)
    ours, theirs = socket.socketpair()
    with theirs, ours, (tmp_path / "file").open("w+b") as file:
        bulk = Bulk(ours.fileno(), file.fileno(), 0, 100_000)
        bulk.rate_bytes_per_s = MIB
        theirs.sendall(b"x" * 100_000)
        bulk.run()

    assert sum(naps) == pytest.approx(100_000 / MIB)
