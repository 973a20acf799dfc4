"""What the server answers to whom: pages, login, files. Each row of the table of status codes is a test."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from yarl import URL

from mediadl.models import JobQuery
from mediadl.paths import Home
from mediadl.service.logins import LoginService
from web_stage import PASSWORD, Stage, code_of, served


@pytest_asyncio.fixture
async def stage(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    async with served(opened_home) as made:
        yield made


# Without a login


async def test_a_stranger_is_led_to_the_login(stage: Stage) -> None:
    answer = await (await stage.client()).get("/")

    assert answer.status == 302
    assert answer.headers["Location"] == "/login"


async def test_after_the_login_one_is_where_one_wanted_to_be(stage: Stage) -> None:
    client = await stage.client()
    wanted = URL("/add").with_query(url="https://example.com/a?x=1&y=2")
    led = URL((await client.get(str(wanted))).headers["Location"])
    assert led.path == "/login"

    answer = await client.sign_in("bert", next=led.query["next"])

    assert URL(answer.headers["Location"]) == wanted


@pytest.mark.parametrize(
    "path", ["/login", "/health", "/favicon.ico", "/manifest.webmanifest", "/static/css/pages.css",
             "/static/textual/js/textual.js", "/static/fonts/DejaVuSansMono.woff2"]
)  # fmt: skip
async def test_what_everybody_may_have(stage: Stage, path: str) -> None:
    assert (await (await stage.client()).get(path)).status == 200


@pytest.mark.parametrize("path", ["/static/", "/static/css/", "/static/textual/", "/static/../server.py"])
async def test_folders_are_not_listed_and_not_left(stage: Stage, path: str) -> None:
    assert (await (await stage.client()).get(path)).status in {403, 404, 302}


@pytest.mark.parametrize("path", ["/api/me", "/media/1", "/download/abc", "/ws"])
async def test_what_a_page_fetches_says_that_nobody_is_signed_in(stage: Stage, path: str) -> None:
    assert (await (await stage.client()).get(path)).status == 401


@pytest.mark.parametrize("path", ["/account", "/add"])
async def test_a_person_is_led_to_the_login(stage: Stage, path: str) -> None:
    assert (await (await stage.client()).get(path)).status == 302


@pytest.mark.parametrize("path", ["/logout", "/account/password", "/account/tokens", "/add"])
async def test_a_form_without_a_login_changes_nothing(stage: Stage, path: str) -> None:
    client = await stage.client()

    assert (await client.post(path, url="https://example.com/a")).status == 401
    assert stage.services.queue.counts().total == 0


# Signing in


@pytest.mark.parametrize("origin", ["", None])
async def test_the_right_password_from_our_page_signs_in(stage: Stage, origin: str | None) -> None:
    client = await stage.client()

    answer = await client.post("/login", origin=origin, name="bert", password=PASSWORD)

    assert answer.status == 302
    assert answer.headers["Location"] == "/"
    assert (await client.get("/api/me")).text == '{"name": "bert", "role": "user"}'


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(stage: Stage) -> None:
    client = await stage.client()

    answer = await client.sign_in("bert")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("mediadl-")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))


async def test_a_wrong_password_is_told_in_words(stage: Stage) -> None:
    answer = await (await stage.client()).sign_in("bert", "wrong")

    assert answer.status == 401
    assert "name or password is not right" in answer.text.lower()


async def test_many_wrong_passwords_have_to_wait(stage: Stage) -> None:
    client = await stage.client()

    statuses = [(await client.sign_in("bert", "wrong")).status for _ in range(7)]

    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429


@pytest.mark.parametrize("word", ["", "made-up"])
async def test_a_form_that_is_not_ours_is_refused(stage: Stage, word: str) -> None:
    client = await stage.client()
    await client.word()

    assert (await client.post("/login", word=word, name="bert", password=PASSWORD)).status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_form_from_a_page_of_another_site_is_refused(stage: Stage, origin: str) -> None:
    client = await stage.client()

    assert (await client.post("/login", origin=origin, name="bert", password=PASSWORD)).status == 403


async def test_the_name_another_site_bent_to_us_opens_nothing(stage: Stage) -> None:
    assert (await (await stage.client()).get("/login", Host="evil.example")).status == 421


async def test_the_second_factor_is_asked_for_on_a_page_of_its_own(stage: Stage) -> None:
    offer = stage.services.users.offer_totp("bert")
    stage.services.users.confirm_totp("bert", code_of(offer.seed))
    client = await stage.client()

    asked = await client.sign_in("bert")
    step = re.search(r'name="step" value="([^"]+)"', asked.text)
    assert asked.status == 401
    assert step is not None
    assert PASSWORD not in asked.text
    wrong = await client.post("/login", step=step[1], code="000000")
    right = await client.post("/login", step=step[1], code=code_of(offer.seed, 1))

    assert wrong.status == 401
    assert "that code is not right" in wrong.text.lower()
    assert right.status == 302


async def test_the_first_administrator_needs_the_code_from_the_terminal(home: Home) -> None:
    async with served(home, accounts=False) as stage:
        code = stage.services.logins.first_code()
        assert code is not None
        client = await stage.client()
        assert (await client.get("/login")).headers["Location"] == "/first"
        word = await client.word("/first")
        fields = {"name": "anna", "password": PASSWORD, "again": PASSWORD, "word": word}

        wrong = await client.post("/first", code="AAAA-BBBB-CCCC", **fields)
        differ = await client.post("/first", code=code, **{**fields, "again": "other"})
        right = await client.post("/first", code=code, **fields)

        assert wrong.status == 401
        assert differ.status == 400
        assert right.status == 302
        assert (await client.get("/api/me")).text == '{"name": "anna", "role": "admin"}'
        assert (await client.get("/first")).headers["Location"] == "/login"


# Signed in


async def test_every_answer_keeps_pages_apart(stage: Stage) -> None:
    client = await stage.client()

    for path in ("/login", "/no-such-page", "/api/me", "/static/css/pages.css"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert headers["Server"] == "mediadl", path


async def test_no_page_holds_a_script_or_asks_elsewhere(stage: Stage) -> None:
    client = await stage.client("anna")

    for path in ("/", "/account", "/add"):
        page = await client.get(path)
        assert page.status == 200
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?! src=\"/static/)|style=| on[a-z]+=", page.text), path
        assert not re.search(r"(?:src|href)=\"(?!/|javascript:void)", page.text), path


async def test_signing_out_ends_the_login(stage: Stage) -> None:
    client = await stage.client("bert")

    assert (await client.post("/logout", origin="https://evil.example")).status == 403
    assert (await client.get("/api/me")).status == 200
    assert (await client.post("/logout")).status == 302
    assert (await client.get("/api/me")).status == 401


async def test_a_login_that_was_ended_elsewhere_opens_nothing(stage: Stage) -> None:
    client = await stage.client("bert")

    for login in stage.services.logins.sessions("bert"):
        stage.services.logins.revoke(login.id)

    assert (await client.get("/api/me")).status == 401
    assert (await client.get("/")).status == 302


async def test_a_login_in_use_is_given_a_new_secret_and_the_old_one_is_worth_nothing(stage: Stage) -> None:
    client = await stage.client("bert")
    old = {cookie.key: cookie.value for cookie in client.http.cookie_jar}
    stage.services.logins = LoginService(stage.services, lambda: time.time() + 1000)

    await client.get("/")
    new = {cookie.key: cookie.value for cookie in client.http.cookie_jar}
    stage.services.logins = LoginService(stage.services, lambda: time.time() + 1100)

    assert (await client.get("/api/me")).status == 200
    (name,) = [key for key in new if "form" not in key]
    assert new[name] != old[name]
    assert (await (await stage.client()).get("/api/me", Cookie=f"{name}={old[name]}")).status == 401


async def test_a_link_on_another_site_is_asked_again_from_our_own_page(stage: Stage) -> None:
    answer = await (await stage.client()).get("/add?url=x", Sec_Fetch_Site="cross-site")

    assert answer.status == 200
    assert 'http-equiv="refresh"' in answer.text


# The account page


async def test_a_key_is_shown_once_and_taken_back(stage: Stage) -> None:
    client = await stage.client("bert")

    made = await client.post("/account/tokens", name="phone", days="30", **{"scope-add": "on"})
    secret = re.search(r'id="secret">([^<]+)<', made.text)
    assert secret is not None
    assert stage.services.tokens.caller_of(secret[1], address="127.0.0.1") is not None
    assert secret[1] not in (await client.get("/account")).text
    number = re.search(r'name="token" value="(\d+)"', made.text)
    assert number is not None
    await client.post("/account/tokens/revoke", token=number[1])

    assert stage.services.tokens.caller_of(secret[1], address="127.0.0.1") is None


async def test_nobody_ends_the_logins_or_keys_of_others(stage: Stage) -> None:
    bert, carl = await stage.client("bert"), await stage.client("carl")
    (login,) = stage.services.logins.sessions("bert")
    await bert.post("/account/tokens", name="phone", days="", **{"scope-read": "on"})
    (token,) = stage.services.tokens.list()

    assert (await carl.post("/account/sessions", session=login.id)).status == 400
    assert (await carl.post("/account/tokens/revoke", token=str(token.id))).status == 400

    assert (await bert.get("/api/me")).status == 200
    assert len(stage.services.tokens.list()) == 1


async def test_a_new_password_ends_every_other_login(stage: Stage) -> None:
    here, there = await stage.client("bert"), await stage.client("bert")
    new = "eight purple trains"

    wrong = await here.post("/account/password", password="wrong", new=new, again=new)
    right = await here.post("/account/password", password=PASSWORD, new=new, again=new)

    assert (wrong.status, right.status) == (400, 200)
    assert (await here.get("/api/me")).status == 200
    assert (await there.get("/api/me")).status == 401


async def test_a_code_from_an_app_is_set_up_with_a_picture_and_words(stage: Stage) -> None:
    client = await stage.client("bert")

    offered = await client.post("/account/2fa", password=PASSWORD)
    seed = re.search(r'id="seed">([^<]+)<', offered.text)
    assert "<svg" in offered.text
    assert seed is not None
    done = await client.post("/account/2fa/confirm", code=code_of(seed[1]))

    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert stage.services.users.get("bert").has_totp


# Adding from elsewhere


async def test_nothing_is_added_before_its_user_says_so(stage: Stage) -> None:
    client = await stage.client("bert")

    asked = await client.get("/add?url=https%3A%2F%2Fexample.com%2Fa.jpg")
    assert "https://example.com/a.jpg" in asked.text
    assert stage.services.queue.counts().total == 0
    done = await client.post("/add", url="https://example.com/a.jpg")

    assert done.status == 200
    (job,) = stage.services.queue.page(JobQuery(), 0, 10)
    assert job.url == "https://example.com/a.jpg"
    assert job.owner_id == stage.services.users.get("bert").id


async def test_the_address_among_shared_words_is_found(stage: Stage) -> None:
    client = await stage.client("bert")

    asked = await client.get("/add?title=Nice&text=Look%20at%20https%3A%2F%2Fexample.com%2Fv%2F1%20now")

    assert 'value="https://example.com/v/1"' in asked.text


async def test_an_address_with_markup_stays_text(stage: Stage) -> None:
    client = await stage.client("bert")

    asked = await client.get("/add?url=https%3A%2F%2Fexample.com%2F%22%3E%3Cscript%3E")

    assert "<script>" not in asked.text


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/"]
)
async def test_private_addresses_are_refused(stage: Stage, url: str) -> None:
    client = await stage.client("anna")

    assert (await client.post("/add", url=url)).status == 400
    assert stage.services.queue.counts().total == 0


async def test_who_only_looks_adds_nothing(stage: Stage) -> None:
    client = await stage.client("vera")

    answer = await client.post("/add", url="https://example.com/a.jpg")

    assert answer.status == 403
    assert stage.services.queue.counts().total == 0
