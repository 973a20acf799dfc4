from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import AddressRefused, InvalidInput, MediadlError, Unsupported
from mediadl.service import intake
from mediadl.service.intake import AddOptions, split

FILE = "https://example.com/a.jpg"


def test_lines_words_comments_and_wrappings_are_told_apart() -> None:
    text = f"# list\n{FILE}#frag  tiktok:@alice # mine\n\n<{FILE}>, 'https://example.com/b.jpg';\r\n"

    assert split([text]) == [
        (2, f"{FILE}#frag"),
        (2, "tiktok:@alice"),
        (4, FILE),
        (4, "https://example.com/b.jpg"),
    ]


def test_lines_count_through_several_texts() -> None:
    assert split(["a\nb", "", "c"]) == [(1, "a"), (2, "b"), (4, "c")]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_gives_words_or_a_reason_and_never_a_crash(texts: list[str]) -> None:
    assert all(word.strip() == word and word for _, word in split(texts))
    said = ""
    try:
        intake.requests(texts, AddOptions())
    except MediadlError as error:
        said = f"{error.message} {error.next_step}"
    assert "\n" not in said


def test_the_same_thing_twice_is_one_request() -> None:
    made = intake.requests(
        [FILE, f"{FILE}\ntiktok:@alice", "https://www.tiktok.com/@alice?lang=de"], AddOptions()
    )

    assert [request.url for request in made] == [FILE, "https://www.tiktok.com/@alice"]


def test_an_account_in_short_form_becomes_its_platforms_request() -> None:
    (made,) = intake.requests(["instagram:bob"], AddOptions(content_type="reels"))

    assert (made.platform, made.content_type, made.site) == ("instagram", "reels", "instagram")


def test_one_bad_line_is_named_and_refuses_everything() -> None:
    with pytest.raises(InvalidInput, match=r"^line 2: not a URL: nonsense$"):
        intake.requests([f"{FILE}\nnonsense\n{FILE}2.jpg"], AddOptions())


def test_a_lone_bad_word_needs_no_line_number() -> None:
    with pytest.raises(InvalidInput, match=r"^not a URL"):
        intake.requests(["nonsense"], AddOptions())


def test_an_address_of_another_platform_is_unsupported() -> None:
    with pytest.raises(Unsupported) as caught:
        intake.requests([FILE], AddOptions(platform="tiktok"))

    assert caught.value.exit_code == 7


@pytest.mark.parametrize("url", ["http://127.0.0.1/a.jpg", "http://0x7f.1/a.jpg", "http://localhost/a.jpg"])
def test_private_addresses_are_for_the_trusted(url: str) -> None:
    assert intake.requests([url], AddOptions())[0].trusted

    with pytest.raises(AddressRefused):
        intake.requests([url], AddOptions(trusted=False))


def test_only_given_options_are_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = AddOptions(
        quality="720p", max_items=3, since=5.0, out="here", name="{id}", options={"sound": "yes"}, force=True
    )

    (made,) = intake.requests(["tiktok:@alice"], options)

    assert made.options == {
        "quality": "720p",
        "max_items": 3,
        "since": 5.0,
        "out": str(tmp_path / "here"),
        "name": "{id}",
        "sound": True,
        "force": True,
    }
    assert intake.requests(["tiktok:@alice"], AddOptions())[0].options == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (AddOptions(quality="4k"), "no quality '4k'"),
        (AddOptions(name="{titel}"), "no field {titel}"),
        (AddOptions(name="../{id}"), "'..'"),
        (AddOptions(max_items=0), "max-items"),
        (AddOptions(since=2.0, until=1.0), "later than until"),
        (AddOptions(options={"sond": "1"}), "TikTok has no option 'sond'"),
        (AddOptions(options={"sound": "perhaps"}), "option sound of TikTok"),
        (AddOptions(platform="myspace"), "no platform 'myspace'"),
        (AddOptions(content_type="carols"), "'carols'"),
    ],
)
def test_a_bad_option_is_named(options: AddOptions, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        intake.requests(["tiktok:@alice"], options)

    assert words in str(caught.value)


def test_previews_say_what_is_wrong_where_and_never_raise() -> None:
    good, bad = intake.previews("tiktok:@alice\n\nftp://x/y", AddOptions(), 10)

    assert (good.platform, good.content_type, good.source, good.error) == ("tiktok", "posts", "alice", "")
    assert (bad.line, bad.error) == (3, "unsupported scheme 'ftp' in ftp://x/y")
