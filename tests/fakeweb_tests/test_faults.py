"""Every fault does what it says, seen from a plain client."""

from __future__ import annotations

import socket
import time
import zlib

import pytest
import requests

from fakeweb import Fault
from fakeweb.blobs import BytesBlob, read
from fakeweb.faults import gzip_of_zeros
from fakeweb.world import World

URL = "https://files.example.com/files/clip-8mb.mp4"
PATTERN = "GET .*clip-8mb"
SIZE = 8_000_000


def _raw(world: World, path: str = "/files/clip-8mb.mp4", headers: str = "") -> tuple[bytes, bytes, bool]:
    """Head, body as on the wire, and whether the connection was reset, of one request on a fresh connection."""
    received = b""
    was_reset = False
    with socket.create_connection(("127.0.0.1", world.web.port), timeout=5) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        try:
            while data := raw.recv(1 << 16):
                received += data
        except ConnectionResetError:
            was_reset = True
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body, was_reset


def test_a_status_with_retry_after(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.status(PATTERN, 429, retry_after=7, times=1))
    answer = client.get(URL)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert client.get(URL).status_code == 200
    assert world.web.log.entries()[0].fault == "status 429"


def test_skip_and_times_choose_which_requests_are_hit(world: World, client: requests.Session) -> None:
    fault = world.web.faults.add(Fault.status(PATTERN, 503, skip=1, times=2))
    assert [client.get(URL).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert fault.hits == 2


def test_a_spent_fault_gives_way_to_the_next(world: World, client: requests.Session) -> None:
    faults = world.web.faults
    faults.add(Fault.status(PATTERN, 500, times=1), Fault.status(PATTERN, 403, times=1))
    assert [client.get(URL).status_code for _ in range(3)] == [500, 403, 200]


def test_a_fault_is_taken_away(world: World, client: requests.Session) -> None:
    fault = world.web.faults.add(Fault.status(PATTERN, 404))
    world.web.faults.remove(fault)
    assert client.get(URL).status_code == 200
    world.web.faults.add(Fault.status(PATTERN, 404))
    world.web.faults.clear()
    assert client.get(URL).status_code == 200


def test_a_pattern_sees_method_and_whole_url(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.status(r"^HEAD https://files\.example\.com/.*mp4$", 405))
    assert client.head(URL).status_code == 405
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (URL, "https://files.example.com/login"),
        ("https://www.instagram.com/bob/", "https://www.instagram.com/accounts/login/"),
        ("https://www.tiktok.com/@alice", "https://www.tiktok.com/login"),
    ],
)
def test_a_login_redirect_goes_where_the_site_has_its_login(
    world: World, client: requests.Session, url: str, location: str
) -> None:
    world.web.faults.add(Fault.login("GET"))
    answer = client.get(url, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, location)


def test_a_reset_comes_after_its_bytes(world: World) -> None:
    world.web.faults.add(Fault.reset(PATTERN, after=100_000))
    head, body, was_reset = _raw(world)
    assert b"Content-Length: 8000000" in head
    assert body == read(world.generic.blob("/files/clip-8mb.mp4"), 0, 100_000)
    assert was_reset


def test_an_early_close_is_no_reset(world: World) -> None:
    world.web.faults.add(Fault.close(PATTERN, after=100_000))
    _, body, was_reset = _raw(world)
    assert len(body) == 100_000
    assert not was_reset


def test_a_cut_counts_from_the_start_of_the_range(world: World) -> None:
    world.web.faults.add(Fault.close(PATTERN, after=1000))
    head, body, _ = _raw(world, headers="Range: bytes=5000-\r\n")
    assert b" 206 " in head
    assert body == read(world.generic.blob("/files/clip-8mb.mp4"), 5000, 6000)


