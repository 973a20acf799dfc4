"""Every setting, once: type, bounds, default, help. CLI, forms, validation and docs are made from here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mediadl.settings.accounts import Security
from mediadl.settings.kinds import Form, Kind, Tab
from mediadl.settings.section import (
    MOST_BYTES,
    Bytes,
    File,
    Folder,
    PlatformSection,
    Seconds,
    Secret,
    Section,
    Speed,
    Text,
    Words,
    filled,
)
from mediadl.settings.web import Web

__all__ = [
    "DEFAULT_NAME_TEMPLATE", "MOST_BYTES", "Bytes", "File", "Folder", "PlatformSection", "Quality", "Seconds", "Secret",
    "Section", "Settings", "Speed", "Text", "Words",
]  # fmt: skip

DEFAULT_NAME_TEMPLATE = "{platform}/{source}/{date}_{id}_{title}"

Quality = Literal["best", "1080p", "720p", "480p", "smallest", "audio"]
"""What people choose; modules translate it for their engine."""


def _proxy(value: str) -> str:
    if value and not value.startswith(("http://", "https://", "socks4://", "socks5://", "socks5h://")):
        raise ValueError("must start with http://, https://, socks4://, socks5:// or socks5h://")
    return value


def _template(value: str) -> str:
    # The naming room knows the fields; here only what would break any of them
    if not value.strip() or value.startswith("/") or ".." in value.split("/"):
        raise ValueError("must be a relative pattern without '..'")
    return value


def _index(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value


class Downloads(Section):
    """What is downloaded, where to, how many at once."""

    TAB = Tab.GENERAL

    directory: Folder = Field("~/Downloads/mediadl", title="Folder", description="Where files go.")
    concurrent: int = Field(
        4, ge=1, le=32, title="Jobs at once", description="Engine jobs running at the same time."
    )
    per_site: int = Field(
        1, ge=1, le=16, title="Jobs per site", description="Engine jobs at the same time on one site."
    )
    retries: int = Field(
        5, ge=0, le=50, title="Retries", description="Tries after the first one, with growing pauses."
    )
    name_template: Annotated[Text, AfterValidator(_template)] = Field(
        DEFAULT_NAME_TEMPLATE,
        title="Names",
        description="Pattern of folder and file names, without the extension.",
    )
    min_free_bytes: Bytes = Field(
        1_000_000_000,
        ge=0,
        le=MOST_BYTES,
        title="Free-space reserve",
        description="Jobs wait when less than this would be left on the disk.",
    )
    max_file_bytes: Annotated[Bytes, Form(zero="no limit")] = Field(
        0, ge=0, le=MOST_BYTES, title="Largest file", description="Refuse larger files; 0: no limit."
    )
    quality: Quality = Field("best", title="Quality", description="Preferred rendition of videos.")
    sidecars: bool = Field(
        True, title="Sidecars", description="Write a .json file with the metadata beside each file."
    )
    embed_metadata: bool = Field(
        False,
        title="Embed metadata",
        description="Write title, date and thumbnail into the file; both hashes are kept.",
    )


class Network(Section):
    """How the outside is reached."""

    TAB = Tab.GENERAL

    proxy: Annotated[Text, AfterValidator(_proxy)] = Field(
        "", title="Proxy", description="http, https or socks5 proxy for everything; empty: none."
    )
    ca_file: Annotated[File, Form(tab=Tab.SECURITY)] = Field(
        "", title="CA file", description="PEM file with certificate authorities to trust as well."
    )
    verify_tls: Annotated[bool, Form(tab=Tab.SECURITY)] = Field(
        True, title="Check certificates", description="Refuse connections that cannot be trusted."
    )
    rate_limit: Annotated[Speed, Form(zero="no limit")] = Field(
        0, ge=0, le=MOST_BYTES, title="Speed limit", description="For everything together; 0: no limit."
    )
    connections: int = Field(64, ge=1, le=128, title="Connections", description="Transfers at the same time.")
    connections_per_host: int = Field(
        32,
        ge=1,
        le=64,
        title="Connections per host",
        description="Most transfers at the same time from one host; fewer while it pushes back.",
    )
    timeout_s: Seconds = Field(
        30,
        ge=0.1,
        le=600,
        title="Time-out",
        description="Time without an answer or a byte before a try is given up.",
    )
    min_speed: Speed = Field(
        1024,
        ge=0,
        le=MOST_BYTES,
        title="Minimum speed",
        description="A transfer below it for a minute is tried again.",
    )


class Platforms(Section):
    """How gently sites are treated."""

    TAB = Tab.PLATFORMS

    instagram_delay_s: Seconds = Field(
        6,
        ge=0,
        le=600,
        title="Instagram pause",
        description="About how long to pause between two requests to Instagram; with a login five times as long.",
    )
    instagram_requests_per_hour: Annotated[int, Form(zero="no limit")] = Field(
        120,
        ge=0,
        le=100_000,
        title="Instagram per hour",
        description="Most requests in an hour with the login of one account; 0: no limit.",
    )
    instagram_requests_per_day: Annotated[int, Form(zero="no limit")] = Field(
        600,
        ge=0,
        le=1_000_000,
        title="Instagram per day",
        description="Most requests in 24 hours with the login of one account; 0: no limit.",
    )
    account_requests_per_hour: Annotated[int, Form(zero="no limit")] = Field(
        0,
        ge=0,
        le=100_000,
        title="Account per hour",
        description="Most listing requests in an hour with one login at any other site; 0: no limit.",
    )
    account_requests_per_day: Annotated[int, Form(zero="no limit")] = Field(
        0,
        ge=0,
        le=1_000_000,
        title="Account per day",
        description="Most listing requests in 24 hours with one login at any other site; 0: no limit.",
    )
    request_delay_s: Seconds = Field(
        0,
        ge=0,
        le=600,
        title="Pause",
        description="About how long to pause between two listing requests to any other site.",
    )
    login: Literal["needed", "always", "never"] = Field(
        "needed",
        title="Use logins",
        description="When imported cookies are used: where visitors get nothing, always, or never.",
    )
    cooldown_s: Seconds = Field(
        60,
        ge=0,
        le=86_400,
        title="Cool-down",
        description="First pause of a site after a rate limit; doubles each time.",
    )


class QualityUpgrade(Section):
    """Looks for better versions of pictures that were only to be had small."""

    TAB = Tab.PLATFORMS
    TITLE = "Better versions"

    enabled: bool = Field(
        False,
        title="Look by itself",
        description="In quiet moments, look for better versions of small pictures and replace them.",
    )
    daily_limit: int = Field(
        30, ge=1, le=1000, title="Files per day", description="Most files looked for in one day."
    )
    min_gain: float = Field(
        1.15,
        ge=1.01,
        le=100,
        title="Least gain",
        description="How many times the area of the stored picture a better one must have.",
    )
    keep_original: bool = Field(
        False,
        title="Keep the old file",
        description="Keep the replaced file beside the new one, as NAME.original.EXT.",
    )


class Engines(Section):
    """How yt-dlp, gallery-dl and instaloader are kept fresh."""

    TAB = Tab.PLATFORMS

    update: Literal["off", "weekly", "daily"] = Field(
        "off",
        title="Update engines",
        description="Look for newer engines by itself in a quiet moment; each is tried before it is used.",
    )
    channel: Literal["stable", "nightly"] = Field(
        "stable",
        title="Engine channel",
        description="Releases only, or also the versions made each night, which know site changes sooner.",
    )
    index: Annotated[Text, AfterValidator(_index)] = Field(
        "https://pypi.org/simple/",
        title="Engine index",
        description="Package index that engines come from; it must speak the JSON simple API (PEP 691).",
    )
    canary: Words = Field(
        (),
        title="Trial addresses",
        description="Addresses a new engine must be able to list before it is used, besides some that worked lately.",
    )
    old_after_days: int = Field(
        60, ge=1, le=3650, title="Old after", description="Age in days from which an engine is called old."
    )


class Daemon(Section):
    """The background process."""

    TAB = Tab.GENERAL

    idle_exit_s: Annotated[Seconds, Form(zero="never")] = Field(
        60,
        ge=0,
        le=31_536_000,
        title="Leave when idle",
        description="Time without work or screens before the daemon ends; 0: never.",
    )
    stop_grace_s: Seconds = Field(
        5,
        ge=0,
        le=120,
        title="Stop grace",
        description="Time an engine gets to end by itself before it is killed.",
    )


class Schedules(Section):
    """What begins by itself."""

    TAB = Tab.GENERAL

    paused: bool = Field(
        False, title="Pause all", description="No schedule starts a run; jobs that were made already go on."
    )
    keep_runs: int = Field(
        200,
        ge=1,
        le=10_000,
        title="Runs kept",
        description="So many past runs of each schedule are remembered.",
    )


class Logs(Section):
    """What is written down."""

    TAB = Tab.GENERAL

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", title="Level", description="Least level kept, from the next start on."
    )
    keep_days: int = Field(7, ge=1, le=365, title="Days kept", description="Older log files are deleted.")


class Notifications(Section):
    """What you are told while the screens are open."""

    TAB = Tab.NOTIFICATIONS

    on_screen: Literal["all", "failures", "nothing"] = Field(
        "all",
        title="On the screen",
        description="Tell of jobs that failed or wait for you: all of them, only failures, or nothing.",
    )
    stay_s: Seconds = Field(
        8, ge=1, le=120, title="Stay", description="Time such a message stays on the screen."
    )
    bell: bool = Field(
        False, title="Bell", description="Ring the terminal's bell with each of these messages."
    )


class Interface(Section):
    """The terminal program."""

    TAB = Tab.INTERFACE

    theme: Annotated[Text, AfterValidator(filled), Form(Kind.THEME)] = Field(
        "textual-dark", title="Theme", description="The colours of the screens."
    )
    refresh_s: Seconds = Field(
        0.25,
        ge=0.1,
        le=5,
        title="Refresh",
        description="Time between two looks at the queue, from the next start on.",
    )


class Settings(BaseModel):
    """The whole tree; `mediadl.modules.options.schema` adds a section for every platform that has options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    downloads: Downloads = Field(default_factory=Downloads)
    network: Network = Field(default_factory=Network)
    platforms: Platforms = Field(default_factory=Platforms)
    quality_upgrade: QualityUpgrade = Field(default_factory=QualityUpgrade)
    engines: Engines = Field(default_factory=Engines)
    daemon: Daemon = Field(default_factory=Daemon)
    schedules: Schedules = Field(default_factory=Schedules)
    logs: Logs = Field(default_factory=Logs)
    notifications: Notifications = Field(default_factory=Notifications)
    interface: Interface = Field(default_factory=Interface)
    web: Web = Field(default_factory=Web)
    security: Security = Field(default_factory=Security)

    def options_of(self, platform: str) -> dict[str, Any]:
        """The options of a platform by name; nothing when it has none."""
        section = getattr(self, platform, None)
        return section.model_dump() if isinstance(section, PlatformSection) else {}
