"""Which cookie is a login, what fits a host, and which of a job's values flow back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.security import cookies
from mediadl.security.cookies import Cookie, merge

NOW = 1_700_000_000.0
HOSTS = ("a.example",)


def cookie(name: str, value: str = "v", *, domain: str = ".a.example", **changes: object) -> Cookie:
    made = Cookie(domain, True, "/", True, NOW + 1000, name, value, False)
    return replace(made, **changes)  # type: ignore[arg-type]


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
    assert cookie("n", domain=domain).fits(hosts) is fits


@pytest.mark.parametrize(
    ("domain", "name", "is_login"),
    [
        (".instagram.com", "sessionid", True),
        (".instagram.com", "csrftoken", False),
        (".tiktok.com", "sid_tt", True),
        (".tiktok.com", "msToken", False),
        ("forum.example", "xf_user", True),
        ("forum.example", "xf_csrf", False),
        ("forum.example", "phpbb3_ab12_u", True),
        ("forum.example", "smf_main", True),
        ("forum.example", "mybbuser", True),
        ("forum.example", "ips4_member_id", True),
        ("forum.example", "bbuserid", True),
        ("forum.example", "bb_password", True),
        ("forum.example", "_t", True),
        ("forum.example", "remember_token", True),
        ("forum.example", "csrf_token", False),
        ("forum.example", "theme", False),
    ],
)
def test_the_login_is_known_by_its_name(domain: str, name: str, is_login: bool) -> None:
    assert cookie(name, domain=domain).is_login is is_login


def test_a_forums_own_mark_says_when_the_login_ends() -> None:
    jar = [
        cookie("xf_session", expires_at=NOW + 10),
        cookie("xf_user", expires_at=NOW + 500),
        cookie("user_theme", expires_at=NOW + 5),
    ]

    assert cookies.login_runs_out_at(jar) == NOW + 500
    assert cookies.login_runs_out_at([cookie("theme")]) is None
    assert cookies.login_runs_out_at([cookie("xf_user", expires_at=0.0)]) is None


def test_words_about_expired_cookies_never_hold_a_value() -> None:
    words = cookies.expired_words([cookie(f"c{n}", "secret", expires_at=1.0) for n in range(8)])

    assert "secret" not in words
    assert words.endswith("and 3 more")


# What flows back

HELD = [cookie("login", "old", changed_at=5.0), cookie("other", "same", changed_at=5.0)]


def merged(returned: list[Cookie], *, held: list[Cookie] = HELD, new_too: bool = False) -> dict[str, str]:
    found = merge(held, HELD, returned, hosts=HOSTS, changed_at=10.0, now=NOW, new_too=new_too)
    return {one.name: one.value for one in found}


def test_a_changed_value_flows_back() -> None:
    found = merge(HELD, HELD, [cookie("login", "new")], hosts=HOSTS, changed_at=10.0, now=NOW)

    assert {one.name: (one.value, one.changed_at) for one in found} == {
        "login": ("new", 10.0), "other": ("same", 5.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    "returned",
    [
        cookie("login", "old"),
        cookie("login", "new", expires_at=NOW - 1),
        cookie("login", ""),
        cookie("login", "new", domain=".b.example"),
        cookie("login", "new", path="/elsewhere"),
        cookie("unknown", "new"),
    ],
    ids=["unchanged", "run out", "deleted", "other host", "other path", "not given"],
)
def test_what_is_not_better_stays_out(returned: Cookie) -> None:
    assert merged([returned]) == {"login": "old", "other": "same"}


def test_the_newest_of_two_jobs_wins() -> None:
    by_another_job = [cookie("login", "newest", changed_at=11.0), HELD[1]]

    assert merged([cookie("login", "new")], held=by_another_job)["login"] == "newest"


def test_a_cookie_that_was_forgotten_meanwhile_does_not_come_back() -> None:
    assert merged([cookie("login", "new")], held=[HELD[1]]) == {"other": "same"}


def test_a_login_by_form_brings_new_cookies_of_its_host() -> None:
    returned = [cookie("fresh", "new"), cookie("spy", "x", domain=".b.example")]

    assert merged(returned, new_too=True) == {"login": "old", "other": "same", "fresh": "new"}


def test_the_dot_of_a_domain_and_its_case_make_no_other_cookie() -> None:
    assert merged([cookie("login", "new", domain="A.example")])["login"] == "new"


names = st.sampled_from(["a", "b", "c"])
jars = st.lists(
    st.builds(
        cookie,
        name=names,
        value=st.sampled_from(["", "1", "2"]),
        domain=st.sampled_from([".a.example", "a.example", ".b.example"]),
        expires_at=st.sampled_from([0.0, NOW - 1, NOW + 1, NOW + 2]),
        changed_at=st.floats(0, 20),
    ),
    max_size=6,
)


@given(held=jars, given_=jars, returned=jars, new_too=st.booleans())
def test_a_merge_never_loses_nor_spoils_anything(
    held: list[Cookie], given_: list[Cookie], returned: list[Cookie], new_too: bool
) -> None:
    before = {one.key: one for one in held}

    after = {
        one.key: one
        for one in merge(held, given_, returned, hosts=HOSTS, changed_at=10.0, now=NOW, new_too=new_too)
    }

    assert set(before) <= set(after)
    for key, one in after.items():
        if one != before.get(key):
            assert one.value
            assert not one.expired(NOW)
            assert one.fits(HOSTS)
            assert key not in before or before[key].changed_at <= 10.0


# The file


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = cookies.parse(text)
    except InvalidInput:
        return
    assert cookies.parse(cookies.render(found)) == found


fields = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


@given(
    st.lists(
        st.builds(
            Cookie,
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
def test_what_was_written_is_read_back(made: list[Cookie]) -> None:
    assert cookies.parse(cookies.render(made)) == made
    assert cookies.from_records(cookies.to_records(made)) == made
