"""One file through the desk, against every fault of the simulated web."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from fakeweb import BytesBlob, Fault, Response, SyntheticBlob
from fakeweb.media import jpeg, mp4
from mediadl.models import MediaKind
from mediadl.pipeline.protocol import Cancel, TransferProgress, TransfersCancelled
from transfer_bench import Bench, modified_at, with_network

MIB = 1 << 20


def sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


async def test_a_file_arrives_whole_with_its_facts_and_sidecar(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))

    answer = await bench.fetch("/cat.jpg", target_sidecar={"title": "Cat"}, target_mtime=1_600_000_000.0)

    file = answer.file
    assert (file.sha256, file.received_sha256, sha256(file.path)) == (wanted, wanted, wanted)
    assert (file.media.kind, file.media.ext, file.media.width, file.media.height) == (
        MediaKind.IMAGE,
        "jpg",
        640,
        480,
    )
    assert modified_at(file.path) == 1_600_000_000.0
    assert bench.visible() == ["site/user/cat.jpg", "site/user/cat.jpg.json"]
    assert not answer.reused


async def test_a_film_is_probed(bench: Bench) -> None:
    bench.files.put("/film.mp4", mp4("film", duration_s=2.0))

    media = (await bench.fetch("/film.mp4")).file.media

    assert (media.kind, media.ext) == (MediaKind.VIDEO, "mp4")
    assert media.duration_s == pytest.approx(2.0, abs=0.3)


async def test_a_large_file_of_unknown_length_arrives(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(20 * MIB))

    answer = await bench.fetch("/big.bin")

    assert answer.file.sha256 == wanted
    assert answer.file.size_bytes == 20 * MIB


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reset(r"/big", after=3 * MIB, times=1),
        Fault.close(r"/big", after=3 * MIB, times=1),
        Fault.stall(r"/big", after=3 * MIB, times=1),
        Fault.hang(r"/big", times=1),
        Fault.chunked_cut(r"/big", after=3 * MIB, times=1),
        Fault.status(r"/big", 500, times=2),
        Fault.status(r"/big", 503, retry_after=1, times=1),
        Fault.status(r"/big", 429, retry_after=1, times=1),
        Fault.wrong_length(r"/big", 1000, times=1),
        Fault.wrong_start(r"/big", skip=1, times=1),
    ],
    ids=lambda fault: fault.label,
)
async def test_a_fault_that_heals_costs_nothing_but_time(bench: Bench, fault: Fault) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(8 * MIB))
    if fault.skip:
        bench.web.faults.add(Fault.reset(r"/big", after=3 * MIB, times=1))
    bench.web.faults.add(fault)

    answer = await bench.stored(with_network(bench.order("/big.bin"), timeout_s=1.0))

    assert sha256(answer.file.path) == answer.file.sha256 == wanted


async def test_a_server_that_resets_every_three_megabytes_is_outlasted(bench: Bench) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(20 * MIB))
    bench.web.faults.add(Fault.reset(r"/big", after=3 * MIB))

    answer = await bench.fetch("/big.bin")

    assert answer.file.sha256 == wanted
    assert sum(entry.body_bytes_sent for entry in bench.web.log.entries()) < 22 * MIB


@pytest.mark.parametrize(
    ("code", "path", "kind"),
    [
        (404, "/gone.jpg", "not_found"),
        (403, "/gone.jpg", "forbidden"),
        (403, "/gone.jpg?X-Amz-Signature=abc&x=1", "expired_link"),
        (410, "/gone.jpg?expires=12", "expired_link"),
        (401, "/gone.jpg", "login_needed"),
        (451, "/gone.jpg", "geo"),
        (500, "/gone.jpg", "server_error"),
        (429, "/gone.jpg", "rate_limited"),
    ],
)
async def test_a_refusal_says_what_it_means(bench: Bench, code: int, path: str, kind: str) -> None:
    bench.web.faults.add(Fault.status(r"/gone", code))

    error = await bench.failed(bench.order(path))

    assert (error["kind"], error["status"]) == (kind, code)
    assert "abc" not in error["message"]
    assert bench.partials() == []


async def test_a_long_retry_after_goes_back_to_the_queue(bench: Bench) -> None:
    bench.web.faults.add(Fault.status(r"/x", 429, retry_after=3600))

    error = await bench.failed(bench.order("/x.jpg"))

    assert (error["kind"], error["retry_after_s"]) == ("rate_limited", 3600)
    assert len(bench.web.log.entries()) == 1


async def test_a_page_in_place_of_media_is_refused(bench: Bench) -> None:
    bench.web.faults.add(Fault.answer(r"/film", b"<!DOCTYPE html><title>Sorry</title>" + b" " * 9000))

    error = await bench.failed(bench.order("/film.mp4"))

    assert error["kind"] == "not_media"
    assert bench.visible() == []


async def test_an_endless_page_is_refused_at_its_start(bench: Bench) -> None:
    bench.files.put("/film.mp4", b"<html><body>" + b"spam " * 100_000)
    bench.web.faults.add(Fault.endless(r"/film"))

    error = await bench.failed(bench.order("/film.mp4"))

    assert error["kind"] == "not_media"


async def test_a_fallback_is_used_when_the_address_fails(bench: Bench) -> None:
    wanted = bench.files.put("/small.jpg", jpeg("small"))
    bench.web.faults.add(Fault.answer(r"/large", b"<html>no</html>"))

    answer = await bench.fetch("/large.jpg", item_fallbacks=(bench.url("/none.jpg"), bench.url("/small.jpg")))

    assert answer.file.sha256 == wanted


async def test_a_gzip_bomb_is_refused_unopened(bench: Bench) -> None:
    bench.files.put("/film.mp4", mp4("film"))
    bench.web.faults.add(Fault.gzip_bomb(r"/film", size_bytes=64 * MIB))

    error = await bench.failed(bench.order("/film.mp4"))

    assert error["kind"] == "bad_content"
    assert bench.partials() == []


async def test_an_endless_body_stops_at_the_cap(bench: Bench) -> None:
    bench.files.put("/film.bin", SyntheticBlob(MIB))
    bench.web.faults.add(Fault.endless(r"/film"))

    error = await bench.failed(bench.order("/film.bin", max_bytes=10 * MIB))

    assert error["kind"] == "too_large"
    assert bench.partials() == []


async def test_an_announced_length_above_the_cap_is_refused_before_the_body(bench: Bench) -> None:
    bench.files.put("/film.bin", SyntheticBlob(20 * MIB))

    error = await bench.failed(bench.order("/film.bin", max_bytes=10 * MIB))

    assert error["kind"] == "too_large"


async def test_a_size_other_than_the_announced_one_is_refused_after_one_more_try(bench: Bench) -> None:
    bench.files.put("/film.bin", SyntheticBlob(MIB))

    error = await bench.failed(bench.order("/film.bin", item_size_bytes=MIB + 1))

    assert error["kind"] == "bad_content"
    assert len(bench.web.log.entries()) in {2, 4}


async def test_no_space_for_file_and_reserve_is_said_before_the_body(bench: Bench) -> None:
    bench.files.put("/film.bin", SyntheticBlob(MIB))

    error = await bench.failed(bench.order("/film.bin", min_free_bytes=1 << 60))

    assert error["kind"] == "disk_full"


async def test_an_empty_file_is_refused(bench: Bench) -> None:
    bench.files.put("/film.mp4", b"")

    error = await bench.failed(bench.order("/film.mp4"))

    assert error["kind"] == "bad_content"


async def test_a_cut_film_is_refused_although_its_length_is_right(bench: Bench) -> None:
    whole = mp4("film", duration_s=4.0)
    bench.files.put("/film.mp4", whole[: len(whole) * 2 // 3])

    error = await bench.failed(bench.order("/film.mp4"))

    assert error["kind"] == "bad_content"
    assert bench.visible() == []
    assert bench.partials() == []


async def test_a_file_cut_once_is_fetched_again(bench: Bench) -> None:
    whole = jpeg("cat")
    wanted = bench.files.put("/cat.jpg", whole)
    bench.web.faults.add(Fault.swap(r"/cat", blob=BytesBlob(whole[:-5000]), times=1))

    answer = await bench.fetch("/cat.jpg")

    assert answer.file.sha256 == wanted


async def test_a_program_is_refused_whatever_it_is_called(bench: Bench) -> None:
    bench.files.put("/cat.jpg", b"MZ\x90\0" + bytes(range(256)) * 30)

    error = await bench.failed(bench.order("/cat.jpg"))

    assert error["kind"] == "not_media"


async def test_cancel_stops_at_once_and_keeps_a_record(bench: Bench) -> None:
    bench.files.put("/big.bin", SyntheticBlob(40 * MIB))
    bench.web.rate_bytes_per_s = 8 * MIB

    await bench.pause_at(bench.order("/big.bin"), 3 * MIB)

    record = bench.record()
    assert record["done"][0][0] == 0
    assert sum(stop - start for start, stop in record["done"]) >= 3 * MIB
    assert bench.visible() == []


async def test_cancel_with_discard_leaves_no_part_file(bench: Bench) -> None:
    bench.files.put("/big.bin", SyntheticBlob(40 * MIB))
    bench.web.faults.add(Fault.stall(r"/big", after=4 * MIB))
    order = bench.order("/big.bin")
    bench.desk.take(order)
    await bench.heard(TransferProgress)

    bench.desk.take(Cancel(1, discard=True))
    await bench.heard(TransfersCancelled)

    assert bench.partials() == []


async def test_minimum_speed_ends_a_trickle(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediadl.pipeline.transfer.http.MIN_SPEED_WINDOW_S", 0.5)
    bench.files.put("/film.bin", SyntheticBlob(MIB))
    bench.web.faults.add(Fault.slow(r"/film", 2000))

    error = await bench.failed(
        with_network(bench.order("/film.bin"), retries=0, min_speed_bytes_per_s=50_000)
    )

    assert error["kind"] == "too_slow"


async def test_items_headers_reach_the_server_and_nothing_may_be_packed(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    await bench.fetch(
        "/cat.jpg", item_headers={"Cookie": "a=b", "Accept-Encoding": "gzip", "Referer": "http://x.test/"}
    )

    (entry,) = bench.web.log.entries()
    assert entry.cookies == {"a": "b"}
    assert entry.headers["accept-encoding"] == "identity"
    assert entry.headers["referer"] == "http://x.test/"


async def test_two_files_of_one_name_get_two_names_and_the_same_file_one(bench: Bench) -> None:
    bench.files.put("/a/cat.jpg", jpeg("one"))
    bench.files.put("/b/cat.jpg", jpeg("two"))
    bench.files.put("/c/cat.jpg", jpeg("two"))

    first = await bench.fetch("/a/cat.jpg", name="cat")
    second = await bench.fetch("/b/cat.jpg", name="cat")
    third = await bench.fetch("/c/cat.jpg", name="cat")

    assert Path(first.file.path).name == "cat.jpg"
    assert Path(second.file.path).name == "cat (2).jpg"
    assert (third.file.path, third.reused) == (second.file.path, True)


async def test_an_order_for_a_published_file_is_answered_without_the_network(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    order = bench.order("/cat.jpg")
    first = await bench.stored(order)
    asked = len(bench.web.log.entries())

    again = await bench.stored(replace(order, key="again"))

    assert again.reused
    assert again.file == first.file
    assert len(bench.web.log.entries()) == asked


async def test_documents_are_welcome_from_a_direct_address(bench: Bench) -> None:
    bench.files.put("/notes.txt", "plain words, ü\n".encode() * 40, "text/plain")

    answer = await bench.fetch("/notes.txt")

    assert Path(answer.file.path).name == "notes.txt"
    assert answer.file.media.kind is MediaKind.DOCUMENT


async def test_the_content_decides_about_the_extension(bench: Bench) -> None:
    bench.files.put("/cat.php", jpeg("cat"))

    answer = await bench.fetch("/cat.php")

    assert Path(answer.file.path).name == "cat.jpg"


async def test_a_redirect_is_followed(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))
    bench.files.answer("/go", lambda _: Response.redirect("/cat.jpg"))

    assert (await bench.fetch("/go")).file.sha256 == wanted
