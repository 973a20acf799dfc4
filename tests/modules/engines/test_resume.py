"""What may be continued and what may not."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import BadContent
from mediadl.modules.engines import resume
from mediadl.modules.engines.resume import Record, Records


def test_only_strong_validators_count() -> None:
    date, old, young = (
        formatdate(1_000_000, usegmt=True),
        formatdate(999_000, usegmt=True),
        formatdate(999_990, usegmt=True),
    )

    assert resume.validator_of({"etag": '"abc"'}) == '"abc"'
    assert resume.validator_of({"etag": 'W/"abc"'}) == ""
    assert resume.validator_of({"etag": "abc"}) == ""
    assert resume.validator_of({"last-modified": old, "date": date}) == old
    assert resume.validator_of({"last-modified": young, "date": date}) == ""
    assert resume.validator_of({"last-modified": old}) == ""
    assert resume.validator_of({"last-modified": "rubbish", "date": "rubbish"}) == ""


def test_the_total_is_that_of_the_whole_body() -> None:
    assert resume.total_of({"content-range": "bytes 10-19/100", "content-length": "10"}) == 100
    assert resume.total_of({"content-range": "bytes 10-19/*"}) is None
    assert resume.total_of({"content-length": "42"}) == 42
    assert resume.total_of({"content-length": "42", "content-encoding": "gzip"}) is None
    assert resume.total_of({}) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-range": "bytes 0-99/100"},
        {"content-range": "bytes 50-119/120", "etag": '"a"'},
        {"content-range": "bytes 50-99/100", "etag": '"b"'},
    ],
)
def test_a_206_that_does_not_continue_the_file_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadContent):
        resume.check_partial(50, Record('"a"', 100), headers)


def test_a_206_that_continues_the_file_is_taken() -> None:
    resume.check_partial(50, Record('"a"', 100), {"content-range": "bytes 50-99/100", "etag": '"a"'})
    resume.check_partial(50, Record('"a"', 100), {"content-range": "bytes 50-99/100"})
    resume.check_partial(50, Record('"a"'), {"content-range": "bytes 50-99/*", "etag": 'W/"a"'})


def test_records_outlive_the_process_and_go_with_their_file(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.put("e1-x.mp4", Record('"a"', 7))
    for name in ("e1-x.mp4", "e1-x.mp4.part", "e1-x.mp4.ytdl", "e1-x.mp4.part-Frag3", "e1-y.mp4", "other"):
        (tmp_path / name).touch()

    assert Records(tmp_path).get("e1-x.mp4") == Record('"a"', 7)
    records.drop("e1-x.mp4")

    assert records.get("e1-x.mp4") is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e1-y.mp4", "other"]


@pytest.mark.parametrize("extra", [b"", b"half a fragment"])
@pytest.mark.parametrize("word", ["", "{", "two", "three", None])
def test_a_partial_file_goes_back_to_its_last_whole_fragment(
    tmp_path: Path, extra: bytes, word: str | None
) -> None:
    Records(tmp_path).put("e1.mp4", Record('"a"', parts="p", fragments=2, size_bytes=7, progress="two"))
    (tmp_path / "e1.mp4.part").write_bytes(b"onetwo!" + extra)
    if word is not None:
        (tmp_path / "e1.mp4.ytdl").write_text(word)

    assert Records(tmp_path).roll_back("e1.mp4")

    assert (tmp_path / "e1.mp4.part").read_bytes() == b"onetwo!"
    assert (tmp_path / "e1.mp4.ytdl").read_text() == "two"


@pytest.mark.parametrize(
    ("record", "part"),
    [
        (None, b"one"),
        (Record('"a"', parts="p"), b"one"),
        (Record('"a"', parts="p", fragments=2, size_bytes=7, progress="two"), b"onetwo"),
        (Record('"a"', parts="p", fragments=2, size_bytes=7, progress="two"), None),
    ],
    ids=["no record", "no whole fragment", "shorter than remembered", "no partial file"],
)
def test_a_partial_file_without_a_known_whole_fragment_is_not_continued(
    tmp_path: Path, record: Record | None, part: bytes | None
) -> None:
    if record is not None:
        Records(tmp_path).put("e1.mp4", record)
    if part is not None:
        (tmp_path / "e1.mp4.part").write_bytes(part)

    assert not Records(tmp_path).roll_back("e1.mp4")

    assert not (tmp_path / "e1.mp4.ytdl").exists()


def test_another_format_of_the_same_item_is_removed(tmp_path: Path) -> None:
    for name in ("e1-hd.mp4.part", "e1-hd.mp4.resume.json", "e1-sd.mp4.part", "e2-hd.mp4.part"):
        (tmp_path / name).touch()

    Records(tmp_path).drop_others("e1", "e1-sd")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["e1-sd.mp4.part", "e2-hd.mp4.part"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"no": 1}', "\x00"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "e1.resume.json").write_text(text)

    assert Records(tmp_path).get("e1") is None


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["etag", "last-modified", "date", "content-range", "content-length"]), st.text()
    )
)
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    assert isinstance(resume.validator_of(headers), str)
    total = resume.total_of(headers)
    assert total is None or total >= 0


def test_signatures_of_fragments_do_not_count() -> None:
    assert resume.hash_of(["a.ts?sig=1", "b.ts"]) == resume.hash_of(["a.ts?sig=2", "b.ts"])
    assert resume.hash_of(["a.ts", "b.ts"]) != resume.hash_of(["b.ts", "a.ts"])
