from __future__ import annotations

import http.cookiejar
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import JobStatus, Session
from mediadl.paths import Home
from mediadl.service import Services, cookies
from mediadl.service.sessions import site_word
from mediadl.store import jobs, sessions

LATER = 4_102_444_800
LONG_AGO = 1_600_000_000

GOOD = (
    "# Netscape HTTP Cookie File\r\n"
    f"#HttpOnly_.instagram.com\tTRUE\t/\tTRUE\t{LATER}\tsessionid\tvery-secret\r\n"
    f".instagram.com\tTRUE\t/\tTRUE\t{LATER * 1000}\tcsrftoken\ttok\r\n"
    f"www.instagram.com\tFALSE\t/\tFALSE\t0\tmid\t\r\n"
    f".instagram.com\tTRUE\t/\tTRUE\t{LONG_AGO}\told\tx\r\n"
    f".bank.example\tTRUE\t/\tTRUE\t{LATER}\tsession\tbank-secret\r\n"
)


def jar(folder: Path, text: str | bytes = GOOD) -> Path:
    path = folder / "cookies.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_an_import_keeps_the_sites_own_cookies_in_a_private_file(
    services: Services, home: Home, tmp_path: Path
) -> None:
    made = services.sessions.import_file("instagram", jar(tmp_path), "bob")

    file = home.sessions / made.session.file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "very-secret" in file.read_text()
    assert "bank-secret" not in file.read_text()
    assert (made.session.site, made.session.account, made.session.cookies) == ("instagram", "bob", 3)
    assert made.left_out == 1
    assert made.expired == "old (2020-09-13)"
    assert made.session.expires_at == LATER


def test_what_is_written_is_read_by_the_standard_library(
    services: Services, home: Home, tmp_path: Path
) -> None:
    made = services.sessions.import_file("https://www.instagram.com/bob", jar(tmp_path))

    read = http.cookiejar.MozillaCookieJar(str(home.sessions / made.session.file))
    read.load(ignore_discard=True)

    found = {cookie.name: cookie for cookie in read}
    assert set(found) == {"sessionid", "csrftoken", "mid"}
    assert found["sessionid"].value == "very-secret"
    assert found["sessionid"].has_nonstandard_attr("HTTPOnly")
    assert found["csrftoken"].expires == LATER


def test_importing_wakes_the_jobs_that_waited_for_it(services: Services, tmp_path: Path) -> None:
    (added,) = services.queue.add(["instagram:bob"])
    with services.store.write() as tx:
        (job,) = jobs.claim(
            tx,
            lane=jobs.get(tx, added.job_id).lane,
            limit=1,
            per_site=1,
            worker="w",
            boot="b",
            lease_until=1e12,
            now=time.time(),
        )
        jobs.settle(tx, job.id, job.fence, JobStatus.WAITING, now=time.time(), reason="login_needed")

    made = services.sessions.import_file("instagram", jar(tmp_path))

    assert made.woken == 1
    assert services.queue.get(added.job_id).status is JobStatus.PENDING


def test_a_fresh_import_clears_what_the_site_complained_about(services: Services, tmp_path: Path) -> None:
    services.sessions.import_file("instagram", jar(tmp_path))
    with services.store.write() as tx:
        sessions.mark_broken(tx, "instagram", "default", "logged out")

    services.sessions.import_file("instagram", jar(tmp_path))

    assert [session.broken_reason for session in services.sessions.list()] == [""]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no cookies"),
        ("# only a comment\n", "holds no cookies"),
        ('[{"domain": ".instagram.com"}]', "is JSON"),
        ("<!doctype html><p>", "is a web page"),
        ("PNG\r\n", "line 1 is not a line"),
        (b"\x89PNG\xff\xfe", "not text"),
        (".instagram.com TRUE / TRUE 0 sessionid x\n", "line 1 is not a line"),
        (".instagram.com\tTRUE\t/\tTRUE\tsoon\tsessionid\tx\n", "no expiry time"),
        (
            f".instagram.com\tTRUE\t/\tTRUE\t{LONG_AGO}\tsessionid\tx\n",
            "have run out: sessionid (2020-09-13)",
        ),
        (f".bank.example\tTRUE\t/\tTRUE\t{LATER}\tsession\tx\n", "no cookie of instagram"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_and_changes_nothing(
    services: Services, home: Home, tmp_path: Path, content: str | bytes, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        services.sessions.import_file("instagram", jar(tmp_path, content))

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert services.sessions.list() == []
    assert list(home.sessions.iterdir()) == []


def test_a_missing_file_and_a_bad_account_are_refused(services: Services, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        services.sessions.import_file("instagram", tmp_path / "none.txt")
    with pytest.raises(InvalidInput, match="not an account name"):
        services.sessions.import_file("instagram", jar(tmp_path), "../../x")


def test_remove_forgets_row_and_file(services: Services, home: Home, tmp_path: Path) -> None:
    services.sessions.import_file("instagram", jar(tmp_path), "a")
    services.sessions.import_file("instagram", jar(tmp_path), "b")

    services.sessions.remove("instagram", "a")
    assert [session.account for session in services.sessions.list()] == ["b"]
    services.sessions.remove("instagram")

    assert list(home.sessions.iterdir()) == []
    with pytest.raises(NotFound):
        services.sessions.remove("instagram")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Instagram", "instagram"),
        ("instagram.com", "instagram"),
        ("https://www.tiktok.com/@alice", "tiktok"),
        ("tt", "tiktok"),
        ("forum.example.org", "forum.example.org"),
        ("https://www.forum.example.org/login", "forum.example.org"),
    ],
)
def test_a_site_has_one_word_however_it_is_named(text: str, word: str) -> None:
    assert site_word(text)[0] == word


@pytest.mark.parametrize("text", ["", "nowhere", "generic", "a b.c", "../x.y"])
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a site"):
        site_word(text)


@pytest.mark.parametrize(
    ("domain", "hosts", "fits"),
    [
        (".instagram.com", ("instagram.com",), True),
        ("i.instagram.com", ("instagram.com",), True),
        ("notinstagram.com", ("instagram.com",), False),
        (".example.org", ("forum.example.org",), True),
        (".org", ("forum.example.org",), False),
        ("evil.org", ("forum.example.org",), False),
    ],
)
def test_cookies_belong_to_their_host_and_what_is_below_it(
    domain: str, hosts: tuple[str, ...], fits: bool
) -> None:
    cookie = cookies.Cookie(domain, True, "/", True, 0, "n", "v", False)

    assert cookie.fits(hosts) is fits


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    try:
        found = cookies.parse(raw)
    except InvalidInput:
        return
    assert cookies.parse(cookies.render(found).encode()) == found


fields = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


@given(
    st.lists(
        st.builds(
            cookies.Cookie,
            domain=st.sampled_from([".a.example", "b.example"]),
            subdomains=st.booleans(),
            path=st.just("/"),
            secure=st.booleans(),
            expires_at=st.integers(0, 4_000_000_000).map(float),
            name=fields,
            value=fields,
            http_only=st.booleans(),
        ),
        min_size=1,
    )
)
def test_what_was_written_is_read_back(made: list[cookies.Cookie]) -> None:
    assert cookies.parse(cookies.render(made).encode()) == made


def test_a_session_row_never_holds_a_value() -> None:
    assert "value" not in Session.__slots__
