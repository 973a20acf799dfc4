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
from recorded_errors import RECORDED


@pytest.mark.parametrize(("text", "kind"), RECORDED)
def test_each_recorded_message_has_its_class(text: str, kind: str) -> None:
    failure = faults.from_text(text)

    assert failure is not None
    assert failure.kind == kind
    assert faults.from_exception(RuntimeError(text)).kind == kind
    assert "ERROR:" not in failure.message
    assert "--cookies" not in failure.message
    assert len(failure.message) <= 300


def test_many_different_errors_are_recorded_and_none_is_unknown() -> None:
    assert len({text for text, _kind in RECORDED}) == len(RECORDED) >= 240
    assert "unknown" not in {kind for _text, kind in RECORDED}


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
        (UnboundLocalError("cannot access local variable 'page' where it is not associated"), "rate_limited", None),
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
        (400, '{"message": "checkpoint_required", "lock": true}', "login_needed"),
        (400, '{"message": "feedback_required", "spam": true}', "login_needed"),
        (400, '{"message": "challenge_required"}', "login_needed"),
        (400, '{"message": "bad request"}', "forbidden"),
        (
            403,
            "Please wait...<p id='rs'></p><script>document.cookie='_wafchallengeid='</script>",
            "challenge",
        ),
        (403, "<script>window._cf_chl_opt={}</script>", "challenge"),
        (403, '{"require_login": true}', "login_needed"),
        (403, "no", "forbidden"),
    ],
)
def test_the_page_of_a_refusal_counts(status: int, body: str, kind: str) -> None:
    error = HTTPError(status)
    error.response.text = body

    assert faults.from_exception(error).kind == kind


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Your IP address is blocked from accessing this post", "gone, or TikTok hides it"),
        ("https://www.tiktok.com/@a/video/1: Requested post not available", "gone, or TikTok hides it"),
        ("Video not available, status code 10231", "not shown in this region"),
        ("UnboundLocalError - cannot access local variable 'page'", "too many requests"),
        ('400 Bad Request - message "feedback_required"', "let it rest"),
        ('400 Bad Request - message "checkpoint_required"', "open it in a browser"),
    ],
)  # fmt: skip
def test_words_that_mislead_are_replaced(said: str, told: str) -> None:
    failure = faults.from_text(said)

    assert failure is not None
    assert told in failure.message


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
