"""gallery-dl as a backend: it lists, our fetcher downloads.

Only its documented parts are used: configuration, `extractor.find`, and the messages an extractor yields. Nothing of
the user's configuration is loaded and nothing is cached on disk. One job per process: its settings are global.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gallery_dl import config, extractor
from gallery_dl.exception import StopExtraction
from gallery_dl.extractor.message import Message
from requests.cookies import get_cookie_header
from requests.models import Request

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity
from mediadl.modules import files
from mediadl.modules.base import Reporter, Task, site_of
from mediadl.modules.engines import metadata, network
from mediadl.modules.engines.gallerydl_entry import (
    NO_SITES,
    Entry,
    archive_id,
    identify,
    other_names,
    page_url,
    post_id,
    source,
    title,
)
from mediadl.modules.engines.gallerydl_session import Fatal, Gate, SessionLog, pace
from mediadl.modules.engines.jar import JarFile
from mediadl.security.redact import redact_url
from mediadl.security.text import safe_text

_MAX_DEPTH = 4
_MAX_FALLBACKS = 4
_PINNED = 3
_FATAL = (errors.RateLimited, errors.BudgetSpent, errors.DiskFull, errors.TlsFailed, errors.ProxyFailed)
_WEARING = (errors.NetworkFailed, errors.Challenge, errors.Forbidden, errors.ServerError)
_WORN_OUT = 3
"""So many failures of the wearing kind in a row end the listing."""
# Their fallbacks are found by further requests
_LAZY_FALLBACKS = frozenset({"exhentai"})
_NOT_OURS = frozenset({"accept-encoding", "connection", "content-type", "content-length", "host", "cookie"})


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a platform knows better than the engine."""

    identify: Callable[[dict[str, Any], Entry], Identity] = identify
    aliases: Callable[[dict[str, Any], Entry], tuple[Identity, ...]] = lambda _data, _entry: ()
    source: Callable[[dict[str, Any]], str] = source
    page_url: Callable[[dict[str, Any]], str] = page_url
    title: Callable[[dict[str, Any]], str] = title
    owner: Callable[[dict[str, Any]], tuple[str, str]] | None = None
    """Who posted it, by the site's stable id and by name."""
    announce: bool = True
    """The first title found stands for the whole job."""
    engine: Callable[[Entry, Callable[[], FoundItem]], None] | None = None
    """Takes what only yt-dlp can download (`ytdl:` addresses)."""


