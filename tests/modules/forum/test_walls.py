"""What stands before the posts is named: logins, bot checks, threads that are gone."""

from __future__ import annotations

import pytest

from forum_pages import NOW, Sample, answer
from forum_pages_further import EVERY
from mediadl.errors import (
    Challenge,
    DownloadError,
    LoginNeeded,
    MediaNotFound,
    Private,
    RateLimited,
    SiteChanged,
)
from mediadl.modules.forum.page import Page
from mediadl.modules.forum.reading import read
from mediadl.modules.forum.walls import wall
from mediadl.modules.web import Answer

LOGIN_FORM = '<form action="/login"><input name="user"><input type="password" name="pw"></form>'
SHELL = '<meta name="generator" content="Discourse 3.3"><title>Old roads</title>'


def met(given: Answer) -> DownloadError | None:
    return wall(given, read(given, now=NOW))


@pytest.mark.parametrize("sample", EVERY, ids=[sample.software for sample in EVERY])
def test_page_with_posts_or_threads_is_no_wall(sample: Sample) -> None:
    # Most boards show visitors a small login form beside the posts
    assert met(sample.answer(sample.page + LOGIN_FORM)) is None
    assert met(sample.answer(sample.board + LOGIN_FORM, sample.board_url)) is None


@pytest.mark.parametrize(
    "sample", [one for one in EVERY if one.wall], ids=[one.software for one in EVERY if one.wall]
)
@pytest.mark.parametrize("status", [200, 403])
def test_words_of_the_program_mean_login(sample: Sample, status: int) -> None:
    head = sample.board.partition("<a ")[0]
    error = met(sample.answer(f"{head}<h1>Walks</h1><p>{sample.wall}</p>{LOGIN_FORM}", status=status))

    assert isinstance(error, LoginNeeded)
    assert str(error).startswith(sample.url.split("/")[2])
    assert f"mediadl session import {sample.url.split('/')[2]}" in error.next_step


def test_missing_cookie_is_named() -> None:
    error = met(EVERY[0].answer('<html id="XF" data-xf="2" data-logged-in="false">' + LOGIN_FORM, status=403))

    assert error is not None
    assert "xf_user" in error.next_step


@pytest.mark.parametrize("status", [401, 403])
def test_refusal_means_login(status: int) -> None:
    assert isinstance(met(answer("<h1>Forbidden</h1>", status=status)), LoginNeeded)


def test_member_who_is_refused_needs_no_other_login() -> None:
    page = (
        '<html id="XF" data-xf="2" data-logged-in="true"><p>You do not have permission to view this page.</p>'
    )

    assert isinstance(met(answer(page, status=403)), Private)


@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example.org/user/login/?next=/topic/7/",
        "https://forum.example.org/ucp.php?mode=login",
        "https://forum.example.org/member.php?action=login",
        "https://forum.example.org/index.php?login/",
        "https://forum.example.org/auth/login",
        "https://forum.example.org/login.php",
    ],
)
def test_redirect_to_a_login_page_means_login(url: str) -> None:
    given = answer("<h1>Welcome</h1>", url, 200, "https://forum.example.org/topic/7/old/")

    assert isinstance(met(given), LoginNeeded)


def test_password_form_without_posts_means_login() -> None:
    assert isinstance(met(answer(f"<h1>Walks</h1>{LOGIN_FORM}")), LoginNeeded)