@pytest.mark.parametrize("fault", [Fault.stall(PATTERN, after=1000), Fault.hang(PATTERN)])
def test_silence_lasts_until_the_client_goes(world: World, fault: Fault) -> None:
    world.web.faults.add(fault)
    with socket.create_connection(("127.0.0.1", world.web.port), timeout=0.3) as raw:
        raw.sendall(b"GET /files/clip-8mb.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(TimeoutError):
            while raw.recv(1 << 16):
                pass
    entry = world.web.log.wait_for(PATTERN, ended=True)[0]
    assert entry.body_bytes_sent == (1000 if fault.kind == "stall" else 0)


def test_a_chunked_cut_has_no_last_chunk(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.chunked_cut(PATTERN, after=5000))
    head, body, _ = _raw(world)
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert not body.endswith(b"0\r\n\r\n")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(URL)


@pytest.mark.parametrize("delta", [-10, 10])
def test_a_wrong_length_is_announced_and_the_body_is_whole(world: World, delta: int) -> None:
    world.web.faults.add(Fault.wrong_length(PATTERN, delta))
    head, body, _ = _raw(world)
    assert f"Content-Length: {SIZE + delta}".encode() in head
    assert len(body) == SIZE


def test_slow_holds_its_rate(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.slow("body.bin", 200_000))
    started = time.monotonic()
    client.get("https://files.example.com/bytes/60000/body.bin")
    assert time.monotonic() - started > 0.25


def test_an_endless_body_goes_past_any_size(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.endless("icon.png"))
    total = 0
    with client.get("https://files.example.com/files/icon.png", stream=True) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        for data in answer.iter_content(1 << 16):
            total += len(data)
            if total > 3_000_000:
                break
    assert total > 3_000_000


def test_a_gzip_bomb_is_small_and_expands_to_its_size(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.gzip_bomb(PATTERN, size_bytes=64 << 20))
    answer = client.get(URL, stream=True)
    assert answer.headers["Content-Encoding"] == "gzip"
    packed = answer.raw.read(decode_content=False)
    assert len(packed) < 100_000
    assert packed == gzip_of_zeros(64 << 20)
    unpacker = zlib.decompressobj(31)
    assert len(unpacker.decompress(packed)) == 64 << 20
    assert unpacker.eof


def test_swapped_content_has_another_tag_and_the_same_length(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.swap(PATTERN, skip=1))
    first, second = client.get(URL), client.get(URL)
    assert first.content != second.content
    assert len(first.content) == len(second.content)
    assert first.headers["ETag"] != second.headers["ETag"]
    resumed = client.get(URL, headers={"Range": "bytes=100-", "If-Range": first.headers["ETag"]})
    assert resumed.status_code == 200
    assert resumed.content == second.content


def test_swapped_content_may_be_given(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.swap(PATTERN, blob=BytesBlob(b"other")))
    assert client.get(URL).content == b"other"


def test_a_wrong_start_is_told_in_content_range(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.wrong_start(PATTERN, shift=500))
    answer = client.get(URL, headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, f"bytes 1500-1999/{SIZE}")
    assert answer.content == read(world.generic.blob("/files/clip-8mb.mp4"), 1500, 2000)


def test_a_weak_tag_never_allows_a_range(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.weak_etag(PATTERN))
    tag = client.get(URL).headers["ETag"]
    assert tag.startswith("W/")
    assert client.get(URL, headers={"Range": "bytes=5-", "If-Range": tag}).status_code == 200


def test_without_validators_ranges_still_work(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.no_validator(PATTERN))
    answer = client.get(URL, headers={"Range": "bytes=5-"})
    assert answer.status_code == 206
    assert not {"ETag", "Last-Modified"} & set(answer.headers)


def test_ranges_may_be_refused(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.no_ranges(PATTERN))
    assert client.get(URL, headers={"Range": "bytes=5-"}).status_code == 200


def test_another_body_may_stand_in(world: World, client: requests.Session) -> None:
    world.web.faults.add(Fault.answer(PATTERN, b"<html>sign in</html>"))
    answer = client.get(URL)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text == "<html>sign in</html>"
