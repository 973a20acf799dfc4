"""Every recorded engine error has a class, and the class is the right one."""

from __future__ import annotations

import errno
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.modules.engines import faults

RECORDED = [
    # yt-dlp
    ("ERROR: [TikTok] 7300: Your IP address is blocked from accessing this post", "not_found"),
    ("ERROR: [TikTok] 7300: Video not available, status code 10231", "geo"),
    ("ERROR: [TikTok] 7300: Video not available, status code 10221; please report this issue on x", "not_found"),
    ("ERROR: [TikTok] 7300: You do not have permission to view this post. Log into an account", "private"),
    ("ERROR: [TikTok] 7300: This post may not be comfortable. Log in for access. Use --cookies", "login_needed"),
    ("ERROR: [tiktok:user] a: Unable to extract secondary user ID. If you are able to get the channel_id", "challenge"),
    ("ERROR: [TikTok] 7300: Unable to extract universal data for rehydration; please report", "challenge"),
    ("ERROR: [TikTok] 7300: Unable to solve JS challenge", "challenge"),
    ("ERROR: [tiktok:user] a: This account does not have any videos posted", "no_media"),
    ("ERROR: [youtube] x: Sign in to confirm you’re not a bot. Use --cookies-from-browser", "challenge"),
    ("ERROR: [youtube] x: Private video. Sign in if you've been granted access to this video", "private"),
    ("ERROR: [youtube] x: Video unavailable. This video has been removed by the uploader", "not_found"),
    ("ERROR: [youtube] x: The uploader has not made this video available in your country", "geo"),
    ("ERROR: [youtube] x: Requested format is not available. Use --list-formats", "no_media"),
    ("ERROR: [generic] Unable to download webpage: HTTP Error 403: Forbidden (caused by X)", "forbidden"),
    ("ERROR: [generic] Unable to download webpage: HTTP Error 429: Too Many Requests", "rate_limited"),
    ("ERROR: [generic] Unable to download webpage: HTTP Error 404: Not Found", "not_found"),
    ("ERROR: [generic] Unable to download webpage: HTTP Error 503: Service Unavailable", "server_error"),
    ("ERROR: Unsupported URL: https://example.com/nothing", "unsupported"),
    ("ERROR: [Instagram] x: There is no video in this post", "no_media"),
    ("ERROR: [Instagram] x: Unable to extract LSD token", "login_needed"),
    ("ERROR: [Instagram] x: Failed to parse JSON", "site_changed"),
    ("ERROR: Postprocessing: ffprobe and ffmpeg not found. Please install or provide the path", "postprocess"),
    ("ERROR: unable to write data: [Errno 28] No space left on device", "disk_full"),
    ("ERROR: [generic] Unable to download webpage: Failed to perform, curl: (60) SSL certificate problem", "tls"),
    ("ERROR: [generic] Unable to download webpage: ('Cannot connect to proxy.', RemoteDisconnected())", "proxy"),
    ("ERROR: [generic] Unable to download webpage: Failed to perform, curl: (97) cannot complete SOCKS5", "proxy"),
    ("ERROR: [generic] Unable to download webpage: The read operation timed out", "network"),
    ("ERROR: [generic] Unable to download webpage: Failed to resolve 'x.invalid'", "network"),
    ("ERROR: 20000 bytes read, 5000 more expected", "network"),
    ("ERROR: [DRM] The requested site is known to use DRM protection", "unsupported"),
    # gallery-dl
    ("HTTP redirect to login page (https://www.instagram.com/accounts/login/)", "login_needed"),
    ("HTTP redirect to challenge page (https://www.instagram.com/challenge/)", "challenge"),
    ("HTTP redirect to home page (https://www.instagram.com/)", "login_needed"),
    ("'429 Too Many Requests' for 'https://www.instagram.com/graphql/query'", "rate_limited"),
    ("'403 Forbidden' for 'https://www.tiktok.com/@a'", "forbidden"),
    ("'404 Not Found' for 'https://www.instagram.com/a'", "not_found"),
    ("Requested user could not be found", "not_found"),
    ("https://www.tiktok.com/@a/video/1: Requested post not available", "not_found"),
    ("https://www.tiktok.com/@a/video/1: Region locked - Try downloading with a VPN/proxy connection", "geo"),
    ("https://www.tiktok.com/@a: User account could not be found", "not_found"),
    ("https://www.tiktok.com/@a/video/1: Login required to access this post", "login_needed"),
    ("https://www.tiktok.com/@a/video/1: Failed to extract post (JSONDecodeError: Expecting value)", "site_changed"),
    ("shy's posts are private", "private"),
    ("Cloudflare challenge (503 Service Unavailable) for 'https://example.com/'", "challenge"),
    ("AuthRequired: 'authenticated cookies' needed to access this thread", "login_needed"),
    ("cookies: .instagram.com/sessionid expired at 2026-01-01 00:00:00", "login_needed"),
    ("No results for https://example.com/", "no_media"),
    ("An unexpected error occurred: KeyError - 'itemList'. Please run gallery-dl again with", "site_changed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), RECORDED)
def test_each_recorded_message_has_its_class(text: str, kind: str) -> None:
    failure = faults.from_text(text)

    assert failure is not None
    assert failure.kind == kind
    assert "ERROR:" not in failure.message
    assert "--cookies" not in failure.message
    assert len(failure.message) <= 300


def test_words_that_tell_nothing_give_no_class() -> None:
    assert faults.from_text("Downloading item 3 of 7") is None


class HTTPError(Exception):
    """Shaped like yt-dlp's and gallery-dl's: a status and a response with headers."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(f"HTTP Error {status}")
        self.status = status
        self.response = SimpleNamespace(
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            url="https://e.com/a?sig=s",
        )


@pytest.mark.parametrize(
    ("error", "kind", "wait"),
    [
        (HTTPError(429, Retry_After="77"), "rate_limited", 77),
        (HTTPError(503, Retry_After="5"), "rate_limited", 5),
        (HTTPError(503), "server_error", None),
        (HTTPError(403, cf_mitigated="challenge"), "challenge", None),
        (HTTPError(404), "not_found", None),
        (HTTPError(451), "geo", None),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", None),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "not_writable", None),
        (ssl.SSLCertVerificationError("certificate verify failed"), "tls", None),
        (TimeoutError("timed out"), "network", None),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "network", None),
        (KeyError("itemList"), "site_changed", None),
        (json.JSONDecodeError("Expecting value", "", 0), "site_changed", None),
        (AttributeError("'NoneType' object has no attribute 'x'"), "engine_broken", None),
        (RuntimeError("something odd"), "unknown", None),
        (errors.TooSlow("slow"), "too_slow", None),
    ],
)  # fmt: skip
def test_exceptions_are_told_apart_along_their_causes(
    error: Exception, kind: str, wait: float | None
) -> None:
    wrapped = RuntimeError("ERROR: Unable to download")
    wrapped.__cause__ = error
    packed = RuntimeError("again")
    packed.exc_info = (type(error), error, None)  # type: ignore[attr-defined]

    for shape in (error, wrapped, packed):
        failure = faults.from_exception(shape, "https://e.com/a")
        if shape is error or kind not in {"unknown", "site_changed", "engine_broken", "network"}:
            assert failure.kind == kind
        assert failure.retry_after_s == wait


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            401,
            '{"message": "Please wait a few minutes before you try again.", "status": "fail"}',
            "rate_limited",
        ),
        (400, '{"message": "checkpoint_required"}', "challenge"),
        (403, "<script>window._cf_chl_opt={}</script>", "challenge"),
        (403, '{"require_login": true}', "login_needed"),
        (403, "no", "forbidden"),
    ],
)
def test_the_page_of_a_refusal_counts(status: int, body: str, kind: str) -> None:
    error = HTTPError(status)
    error.response.text = body

    assert faults.from_exception(error).kind == kind


def test_messages_carry_no_secret_and_no_control() -> None:
    failure = faults.from_exception(
        RuntimeError("HTTP Error 403 https://e.com/a?signature=abc\x1b[31m\nCookie: x=y")
    )

    assert "abc" not in failure.message
    assert "\x1b" not in failure.message
    assert "\n" not in failure.message


def test_retry_after_is_read_as_number_and_as_date() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)

    assert faults.retry_after("120") == 120
    assert faults.retry_after(later, now.timestamp()) == 90
    assert faults.retry_after(later, now.timestamp() + 500) == 0
    assert faults.retry_after("soon") is None
    assert faults.retry_after(None) is None


@settings(deadline=None)
@given(st.text(max_size=400), st.text(max_size=50))
def test_any_message_becomes_one_of_our_classes(text: str, what: str) -> None:
    failure = faults.from_exception(RuntimeError(text), what)

    assert isinstance(failure, DownloadError)
    assert failure.message
    assert "\n" not in failure.message
