"""Prepares one run: where it may write, how it reaches the outside, how its files are named."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mediadl.errors import DownloadError, InvalidInput, NotBetter, NotWritable
from mediadl.models import Download, FoundItem, Identity, Job
from mediadl.modules import registry
from mediadl.pipeline import naming
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.job_run import EXPIRED_AGAIN
from mediadl.pipeline.outcome import Outcome, decide
from mediadl.pipeline.pacing import Budget
from mediadl.pipeline.protocol import NetworkOptions, Replaced, Resting, RunJob, Target
from mediadl.settings.schema import DEFAULT_NAME_TEMPLATE, Settings

COOKIES = "cookies.txt"
"""Name of the copy of an account's cookies in a job's work folder."""

LOGIN_PACE = 5.0
"""With a login the pauses at Instagram are so many times as long."""


def root_of(job: Job, settings: Settings) -> Path:
    """The download folder of a job, absolute."""
    chosen = str(job.options.get("out") or settings.downloads.directory)
    return Path(chosen).expanduser().absolute()


def network_of(job: Job, settings: Settings) -> NetworkOptions:
    """How this job's children reach the outside."""
    network = settings.network
    return NetworkOptions(
        proxy=network.proxy,
        ca_file=str(Path(network.ca_file).expanduser()) if network.ca_file else "",
        verify_tls=network.verify_tls,
        timeout_s=network.timeout_s,
        min_speed_bytes_per_s=network.min_speed,
        trusted=job.trusted,
        home=(urlsplit(job.url).hostname or "").lower(),
    )


def conditions(
    job: Job,
    settings: Settings,
    *,
    root: Path,
    work: Path,
    known: Callable[[Identity], bool],
    stored_before: dict[Identity, int],
    site_failures: Callable[[str], int],
    jitter: random.Random,
    careful: bool = False,
    stored_file: Callable[[FoundItem], Download | None] | None = None,
) -> Conditions:
    """Everything that holds for the run, from settings and the job's options.

    `stored_file`: of a job that looks for better versions, tells which stored file an item is a version of.
    """
    downloads = settings.downloads
    names: Callable[[FoundItem], Target] = _Targets(job, settings, root, work)
    if stored_file is not None:
        names = _BetterTargets(settings, root, work, stored_file)

    return Conditions(
        network=network_of(job, settings),
        target=names,
        known=known,
        stored_before=stored_before,
        decide=_decider(settings, site_failures, jitter),
        max_bytes=downloads.max_file_bytes,
        min_free_bytes=downloads.min_free_bytes,
        rate_bytes_per_s=int(job.options.get("rate_limit") or 0),
        careful=careful,
    )


def hopeless(
    job: Job, settings: Settings, site_failures: Callable[[str], int], jitter: random.Random
) -> Conditions:
    """Conditions of a run that cannot even begin: good for deciding what becomes of the job, nothing else."""
    nowhere = Target(root="", work="", folder="", names=())
    return Conditions(
        network=network_of(job, settings),
        target=lambda _item: nowhere,
        known=lambda _identity: False,
        stored_before={},
        decide=_decider(settings, site_failures, jitter),
    )


def _decider(
    settings: Settings, site_failures: Callable[[str], int], jitter: random.Random
) -> Callable[[DownloadError, Job], Outcome]:
    def outcome(error: DownloadError, ended: Job) -> Outcome:
        return decide(
            error,
            attempts=ended.attempts,
            max_attempts=ended.max_attempts,
            site_failures=site_failures(ended.site),
            cooldown_s=settings.platforms.cooldown_s,
            now=time.time(),
            jitter=jitter,
        )

    return outcome


def template_of(platform: str, chosen: str, settings: Settings) -> str:
    """The pattern for a platform's files: what was `chosen` for the job, else the user's, else the platform's own."""
    if not chosen and settings.downloads.name_template == DEFAULT_NAME_TEMPLATE:
        try:
            chosen = registry.module(platform).name_template
        except InvalidInput:
            chosen = ""  # of an older version: the platform is no more
    return chosen or settings.downloads.name_template


def targets(job: Job, settings: Settings, root: Path, work: Path) -> Callable[[FoundItem], Target]:
    """Tells where each item of a job goes.

    Raises:
        NotWritable: the download folder cannot be used.
    """
    return _Targets(job, settings, root, work)


class _Targets:
    """Names the files of one job; callable with an item."""

    def __init__(self, job: Job, settings: Settings, root: Path, work: Path) -> None:
        self._job = job
        self._template = template_of(job.platform, str(job.options.get("name") or ""), settings)
        self._sidecars = settings.downloads.sidecars
        self._embed = settings.downloads.embed_metadata
        self._root = root
        self._work = work
        try:
            self._name_max = os.pathconf(root, "PC_NAME_MAX")
        except OSError as error:
            raise NotWritable(f"cannot use {root}: {error.strerror or error}") from error

    def __call__(self, item: FoundItem) -> Target:
        try:
            name = naming.plan(
                self._template,
                item,
                platform=self._job.platform,
                job_id=self._job.id,
                content_type=self._job.content_type,
                name_max=self._name_max,
                root=str(self._root),
            )
        except InvalidInput as error:
            raise NotWritable(f"cannot name the file: {error.message}") from error
        return Target(
            root=str(self._root),
            work=str(self._work),
            folder=name.folder,
            names=name.names,
            mtime=item.posted_at,
            sidecar=_metadata(item, self._job.platform, self._job.url) if self._sidecars else None,
            embed=_tags(item) if self._embed else None,
        )


