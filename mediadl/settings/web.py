"""Settings of the browser view: where it listens, who may reach it, how many at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from mediadl.settings.kinds import Form, Tab
from mediadl.settings.section import File, Seconds, Section, Text, Words, filled


def _origin(value: str) -> str:
    from urllib.parse import urlsplit

    if not value:
        return value
    parts = urlsplit(value)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.path not in {"", "/"}
        or parts.query
    ):
        raise ValueError("must be like https://media.example.org, without a path")
    return value.rstrip("/")


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    import ipaddress

    for word in value:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise ValueError(f"{word} is no address or network, such as 192.168.1.5 or 10.0.0.0/8") from None
    return value


class Web(Section):
    """The browser view and the API; both are served by `mediadl serve`."""

    TAB = Tab.SECURITY
    TITLE = "Browser"

    host: Annotated[Text, AfterValidator(filled)] = Field(
        "127.0.0.1",
        title="Listen on",
        description="Address it listens on; anything but this machine needs TLS or a proxy in front.",
    )
    port: int = Field(8765, ge=0, le=65_535, title="Port", description="Port it listens on; 0: any free one.")
    public_url: Annotated[Text, AfterValidator(_origin)] = Field(
        "",
        title="Public address",
        description="What people type to reach it; empty: the address it listens on.",
    )
    tls_cert: File = Field(
        "", title="TLS certificate", description="PEM file with the certificate and its chain."
    )
    tls_key: File = Field("", title="TLS key", description="PEM file with the certificate's key.")
    behind_proxy: bool = Field(
        False,
        title="Behind a proxy",
        description="A reverse proxy with TLS stands in front; its forwarded headers are believed.",
    )
    trusted_proxies: Annotated[Words, AfterValidator(_networks)] = Field(
        ("127.0.0.1", "::1"),
        title="Proxies",
        description="Addresses whose forwarded headers are believed, with `behind_proxy` only.",
    )
    sessions_per_user: int = Field(
        5, ge=1, le=100, title="Tabs per user", description="Terminals one user may have open in browsers."
    )
    sessions_total: int = Field(
        20, ge=1, le=500, title="Tabs in all", description="Terminals open in browsers at the same time."
    )
    idle_s: Annotated[Seconds, Form(zero="never")] = Field(
        3600,
        ge=0,
        le=31_536_000,
        title="Close when idle",
        description="Time without a key or the mouse before a terminal in a browser is closed; 0: never.",
    )
