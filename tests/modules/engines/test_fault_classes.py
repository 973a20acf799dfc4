"""The engines' own exception classes, made as they make them, each find their class of ours."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from gallery_dl import exception as gallery
from yt_dlp.networking.exceptions import (
    CertificateVerifyError,
    HTTPError,
    IncompleteRead,
    ProxyError,
    TransportError,
)
from yt_dlp.networking.exceptions import SSLError as YtSSLError
from yt_dlp.utils import (
    ContentTooShortError,
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    PostProcessingError,
    RegexNotFoundError,
    UnavailableVideoError,
    UnsupportedError,
    UserNotLive,
)

from mediadl.modules.engines import faults

instaloader = pytest.importorskip("instaloader")


class YtAnswer:
    """What yt-dlp's HTTPError wants of a response."""

    def __init__(self, status: int, **headers: str) -> None:
        self.status = status
        self.reason = "reason"
        self.headers = headers
        self.url = "https://example.com/a"

    def close(self) -> None: ...


def answer(status: int, text: str = "", **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made.reason, made.url = status, "Reason", "https://example.com/a"
    made._content = text.encode()
    made.headers.update(headers)
    return made


def wrapped(cause: Exception) -> DownloadError:
    """As YoutubeDL raises what an extractor met."""
    outer = ExtractorError("Unable to download webpage", cause=cause)
    return DownloadError(f"ERROR: {outer}", (type(outer), outer, None))


YTDLP: list[tuple[Exception, str]] = [
    (wrapped(HTTPError(YtAnswer(429))), "rate_limited"),
    (wrapped(HTTPError(YtAnswer(403))), "forbidden"),
    (wrapped(HTTPError(YtAnswer(404))), "not_found"),
    (wrapped(HTTPError(YtAnswer(500))), "server_error"),
    (wrapped(HTTPError(YtAnswer(401))), "login_needed"),
    (wrapped(HTTPError(YtAnswer(451))), "geo"),
    (wrapped(HTTPError(YtAnswer(400))), "forbidden"),
    (wrapped(TransportError("timed out")), "network"),
    (wrapped(IncompleteRead(500, 400)), "network"),
    (wrapped(YtSSLError("handshake failure")), "network"),
    (wrapped(CertificateVerifyError("certificate verify failed")), "tls"),
    (wrapped(ProxyError("no way")), "proxy"),
    (DownloadError("ERROR: x", (GeoRestrictedError, GeoRestrictedError("not here", countries=["DE"]), None)), "geo"),
    (UnsupportedError("https://example.com/"), "unsupported"),
    (UserNotLive(), "no_media"),
    (RegexNotFoundError("Unable to extract title"), "site_changed"),
    (PostProcessingError("ffmpeg exited with code 1"), "postprocess"),
    (ContentTooShortError(500, 900), "network"),
    (UnavailableVideoError("HTTP Error 404: Not Found"), "not_found"),
    (ExtractorError("KeyError('x')", cause=KeyError("x")), "site_changed"),
    (ExtractorError("oops", cause=AttributeError("'NoneType' object has no attribute 'get'")), "engine_broken"),
]  # fmt: skip

GALLERYDL: list[tuple[Exception, str]] = [
    (gallery.HttpError("", answer(429)), "rate_limited"),
    (gallery.HttpError("", answer(403)), "forbidden"),
    (gallery.HttpError("", answer(404)), "not_found"),
    (gallery.HttpError("", answer(502)), "server_error"),
    (gallery.HttpError("", answer(400, '{"message": "checkpoint_required"}')), "login_needed"),
    (gallery.HttpError("", answer(401, '{"message": "Please wait a few minutes"}')), "rate_limited"),
    (gallery.ChallengeError("Cloudflare challenge", answer(503)), "challenge"),
    (gallery.AuthRequired("authenticated cookies", "thread"), "login_needed"),
    (gallery.AuthorizationError(), "login_needed"),
    (gallery.AuthorizationError("CAPTCHA required"), "challenge"),
    (gallery.AuthorizationError("Temporarily Banned"), "rate_limited"),
    (gallery.AuthenticationError(), "login_needed"),
    (gallery.NotFoundError("user"), "not_found"),
    (gallery.NoExtractorError(), "unsupported"),
    (gallery.AbortExtraction("HTTP redirect to login page (https://www.instagram.com/)"), "login_needed"),
    (gallery.AbortExtraction("Failed to load API data (KeyError: 'data')"), "site_changed"),
    (gallery.ExtractionError("failed to find matching digest"), "challenge"),
    (gallery.HttpError(requests.ConnectionError("Max retries exceeded")), "network"),
]  # fmt: skip

INSTALOADER: list[tuple[Exception, str]] = [
    (instaloader.TooManyRequestsException("429 Too Many Requests"), "rate_limited"),
    (instaloader.QueryReturnedNotFoundException("404 Not Found"), "not_found"),
    (instaloader.QueryReturnedForbiddenException("403 Forbidden"), "forbidden"),
    (instaloader.QueryReturnedBadRequestException("400 Bad Request"), "forbidden"),
    (instaloader.ProfileNotExistsException("Profile x does not exist."), "not_found"),
    (instaloader.ProfileHasNoPicsException("x"), "no_media"),
    (instaloader.PrivateProfileNotFollowedException("x"), "private"),
    (instaloader.LoginRequiredException("x"), "login_needed"),
    (instaloader.LoginException("x"), "login_needed"),
    (instaloader.TwoFactorAuthRequiredException("x"), "login_needed"),
    (instaloader.BadCredentialsException("x"), "login_needed"),
    (instaloader.BadResponseException("x"), "site_changed"),
    (instaloader.PostChangedException("x"), "site_changed"),
    (instaloader.ConnectionException("Connection to instagram timed out"), "network"),
    (instaloader.ConnectionException("JSON Query to x: 401 Unauthorized"), "login_needed"),
    (instaloader.AbortDownloadException('400 Bad Request - message "feedback_required"'), "login_needed"),
    (instaloader.AbortDownloadException("Redirected to login page. You've been logged out"), "login_needed"),
    (instaloader.InvalidArgumentException("Wrong shortcode"), "unsupported"),
    (instaloader.IPhoneSupportDisabledException("iPhone support is disabled."), "engine_broken"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "kind"), [*YTDLP, *GALLERYDL, *INSTALOADER], ids=repr)
def test_each_exception_of_an_engine_has_its_class(error: Exception, kind: str) -> None:
    failure: Any = faults.from_exception(error, "https://example.com/a")

    assert failure.kind == kind
    assert failure.message