def run(
    task: Task,
    url: str,
    reporter: Reporter,
    hooks: Hooks | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """List `url` and report every file. `settings`: gallery-dl options by category.

    Raises:
        DownloadError: the whole target failed, or gave nothing.
    """
    configure(task, settings or {})
    found = extractor.find(url)
    if found is None:
        raise errors.Unsupported(f"gallery-dl knows no site for {redact_url(url)}")
    if task.user_agent:
        # What is set for all sites does not count at those that have a browser's name of their own
        config.set(("extractor", found.category), "user-agent", task.user_agent)
    walk = Walk(task, reporter, hooks or Hooks())
    try:
        walk.visit(found, {}, 0)
    except Fatal as fatal:
        raise fatal.error from fatal
    walk.finish(redact_url(url))


def category_of(url: str) -> str:
    """gallery-dl's name of the site an address belongs to; empty when it has no extractor made for it."""
    found = extractor.find(url)
    return "" if found is None or found.category in NO_SITES else str(found.category)


def subcategory_of(url: str) -> str:
    """What gallery-dl takes an address of a site it knows for: `album`, `user`, `post` …; empty like `category_of`."""
    found = extractor.find(url)
    return "" if found is None or found.category in NO_SITES else str(found.subcategory)


def warming() -> Iterator[None]:
    """Do what jobs would have to do first: import all extractors, compile their patterns."""
    extractor.find("https://nothing.invalid/warm")
    yield


def configure(task: Task, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Set the engine's options for this job and nothing else."""
    net = task.network
    bundle = network.trust(net, task.work)
    config.clear()
    config.set(("cache",), "file", None)
    options: dict[str, Any] = {
        "base-directory": str(task.work),
        # Done here, in one step and with what changed only
        "cookies-update": False,
        "input": False,
        "netrc": False,
        "proxy": net.proxy or None,
        "proxy-env": False,
        "verify": bundle or net.verify_tls,
        "timeout": net.timeout_s,
        "retries": net.retries,
        # A rate limit is for the queue to wait out, not for a process that holds a place in it
        "sleep-429": 0,
        "fallback": True,
    }
    if task.cookies_file:
        options["cookies"] = task.cookies_file
    for name, value in options.items():
        config.set(("extractor",), name, value)
    for category, own in settings.items():
        for name, value in own.items():
            config.set(("extractor", category), name, value)


@dataclass(slots=True)
class Walk:
    """One listing: an extractor and those it leads to."""

    task: Task
    reporter: Reporter
    hooks: Hooks
    found: int = 0
    """Files reported, or known already."""
    _visited: set[str] = field(default_factory=set)
    _older: int = 0
    _worn: int = 0
    _announced: bool = False
    _failures: list[DownloadError] = field(default_factory=list)
    """Held back as long as nothing was found: they may be about the whole."""
    _warning: DownloadError | None = None
    _gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self._gate = Gate(self.task)

    def visit(self, extr: Any, inherited: dict[str, Any], depth: int) -> None:
        """Report all that one extractor yields."""
        log = SessionLog(extr.log, self.reporter, self._failed)
        extr.log = log
        pace(extr, self.reporter)
        jar = self._jar_of(extr)
        try:
            self._gate.guard(extr)
            for kind, url, data in self._messages(extr):
                if not self._take(extr, log, kind, url, {**inherited, **data}, depth):
                    break
        except (Fatal, DownloadError):
            raise
        except StopExtraction:
            pass
        except Exception as error:
            # After a refusal whatever else an extractor makes of it counts for nothing
            failure = self._gate.refusal or log.explain(error, redact_url(extr.url))
            if depth == 0:
                raise failure from error
            self._failed(failure)
        finally:
            if jar is not None and extr.session is not None:
                jar.save(extr.session.cookies)
        log.flush()
        if self._gate.refusal is not None:
            raise Fatal(self._gate.refusal)
        self._warning = log.last_warning or self._warning

    def finish(self, url: str) -> None:
        """Say how the listing ended when it gave nothing.

        Raises:
            DownloadError: nothing was found; the class says why.
        """
        if self.found or self.reporter.stopped():
            return
        if len({failure.kind for failure in self._failures}) > 1:
            for failure in self._failures:
                self.reporter.item_failed(failure)
            return
        if self._failures:
            raise self._failures[0]
        raise self._warning or errors.NoMedia(f"gallery-dl found nothing at {url}")

    def _jar_of(self, extr: Any) -> JarFile | None:
        """The job's copy as an extractor is about to load it; one that borrows a session leaves it to the lender."""
        if not self.task.cookies_file or extr.session is not None:
            return None
        jar = JarFile(self.task.cookies_file)
        jar.load()
        return jar

    def _messages(self, extr: Any) -> Iterator[tuple[Any, str, dict[str, Any]]]:
        for message in extr:
            kind, url, data = message
            yield kind, url, dict(data)

    def _take(
        self, extr: Any, log: SessionLog, kind: Any, url: str, data: dict[str, Any], depth: int
    ) -> bool:
        """Deal with one message; False ends the listing."""
        log.flush()
        if self.reporter.stopped():
            return False
        if kind == Message.Directory:
            self._announce(safe_text(self.hooks.title(data)) if depth == 0 else "")
            return True
        if kind == Message.Queue:
            self._follow(extr, url, data, depth)
            return True
        if kind != Message.Url:
            return True
        data.setdefault("category", extr.category)
        data.setdefault("subcategory", extr.subcategory)
        if not self._in_dates(data):
            return self._older <= _PINNED
        self._report(extr, url, data)
        return True

    def _announce(self, title: str) -> None:
        """The first title stands for the whole; a list's posts are told apart by their items."""
        if title and self.hooks.announce and not self._announced:
            self._announced = True
            self.reporter.working(title=title)

    def _follow(self, extr: Any, url: str, data: dict[str, Any], depth: int) -> None:
        if url in self._visited or depth >= _MAX_DEPTH:
            return
        self._visited.add(url)
        cls = data.get("_extractor")
        child = cls.from_url(url) if cls else extractor.find(url)
        if child is None or (not cls and child.category in {"generic", "recursive", "noop"}):
            self.reporter.log("debug", f"not followed: {redact_url(url)}")
            return
        inherited = {k: v for k, v in data.items() if not k.startswith("_")} if extr.parent else {}
        if extr.parent and extr.session is not None:
            child.session = extr.session
        self.visit(child, inherited, depth + 1)

    def _in_dates(self, data: dict[str, Any]) -> bool:
        posted = metadata.moment_of(data.get("post_date") or data.get("date"))
        if posted is None:
            return True
        since, until = self.task.since, self.task.until
        if since is not None and posted < since:
            self._older += 1
            return False
        self._older = 0 if since is None else self._older
        return until is None or posted <= until

    def _report(self, extr: Any, url: str, data: dict[str, Any]) -> None:
        entry = Entry(
            url, data, str(extr.category), str(extr.subcategory), archive_id(extr, data), post_id(extr, data)
        )
        self.found += 1
        self._worn = 0
        if self.hooks.owner is not None:
            self.reporter.owner(*self.hooks.owner(data))
        self._tell_failures()
        if url.startswith("ytdl:"):
            self._by_engine(entry, lambda: self._item(extr, url.removeprefix("ytdl:"), entry))
        elif (
            url.startswith(("http://", "https://"))
            and str(data.get("_http_method") or "GET").upper() == "GET"
        ):
            self.reporter.found(self._item(extr, url, entry))
        elif not url.startswith("text:"):
            self._failed(errors.Unsupported(f"cannot fetch {safe_text(url.partition(':')[0])}: addresses"))

    def _by_engine(self, entry: Entry, make: Callable[[], FoundItem]) -> None:
        if self.hooks.engine is not None:
            self.hooks.engine(entry, make)
            return
        from mediadl.modules.engines import ytdlp

        ytdlp.run_one(self.task, entry.url.removeprefix("ytdl:"), self.reporter)

    def _item(self, extr: Any, url: str, entry: Entry) -> FoundItem:
        data = entry.data
        ext = str(data.get("extension") or files.extension(url) or "").lower()
        identity = self.hooks.identify(data, entry)
        page = self.hooks.page_url(data) or self.task.target.url
        return FoundItem(
            n=0,
            identity=identity,
            aliases=(*self.hooks.aliases(data, entry), *other_names(identity, entry)),
            url=url,
            fallbacks=_fallbacks(data, entry.category),
            headers=headers_for(extr, url, data),
            ext=ext if ext.isalnum() and len(ext) <= 5 else "",
            kind=metadata.kind_of(ext, {}),
            duration_s=_seconds(data.get("duration")),
            posted_at=metadata.moment_of(data.get("date") or data.get("post_date")),
            source=safe_text(self.hooks.source(data)) or self.task.target.source or site_of(page),
            title=safe_text(self.hooks.title(data)),
            page_url=redact_url(page),
            metadata=metadata.of_gallerydl(data),
        )

    def _tell_failures(self) -> None:
        """Something was found: what failed before concerned single items."""
        for failure in self._failures:
            self.reporter.item_failed(failure)
        self._failures.clear()

    def _failed(self, failure: DownloadError) -> None:
        self._worn = self._worn + 1 if isinstance(failure, _WEARING) else 0
        if isinstance(failure, _FATAL) or self._worn >= _WORN_OUT:
            raise Fatal(failure)
        if self.found:
            self.reporter.item_failed(failure)
        elif not any(known.message == failure.message for known in self._failures):
            self._failures.append(failure)


def headers_for(extr: Any, url: str, data: Mapping[str, Any]) -> dict[str, str]:
    """What gallery-dl would send with this download, the cookies for this very address included."""
    merged: dict[str, Any] = {**extr.session.headers, "Accept": "*/*", **(data.get("_http_headers") or {})}
    headers = {str(k): str(v) for k, v in merged.items() if v is not None and str(k).lower() not in _NOT_OURS}
    jar = extr.session.cookies
    if not len(jar):
        return headers
    cookie: str | None = get_cookie_header(  # type: ignore[no-untyped-call]
        jar, Request("GET", url).prepare()
    )
    if cookie:
        headers["Cookie"] = cookie
    return headers


def _fallbacks(data: Mapping[str, Any], category: str) -> tuple[str, ...]:
    given = data.get("_fallback")
    if not given or category in _LAZY_FALLBACKS:
        return ()
    try:
        urls = list(itertools.islice(given, _MAX_FALLBACKS))
    except Exception:  # noqa: BLE001 - a generator of the engine; a file without fallbacks is still a file
        return ()
    return tuple(u for u in urls if isinstance(u, str) and u.startswith(("http://", "https://")))


def _seconds(value: object) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
    )
