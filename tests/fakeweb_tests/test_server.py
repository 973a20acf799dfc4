"""The server's roles, ranges, log, limits and end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
import warnings
from pathlib import Path

import pytest
import requests

from fakeweb import FakeWeb, Fault, Request, Response
from fakeweb.blobs import BytesBlob, read
from fakeweb.sites import Generic
from fakeweb.sites.generic import PlainFile
from fakeweb.world import World

FILE = "https://files.example.com/files/clip-8mb.mp4"
SMALL = "https://files.example.com/files/clip.mp4"


def _bytes(size: int) -> str:
    return f"https://files.example.com/bytes/{size}/body.bin"


def test_an_absolute_form_request_is_answered(world: World, client: requests.Session) -> None:
    answer = client.get("http://files.example.com/files/clip.mp4")
    assert answer.content == read(world.generic.blob("/files/clip.mp4"))


def test_a_tunnel_ends_in_tls_with_a_leaf_of_the_ca(world: World, client: requests.Session) -> None:
    assert client.get(SMALL).status_code == 200
    client.verify = True
    with pytest.raises(requests.exceptions.SSLError):
        client.get("https://media.example.com/")


def test_only_http_1_1_is_offered(world: World) -> None:
    context = ssl.create_default_context(cafile=str(world.web.ca_pem))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", world.web.port)) as raw:
        raw.sendall(b"CONNECT media.example.com:443 HTTP/1.1\r\nHost: media.example.com:443\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 200")
        with context.wrap_socket(raw, server_hostname="media.example.com") as wrapped:
            assert wrapped.selected_alpn_protocol() == "http/1.1"


def test_a_client_that_resets_before_tls_leaves_no_socket_open(world: World) -> None:
    context = world.web.context("media.example.com")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as gone:
            accepted, _ = listener.accept()
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with warnings.catch_warnings(), pytest.raises(ConnectionResetError):
            warnings.simplefilter("error")
            context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)


def test_a_tunnel_to_port_80_stays_plain(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.web.port)) as raw:
        raw.sendall(b"CONNECT media.example.com:80 HTTP/1.1\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 200")
        raw.sendall(b"GET /nothing HTTP/1.1\r\nHost: media.example.com\r\nConnection: close\r\n\r\n")
        assert raw.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")
    assert world.web.log.entries()[-1].url == "http://media.example.com/nothing"


def test_plain_files_need_no_proxy(world: World) -> None:
    answer = requests.get(world.web.url + "/files/clip.mp4", timeout=5)
    assert answer.content == read(world.generic.blob("/files/clip.mp4"))


def test_a_host_without_an_owner_is_502_and_a_path_without_an_answer_404(client: requests.Session) -> None:
    assert client.get("https://nobody.invalid/").status_code == 502
    assert client.get("https://media.example.com/not/there").status_code == 404


def test_a_connection_is_kept(world: World, client: requests.Session) -> None:
    for _ in range(3):
        client.get(SMALL)
    assert len({entry.connection for entry in world.web.log.entries()}) == 1


def test_head_has_the_headers_and_no_body(world: World, client: requests.Session) -> None:
    answer = client.head(FILE)
    assert answer.headers["Content-Length"] == "8000000"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert client.get(SMALL).status_code == 200
    assert world.web.log.search("HEAD")[0].body_bytes_sent == 0


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=7999990-", 7_999_990, 7_999_999), ("bytes=-5", 7_999_995, 7_999_999)],
)
def test_a_range_is_206_with_its_place(
    world: World, client: requests.Session, wanted: str, first: int, last: int
) -> None:
    answer = client.get(FILE, headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/8000000"
    assert answer.content == read(world.generic.blob("/files/clip-8mb.mp4"), first, last + 1)


@pytest.mark.parametrize("wanted", ["bytes=8000000-", "bytes=9000000-9000001", "bytes=-0"])
def test_a_range_past_the_end_is_416(client: requests.Session, wanted: str) -> None:
    answer = client.get(FILE, headers={"Range": wanted})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */8000000")
    assert answer.content == b""


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=1-2", "bytes=-"])
def test_an_odd_range_gets_the_whole_body(client: requests.Session, wanted: str) -> None:
    assert client.get(SMALL, headers={"Range": wanted}).status_code == 200


def test_if_range_continues_only_with_the_same_validator(client: requests.Session) -> None:
    head = client.head(SMALL)
    for condition, status in (
        (head.headers["ETag"], 206),
        (head.headers["Last-Modified"], 206),
        ('"other"', 200),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 200),
        ("W/" + head.headers["ETag"], 200),
    ):
        answer = client.get(SMALL, headers={"Range": "bytes=10-", "If-Range": condition})
        assert answer.status_code == status, condition


def test_a_server_without_ranges_sends_everything(client: requests.Session) -> None:
    answer = client.get("https://files.example.com/files/no-ranges.mp4", headers={"Range": "bytes=5-"})
    assert answer.status_code == 200
    assert "Accept-Ranges" not in answer.headers


def test_the_log_shows_what_was_sent_and_answered(world: World, client: requests.Session) -> None:
    client.post(
        "https://media.example.com/login?a=1", data={"user": "me"}, headers={"Cookie": "one=1; two=2"}
    )
    entry = world.web.log.wait_for("POST .*/login", ended=True)[0]
    assert entry.url == "https://media.example.com/login?a=1"
    assert entry.form == {"user": "me"}
    assert entry.cookies == {"one": "1", "two": "2"}
    assert entry.status == 200
    client.get(FILE)
    world.web.log.wait_for("GET .*8mb", ended=True)
    assert world.web.log.body_bytes("GET .*8mb") == 8_000_000


def test_the_log_is_waited_for_with_a_deadline(world: World) -> None:
    with pytest.raises(TimeoutError, match="never"):
        world.web.log.wait_for("never", timeout_s=0.05)


def test_the_hook_sees_each_request_before_its_answer(world: World, client: requests.Session) -> None:
    new = PlainFile(BytesBlob(b"new content"), "video/mp4")
    world.web.on_request = lambda request: world.generic.put(request.path, new)
    assert client.get(SMALL).content == b"new content"


def test_the_rate_holds_over_all_connections_and_may_change(world: World, client: requests.Session) -> None:
    world.web.rate_bytes_per_s = 1_000_000
    started = time.monotonic()
    threads = [
        threading.Thread(target=requests.get, args=(f"{world.web.url}/bytes/150000/{n}",)) for n in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started > 0.25
    world.web.rate_bytes_per_s = 1000
    changer = threading.Timer(0.2, lambda: setattr(world.web, "rate_bytes_per_s", None))
    changer.start()
    assert len(client.get(_bytes(5_000_000)).content) == 5_000_000
    changer.join()


def test_the_rate_of_one_connection(world: World, client: requests.Session) -> None:
    world.web.connection_rate_bytes_per_s = 1_000_000
    started = time.monotonic()
    client.get(_bytes(300_000))
    assert time.monotonic() - started > 0.25


def test_the_latency_delays_each_answer(world: World, client: requests.Session) -> None:
    client.get(SMALL)
    world.web.latency_s = 0.1
    started = time.monotonic()
    client.get(SMALL)
    assert time.monotonic() - started >= 0.1


@pytest.mark.timeout(20)
def test_stopping_ends_waiting_connections_and_all_threads() -> None:
    with contextlib.ExitStack() as opened, FakeWeb([Generic()], latency_s=0.0) as web:
        web.faults.add(Fault.hang("hang.bin"), Fault.stall("stall.bin", after=10), Fault.slow("slow.bin", 10))
        clients = [opened.enter_context(socket.create_connection(("127.0.0.1", web.port))) for _ in range(4)]
        for sock, name in zip(clients, ("hang", "stall", "slow"), strict=False):
            sock.sendall(f"GET /bytes/1000/{name}.bin HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        web.log.wait_for("bin", count=3)
        web.stop()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("fakeweb")]


def test_the_ca_stays_the_same_in_a_state_folder(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        with FakeWeb([Generic()], state_dir=tmp_path) as web:
            found.append(web.ca_pem.read_bytes())
            proxies = {"https": web.url}
            answer = requests.get(SMALL, proxies=proxies, verify=str(web.ca_pem), timeout=5)
            assert answer.status_code == 200
    assert found[0] == found[1]


def test_a_failing_site_is_a_500_and_is_reported() -> None:
    class Broken:
        hosts = ("localhost", "127.0.0.1")
        login_path = "/login"

        def handle(self, request: Request) -> Response | None:
            raise RuntimeError(request.path)

    with FakeWeb([Broken()]) as web:
        assert requests.get(web.url + "/x", timeout=5).status_code == 500
        assert "RuntimeError: /x" in web.errors[0]


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x00",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"CONNECT media.example.com:443 HTTP/1.1\r\n\r\nnot tls",
    ],
)
def test_noise_on_the_port_is_survived(world: World, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", world.web.port)) as raw:
        raw.sendall(noise)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(1000):
            pass
    assert requests.get(world.web.url + "/nothing", timeout=5).status_code == 200


def test_the_log_tells_how_many_requests_ran_at_once(world: World) -> None:
    world.web.latency_s = 0.3
    threads = [threading.Thread(target=requests.get, args=(f"{world.web.url}/bytes/9/{n}",)) for n in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests.get(f"{world.web.url}/bytes/9/d", timeout=5)
    assert world.web.log.peak("GET") == 3
    assert world.web.log.peak("GET .*/d$") == 1
