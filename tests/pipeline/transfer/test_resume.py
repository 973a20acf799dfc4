"""Pausing and going on: the bytes are kept, and two different files are never mixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from fakeweb import Blob, Fault, Request, Response, SyntheticBlob
from mediadl.pipeline.protocol import Fetch
from transfer_bench import Bench, size_of

MIB = 1 << 20
SIZE = 12 * MIB
MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"


async def paused(bench: Bench, order: Fetch, *, after: int = 5 * MIB) -> None:
    """Let the order stop half-way, as a pause would."""
    stall = bench.web.faults.add(Fault.stall(r"/big", after=after))
    await bench.pause_at(order, after // 2)
    bench.web.faults.remove(stall)
    bench.web.log.clear()


async def test_the_bytes_that_are_there_are_not_fetched_again(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted
    assert bench.web.log.body_bytes() < SIZE - 4 * MIB
    assert bench.web.log.entries()[0].headers["if-range"].startswith('"')


@pytest.mark.parametrize("size", [SIZE, SIZE + MIB, 3 * MIB], ids=["same length", "longer", "shorter"])
async def test_changed_content_is_fetched_anew_never_mixed(bench: Bench, size: int) -> None:
    bench.files.put("/big.bin", SyntheticBlob(SIZE, "old"))
    order = bench.order("/big.bin")
    await paused(bench, order)
    wanted = bench.files.put("/big.bin", SyntheticBlob(size, "new"))

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted


@pytest.mark.parametrize("make", [Fault.weak_etag, Fault.no_validator], ids=["weak", "none"])
async def test_without_a_strong_validator_it_starts_over(bench: Bench, make: type[Fault]) -> None:
    bench.files.put("/big.bin", SyntheticBlob(SIZE, "old"))
    order = bench.order("/big.bin")
    bench.web.faults.add(Fault.stall(r"/big", after=5 * MIB))
    bench.files.answer("/big.bin", _with(SyntheticBlob(SIZE, "old"), weak=make is Fault.weak_etag))
    await bench.pause_at(order, 2 * MIB)
    bench.web.faults.clear()
    bench.web.log.clear()
    blob = SyntheticBlob(SIZE, "new")
    bench.files.answer("/big.bin", _with(blob, weak=make is Fault.weak_etag))

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == blob.sha256()
    assert "range" not in bench.web.log.entries()[0].headers


def _with(blob: Blob, *, weak: bool) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        response = Response.media(blob, "video/mp4")
        response.etag = f"W/{blob.etag}" if weak else None
        return response

    return answer


async def test_a_date_is_a_validator_for_the_same_address(bench: Bench) -> None:
    blob = SyntheticBlob(SIZE)
    bench.files.answer(
        "/big.bin", lambda _: replace(Response.media(blob, "video/mp4", last_modified=MODIFIED), etag=None)
    )
    order = bench.order("/big.bin")
    await paused(bench, order)

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == blob.sha256()
    assert bench.web.log.entries()[0].headers["if-range"] == MODIFIED
    assert bench.web.log.body_bytes() < SIZE


async def test_a_newly_signed_address_continues_the_same_item(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin?sig=old")
    await paused(bench, order)

    fresh = replace(order, key="on", item=replace(order.item, n=7, url=bench.url("/big.bin?sig=new")))
    answer = await bench.stored(fresh)

    assert answer.file.sha256 == wanted
    assert bench.web.log.body_bytes() < SIZE - 4 * MIB


async def test_a_server_without_ranges_sends_everything_again(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)
    bench.web.faults.add(Fault.no_ranges(r"/big"))

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted


async def test_a_206_for_another_place_is_not_used(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)
    wrong = bench.web.faults.add(Fault.wrong_start(r"/big", shift=1000, times=1))

    answer = await bench.stored(replace(order, key="on"))

    assert wrong.hits == 1
    assert answer.file.sha256 == wanted


async def test_a_total_that_differs_from_the_record_starts_over(bench: Bench) -> None:
    blob = SyntheticBlob(SIZE)
    wanted = bench.files.put("/big.bin", blob)
    order = bench.order("/big.bin")
    await paused(bench, order)
    path = next(bench.work.glob("*.json"))
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"total": SIZE + 5}))

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted


async def test_a_part_file_shorter_than_its_record_is_not_trusted(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)
    with next(bench.work.glob("*.part")).open("r+b") as part:
        part.truncate(MIB)

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted


@pytest.mark.parametrize(
    "junk", [b"", b"{", b"[]", b'{"done": [[5, "x"]]}', b"\xff\xfe", b'{"done": 3, "total": []}']
)
async def test_a_broken_record_starts_over(bench: Bench, junk: bytes) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)
    next(bench.work.glob("*.json")).write_bytes(junk)

    assert (await bench.stored(replace(order, key="on"))).file.sha256 == wanted


async def test_a_file_that_had_arrived_needs_no_network(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    blocked = bench.root / "site"
    blocked.write_text("a file where the folder should be")
    assert (await bench.failed(order))["kind"] == "not_writable"
    blocked.unlink()
    bench.web.log.clear()

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted
    assert bench.web.log.entries() == []


async def test_several_gaps_are_filled(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(SIZE))
    order = bench.order("/big.bin")
    await paused(bench, order)
    path = next(bench.work.glob("*.json"))
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"done": [[0, MIB], [2 * MIB, 3 * MIB], [4 * MIB, 4 * MIB + 7]]}))

    answer = await bench.stored(replace(order, key="on"))

    assert answer.file.sha256 == wanted
    assert size_of(answer.file.path) == SIZE


@pytest.mark.parametrize("make", [Fault.reset, Fault.close], ids=["reset", "close"])
async def test_a_server_that_begins_anew_each_time_is_given_up(bench: Bench, make: type[Fault]) -> None:
    bench.files.answer("/big.bin", lambda _: Response.media(SyntheticBlob(SIZE), "video/mp4", ranges=False))
    bench.web.faults.add(make(r"/big", after=3 * MIB))  # type: ignore[call-arg]

    error = await bench.failed(bench.order("/big.bin"))

    assert error["kind"] == "network"
    assert len(bench.web.log.entries()) <= 4
