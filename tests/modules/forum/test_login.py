"""Logins by form: what is sent, where, when, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from fakeweb.sites.forums import MEMBER, PASSWORD, PROGRAMS, THREAD_ID, Forums, Mode
from forum_walking import FakeWeb, Stage, stage
from mediadl.errors import Challenge, LoginNeeded, SiteChanged
from mediadl.modules.forum import login
from mediadl.modules.web import Answer, Web

EVERY = [kind.software for kind in PROGRAMS]
FORM = """
<form action="/search"><input type="text" name="q"></form>
<form action="./login.php?x=1&amp;y=2" method="post">
 <input type="hidden" name="token" value="a&quot;b"><input type="hidden" name="sid" value="9">
 <input name="username"><input type="password" name="password"><input type="checkbox" name="autologin">
 <input type="checkbox" name="newsletter" value="1"><input type="submit" name="login" value="Login">
</form>
"""


def log_in(
    made: Stage, password: str = PASSWORD, is_in: Callable[[Answer], bool | None] | None = None
) -> None:
    software = made.forum.software
    login.log_in(
        made.web,
        made.forum.thread_url(THREAD_ID),
        "smf" if software == "smf2" else software,
        MEMBER,
        password,
        # This program's pages tell where its form is
        login_url=made.forum.base_url + made.forum.login.page if software == "vbulletin5" else "",
        is_in=is_in,
        rest=made._rest,
    )


@pytest.mark.parametrize("software", EVERY)
def test_name_and_password_open_the_forum(software: str) -> None:
    made = stage(software, mode=Mode.MEMBERS)

    log_in(made)

    made.check()
    assert len(made.book.new_ids) == 48


@pytest.mark.parametrize("software", EVERY)
def test_a_wrong_password_is_refused_in_words(software: str) -> None:
    made = stage(software, mode=Mode.MEMBERS)

    with pytest.raises(LoginNeeded, match="refused"):
        log_in(made, "wrong")


def test_every_hidden_field_goes_back_and_nothing_is_subscribed_to() -> None:
    form = login.form_of(FORM)

    assert form is not None
    assert form.action == "./login.php?x=1&y=2"
    assert form.filled("ann", "secret") == {
        "token": 'a"b',
        "sid": "9",
        "username": "ann",
        "password": "secret",
        "autologin": "on",
        "login": "Login",
    }


def test_of_several_forms_the_one_with_most_hidden_fields_is_taken() -> None:
    quick = '<form action="/quick"><input name="username"><input type="password" name="pw"></form>'

    form = login.form_of(quick + FORM)

    assert form is not None
    assert form.password == "password"


def test_a_page_without_a_password_has_no_login_form() -> None:
    assert login.form_of('<form><input name="q"></form>') is None
    assert login.form_of("") is None


def test_programs_that_refuse_quick_forms_are_given_time() -> None:
    made = stage("phpbb3", mode=Mode.MEMBERS)

    log_in(made)

    assert made.rests == [1.1]


class Pages(FakeWeb):
    """Answers every request with one page."""

    def __init__(self, page: str, url: str = "") -> None:
        super().__init__(Forums()["phpbb3"])
        self.page = page
        self.url = url

    def _ask(self, method: str, url: str, headers: object, body: bytes) -> Answer:
        return Answer(self.url or url, 200, {"content-type": "text/html"}, self.page.encode())


@pytest.mark.parametrize(
    "action", ["https://evil.example/login", "http://phpbb3.example.org/login", "//evil.example/x"]
)
def test_a_password_never_leaves_its_site_nor_goes_in_the_open(action: str) -> None:
    web = Pages(FORM.replace("./login.php?x=1&amp;y=2", action))

    with pytest.raises(SiteChanged, match="not sent"):
        login.log_in(
            web, "https://phpbb3.example.org/viewtopic.php?t=1", "phpbb3", "ann", "secret", rest=at_once
        )

    assert web.sent == []


def test_a_form_on_another_site_is_not_filled() -> None:
    web = Pages(FORM, "https://evil.example/login")

    with pytest.raises(SiteChanged):
        login.log_in(
            web, "https://phpbb3.example.org/viewtopic.php?t=1", "phpbb3", "ann", "secret", rest=at_once
        )

    assert web.sent == []


def test_a_login_with_a_riddle_is_left_to_the_browser() -> None:
    web = Pages(FORM + '<div class="g-recaptcha"></div>')

    with pytest.raises(Challenge):
        login.log_in(
            web, "https://phpbb3.example.org/viewtopic.php?t=1", "phpbb3", "ann", "secret", rest=at_once
        )


def test_a_page_without_a_form_says_so() -> None:
    with pytest.raises(SiteChanged, match="no login form"):
        login.log_in(
            Pages("<p>hello</p>"),
            "https://phpbb3.example.org/viewtopic.php?t=1",
            "phpbb3",
            "ann",
            "s",
            rest=at_once,
        )


def at_once(_pause_s: float) -> None:
    """Nobody waits here."""


def test_a_form_between_the_rows_of_a_table_is_whole() -> None:
    rows = '<tr><td><input name="username"></td></tr><tr><td><input type="password" name="pw"></td></tr>'

    form = login.form_of(
        f'<table><form action="/in"><input type="hidden" name="t" value=" 7">{rows}</form></table>'
    )

    assert form is not None
    assert (form.action, form.user, form.password, form.fields) == ("/in", "username", "pw", {"t": " 7"})


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["<a ", "<a b='", "<textarea", "<!--", "<![", "</a"])
def test_no_page_keeps_the_search_for_a_form_busy(unit: str) -> None:
    assert login.form_of(unit * 5000) is None


class MovedToTls:
    """A forum whose addresses without TLS lead to those with it."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        given = {"content-type": "application/json", "x-csrf-token": "t"}
        return Answer(url.replace("http:", "https:"), 200, given, b'{"csrf": "t", "csrf_token": "t"}')

    def post(self, url: str, **_sent: Any) -> Answer:
        self.posted.append(url)
        return Answer(url, 200, {"content-type": "application/json"}, b"{}")


@pytest.mark.parametrize("software", ["nodebb", "discourse", "flarum"])
def test_a_password_goes_where_the_forum_moved_to_with_tls(software: str) -> None:
    web = MovedToTls()

    login.log_in(cast("Web", web), "http://talk.example.org/t/a/1", software, "ann", "secret", rest=at_once)

    assert [url[:24] for url in web.posted] == ["https://talk.example.org"]
