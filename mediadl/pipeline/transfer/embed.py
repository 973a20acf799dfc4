"""Tags written into a copy of a film or sound by ffmpeg, streams untouched. A setting; off by default."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

from mediadl.errors import PostprocessFailed
from mediadl.models import MediaFacts
from mediadl.security.text import safe_lines

TIMEOUT_S = 900.0
_MUXERS = {"mp4": "mp4", "m4a": "ipod", "mov": "mov", "mkv": "matroska", "webm": "webm", "mp3": "mp3"}
_DEMUXERS = {"mp4": "mov", "m4a": "mov", "mov": "mov", "mkv": "matroska", "webm": "matroska", "mp3": "mp3"}
_TAGS = ("title", "artist", "date")


def can_embed(media: MediaFacts) -> bool:
    """Whether this kind of file takes tags without being made anew."""
    return media.ext in _MUXERS


def arguments(ffmpeg: str, source: Path, target: Path, ext: str, tags: dict[str, str]) -> list[str]:
    """The command that copies all streams and writes the tags."""
    comment = "\n".join(part for part in (tags.get("comment", ""), tags.get("url", "")) if part)
    wanted = {name: tags.get(name, "") for name in _TAGS} | {"comment": comment}
    written = [f"{name}={safe_lines(value)}" for name, value in wanted.items() if value]
    return [
        ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y",
        "-protocol_whitelist", "file", "-f", _DEMUXERS[ext], "-i", f"file:{source}",
        "-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-c", "copy", "-map_metadata", "0",
        *(part for pair in written for part in ("-metadata", pair)),
        "-f", _MUXERS[ext], f"file:{target}",
    ]  # fmt: skip


async def embed(source: Path, target: Path, media: MediaFacts, tags: dict[str, str]) -> None:
    """Write `target`, a copy of `source` with tags; both lie in the job's private folder.

    Raises:
        PostprocessFailed: ffmpeg is missing, failed, or took too long; `source` is as it was.
    """
    command = arguments(find_ffmpeg(), source, target, media.ext, tags)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise PostprocessFailed(f"ffmpeg cannot be started: {error.strerror}") from error
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, said = await process.communicate()
    except TimeoutError as error:
        raise PostprocessFailed(f"ffmpeg took longer than {TIMEOUT_S:.0f} s over {source.name}") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        words = said.decode("utf-8", "replace").strip().splitlines()
        raise PostprocessFailed(
            f"ffmpeg could not write tags: {words[-1][:200] if words else process.returncode}"
        )


def find_ffmpeg() -> str:
    """Path of the system's ffmpeg, or of the one that a wheel brings.

    Raises:
        PostprocessFailed: there is none.
    """
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise PostprocessFailed("no ffmpeg was found, so no tags can be written") from error
