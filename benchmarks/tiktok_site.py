"""The simulated TikTok of the tests in a process of its own, which reports each request for a video.

One JSON line says where it is, then one line per media request: `{"at": …, "url": …}`, `at` on the monotonic clock,
which all processes of a machine share. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fakeweb.messages import Request
from fakeweb.server import FakeWeb
from fakeweb.sites.tiktok import TikTok, make_user

POSTS = 40


def _report(request: Request) -> None:
    if "/video/tos/" in request.url and request.method == "GET":
        print(json.dumps({"at": time.monotonic(), "url": request.url}), flush=True)


def main() -> int:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    tiktok = TikTok({"alice": make_user(posts=POSTS)})
    for number in range(1, POSTS + 1):
        tiktok.expected_video("alice", number)  # made now, not while somebody waits
    with tempfile.TemporaryDirectory(prefix="mediadl-bench-site-") as folder:
        web = FakeWeb([tiktok], state_dir=Path(folder))
        web.on_request = _report
        with web:
            posts = [tiktok.post_url("alice", number) for number in range(1, POSTS + 1)]
            print(json.dumps({"url": web.url, "ca_file": str(web.ca_pem), "posts": posts}), flush=True)
            while os.read(sys.stdin.fileno(), 1 << 12):
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
