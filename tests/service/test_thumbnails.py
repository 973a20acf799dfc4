"""Pictures of stored files, as a front end asks for them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from mediadl.models import Download, Identity, MediaKind
from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.workers.thumbnails import Thumbnail


def test_a_picture_is_made_kept_and_found_again(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (300, 200), (9, 99, 199)).save(path)
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    download = Download(
        7, 1, Identity("s", "1"), "generic", "ann", "A", "", str(path), 1, sha, sha, MediaKind.IMAGE, "", 300, 200,
        None, "", None, 0.0,
    )  # fmt: skip
    seen: list[Thumbnail] = []
    arrived = threading.Event()

    def take(batch: Sequence[Thumbnail]) -> None:
        seen.extend(batch)
        arrived.set()

    with open_services(home) as services:
        feed = services.thumbnails.feed(take)
        worker = threading.Thread(target=feed.run)
        worker.start()
        feed.want([services.thumbnails.wish(download, (30, 30))])
        assert arrived.wait(30)
        feed.stop()
        worker.join(30)

    assert not worker.is_alive()
    assert [(one.id, one.width, one.height, one.rgb[:3]) for one in seen] == [
        (7, 30, 20, bytes((9, 99, 199)))
    ]
    assert [file.name for file in home.thumbnails.rglob(f"{sha}*")] == [f"{sha}-96"]


def test_asking_for_the_service_touches_nothing(home: Home) -> None:
    with open_services(home) as services:
        _ = services.thumbnails.store

    assert not home.thumbnails.exists()
