"""Codes of an app against the vectors of RFC 6238, and every way a code can be wrong, old or used."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.security import totp

SEED = b"12345678901234567890"
NOW = 1_700_000_000.0
HERE = int(NOW // 30)

seeds = st.binary(min_size=20, max_size=20)
moments = st.floats(min_value=0, max_value=2e11)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert totp.code_at(SEED, at // 30) == code
    assert totp.matching_step(SEED, code, at) == at // 30


@given(seeds, moments, st.integers(min_value=-1, max_value=1))
def test_a_code_is_good_half_a_minute_early_and_late(seed: bytes, now: float, shift: int) -> None:
    step = int(now // 30) + shift
    if step >= 0:
        found = totp.matching_step(seed, totp.code_at(seed, step), now)
        assert found is not None
        assert abs(found - int(now // 30)) <= 1


@given(seeds, moments)
def test_a_code_works_once(seed: bytes, now: float) -> None:
    code = totp.code_at(seed, int(now // 30))
    step = totp.matching_step(seed, code, now)

    assert step is not None
    assert totp.matching_step(seed, code, now, after=step) is None


def test_an_older_code_is_not_taken_after_a_newer_one() -> None:
    assert totp.matching_step(SEED, totp.code_at(SEED, HERE - 1), NOW, after=HERE) is None


@pytest.mark.parametrize("shift", [-3, -2, 2, 3])
def test_codes_of_other_minutes_are_wrong(shift: int) -> None:
    assert totp.matching_step(SEED, totp.code_at(SEED, HERE + shift), NOW) is None


@given(st.text(max_size=200))
def test_whatever_is_typed_never_fails_and_only_six_digits_count(text: str) -> None:
    tidy = totp.tidy(text)

    assert tidy == "" or (len(tidy) == 6 and tidy.isascii() and tidy.isdigit())
    found = totp.matching_step(SEED, text, NOW)
    assert found is None or totp.code_at(SEED, found) == tidy


def test_spaces_between_digits_are_no_matter() -> None:
    code = totp.code_at(SEED, HERE)
    assert totp.matching_step(SEED, f" {code[:3]} {code[3:]} ", NOW) == HERE


@given(seeds, st.text(min_size=1, max_size=64))
def test_the_address_for_an_app_says_seed_account_and_issuer(seed: bytes, account: str) -> None:
    try:
        account.encode()
    except UnicodeEncodeError:
        return
    parts = urlsplit(totp.uri(seed, account))
    query = parse_qs(parts.query)

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert query["secret"] == [totp.to_words(seed).replace(" ", "")]
    assert query["issuer"] == ["mediadl"]
    assert (query["period"], query["digits"]) == (["30"], ["6"])


def test_seeds_are_long_and_never_the_same() -> None:
    drawn = {totp.new_seed() for _ in range(100)}
    assert len(drawn) == 100
    assert {len(seed) for seed in drawn} == {20}
