"""Bodies give the same bytes however they are cut."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from fakeweb.blobs import BLOCK_BYTES, BytesBlob, SyntheticBlob, read

_SIZE = 2 * BLOCK_BYTES + 5000
_BLOB = SyntheticBlob(_SIZE, "test")
_WHOLE = read(_BLOB)


@given(st.integers(0, _SIZE), st.integers(0, _SIZE))
def test_any_slice_of_a_synthetic_body_is_the_same_slice_of_the_whole(start: int, stop: int) -> None:
    assert read(_BLOB, start, stop) == _WHOLE[start:stop]


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(0, 120), st.integers(0, 120))
def test_any_slice_of_joined_parts_is_the_same_slice_of_the_whole(
    parts: list[bytes], start: int, stop: int
) -> None:
    assert read(BytesBlob(*parts), start, stop) == b"".join(parts)[start:stop]


def test_the_digest_is_that_of_the_bytes() -> None:
    assert _BLOB.sha256() == hashlib.sha256(_WHOLE).hexdigest()
    assert BytesBlob(b"ab", b"c").sha256() == hashlib.sha256(b"abc").hexdigest()


def test_blocks_of_a_synthetic_body_differ() -> None:
    assert _WHOLE[:BLOCK_BYTES] != _WHOLE[BLOCK_BYTES : 2 * BLOCK_BYTES]


def test_tags_differ_by_seed_and_size() -> None:
    tags = {SyntheticBlob(size, seed).etag for size in (1, 2) for seed in ("a", "b")}
    assert len(tags) == 4


def test_a_gigabyte_needs_no_memory() -> None:
    blob = SyntheticBlob(1 << 30, "big")
    assert len(read(blob, (1 << 30) - 100)) == 100
