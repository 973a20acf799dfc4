"""Stored files as they lie on disk, with their rows in the history."""

from __future__ import annotations

from pathlib import Path

from mediadl.models import Download, Identity, MediaKind
from mediadl.service import Services
from mediadl.store import archive, downloads

NOW = 1_779_006_600.0


def downloads_folder(services: Services) -> Path:
    """The download folder of the test, by its settings."""
    return Path(services.settings.brief().directory)


def make(
    services: Services,
    number: int,
    path: Path,
    *,
    url: str = "",
    job_id: int | None = None,
    platform: str = "tiktok",
    source: str = "lena",
    title: str = "Sunset",
    kind: MediaKind = MediaKind.VIDEO,
    write: bool = True,
) -> Download:
    """One file with its metadata file, its row and its archive entry."""
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * number)
        path.with_name(path.name + ".json").write_text("{}")
    url = url or f"https://www.tiktok.com/@lena/video/{7 * 10**18 + number}"
    download = Download(
        id=0, job_id=job_id, identity=Identity(platform, str(number)), platform=platform, source=source,
        title=f"{title} {number}", url=url, path=str(path),
        size_bytes=number, sha256="a" * 64, received_sha256="b" * 64, kind=kind, mime="video/mp4",
        width=1080, height=1920, duration_s=3.5, backend="yt-dlp", posted_at=NOW, stored_at=NOW + number,
    )  # fmt: skip
    with services.store.write() as tx:
        download_id = downloads.add(tx, download)
        archive.add(tx, download.identity, download_id, NOW)
    return services.history.get(download_id)
