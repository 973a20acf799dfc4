"""Secrets that are handed out once: their shape, and what is stored instead."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from mediadl.security import one_way


def test_tokens_have_their_prefix_and_256_bits() -> None:
    drawn = {one_way.new_token() for _ in range(200)}

    assert len(drawn) == 200
    assert all(token.startswith("mdl_") and one_way.is_token(token) for token in drawn)
    assert {len(token) for token in drawn} == {4 + 43}


def test_a_secret_is_no_token_and_a_token_no_secret() -> None:
    assert one_way.is_secret(one_way.new_secret())
    assert not one_way.is_secret(one_way.new_token())
    assert not one_way.is_token(one_way.new_secret())


@given(st.text(max_size=100))
def test_nothing_else_passes_for_one(text: str) -> None:
    is_ours = text.isascii() and all(sign.isalnum() or sign in "-_" for sign in text)

    assert one_way.is_secret(text) == (is_ours and len(text) == 43)
    assert one_way.is_token(text) == (is_ours and len(text) == 47 and text.startswith("mdl_"))
    assert len(one_way.digest(text)) == 32


def test_a_line_break_at_the_end_is_not_overlooked() -> None:
    assert not one_way.is_token(one_way.new_token() + "\n")
    assert not one_way.is_secret(one_way.new_secret() + "\n")


def test_the_digest_is_sha_256() -> None:
    assert one_way.digest("mdl_x") == hashlib.sha256(b"mdl_x").digest()
    assert one_way.same(one_way.digest("a"), one_way.digest("a"))
    assert not one_way.same(one_way.digest("a"), one_way.digest("b"))


@given(st.text(max_size=300))
def test_tidying_a_typed_code_never_fails(text: str) -> None:
    tidy = one_way.tidy_code(text)

    assert len(tidy) <= 64
    assert one_way.tidy_code(tidy) == tidy


def test_a_code_can_be_typed_in_any_case_with_or_without_hyphens() -> None:
    code = one_way.new_code()

    assert len(code) == 14
    assert not set(code) & set("01OILU")
    assert one_way.tidy_code(f" {code.lower().replace('-', ' ')} ") == code.replace("-", "")