@pytest.mark.parametrize(
    ("page", "status", "headers"),
    [
        (
            "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
            403,
            {"cf-mitigated": "challenge"},
        ),
        ("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 200, {}),
        ("<title>DDoS-Guard</title>", 403, {}),
        ("<title>Making sure you're not a bot!</title><script id=anubis_challenge>1</script>", 200, {}),
        ("<title>Attention Required! | Cloudflare</title>", 403, {}),
        ('<title>Walks</title><div class="h-captcha"></div>', 200, {}),
    ],
)
def test_bot_checks_are_challenges(page: str, status: int, headers: dict[str, str]) -> None:
    given = Answer(
        "https://forum.example.org/x", status, {"content-type": "text/html", **headers}, page.encode()
    )

    assert isinstance(met(given), Challenge)


def test_captcha_beside_posts_is_no_challenge() -> None:
    sample = EVERY[0]

    assert met(sample.answer(sample.page + '<div class="g-recaptcha"></div>')) is None


@pytest.mark.parametrize(
    "words",
    [
        "The requested topic does not exist.",
        "The specified thread does not exist.",
        "The requested thread could not be found.",
        "None Unknown Error",
        "No Thread specified. If you followed a valid link, please notify the administrator.",
        "This thread has been removed.",
    ],
)
def test_missing_thread_with_status_200_is_not_found(words: str) -> None:
    # A board's own login form does not make it a login page
    assert isinstance(met(answer(f"<title>Walks</title><p>{words}</p>{LOGIN_FORM}")), MediaNotFound)


@pytest.mark.parametrize("status", [404, 410])
def test_missing_thread_is_not_found(status: int) -> None:
    assert isinstance(met(answer(LOGIN_FORM, status=status)), MediaNotFound)


def test_smf_says_missing_or_off_limits_and_a_member_knows_which() -> None:
    words = "<p>The topic or board you are looking for appears to be either missing or off limits to you.</p>"
    page = '<script>var smf_theme_url="x"; var smf_member_id = {};</script><body id="smf">' + words

    assert isinstance(met(answer(page.format(0))), LoginNeeded)
    assert isinstance(met(answer(page.format(5))), Private | MediaNotFound)


def test_slow_down_is_a_rate_limit() -> None:
    given = Answer("https://forum.example.org/x", 429, {"content-type": "text/html", "retry-after": "7"}, b"")
    error = met(given)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 7


@pytest.mark.parametrize("page", ["", "<html><body></body></html>", "<p>Welcome to our shop</p>"])
def test_page_without_posts_is_a_changed_site(page: str) -> None:
    error = met(answer(page))

    assert isinstance(error, SiteChanged)
    assert "forum.example.org" in str(error)


def test_board_without_threads_is_no_wall() -> None:
    page = (
        '<html id="XF" data-xf="2" data-logged-in="false"><p>There are no threads matching your filters.</p>'
    )

    assert met(answer(page + LOGIN_FORM, "https://forum.example.org/forums/walks.2/")) is None
    assert met(answer(page, "https://forum.example.org/threads/old-roads.7/")) is not None


def test_shell_that_names_its_posts_is_no_wall() -> None:
    assert met(answer(SHELL, "https://forum.example.org/t/old-roads/7")) is None


def test_empty_list_is_a_wall_on_the_first_page_only() -> None:
    url = "https://forum.example.org/api/posts?page[offset]={}"
    first, later = (
        Answer(
            url.format(offset),
            200,
            {"content-type": "application/vnd.api+json"},
            b'{"data": [], "links": {}}',
        )
        for offset in (0, 40)
    )

    assert isinstance(met(first), MediaNotFound)
    assert met(later) is None


def test_json_refusals_are_named() -> None:
    given = Answer(
        "https://forum.example.org/t/7.json", 403, {"content-type": "application/json"}, b'{"errors": ["no"]}'
    )

    assert isinstance(met(given), LoginNeeded)


def test_answer_that_was_not_read_is_judged_by_itself() -> None:
    assert isinstance(wall(answer(LOGIN_FORM)), LoginNeeded)
    assert isinstance(
        wall(Answer("https://a.example/", 200, {"content-type": "image/png"}, b"\x89PNG")), SiteChanged
    )
    assert (
        wall(
            answer("<p>x</p>"),
            Page("https://a.example/", "unknown", number=0, further=("https://a.example/2",)),
        )
        is None
    )
