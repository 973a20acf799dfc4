"""yt-dlp as a backend: lists, chooses a rendition, hands plain files over, downloads what must be put together.

What a format needs decides who fetches it: one plain file behind http(s) is reported with its headers and goes to our
fetcher; fragments, separate streams and whatever needs conversion are downloaded by yt-dlp into the work folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadCancelled

from mediadl import errors
from mediadl.modules.base import Reporter, Task, site_of
from mediadl.modules.engines import faults, network
from mediadl.modules.engines.ytdlp_hooks import Hooks
from mediadl.modules.engines.ytdlp_session import Abort, Session, default_extractors
from mediadl.security.redact import redact_url
from mediadl.security.urls import refuse_private_host

_CLEAN = "[format_note!*=?watermarked]"
_HEIGHTS = {"1080p": 1080, "720p": 720, "480p": 480}
_FRAGMENT_RETRIES = 10
_FRAGMENTS_AT_ONCE = 4
_FFMPEG_STEPS = (
    "merger",
    "extractaudio",
    "fixupm3u8",
    "fixupm4a",
    "fixupstretched",
    "fixuptimestamp",
    "fixupduration",
    "fixupduplicatemoov",
)
_FILES_ONLY = ["-protocol_whitelist", "file,pipe,crypto,data"]
_NOWHERE = "https://nothing.invalid/"
_EXTRACTORS_AT_ONCE = 20


def run(task: Task, reporter: Reporter, hooks: Hooks | None = None) -> None:
    """List a target and report all of it.

    Raises:
        DownloadError: the whole target failed.
    """
    _list(task, task.target.url, reporter, hooks or Hooks())
    if reporter.items == 0 and not reporter.stopped():
        raise errors.NoMedia(f"yt-dlp found nothing at {redact_url(task.target.url)}")


def run_page(task: Task, reporter: Reporter, hooks: Hooks | None = None) -> None:
    """Report what a page of an unknown site shows: the file it is itself, or the videos in it.

    Raises:
        DownloadError: neither.
    """
    url = task.target.url

    def search(session: Session) -> None:
        item = session.plain_file(url)
        if item is not None:
            reporter.found(item)
            return
        session.extract_info(url, download=True, ie_key="Generic")

    _within(task, reporter, hooks or Hooks(), url, search)
    if reporter.items == 0 and not reporter.stopped():
        raise errors.NoMedia(f"no video on {redact_url(url)}")


def run_one(task: Task, url: str, reporter: Reporter, hooks: Hooks | None = None) -> None:
    """Resolve one post of a list that another engine walks.

    Raises:
        DownloadError: it failed.
    """
    _list(task, url, reporter, hooks or Hooks())


def run_manifest(
    task: Task, reporter: Reporter, hooks: Hooks, info: dict[str, Any], manifest: str, headers: dict[str, str]
) -> None:
    """Download a video of which another engine has the DASH manifest.

    `info` names and describes it: id, title, webpage_url and so on.

    Raises:
        DownloadError: it failed.
    """
    from xml.etree import ElementTree as ET

    def merge(session: Session) -> None:
        generic = session.get_info_extractor("Generic")
        formats, _ = generic._parse_mpd_formats_and_subtitles(  # noqa: SLF001 - the only way to a manifest in hand
            ET.fromstring(manifest),  # noqa: S314 - expat refuses entity bombs
            mpd_id="dash",
        )
        for found in formats:
            found["http_headers"] = dict(headers)
        session.process_ie_result({**info, "formats": formats, "extractor": "dash"}, download=True)

    _within(task, reporter, hooks, str(info.get("webpage_url") or ""), merge)


def specific_extractor(url: str) -> str:
    """Key of the extractor made for this address; empty when only the generic one takes it."""
    for ie in _extractors():
        key = str(ie.ie_key())
        if key != "Generic" and ie.suitable(url) and ie.working():
            return key
    return ""


def warming() -> Iterator[None]:
    """Do in steps of some ten milliseconds what jobs would have to do first: compile patterns, import common parts."""
    for number, ie in enumerate(_extractors()):
        ie.suitable(_NOWHERE)
        # Searching a page asks every extractor for embeds, which imports them all
        _ = ie.extract_from_webpage
        if number % _EXTRACTORS_AT_ONCE == 0:
            yield
    default_extractors()
    yield
    with YoutubeDL({"quiet": True, "logger": _Nothing(), "cachedir": False}) as session:
        list(session.get_info_extractor("Generic")._extract_embeds(_NOWHERE, "<html></html>", info_dict={}))  # noqa: SLF001
    yield


class _Nothing:
    """A log for what nobody needs to hear."""

    def debug(self, message: str) -> None:
        """Drop it."""

    warning = error = info = debug


def _extractors() -> list[Any]:
    from yt_dlp.extractor import gen_extractor_classes

    return list(gen_extractor_classes())


def _list(task: Task, url: str, reporter: Reporter, hooks: Hooks) -> None:
    _within(task, reporter, hooks, url, lambda session: session.extract_info(url, download=True))


def _within(
    task: Task, reporter: Reporter, hooks: Hooks, url: str, work: Callable[[Session], object]
) -> None:
    """Let yt-dlp work; whatever it raises leaves as one of our classes."""
    if not task.network.trusted:
        refuse_private_host(site_of(url))
    network.trust(task.network, task.work)
    with Session(parameters(task, hooks), task, reporter, hooks) as session:
        try:
            work(session)
        except DownloadCancelled:
            return
        except Abort as abort:
            raise abort.error from abort
        except Exception as error:
            raise session.refusal or faults.from_exception(error, redact_url(url)) from error


def parameters(task: Task, hooks: Hooks | None = None) -> dict[str, Any]:
    """yt-dlp's parameters for a job. No configuration file of the user is ever read."""
    network_ = task.network
    params: dict[str, Any] = {
        "quiet": True,
        "noprogress": True,
        "color": "no_color",
        "cachedir": False,
        "noplaylist": True,
        "lazy_playlist": True,
        "extract_flat": False,
        "ignoreerrors": False,
        "skip_unavailable_fragments": False,
        "retries": network_.retries,
        "fragment_retries": max(network_.retries, _FRAGMENT_RETRIES),
        "extractor_retries": min(network_.retries, 3),
        "retry_sleep_functions": {"http": _backoff, "fragment": _backoff, "extractor": _backoff},
        "socket_timeout": network_.timeout_s,
        "proxy": network_.proxy,
        "nocheckcertificate": not network_.verify_tls,
        "paths": {"home": str(task.work), "temp": str(task.work)},
        "continuedl": True,
        # The engine's limit holds per connection
        "concurrent_fragment_downloads": 1 if task.rate_bytes_per_s else _FRAGMENTS_AT_ONCE,
        "ratelimit": task.rate_bytes_per_s or None,
        "updatetime": False,
        "writethumbnail": False,
        "fixup": "detect_or_warn",
        # A playlist inside a downloaded file must not make ffmpeg call anywhere
        "postprocessor_args": {f"{name}+ffmpeg_i": _FILES_ONLY for name in _FFMPEG_STEPS},
        "postprocessors": [],
    }
    if task.cookies_file and Path(task.cookies_file).exists():
        params["cookiefile"] = task.cookies_file
    if task.user_agent:
        params["http_headers"] = {"User-Agent": task.user_agent}
    if task.ffmpeg:
        params["ffmpeg_location"] = task.ffmpeg
    if task.max_items:
        params["playlist_items"] = f"1:{max(task.max_items, 1)}" if _all_wanted(task) else None
    params |= quality(task.quality, has_ffmpeg=bool(task.ffmpeg), hooks=hooks or Hooks())
    return {key: value for key, value in params.items() if value is not None}


