"""The packets of a terminal stay whole, whoever writes and whatever is printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from io import BytesIO

from mediadl.web.child_driver import LockedWebDriver

_PRINTS = """
import os, subprocess, sys
from mediadl.web.child import _shield
incoming, outgoing = _shield()
print("printed", flush=True)
os.write(1, b"written")
sys.__stdout__.write("too"); sys.__stdout__.flush()
subprocess.run(["echo", "by a child"])
assert sys.stdin.read() == ""
os.write(outgoing, os.read(incoming, 100))
"""


def test_nothing_printed_or_read_by_habit_touches_the_packets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PRINTS], input=b"packet", capture_output=True, check=True, timeout=60
    )

    assert done.stdout == b"packet"
    for word in (b"printed", b"written", b"too", b"by a child"):
        assert word in done.stderr


def packets(data: bytes) -> list[tuple[bytes, bytes]]:
    stream, found = BytesIO(data), []
    while head := stream.read(5):
        size = int.from_bytes(head[1:], "big")
        body = stream.read(size)
        assert len(body) == size
        found.append((head[:1], body))
    return found


def test_packets_of_many_threads_are_whole() -> None:
    reading, writing = os.pipe()
    driver = object.__new__(LockedWebDriver)
    driver.fileno = writing
    got = bytearray()

    def read() -> None:
        while part := os.read(reading, 777):
            got.extend(part)

    def write(number: int) -> None:
        for length in range(0, 60_000, 6_000):
            driver.write(str(number) * length)
            driver.write_meta({"type": "title", "title": str(number)})
            driver.write_binary_encoded(("deliver_chunk", "key", b"x" * length))

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join(30)
    os.close(writing)
    reader.join(30)
    os.close(reading)

    found = packets(bytes(got))
    assert len(found) == 6 * 10 * 3
    for kind, body in found:
        if kind == b"D":
            assert len(set(body)) <= 1
        elif kind == b"M":
            assert json.loads(body)["type"] == "title"


def test_only_addresses_that_may_be_opened_reach_the_page() -> None:
    reading, writing = os.pipe()
    driver = object.__new__(LockedWebDriver)
    driver.fileno = writing

    for url in ("javascript:alert(1)", "file:///etc/passwd", "https://example.com/a", "/media/7"):
        driver.open_url(url)
    os.close(writing)
    with open(reading, "rb") as stream:
        found = packets(stream.read())

    assert [json.loads(body)["url"] for _, body in found] == ["https://example.com/a", "/media/7"]
