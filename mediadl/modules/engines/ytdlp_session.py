"""The YoutubeDL of one job: reports instead of printing, fetches only what it must, resumes only what is the same."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.networking import Request
from yt_dlp.utils import DownloadCancelled

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules import files
from mediadl.modules.base import Reporter, Task, site_of
from mediadl.modules.engines import faults, metadata, resume
from mediadl.modules.engines import ytdlp_renditions as renditions
from mediadl.modules.engines.jar import JarFile
from mediadl.modules.engines.kept_page import keep
from mediadl.modules.engines.ytdlp_hooks import Hooks
from mediadl.modules.engines.ytdlp_resume import ResumingYoutubeDL
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_text

_FATAL = (
    errors.RateLimited,
    errors.BudgetSpent,
    errors.DiskFull,
    errors.NotWritable,
    errors.ProxyFailed,
    errors.TlsFailed,
    errors.AddressRefused,
)
_WEARING = (errors.NetworkFailed, errors.Challenge, errors.Forbidden, errors.ServerError)
_WORN_OUT = 3
"""So many failures of the wearing kind in a row end the list."""
_PINNED = 3
"""So many older posts may lead a list before its end is near."""
_PLAIN = frozenset({"http", "https"})
_OF_THE_WAY = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
)
"""Header fields that say how a page came, not what it is."""
_SLEEPING = re.compile(r"Sleeping (\d+(?:\.\d+)?) seconds")
_HARMLESS = re.compile(r"Falling back on generic|ffprobe not found|Unable to extract metadata")


class Enough(DownloadCancelled):  # type: ignore[misc]
    """Nobody wants more items."""


class Abort(Exception):
    """Something that the rest of a list would meet as well."""

    def __init__(self, error: DownloadError) -> None:
        super().__init__(error.message)
        self.error = error


class _Log:
    """yt-dlp's messages on their way to the job's log."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def debug(self, message: str) -> None:
        if sleeping := _SLEEPING.search(message):
            seconds = float(sleeping[1])
            if seconds >= 1:
                self._reporter.working(waiting_s=seconds, note="pause between requests")
        self._reporter.log("debug", message)

    def info(self, message: str) -> None:
        self._reporter.log("debug", message)

    def warning(self, message: str) -> None:
        self._reporter.log("debug" if _HARMLESS.search(message) else "warning", message)

    def error(self, message: str) -> None:
        # Raised as well, and reported where it is caught
        self._reporter.log("debug", message)


