"""Every setting, once: type, bounds, default, help. CLI, forms, validation and docs are made from here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

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


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096)]


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Downloads(Section):
    """What is downloaded, where to, how many at once."""

    directory: Text = Field("~/Downloads/mediadl", title="Folder", description="Where files go.")
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
    min_free_bytes: int = Field(
        1_000_000_000,
        ge=0,
        title="Free-space reserve",
        description="Jobs wait when less than this many bytes would be left.",
    )
    max_file_bytes: int = Field(
        0, ge=0, title="Largest file", description="Refuse larger files, in bytes; 0: no limit."
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

    proxy: Annotated[Text, AfterValidator(_proxy)] = Field(
        "", title="Proxy", description="http, https or socks5 proxy for everything; empty: none."
    )
    ca_file: Text = Field(
        "", title="CA file", description="PEM file with certificate authorities to trust as well."
    )
    verify_tls: bool = Field(
        True, title="Check certificates", description="Refuse connections that cannot be trusted."
    )
    rate_limit: int = Field(
        0, ge=0, title="Speed limit", description="Bytes per second for everything; 0: no limit."
    )
    connections: int = Field(32, ge=1, le=128, title="Connections", description="Transfers at the same time.")
    connections_per_host: int = Field(
        16, ge=1, le=64, title="Connections per host", description="Transfers at the same time from one host."
    )
    timeout_s: float = Field(
        30,
        ge=0.1,
        le=600,
        title="Time-out",
        description="Seconds without an answer or a byte before a try is given up.",
    )
    min_speed: int = Field(
        1024,
        ge=0,
        title="Minimum speed",
        description="Bytes per second; a transfer below it for a minute is tried again.",
    )


class Platforms(Section):
    """How gently sites are treated."""

    instagram_delay_s: float = Field(
        6,
        ge=0,
        le=600,
        title="Instagram pause",
        description="Shortest pause between two requests to Instagram, in seconds.",
    )
    request_delay_s: float = Field(
        0,
        ge=0,
        le=600,
        title="Pause",
        description="Shortest pause between two listing requests to any other site, in seconds.",
    )
    cooldown_s: float = Field(
        60,
        ge=0,
        le=86_400,
        title="Cool-down",
        description="First pause of a site after a rate limit; doubles each time.",
    )


class Daemon(Section):
    """The background process."""

    idle_exit_s: float = Field(
        60,
        ge=0,
        title="Leave when idle",
        description="Seconds without work or screens before the daemon ends; 0: never.",
    )
    stop_grace_s: float = Field(
        5,
        ge=0,
        le=120,
        title="Stop grace",
        description="Seconds an engine gets to end by itself before it is killed.",
    )


class Logs(Section):
    """What is written down."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", title="Level", description="Least level kept."
    )
    keep_days: int = Field(7, ge=1, le=365, title="Days kept", description="Older log files are deleted.")


class Interface(Section):
    """The terminal program."""

    theme: Text = Field("textual-dark", title="Theme", description="Name of a Textual theme.")
    refresh_s: float = Field(
        0.25, ge=0.1, le=5, title="Refresh", description="Seconds between two looks at the queue."
    )


class Settings(BaseModel):
    """The whole tree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    downloads: Downloads = Field(default_factory=Downloads)
    network: Network = Field(default_factory=Network)
    platforms: Platforms = Field(default_factory=Platforms)
    daemon: Daemon = Field(default_factory=Daemon)
    logs: Logs = Field(default_factory=Logs)
    interface: Interface = Field(default_factory=Interface)
