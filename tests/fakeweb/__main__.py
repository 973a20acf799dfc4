"""Run the standard population in the foreground: `python -m fakeweb`.

One JSON line on standard output says where it is; it ends with its standard input or on SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

from fakeweb.world import World, default_world


def main() -> int:
    """Serve until told to stop; the exit code is 0."""
    options = _parser().parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="fakeweb-") as temporary:
        folder = options.state_dir or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        world = default_world(
            port=options.port,
            state_dir=folder,
            rate_bytes_per_s=options.rate,
            connection_rate_bytes_per_s=options.connection_rate,
            latency_s=options.latency,
        )
        with world.web:
            print(json.dumps(_card(world, folder)), flush=True)
            threading.Thread(target=_watch_input, args=(stopped,), daemon=True).start()
            stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fakeweb", description="A simulated web on loopback.")
    parser.add_argument("--port", type=int, default=0, help="loopback port, 0: any free one")
    parser.add_argument("--state-dir", type=Path, help="keep the CA and the cookies file here")
    parser.add_argument("--rate", type=float, help="bytes per second over all media")
    parser.add_argument("--connection-rate", type=float, help="bytes per second of each connection's media")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    return parser


def _card(world: World, folder: Path) -> dict[str, object]:
    cookies = world.instagram.write_cookies(folder / "instagram-cookies.txt")
    return {
        "proxy": world.web.url,
        "ca_file": str(world.web.ca_pem),
        "examples": [asdict(example) for example in world.examples()],
        "session_cookies": str(cookies),
    }


def _watch_input(stopped: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1 << 16):
        pass
    stopped.set()


if __name__ == "__main__":
    sys.exit(main())
