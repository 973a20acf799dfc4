from __future__ import annotations

import http.cookiejar
import time
from pathlib import Path

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import JobStatus, Session
from mediadl.paths import Home
from mediadl.security import cookies as cookies_of
from mediadl.service import Services
from mediadl.service.sessions import site_word
from mediadl.store import jobs, sessions
from mediadl.store.vault import Vault

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


def kept(services: Services, account: str = "default") -> dict[str, cookies_of.Cookie]:
    session = sessions.get(services.store.read(), "instagram", account)
    assert session is not None
    login = Vault(services.home).open(services.store.read(), session)
    return {cookie.name: cookie for cookie in login.cookies}


def test_an_import_keeps_the_sites_own_cookies_and_seals_them(
    services: Services, home: Home, tmp_path: Path
) -> None:
    made = services.sessions.import_file("instagram", jar(tmp_path), "bob")

    assert {name: one.value for name, one in kept(services, "bob").items()} == {
        "sessionid": "very-secret", "csrftoken": "tok", "mid": "",
    }  # fmt: skip
    assert kept(services, "bob")["csrftoken"].expires_at == LATER
    assert (made.session.site, made.session.account, made.session.cookies) == ("instagram", "bob", 3)
    assert made.left_out == 1
    assert made.expired == "old (2020-09-13)"
    assert made.session.expires_at == LATER
    services.store.checkpoint(truncate=True)
    everything = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    assert b"very-secret" not in everything
    assert b"bank-secret" not in everything


def test_what_is_handed_to_engines_is_read_by_the_standard_library(
    services: Services, tmp_path: Path
) -> None:
    services.sessions.import_file("https://www.instagram.com/bob", jar(tmp_path))
    (tmp_path / "copy.txt").write_text(cookies_of.render(kept(services).values()))

    read = http.cookiejar.MozillaCookieJar(str(tmp_path / "copy.txt"))
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
        ('[{"domain": ".instagram.com"}]', "entry 1 has no name and value"),
        ("[{", "looks like JSON and is none"),
        ('{"cookies": []}', "no list of cookies"),
        ("<!doctype html><p>", "is a web page"),
        ("PNG\r\n", "line 1 is not a line"),
        (b"\x89PNG\xff\xfe", "not text"),
        (".instagram.com TRUE / TRUE 0 sessionid x\n", "line 1 is not a line"),
        (".instagram.com\tTRUE\t/\tTRUE\tsoon\tsessionid\tx\n", "no expiry time"),
        (
            f".instagram.com\tTRUE\t/\tTRUE\t{LONG_AGO}\tsessionid\tx\n",
            "have run out: sessionid (2020-09-13)",
        ),
        (
            "".join(
                f".instagram.com\tTRUE\t/\tTRUE\t{when}\t{name}\tx\n"
                for when, name in ((LONG_AGO, "sessionid"), (LATER, "mid"))
            ),
            "the login of instagram has run out: sessionid (2020-09-13)",
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
    assert not home.session_key.exists()


def test_a_missing_file_and_a_bad_account_are_refused(services: Services, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        services.sessions.import_file("instagram", tmp_path / "none.txt")
    with pytest.raises(InvalidInput, match="not an account name"):
        services.sessions.import_file("instagram", jar(tmp_path), "../../x")


def test_remove_forgets_a_login(services: Services, tmp_path: Path) -> None:
    services.sessions.import_file("instagram", jar(tmp_path), "a")
    services.sessions.import_file("instagram", jar(tmp_path), "b")

    services.sessions.remove("instagram", "a")
    assert [session.account for session in services.sessions.list()] == ["b"]
    services.sessions.remove("instagram")

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


def test_a_session_row_never_holds_a_value() -> None:
    assert "value" not in Session.__slots__
