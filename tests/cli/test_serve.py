"""`mediadl serve`: what it refuses, what it says, and that it leaves nothing behind however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import ClientSession, CookieJar, TCPConnector

from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.service import Services
from web_serving import Serving, serving
from web_stage import PASSWORD, Client, alive, shown, until


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mediadl", "serve", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "0.0.0.0"), "passwords would travel in the clear"),
        (("--host", "192.168.1.5"), "passwords would travel in the clear"),
        (("--behind-proxy",), "--public-url"),
        (("--tls-cert", "a.pem"), "--tls-key"),
        (("--tls-cert", "/no/a.pem", "--tls-key", "/no/b.pem"), "certificate"),
        (("--public-url", "ftp://x"), "https://"),
        (("--host", "203.0.113.1", "--behind-proxy", "--public-url", "https://a.example"), "cannot listen"),
        (("--port", "99999"), "port"),
    ],
)
def test_what_would_be_unsafe_or_cannot_be_is_refused_in_one_line(
    home: Home, options: tuple[str, ...], said: str
) -> None:
    done = run(*options)

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_told(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "cannot listen" in done.stderr


def test_there_is_one_server_for_a_data_folder(home: Home) -> None:
    with serving(os.environ, "--port", "0") as server:
        server.wait_said("(Stop it)")

        done = run("--port", "0")

        assert done.returncode == 2
        assert f"process {server.process.pid}" in done.stderr


def test_the_first_code_is_shown_until_there_is_an_administrator(home: Home) -> None:
    with serving(os.environ, "--port", "0") as server:
        assert len(server.first_code) > 8
        assert server.stop() == 0
    _add_bert(home)

    with serving(os.environ, "--port", "0") as server:
        server.wait_said("(Stop it)")
        assert not any("administrator" in line for line in server.said)


def _add_bert(home: Home) -> None:
    with Services(home) as services:
        services.users.add("bert", Role.ADMIN, PASSWORD)


@contextlib.asynccontextmanager
async def _bert(server: Serving, context: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    url = server.url
    connector = TCPConnector(ssl=context) if context else None
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), connector=connector) as http:
        client = Client(http, url)
        assert (await client.sign_in("bert")).status == 302
        yield client


async def _open(client: Client) -> None:
    await shown(await client.terminal(), b"Ctrl+P")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_cleanly_with_its_terminals(
    home: Home, monkeypatch: pytest.MonkeyPatch, signum: signal.Signals
) -> None:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    _add_bert(home)
    with serving(os.environ, "--port", "0") as server:
        async with _bert(server) as client:
            socket = await client.terminal()
            await shown(socket, b"Ctrl+P")
            pids = server.children()
            assert len(pids) == 1

            server.process.send_signal(signum)
            async for _ in socket:
                pass

            assert socket.close_code == 1001
            assert await asyncio.to_thread(server.process.wait, 20) == 0
            assert not any(alive(pid) for pid in pids)


@pytest.mark.kill
async def test_when_it_is_killed_no_terminal_outlives_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    _add_bert(home)
    with serving(os.environ, "--port", "0") as server:
        async with _bert(server) as client:
            await _open(client)
            await _open(client)
            pids = server.children()
            assert len(pids) == 2
            os.kill(pids[0], signal.SIGSTOP)

            server.process.kill()
            await until(lambda: not any(alive(pid) for pid in pids), "the children are gone", 10)


async def test_with_a_certificate_cookies_travel_in_secret_only(home: Home, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    _add_bert(home)
    with serving(os.environ, "--port", "0", "--tls-cert", str(certificate), "--tls-key", str(key)) as server:
        assert server.url.startswith("https://localhost:")
        async with _bert(server, context) as client:
            answer = await client.sign_in("bert")

            assert answer.headers["Set-Cookie"].startswith("__Host-mediadl=")
            assert "; Secure" in answer.headers["Set-Cookie"]
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            await _open(client)


async def test_behind_a_proxy_its_words_are_believed_and_nobody_else_s(home: Home) -> None:
    _add_bert(home)
    options = ("--port", "0", "--behind-proxy", "--public-url", "https://media.example.org")
    with serving(os.environ, *options) as server:
        assert server.url == "https://media.example.org"
        port = _port(server.process.pid)
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
            url = f"http://127.0.0.1:{port}"
            headers = {
                "Host": "media.example.org",
                "X-Forwarded-Proto": "https",
                "X-Forwarded-For": "203.0.113.9",
            }
            async with http.get(f"{url}/login", headers=headers) as answer:
                page = await answer.text()
                cookie = answer.headers["Set-Cookie"].partition(";")[0]
            assert cookie.startswith("__Host-mediadl-form=")
            word = page.split('name="form_word" value="')[1].partition('"')[0]
            fields = {"form_word": word, "name": "bert", "password": PASSWORD}
            sent = headers | {"Origin": "https://media.example.org", "Cookie": cookie}
            async with http.post(f"{url}/login", data=fields, headers=sent, allow_redirects=False) as answer:
                assert answer.status == 302

    with Services(home) as services:
        (login,) = services.logins.sessions("bert")
        assert login.address == "203.0.113.9"


def _port(pid: int) -> int:
    """The port a process listens on."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(link.readlink().name)
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
            return int(words[1].partition(":")[2], 16)
    raise AssertionError("it listens nowhere")
