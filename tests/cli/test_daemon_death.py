from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from mediadl.paths import Home
from mediadl.service import open_services


def picture() -> bytes:
    """A real JPEG of some 200 kB."""
    noise = Image.frombytes("RGB", (400, 400), random.Random(1).randbytes(480_000))
    stream = io.BytesIO()
    noise.save(stream, "JPEG", quality=90)
    return stream.getvalue()


class SlowSite:
    """Sends half of a picture and keeps the rest until allowed."""

    def __init__(self) -> None:
        self.picture = picture()
        self.half_sent = threading.Event()
        self.may_go_on = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                half = len(site.picture) // 2
                self.send_response(200)
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(site.picture)))
                self.end_headers()
                try:
                    self.wfile.write(site.picture[:half])
                    site.half_sent.set()
                    site.may_go_on.wait(60)
                    self.wfile.write(site.picture[half:])
                except OSError:
                    return  # the other side was killed

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/picture.jpg"


@pytest.fixture
def site() -> Iterator[SlowSite]:
    made = SlowSite()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.may_go_on.set()
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.mark.kill
def test_waiting_outlives_the_daemon(home: Home, site: SlowSite) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mediadl", "add", "--wait", "--json", site.url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "MEDIADL_DOWNLOADS__MIN_FREE_BYTES": "0"},
        text=True,
        start_new_session=True,
    ) as child:
        assert site.half_sent.wait(60)
        with open_services(home) as services:
            pid = services.daemon.status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            site.may_go_on.set()
            out, errors = child.communicate(timeout=90)
            stopped = services.daemon.stop(20, force=True)

    last = json.loads(out.splitlines()[-1])
    assert child.returncode == 0, errors
    assert (last["status"], len(last["files"])) == ("completed", 1)
    with open(last["files"][0]["path"], "rb") as stream:
        assert stream.read() == site.picture
    assert stopped