def quality(word: str, *, has_ffmpeg: bool, hooks: Hooks) -> dict[str, Any]:
    """Format selection for one of our quality words. Watermarked renditions are never chosen."""
    merge = f"bv*{_CLEAN}+ba/b{_CLEAN}" if has_ffmpeg else f"b{_CLEAN}/bv*{_CLEAN}"
    if word == "audio":
        best = f"b{_CLEAN}" if hooks.sound_is_separate_work else f"ba/b{_CLEAN}"
        if not has_ffmpeg:
            return {"format": best}
        extract = {"key": "FFmpegExtractAudio", "preferredcodec": "best", "nopostoverwrites": False}
        return {"format": best, "postprocessors": [extract]}
    # A size that was asked for counts before the codec; the best is the best in that codec
    codec = [f"vcodec:{hooks.codec}"] if hooks.codec else []
    if word == "smallest":
        return {"format": merge, "format_sort": ["+res", *codec, "+size", "+br", "+fps"]}
    if word in _HEIGHTS:
        return {"format": merge, "format_sort": [f"res:{_HEIGHTS[word]}", *codec]}
    return {"format": merge, "format_sort": codec} if codec else {"format": merge}


def _all_wanted(task: Task) -> bool:
    return task.since is None and task.until is None


def _backoff(n: int) -> float:
    return float(min(0.25 * 2**n, 4.0))


__all__ = [
    "Hooks",
    "parameters",
    "quality",
    "run",
    "run_manifest",
    "run_one",
    "run_page",
    "specific_extractor",
    "warming",
]