class Session(ResumingYoutubeDL):
    """One job's YoutubeDL."""

    def __init__(self, params: dict[str, Any], task: Task, reporter: Reporter, hooks: Hooks) -> None:
        self._task = task
        self._reporter = reporter
        self._hooks = hooks
        self._older = 0
        self._wear = 0
        self._entry: Mapping[str, Any] | None = None
        """What yt-dlp passes along with the list's entry at work; None outside of lists."""
        params = {**params, "logger": _Log(reporter), "match_filter": self._wanted}
        params["progress_hooks"] = [self._on_progress]
        self._item: FoundItem | None = None
        self._opened: dict[str, Any] = {}
        """Answers, or failures, that whoever asks for the same address next gets instead of a second request."""
        self._jar = JarFile(task.cookies_file) if task.cookies_file else None
        if self._jar is not None:
            self._jar.load()
        super().__init__(params, task, reporter)

    def save_cookies(self) -> None:
        """Give newer cookies to the job's copy, in one step."""
        if self._jar is not None:
            self._jar.save(self.cookiejar)

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for opened in self._opened.values():
            if not isinstance(opened, Exception):
                opened.close()
        super().__exit__(kind, error, trace)

    def add_default_info_extractors(self) -> None:
        """yt-dlp's own list, made once per process: making it takes longer than asking for a page."""
        for extractor in default_extractors():
            self.add_info_extractor(extractor if isinstance(extractor, type) else type(extractor)())

    # What is listed

    def process_ie_result(
        self, ie_result: dict[str, Any], download: bool = True, extra_info: Mapping[str, Any] | None = None
    ) -> Any:
        """Keep the failure of one entry from ending its list."""
        kind = ie_result.get("_type", "video")
        if kind in {"playlist", "multi_video"}:
            title = ie_result.get("title") or ie_result.get("uploader") or ""
            self._reporter.working(title=safe_text(title), items_total=ie_result.get("playlist_count"))
            if self._entry is None and self._hooks.owner is None:
                whose = str(ie_result.get("channel") or ie_result.get("uploader") or "")
                self._reporter.owner(str(ie_result.get("channel_id") or ""), whose, of_all=True)
        in_list = kind not in {"playlist", "multi_video"} and extra_info and "playlist_index" in extra_info
        if not in_list or extra_info is self._entry:
            return super().process_ie_result(ie_result, download, extra_info)
        if self._reporter.stopped():
            raise Enough("nobody wants more items")
        if not self._comes_by(ie_result):
            return None
        outer, self._entry = self._entry, extra_info
        try:
            result = super().process_ie_result(ie_result, download, extra_info)
        except (DownloadCancelled, Abort):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an extractor raises concerns this entry
            self._entry_failed(ie_result, error)
            return None
        finally:
            self._entry = outer
        self._wear = 0
        return result

    def _comes_by(self, entry: dict[str, Any]) -> bool:
        """Whether an entry of a list is worth opening: asked of posts, not of lists in the list."""
        key = entry.get("ie_key")
        if entry.get("_type") not in {"url", "url_transparent"} or not key or not entry.get("id"):
            return True
        if self._hooks.owner is not None:
            self._reporter.owner(*self._hooks.owner(entry))
        elif not self.get_info_extractor(key).is_single_video(str(entry.get("url") or "")):
            return True
        identity = self._hooks.identify({**entry, "extractor_key": key})
        return self._reporter.comes_by(identity, metadata.posted_at(entry))

    def process_video_result(self, info_dict: dict[str, Any], download: bool = True) -> Any:
        """Let the platform take a post that yt-dlp sees only a part of."""
        if self._hooks.divert is not None and self._hooks.divert(info_dict):
            return info_dict
        return super().process_video_result(info_dict, download)

    def process_info(self, info_dict: dict[str, Any]) -> None:
        """Hand a plain file over; download what only the engine can."""
        if self._reporter.stopped():
            raise Enough("nobody wants more items")
        if self._match_entry(info_dict) is not None:
            return
        item = self._describe(info_dict)
        if self._is_plain(info_dict):
            self._reporter.found(item)
            return
        number = self._reporter.asked(item)
        if number:
            self._download(info_dict, dataclasses.replace(item, n=number))

    def _wanted(self, info: dict[str, Any], *, incomplete: bool = False) -> str | None:
        """Refuse what lies outside of the dates; stop when only older posts follow."""
        since, until = self._task.since, self._task.until
        posted = metadata.posted_at(info)
        if posted is None:
            return None
        if until is not None and posted > until:
            return "posted later than wanted"
        if since is not None and posted < since:
            self._older += 1
            if incomplete and self._older > _PINNED:
                raise Enough("only older posts follow")
            return "posted before the time wanted"
        return None

    def _entry_failed(self, entry: dict[str, Any], error: Exception) -> None:
        url = str(entry.get("url") or entry.get("webpage_url") or "")
        failure = faults.from_exception(error, redact_url(url))
        if isinstance(failure, _FATAL):
            raise Abort(failure) from error
        if self._hooks.failed is not None and self._hooks.failed(url, failure):
            self._wear = 0
            return
        self._wear = self._wear + 1 if isinstance(failure, _WEARING) else 0
        if self._wear >= _WORN_OUT:
            raise Abort(failure) from error
        identity = (
            str(self._hooks.identify({**entry, "extractor_key": entry.get("ie_key")}))
            if entry.get("id")
            else ""
        )
        self._reporter.item_failed(failure, identity=identity)

    def _describe(self, info: dict[str, Any]) -> FoundItem:
        ext = str(info.get("ext") or "").lower()
        url = str(info.get("url") or "")
        plain = self._is_plain(info)
        size = info.get("filesize")
        page = str(info.get("webpage_url") or info.get("original_url") or self._task.target.url)
        source = self._hooks.source(info) or self._task.target.source
        kind = metadata.kind_of(ext, info)
        cookie = self.cookiejar.get_cookie_header
        if self._task.quality == "audio":
            kind = MediaKind.AUDIO
        item = FoundItem(
            n=0,
            identity=self._hooks.identify(info),
            url=url if plain else "",
            fallbacks=renditions.fallbacks(info, cookie) if plain else (),
            others=renditions.others(info, cookie) if plain and self._hooks.has_sound else (),
            sound=self._hooks.has_sound and renditions.has_sound(info),
            headers=self._headers_for(info, url) if plain else {},
            ext="" if ext == "unknown_video" else ext,
            kind=kind,
            size_bytes=size if isinstance(size, int) and size > 0 and plain else None,
            duration_s=_number(info.get("duration")),
            posted_at=metadata.posted_at(info),
            source=safe_text(source) or site_of(page),
            title=safe_text(self._hooks.title(info)),
            page_url=redact_url(page),
            impersonate="chrome" if info.get("impersonate") else "",
            metadata=metadata.of_ytdlp(info),
        )
        return self._hooks.refine(item)

    def _is_plain(self, info: dict[str, Any]) -> bool:
        """Whether the chosen format is one file that any client can fetch."""
        url = str(info.get("url") or "")
        protocol = info.get("protocol") or urlsplit(url).scheme
        return (
            protocol in _PLAIN
            and url.startswith(("http://", "https://"))
            and not info.get("requested_formats")
            and not info.get("fragments")
            and not info.get("is_live")
            and not info.get("has_drm")
            and not info.get("downloader_options")
            and not info.get("request_data")
            and not info.get("section_start")
            and not info.get("section_end")
            and not self._pps["post_process"]
        )

    def _headers_for(self, info: Mapping[str, Any], url: str) -> dict[str, str]:
        headers = {str(k): str(v) for k, v in (info.get("http_headers") or {}).items()}
        cookie = self.cookiejar.get_cookie_header(url)
        if cookie:
            headers["Cookie"] = cookie
        return headers

    def urlopen(self, req: Any) -> Any:
        """Give an answer that is open already to the one who asks for it as well."""
        opened = self._opened.pop(req.url, None) if isinstance(req, Request) and req.method == "GET" else None
        if opened is None:
            return super().urlopen(req)
        if isinstance(opened, Exception):
            raise opened
        return opened

    def plain_file(self, url: str) -> FoundItem | None:
        """The item for an address that is a file itself, whatever its name; None when it is a page, or nobody says."""
        try:
            # As yt-dlp's generic extractor asks: if it is a page, that one goes on with this answer
            answer = super().urlopen(Request(url, headers={"Accept-Encoding": "identity"}))
        except Exception as error:  # noqa: BLE001 - the extractor meets it in its turn, and tells what it means
            self._opened[url] = error
            return None
        headers = {k.lower(): v for k, v in answer.headers.items()}
        ext = files.type_ext(headers.get("content-type", ""), answer.url)
        if ext is None and "attachment" not in headers.get("content-disposition", ""):
            self._opened[url] = answer
            if answer.url == url:
                keep(answer, headers, self._task.pages, logged_in=self._task.logged_in)
            return None
        answer.close()
        item = files.file_item(url, ext=ext or "", size_bytes=resume.total_of(headers))
        return dataclasses.replace(item, headers=self._headers_for({}, url))

    # What the engine downloads itself

    def _download(self, info: dict[str, Any], item: FoundItem) -> None:
        self._item = item
        self._reporter.engine_progress(item.n, 0, None, 0.0, "downloading")
        spare = self._hooks.spare
        try:
            try:
                self._make(dict(info) if spare else info, item)
            except (DownloadCancelled, Abort):
                raise
            except Exception as error:
                if spare is None or isinstance(faults.from_exception(error), _FATAL):
                    raise
                self._reporter.log("warning", f"{item.page_url}: {error}; taking the ready-made rendition")
                self._make({**info, **spare, "requested_formats": None}, item)
        except (DownloadCancelled, Abort):
            raise
        except Exception as error:  # noqa: BLE001 - told apart by class in there
            self._item_failed(item, error)
        finally:
            self._item = None

    def _make(self, info: dict[str, Any], item: FoundItem) -> None:
        """Download one rendition into the work folder and report the file."""
        stem = _private_stem(item.identity)
        name = f"{stem}-{_word(str(info.get('format_id') or 'x'))}"
        self._records.drop_others(stem, name)
        self.params["outtmpl"]["default"] = f"{name}.%(ext)s"
        super().process_info(info)
        made = Path(str(info.get("filepath") or ""))
        if not made.is_file():
            raise errors.EngineBroken(f"yt-dlp ended without a file for {item.identity}")
        merged = info.get("requested_formats") or info.get("__postprocessors") or self._pps["post_process"]
        self._reporter.made(item.n, made, merged=bool(merged))

    def _item_failed(self, item: FoundItem, error: Exception) -> None:
        """Tell what became of an item; a single post ends with it, a list goes on when it can."""
        failure = faults.from_exception(error, item.page_url)
        self._reporter.item_failed(failure, n=item.n, identity=str(item.identity))
        if isinstance(failure, _FATAL):
            raise Abort(failure) from error
        if self._entry is None:
            raise failure from error

    def _on_progress(self, status: dict[str, Any]) -> None:
        item = self._item
        if item is None:
            return
        total = status.get("total_bytes") or status.get("total_bytes_estimate")
        most = self._task.max_bytes
        if most and max(int(status.get("downloaded_bytes") or 0), int(status.get("total_bytes") or 0)) > most:
            raise errors.TooLarge(f"{item.title or item.identity} is larger than {most} bytes")
        self._reporter.engine_progress(
            item.n,
            int(status.get("downloaded_bytes") or 0),
            int(total) if total else None,
            float(status.get("speed") or 0.0),
            "downloading" if status.get("status") != "finished" else "merging",
        )


@functools.cache
def default_extractors() -> tuple[Any, ...]:
    """What a YoutubeDL asks if nothing else is said, in its order: classes, and instances of those made for one use."""
    with YoutubeDL({"quiet": True, "cachedir": False}) as plain:
        return tuple(plain._ies.values())  # noqa: SLF001 - what it would tell us again and again


def _private_stem(identity: Identity) -> str:
    """A name for work files: the same on every run, telling nothing, with nothing special in it."""
    return "e" + hashlib.sha256(str(identity).encode()).hexdigest()[:16]


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text)[:40].strip("_") or "x"


def _number(value: object) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
    )
