"""One stored file in full, as text. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from mediadl.models import Download, Job
from mediadl.security.text import safe_text
from mediadl.widgets import history_text, job_text
from mediadl.widgets.amounts import size, span

_SHORT = 16
"""Digits of a hash that are shown."""


def facts(download: Download, job: Job | None, on_disk: int | None) -> Content:
    """Everything known.

    `job`: the one that fetched it, if it is still listed; `on_disk`: bytes of the file now, None when it is missing.
    """
    lines = [Content.styled(history_text.title(download), "bold"), Content("")]
    wide = max(len(name) for name, _ in _pairs(download, job, on_disk))
    for name, value in _pairs(download, job, on_disk):
        if value:
            style = "bold $text-warning" if value.startswith("⚠") else ""
            lines.append(Content.assemble((f"{name:<{wide}}  ", "$foreground-muted"), (value, style)))
    return Content("\n").join(lines)


def _pairs(download: Download, job: Job | None, on_disk: int | None) -> Sequence[tuple[str, str]]:
    pixels = f"{download.width} × {download.height}" if download.width and download.height else ""
    exact = f"{size(download.size_bytes)} ({download.size_bytes:,} bytes)"
    received = download.received_sha256
    return (
        ("File", safe_text(download.path, limit=4096)),
        ("On disk", _state(download, on_disk)),
        ("Elsewhere", _elsewhere(download)),
        ("Type", " ".join(filter(None, (download.kind.value, safe_text(download.mime))))),
        ("Size", exact),
        ("Dimensions", pixels),
        ("Length", span(download.duration_s) if download.duration_s else ""),
        ("Page", safe_text(download.url, limit=4096)),
        ("From", " · ".join(filter(None, (safe_text(download.platform), _source(download))))),
        ("Posted", history_text.moment(download.posted_at, "%A %d %B %Y, %H:%M:%S")),
        ("Stored", history_text.moment(download.stored_at, "%A %d %B %Y, %H:%M:%S")),
        ("Fetched by", safe_text(download.backend)),
        ("Identity", safe_text(download.identity)),
        ("SHA-256", _hash(download.sha256)),
        ("As received", _hash(received) if received and received != download.sha256 else ""),
        ("Job", _job(download, job)),
        ("Number", str(download.id)),
    )


def _state(download: Download, on_disk: int | None) -> str:
    if on_disk is None:
        return "⚠ the file is missing; r downloads it again"
    if on_disk != download.size_bytes:
        return f"⚠ changed since: {size(on_disk)} now"
    return "✓ there, of the size it had"


def _source(download: Download) -> str:
    before = ", ".join(safe_text(name) for name in download.former_names)
    name = safe_text(download.source)
    return f"{name} (formerly {before})" if before else name


def _elsewhere(download: Download) -> str:
    if download.only_copy_at is None:
        return ""
    since = history_text.moment(download.only_copy_at, "%d %B %Y")
    return f"{history_text.ONLY_COPY} here: gone where it came from since {since}"


def _hash(digits: str) -> str:
    return f"{safe_text(digits)[:_SHORT]}…" if digits else ""


def _job(download: Download, job: Job | None) -> str:
    if job is not None:
        return f"#{job.id} {job_text.status_word(job).lower()}: {job_text.title(job)}"
    return f"#{download.job_id}, no longer listed" if download.job_id is not None else ""
