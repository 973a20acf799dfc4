"""A YoutubeDL that continues a partial file only when the server still has the very same one, and guards addresses."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.downloader import get_suitable_downloader
from yt_dlp.downloader.external import FFmpegFD
from yt_dlp.downloader.fragment import FragmentFD
from yt_dlp.networking import HEADRequest, Request
from yt_dlp.networking.exceptions import HTTPError, RequestError

from mediadl import errors
from mediadl.modules.base import Reporter, Task
from mediadl.modules.engines import faults, resume
from mediadl.security.redact import redact_url
from mediadl.security.urls import refuse_private_host

_FRAGMENTED = frozenset({"m3u8_native", "m3u8", "http_dash_segments", "ism"})
_TOO_MANY = 429
_SEGMENT = re.compile(r"^(?!#)\S+", re.MULTILINE)


class ResumingYoutubeDL(YoutubeDL):  # type: ignore[misc]
    """yt-dlp's own downloads, made safe: what is on disk was served under the validator that is asked for."""

    def __init__(self, params: dict[str, Any], task: Task, reporter: Reporter) -> None:
        self._task = task
        self._reporter = reporter
        self._records = resume.Records(task.work)
        self._loading: str | None = None
        self._playlist = ""
        self._noting = threading.Lock()
        self.refusal: errors.DownloadError | None = None
        """Why no page is asked for any more."""
        super().__init__(params)

    def dl(self, name: str, info: dict[str, Any], subtitle: bool = False, test: bool = False) -> Any:
        """Download one stream, continuing a partial file only when it is provably the same."""
        if test or subtitle:
            return super().dl(name, info, subtitle, test)
        downloader = get_suitable_downloader(info, self.params)
        if downloader is FFmpegFD and not self._task.network.trusted:
            raise errors.Unsupported(
                "this stream needs ffmpeg to connect, which is not allowed for this caller"
            )
        key = Path(name).name
        self._before(key, info)
        self._loading, self._playlist = key, str(info.get("url") or "")
        try:
            return super().dl(name, info, subtitle, test)
        finally:
            self._loading = None

    def urlopen(self, req: Any) -> Any:
        """Guard addresses; put If-Range under every request that continues a file."""
        if isinstance(req, str):
            req = Request(req)
        if not self._task.network.trusted:
            refuse_private_host(urlsplit(req.url).hostname or "")
        key = self._loading
        if key is None:
            return self._ask(req)
        start = resume.range_start({k.lower(): v for k, v in req.headers.items()})
        record = self._records.get(key)
        if start and record is not None and record.validator and not record.parts:
            req.headers["If-Range"] = record.validator
        answer = super().urlopen(req)
        headers = {k.lower(): v for k, v in answer.headers.items()}
        if record is not None and record.parts:
            self._note_fragment(key, req.url, headers)
        elif start and answer.status == 206:
            resume.check_partial(start, record or resume.Record(), headers)
        else:
            # The body begins at its first byte, also when a continuation was asked for: remember whose it is
            self._records.put(key, resume.Record(resume.validator_of(headers), resume.total_of(headers)))
        return answer

    def _ask(self, req: Request) -> Any:
        """A request for a page or a list: in the job's pace, and none after a refusal."""
        if self.refusal is not None:
            raise self.refusal
        self._task.pace.wait(req.url)
        try:
            return super().urlopen(req)
        except HTTPError as error:
            if error.status == _TOO_MANY:
                self.refusal = faults.from_exception(error, redact_url(req.url))
            raise

    def _before(self, key: str, info: dict[str, Any]) -> None:
        """Remove what must not be continued."""
        for piece in self._task.work.glob(f"{key}*-Frag*"):
            piece.unlink(missing_ok=True)
        protocol = info.get("protocol")
        if protocol in _FRAGMENTED or info.get("fragments"):
            self._before_fragments(key, info)
            return
        record = self._records.get(key)
        if (
            record is None
            or not record.validator
            or record.parts
            or ((self._task.work / key).exists() and not self._same(str(info["url"]), record, info))
        ):
            self._records.drop(key)

    def _before_fragments(self, key: str, info: dict[str, Any]) -> None:
        record = self._records.get(key)
        listed = info.get("fragments")
        begun = any((self._task.work / f"{key}{tail}").exists() for tail in (".part", ".ytdl", ""))
        if not isinstance(listed, list):
            listed = self._segments(info) if begun and record is not None else None
        parts = resume.hash_of(_fragment_word(f) for f in listed) if listed is not None else ""
        if begun and not (
            record is not None
            and record.parts == parts
            and record.validator
            and record.probe
            and self._same(record.probe, record, info)
            and ((self._task.work / key).exists() or self._records.roll_back(key))
        ):
            self._records.drop(key)
            record = None
        if record is None:
            if listed is None:
                listed = self._segments(info)
            self._records.put(key, resume.Record(parts=resume.hash_of(_fragment_word(f) for f in listed)))

    def _segments(self, info: dict[str, Any]) -> list[str]:
        """Addresses of the fragments as the playlist names them now."""
        request = Request(str(info["url"]), headers=info.get("http_headers") or {})
        text = super().urlopen(request).read().decode("utf-8", "replace")
        return _SEGMENT.findall(text) or ["none"]

    def _note_fragment(self, key: str, url: str, headers: dict[str, str]) -> None:
        """Remember the first fragment that has a validator: it tells later whether the stream is the same.

        Several fragments are fetched at the same time, each by a thread of its own.
        """
        validator = resume.validator_of(headers)
        if not validator or url == self._playlist:
            return
        with self._noting:
            record = self._records.get(key)
            if record is not None and not record.validator:
                self._records.put(key, replace(record, validator=validator, probe=url))

    def note_appended(self, name: str) -> None:
        """Remember a partial file as it is now, with one more whole fragment at its end.

        Counted here: the number that the engine writes is now and then that of a later fragment, which another thread
        has fetched in the meantime.
        """
        key = Path(name).name
        with self._noting:
            record = self._records.get(key)
            if record is None:
                return
            fragments = record.fragments + 1
            try:
                progress = json.loads((self._task.work / f"{key}.ytdl").read_text("utf-8"))
                size_bytes = (self._task.work / f"{key}.part").stat().st_size
            except (
                FileNotFoundError
            ):  # a live stream: the engine keeps no word on it, and it is never continued
                return
            progress["downloader"]["current_fragment"]["index"] = fragments
            now = replace(record, fragments=fragments, size_bytes=size_bytes, progress=json.dumps(progress))
            self._records.put(key, now)

    def _same(self, url: str, record: resume.Record, info: dict[str, Any]) -> bool:
        """Whether the server still has what a finished stream was made of."""
        try:
            answer = super().urlopen(HEADRequest(url, headers=info.get("http_headers") or {}))
        except (RequestError, OSError) as error:
            self._reporter.log("debug", f"no answer about {redact_url(url)}: {error}")
            return False
        headers = {k.lower(): v for k, v in answer.headers.items()}
        return resume.validator_of(headers) == record.validator


_append = FragmentFD._append_fragment  # noqa: SLF001 - the engine has no hook between appending and the next fragment


def _append_and_note(downloader: Any, context: dict[str, Any], content: bytes) -> None:
    _append(downloader, context, content)
    if isinstance(downloader.ydl, ResumingYoutubeDL):
        downloader.ydl.note_appended(context["filename"])


FragmentFD._append_fragment = _append_and_note  # noqa: SLF001


def _fragment_word(fragment: Any) -> str:
    if isinstance(fragment, dict):
        return str(fragment.get("url") or fragment.get("path") or "")
    return str(fragment)
