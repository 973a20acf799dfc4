"""The simulated Instagram of the tests in a process of its own: accounts of 300 pictures, every answer after 60 ms.

One JSON line says where it is and what to ask for. It ends with its standard input.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fakeweb.server import FakeWeb
from fakeweb.sites.instagram import Instagram, make_profile


def main() -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="instagram_site", description="A simulated Instagram on loopback.")
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--posts", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    names = [f"anna{number}" for number in range(options.accounts)]
    instagram = Instagram([make_profile(name, posts=options.posts) for name in names])
    for name in names:
        instagram.expected_posts(name)  # made now, not while somebody waits
    with tempfile.TemporaryDirectory(prefix="mediadl-bench-site-") as folder:
        cookies = instagram.write_cookies(Path(folder) / "cookies.txt")
        with FakeWeb([instagram], state_dir=Path(folder), latency_s=options.latency) as web:
            profiles = [instagram.profile_url(name) for name in names]
            card = {"url": web.url, "ca_file": str(web.ca_pem), "cookies": str(cookies), "profiles": profiles}
            print(json.dumps(card), flush=True)
            while os.read(sys.stdin.fileno(), 1 << 12):
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
