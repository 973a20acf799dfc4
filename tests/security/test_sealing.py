"""Sealed texts open with their key only, and a key is made once, private, and never over another one."""

from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import VaultLocked
from mediadl.paths import Home
from mediadl.security import sealing
from mediadl.security.sealing import Key

KEY = Key.of(b"k" * 32)


@given(st.binary(max_size=2000), st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_what_is_sealed_comes_back_and_shows_nothing(text: bytes, about: str) -> None:
    sealed = KEY.seal(text, about)

    assert KEY.open(sealed, about) == text
    assert len(text) < 8 or text not in sealed
    assert KEY.seal(text, about) != sealed


@given(st.binary(min_size=1, max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_text_is_never_opened(text: bytes, at: int, change: int) -> None:
    sealed = bytearray(KEY.seal(text, "a"))
    sealed[at % len(sealed)] ^= change

    with pytest.raises(VaultLocked):
        KEY.open(bytes(sealed), "a")


@given(st.binary(max_size=100))
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(VaultLocked):
        KEY.open(raw, "a")


def test_it_opens_for_what_it_was_sealed_for_only() -> None:
    sealed = KEY.seal(b"x", "instagram\nbob")

    with pytest.raises(VaultLocked, match="damaged"):
        KEY.open(sealed, "instagram\nada")


def test_another_key_is_told_apart_from_damage() -> None:
    with pytest.raises(VaultLocked, match="another key"):
        Key.of(b"o" * 32).open(KEY.seal(b"x", "a"), "a")


def test_a_key_tells_nothing_of_itself() -> None:
    assert "kkkk" not in repr(KEY)
    assert b"kkkk" not in KEY.id


def test_a_key_is_made_private_and_stays(home: Home) -> None:
    first, second = sealing.make_key(home), sealing.make_key(home)

    assert first == second == sealing.load_key(home)
    assert stat.S_IMODE(home.session_key.stat().st_mode) == 0o600
    assert [path.name for path in home.root.glob(".session*")] == []


def test_an_open_key_is_closed_when_it_is_read(home: Home) -> None:
    sealing.make_key(home)
    home.session_key.chmod(0o644)

    sealing.load_key(home)

    assert stat.S_IMODE(home.session_key.stat().st_mode) == 0o600


def test_many_at_once_make_one_key(home: Home) -> None:
    made: list[Key] = []
    gate = threading.Barrier(8)

    def make() -> None:
        gate.wait()
        made.append(sealing.make_key(home))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 1


def test_a_missing_key_is_told_with_its_place(home: Home) -> None:
    with pytest.raises(VaultLocked, match=r"session\.key") as caught:
        sealing.load_key(home)

    assert caught.value.exit_code == 4
    assert "import the cookies again" in caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"short", b"z" * 64, b"\xff" * 31, b"a" * 5000])
def test_what_is_no_key_is_refused(home: Home, content: bytes) -> None:
    home.session_key.write_bytes(content)

    with pytest.raises(VaultLocked, match="not a key"):
        sealing.load_key(home)


@pytest.mark.parametrize(
    "content", [b"s" * 32, b"s".hex().encode() * 32 + b"\n", base64.b64encode(b"s" * 32) + b"\r\n"]
)
def test_a_named_key_may_have_each_usual_form(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("MEDIADL_KEY_FILE", str(tmp_path / "key"))

    assert sealing.make_key(home) == Key.of(b"s" * 32)
    assert not home.session_key.exists()


def test_the_credential_of_a_service_is_taken(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mediadl.key").write_bytes(b"s" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert sealing.load_key(home) == Key.of(b"s" * 32)
    assert sealing.key_file(home) == (tmp_path / "mediadl.key", False)


def test_a_folder_that_cannot_be_written_is_told(home: Home) -> None:
    if os.geteuid() == 0:
        home.session_key.mkdir()  # root writes everywhere, but not into a folder as if it were a file
    else:
        home.root.chmod(0o500)
    try:
        with pytest.raises(VaultLocked):
            sealing.make_key(home)
    finally:
        home.root.chmod(0o700)
