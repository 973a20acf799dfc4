"""Which passwords may be used, by NIST SP 800-63B-4, and how they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.security import passwords

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "i like my tea without sugar",
        "漢字漢字と仮名の長い合言葉です。ね",
        "aB3$aB3$xY9!qqLm",
        "only lower case letters here",
        "пароль из нескольких слов",
        "x" * 3 + "some other words" * 12,
    ],
)
def test_long_passwords_are_taken_whatever_they_are_made_of(password: str) -> None:
    assert passwords.check_new(password)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "too short"),
        ("Tr0ub4dor&3", "too short"),
        ("x" * 300, "too long"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("abababababababababab", "repeats"),
        ("abcdefghijklmnopqrstuvwxyz", "follow each other"),
        ("zyxwvutsrqponmlkjihg", "follow each other"),
        ("1234567890123456", "follow each other"),
        ("qwertyuiopasdfghjkl", "follow each other"),
        ("passwordpassword", "everybody"),
        ("PasswordPassword", "everybody"),
        ("iloveyouiloveyou", "everybody"),
        ("sunshine1234567890", "everybody"),
        ("!!!!superman2024!!!!", "everybody"),
        ("anna-anna-anna-1", "name"),
        ("mediadl mediadl 1", "name"),
        ("photobox.example1", "name"),
        ("line one\nline two x", "control"),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(InvalidInput) as told:
        passwords.check_new(password, names=("anna", "photobox.example"))

    assert why in told.value.message
    assert told.value.next_step
    assert password.strip() not in f"{told.value.message} {told.value.next_step}" or not password


def test_eight_characters_do_with_a_second_factor() -> None:
    assert passwords.check_new("kräuter7", with_code=True)
    with pytest.raises(InvalidInput, match="15 characters"):
        passwords.check_new("kräuter7")
    with pytest.raises(InvalidInput, match="8 characters"):
        passwords.check_new("kräuter", with_code=True)
    with pytest.raises(InvalidInput, match="everybody"):
        passwords.check_new("football", with_code=True)


def test_a_name_within_a_long_sentence_is_no_matter() -> None:
    assert passwords.check_new("anna likes rowing on lakes", names=("anna",))


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_the_rules_never_fail_otherwise(password: str) -> None:
    try:
        kept = passwords.check_new(password, names=("anna", ""))
    except InvalidInput:
        return
    assert passwords.LEAST_ALONE <= len(kept) <= passwords.MOST


def test_only_the_same_password_matches_its_hash() -> None:
    stored = passwords.hash_of(GOOD)

    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert GOOD not in stored
    assert passwords.matches(stored, GOOD)
    for other in (GOOD + " ", GOOD[:-1], GOOD.upper(), "", "x" * 10_000):
        assert not passwords.matches(stored, other)
    assert passwords.hash_of(GOOD) != stored


def test_nothing_of_a_long_password_is_cut_off() -> None:
    long = "somewhat longer words " * 11
    stored = passwords.hash_of(long)

    assert passwords.matches(stored, long)
    assert not passwords.matches(stored, long[:-1])


def test_one_word_typed_on_two_systems_is_one_password() -> None:
    assert passwords.matches(passwords.hash_of("caf\u00e9 au lait am Morgen"), "cafe\u0301 au lait am Morgen")


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$broken"])
def test_what_is_no_hash_of_ours_is_matched_by_nothing(stored: str) -> None:
    assert not passwords.matches(stored, GOOD)
    assert not passwords.matches(stored, stored)


def test_a_hash_with_other_parameters_is_told_apart() -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)

    assert passwords.matches(weak, GOOD)
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hash_of(GOOD))
    assert passwords.is_outdated("no hash")


def test_the_list_is_long_and_folded() -> None:
    listed = passwords._common()

    assert len(listed) > 50_000
    assert all(word == word.casefold() for word in listed)