class _BetterTargets:
    """Sends each item of a job to the place of the stored file that it is a version of; callable with an item."""

    def __init__(
        self, settings: Settings, root: Path, work: Path, stored_file: Callable[[FoundItem], Download | None]
    ) -> None:
        self._settings = settings
        self._root = root
        self._work = work
        self._stored_file = stored_file

    def __call__(self, item: FoundItem) -> Target:
        old = self._stored_file(item)
        if old is None:
            raise NotBetter("the stored file is not in the history any more")
        downloads, better = self._settings.downloads, self._settings.quality_upgrade
        # Metadata that lies there must not go on telling of the old file
        with_sidecar = downloads.sidecars or os.path.lexists(f"{old.path}.json")
        return Target(
            root=str(self._root),
            work=str(self._work),
            folder="",
            names=(),
            mtime=item.posted_at if item.posted_at is not None else old.posted_at,
            sidecar=_metadata(item, old.platform, old.url) if with_sidecar else None,
            embed=_tags(item) if downloads.embed_metadata else None,
            replaces=Replaced(
                path=old.path,
                sha256=old.sha256,
                size_bytes=old.size_bytes,
                width=old.width,
                height=old.height,
                duration_s=old.duration_s,
                min_gain=better.min_gain,
                keep_original=better.keep_original,
            ),
        )


def _metadata(item: FoundItem, platform: str, page_url: str) -> dict[str, object]:
    return {
        "site": item.identity.site,
        "id": item.identity.id,
        "index": item.identity.index,
        "platform": platform,
        "source": item.source,
        "title": item.title,
        "page_url": item.page_url or page_url,
        "posted_at": _iso_utc(item.posted_at),
        "metadata": item.metadata,
    }


def _tags(item: FoundItem) -> dict[str, str]:
    tags = {
        "title": item.title,
        "artist": item.source,
        "date": _iso_utc(item.posted_at) or "",
        "comment": item.page_url,
        "description": str(item.metadata.get("description") or ""),
    }
    return {name: value for name, value in tags.items() if value}


def _iso_utc(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def run_job(
    job: Job,
    settings: Settings,
    *,
    work: Path,
    locks_file: Path,
    ffmpeg: str,
    login: str = "",
    account: str = "",
    resting: Sequence[Resting] = (),
    memory: dict[str, Any] | None = None,
) -> RunJob:
    """What the runner is told."""
    delay_s = settings.platforms.request_delay_s
    login_delay_s = 0.0
    if job.site == "instagram":
        delay_s = settings.platforms.instagram_delay_s
        login_delay_s = delay_s * LOGIN_PACE
    return RunJob(
        job_id=job.id,
        fence=job.fence,
        url=job.url,
        module=job.platform,
        content_type=job.content_type,
        options=settings.options_of(job.platform) | _listing_options(job),
        work=str(work),
        network=network_of(job, settings),
        locks_file=str(locks_file),
        skip_backends=_gave_up(job),
        resting=tuple(resting),
        # Written when the runner asks for the account
        cookies_file=str(work / COOKIES) if account else "",
        account=account,
        ask_login=bool(account),
        login=login or settings.platforms.login,
        memory=memory or {},
        quality=str(job.options.get("quality") or settings.downloads.quality),
        request_delay_s=delay_s,
        login_delay_s=login_delay_s,
        budgeted=budget_of(job.site, settings).limited,
        max_bytes=settings.downloads.max_file_bytes,
        rate_bytes_per_s=settings.network.rate_limit,
        ffmpeg=ffmpeg,
    )


def _listing_options(job: Job) -> dict[str, Any]:
    """What a listing has to know. Where filters or a person choose, the first N items are not the first N listed."""
    chosen = "filters" in job.options or "pick" in job.options
    unneeded = {"filters", "pick", "max_items", "improve"} if chosen else set[str]()
    if "subscription" in job.options:
        # Only new ones count, and the listing does not know which are
        unneeded.add("max_items")
    return {name: value for name, value in job.options.items() if name not in unneeded}


def budget_of(site: str, settings: Settings) -> Budget:
    """How many requests an account at a site may send."""
    platforms = settings.platforms
    if site == "instagram":
        return Budget(platforms.instagram_requests_per_hour, platforms.instagram_requests_per_day)
    return Budget(platforms.account_requests_per_hour, platforms.account_requests_per_day)


def _gave_up(job: Job) -> tuple[str, ...]:
    """Backends not to ask again in the very next run; the others may have recovered.

    The direct one, and those whose links ran out before they were used, although they were listed anew.
    """
    lines = [line.rpartition(": ") for line in job.tried.split("; ")]
    return tuple(name for name, _, words in lines if name == "direct" or words == EXPIRED_AGAIN)


def find_ffmpeg() -> str:
    """The system's ffmpeg, else the one a wheel brings, else nothing."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return ""
