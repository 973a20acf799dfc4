"""What Instagram's answers say of a login: works, refused, or nothing at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mediadl.errors import Challenge, DownloadError, RateLimited, ServerError, SiteChanged
from mediadl.modules.instagram.standing import FORM, standing
from mediadl.modules.web import Answer


def answer(
    body: Any, status: int = 200, *, url: str = FORM, mime: str = "application/json", **headers: str
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(url, status, {"content-type": mime, **headers}, raw)


def test_a_name_is_a_login_that_works() -> None:
    found = standing(answer({"form_data": {"username": "bob", "email": "secret@example.org"}}))

    assert (found.works, found.account) == (True, "bob")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "found",
    [
        answer(b"<html>", url="https://www.instagram.com/accounts/login/?next=x", mime="text/html"),
        answer({"message": "login_required"}, 403),
        answer({"message": "checkpoint_required"}, 400),
        answer(b"<html>", url="https://www.instagram.com/challenge/x", mime="text/html"),
        answer({"message": "no"}, 401),
    ],
)
def test_a_login_that_is_not_taken_is_told_with_the_reason(found: Answer) -> None:
    said = standing(found)

    assert not said.works
    assert said.reason


@pytest.mark.parametrize(
    ("found", "error"),
    [
        (answer({"message": "wait"}, 429), RateLimited),
        (answer(b"oops", 502, mime="text/html"), ServerError),
        (answer(b"<html>", mime="text/html"), SiteChanged),
        (answer({"form_data": {}}), SiteChanged),
        (answer([]), SiteChanged),
        (answer(b"_cf_chl_opt", 403, mime="text/html"), Challenge),
    ],
)
def test_what_tells_nothing_is_no_verdict(found: Answer, error: type[DownloadError]) -> None:
    with pytest.raises(error):
        standing(found)
