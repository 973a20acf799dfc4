"""The job's copy of cookies: several clients write what changed with them, and none undoes another's."""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar
from pathlib import Path

import pytest

from mediadl.modules.engines.jar import JarFile
from mediadl.security import cookies

LINES = (
    "# Netscape HTTP Cookie File\n"
    "#HttpOnly_.a.example\tTRUE\t/\tTRUE\t4102444800\tlogin\told\n"
    ".a.example\tTRUE\t/\tFALSE\t\tsession\ts\n"
    ".a.example\tTRUE\t/\tFALSE\t0\tother\to\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "cookies.txt"
    made.write_text(LINES)
    made.chmod(0o600)
    return made


def values(path: Path) -> dict[str, str]:
    return {one.name: one.value for one in cookies.parse(path.read_text())}


def change(jar: CookieJar, name: str, value: str) -> None:
    jar.set_cookie(
        Cookie(
            0,
            name,
            value,
            None,
            False,
            ".a.example",
            True,
            True,
            "/",
            True,
            True,
            4102444800,
            False,
            None,
            None,
            {},
        )
    )


def test_nothing_changed_is_nothing_written(path: Path) -> None:
    jar, client = JarFile(path), CookieJar()
    jar.load(client)

    assert not jar.save(client)
    assert path.read_text() == LINES


def test_changed_and_new_values_are_written_and_the_rest_stays(path: Path) -> None:
    jar, client = JarFile(path), CookieJar()
    jar.load(client)
    change(client, "login", "new")
    change(client, "fresh", "f")

    assert jar.save(client)
    assert values(path) == {"login": "new", "session": "s", "other": "o", "fresh": "f"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["cookies.txt"]
    ends = {one.name: one.expires_at for one in cookies.parse(path.read_text())}
    assert (ends["session"], ends["other"], ends["login"]) == (0, 0, 4102444800)


def test_a_client_with_old_values_does_not_undo_a_newer_one(path: Path) -> None:
    first, second = JarFile(path), JarFile(path)
    one, other = CookieJar(), CookieJar()
    first.load(one)
    second.load(other)

    change(one, "login", "new")
    first.save(one)
    change(other, "session", "t")
    second.save(other)

    assert values(path) == {"login": "new", "session": "t", "other": "o"}


def test_a_broken_or_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"\xff\xfe\x00")

    assert JarFile(tmp_path / "broken").load() == JarFile(tmp_path / "none").load() == []
