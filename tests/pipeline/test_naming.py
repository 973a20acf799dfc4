from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.pipeline import naming
from mediadl.pipeline.naming import NamePlan, plan
from mediadl.settings.schema import DEFAULT_NAME_TEMPLATE

POSTED = 1_779_006_600.0  # 2026-05-17 08:30:00 UTC


def item(
    title: str = "Sunset",
    *,
    post: str = "abc",
    index: int = 0,
    source: str = "lena",
    posted: float | None = POSTED,
) -> FoundItem:
    return FoundItem(
        n=1,
        identity=Identity("tiktok", post, index),
        kind=MediaKind.VIDEO,
        title=title,
        source=source,
        posted_at=posted,
    )


def named(template: str, found: FoundItem, *, name_max: int = 255) -> NamePlan:
    return plan(template, found, platform="tiktok", job_id=7, content_type="posts", name_max=name_max)


def stem(template: str, found: FoundItem) -> str:
    return named(template, found).names[0]


def test_the_default_template_gives_platform_source_date_id_and_title() -> None:
    made = named(DEFAULT_NAME_TEMPLATE, item())

    assert made.folder == "tiktok/lena"
    assert made.names[0] == "2026-05-17_abc_Sunset"


def test_every_field_has_its_value() -> None:
    template = "|".join(f"{{{field}}}" for field in naming.FIELDS)

    assert (
        stem(template, item()) == "tiktok_lena_2026-05-17_083000_2026_05_17_abc_1_Sunset_7_posts_video_lena"
    )


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{date}_{id}_{title}", "abc"),
        ("{id}_{title}_{index}", "abc_1"),
        ("{title} - {id} - {source}", "abc"),
        ("pre_{title}_{id}", "pre_abc"),
    ],
)
def test_an_empty_field_takes_its_separator_with_it(template: str, made: str) -> None:
    assert stem(template, item("", source="", posted=None)) == made


def test_a_forums_file_is_named_by_thread_post_and_author() -> None:
    metadata = {
        "thread": {"id": "77", "title": "Long/walks: a report"},
        "post": {"id": "501", "author": "ann"},
        "file": {"name": "map of day.png"},
        "num": 2,
    }
    found = replace(item(source="forum.example"), metadata=metadata)

    made = named("{site}/{thread} [{thread_id}]/{date}_{post}_{index:02}_{author}_{name}", found)

    assert made.folder == "forum.example/Long_walks_ a report [77]"
    assert made.names[0].endswith("_501_02_ann_map of day")


def test_a_long_title_leaves_the_number_of_its_thread_whole() -> None:
    found = replace(item(), metadata={"thread": {"id": "77", "title": "walks " * 80}})

    assert named("{thread} [{thread_id}]/{id}", found).folder.endswith(" [77]")


def test_an_empty_folder_is_left_out() -> None:
    assert named("{platform}/{source}/{id}", item(source="")).folder == "tiktok"


def test_a_template_whose_fields_are_all_empty_names_by_id() -> None:
    assert stem("{title}", item("")) == "abc"
    assert stem("{title}", item("", post="")) == "file"


def test_an_id_keeps_its_leading_dash_inside_and_is_guarded_in_front() -> None:
    assert stem("{date}_{id}", item(post="-x-", posted=None)) == "_-x-"
    assert stem("v_{id}", item(post="-x__y")) == "v_-x__y"


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("What? Really: yes/no", "What_ Really_ yes_no"),
        ('a\\b|c<d>e*f"g', "a_b_c_d_e_f_g"),
        ("wait...", "wait"),
        ("  many \n\t blanks  ", "many blanks"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u200bb\u00adc\ufeff\U000e0041", "abc"),
        ("\x1b]52;c;x\x07", "]52;c;x"),
        ("e\u0301", "é"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1 .x", "_com1 .x"),
        ("lpt³", "_lpt³"),
        ("console", "console"),
        (".hidden", "hidden"),
        ("-rf", "_-rf"),
        ("..", "abc"),
        ("\u3164\u3164", "abc"),
        ("\ud800x", "x"),
    ],
)
def test_titles_are_made_safe(title: str, made: str) -> None:
    assert stem("{title}", item(title)) == made


@pytest.mark.parametrize(
    ("source", "folder"),
    [("..", "_"), (".", "_"), ("...", "_"), ("a/../b", "a_.._b"), (".git", "_.git"), ("lena.", "lena_")],
)
def test_an_account_never_leads_out_of_the_folder(source: str, folder: str) -> None:
    assert named("{source}/{id}", item(source=source)).folder == folder


def test_a_title_of_300_emoji_is_cut_between_them_and_keeps_the_id() -> None:
    family = "👩🏽‍🚀🇩🇪"

    made = stem("{date}_{title}_{id}", item(family * 300))

    assert made.endswith("_abc")
    assert 190 <= len(made.encode()) <= naming.MAX_NAME_BYTES
    assert re.fullmatch(r"2026-05-17_(👩🏽🚀🇩🇪)*(👩🏽|👩🏽🚀)?_abc", made)


def test_long_names_that_differ_at_their_end_stay_different() -> None:
    one = named("{source}/{title}", item("x" * 400 + "1", source="y" * 400 + "1"))
    two = named("{source}/{title}", item("x" * 400 + "2", source="y" * 400 + "2"))

    assert one.folder != two.folder
    assert one.names[0] != two.names[0]


def test_an_id_longer_than_a_name_stays_unique() -> None:
    assert stem("{id}", item(post="z" * 300 + "1")) != stem("{id}", item(post="z" * 300 + "2"))


def test_the_last_candidate_belongs_to_the_item_alone() -> None:
    one, two = named("{title}", item(post="1")), named("{title}", item(post="2"))

    assert one.names[0] == two.names[0]
    assert one.names[-1] != two.names[-1]
    assert named("{title}", item(post="1")) == one


def test_files_of_one_post_are_numbered_unless_the_template_does_it() -> None:
    assert stem("{id}", item(index=2)) == "abc_03"
    assert stem("{id}", item(index=0)) == "abc"
    assert plan("{id}", item(), platform="x", job_id=1, several=True).names[0] == "abc_01"
    assert stem("{index:3}-{id}", item(index=2)) == "003-abc"
    assert stem("{index}/{id}", item(index=2)) == "abc"


def test_the_engines_number_counts_where_every_file_has_an_id_of_its_own() -> None:
    slide = replace(item(), metadata={"num": 2, "count": 5})

    assert stem("{id}", slide) == "abc_02"


def test_photo_posts_without_a_count_are_numbered_from_the_first_photo() -> None:
    photo = replace(item(), metadata={"num": 1, "post_type": "image"})

    assert stem("{id}", photo) == "abc_01"


def test_a_title_that_the_id_says_already_is_not_said_twice() -> None:
    assert (
        stem("{id}_{title}", item("Big report", post="Big-report-34422e9afbab")) == "Big-report-34422e9afbab"
    )
    assert stem("{title}", item("report", post="report-34422e9afbab")) == "report"


def test_a_width_cuts_text_by_characters() -> None:
    assert stem("{title:3}_{id}", item("ée\u0301é one")) == "ééé_abc"


@pytest.mark.parametrize(
    "template",
    ["", " ", "/etc/{id}", "{id}/", "../{id}", "a/../{id}", "a/./b", "..", "{id", "}", "{id}/same", "\x1b"],
)
def test_templates_that_lead_elsewhere_or_nowhere_are_refused(template: str) -> None:
    with pytest.raises(InvalidInput, match="name template"):
        naming.check(template)


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{titel}", "titel"),
        ("{title!r}", "title"),
        ("{0}", "0"),
        ("{}", "{}"),
        ("{title.x}", "title.x"),
        ("{id}.{ext}", "ext"),
        ("{title:x}", "title:x"),
    ],
)
def test_an_unknown_field_is_named(template: str, word: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        naming.preview(template)

    assert word in str(caught.value)


def test_a_misspelt_field_gets_a_hint() -> None:
    with pytest.raises(InvalidInput) as caught:
        naming.check("{titel}")

    assert "{title}" in caught.value.next_step


def test_braces_can_be_written() -> None:
    assert stem("{{{id}}}", item()) == "{abc}"


def test_the_preview_shows_a_whole_path() -> None:
    assert naming.preview(DEFAULT_NAME_TEMPLATE) == (
        "instagram/lena.outdoors/2026-05-17_DKx3mPqs7Yw_Morning light over the harbour.jpg"
    )


def test_a_small_name_limit_of_the_file_system_is_kept() -> None:
    made = named("{id}_{title}", item("t" * 300), name_max=143)

    assert len(made.names[0]) == 143 - naming.SUFFIX_BYTES


def test_a_root_too_deep_for_any_name_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="so deep"):
        plan("{id}", item(), platform="x", job_id=1, root="/" + "d" * 4050)


def test_absurd_dates_are_left_out() -> None:
    assert stem("{date}_{id}", item(posted=1e18)) == "abc"


awkward = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("./\\ _-:%\x00\n\u202e\u200d\u0301\ufe0f\U0001f3fd\U0001f1e9é\u1100\u1161\u11a8"),
    ),
    max_size=300,
)
templates = st.lists(
    st.lists(
        st.one_of(
            st.sampled_from(
                [f"{{{field}}}" for field in naming.FIELDS] + ["{title:5}", "{index:4}", "{{", "}}"]
            ),
            st.text(st.characters(exclude_characters="{}/"), max_size=5),
        ),
        min_size=1,
        max_size=4,
    ).map("".join),
    min_size=1,
    max_size=5,
).map("/".join)


@given(
    template=templates,
    title=awkward,
    source=awkward,
    post=awkward,
    index=st.integers(0, 2000),
    name_max=st.integers(100, 255),
    root=st.sampled_from(["/d", "/" + "r" * 2000]),
)
def test_no_input_ever_makes_an_unsafe_name(
    template: str, title: str, source: str, post: str, index: int, name_max: int, root: str
) -> None:
    found = item(title, post=post, index=index, source=source)
    try:
        made = plan(template, found, platform="tiktok", job_id=1, name_max=name_max, root=root)
    except InvalidInput:
        return

    components = [*filter(None, made.folder.split("/")), *made.names]
    for name in components:
        raw = name.encode("utf-8")  # strict: no surrogate left
        assert 0 < len(raw) <= min(naming.MAX_NAME_BYTES, name_max - naming.SUFFIX_BYTES)
        assert name == unicodedata.normalize("NFC", name)
        assert not re.search(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f]', name)
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in name)
        assert name[0] not in "-. "
        assert name[-1] not in ". "
        assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)
    for name in made.names:
        path = os.path.join(root, made.folder, name + "x" * naming.SUFFIX_BYTES)
        assert os.path.normpath(path).startswith(root + "/")
        assert len(os.fsencode(path)) < 4096
    assert made.names[0].casefold() != made.names[1].casefold()
    last = template.replace("{{", "").rsplit("/", 1)[-1]
    if "{id}" in last and post.isalnum() and post.isascii() and len(post) < 30 and last.count("{id}") == 1:
        assert post in made.names[0]


@given(text=awkward, limit=st.integers(0, 60))
def test_a_cut_never_splits_a_character(text: str, limit: int) -> None:
    cut = naming._cut(text.encode("utf-8", "ignore").decode(), limit)

    assert len(cut.encode()) <= limit
    rest = text.encode("utf-8", "ignore").decode().removeprefix(cut)
    assert not rest or not unicodedata.combining(rest[0]) or not cut


def test_the_longest_name_with_its_suffixes_can_be_created(tmp_path: Path) -> None:
    name_max = os.pathconf(tmp_path, "PC_NAME_MAX")
    made = plan("{title}", item("ü" * 400), platform="x", job_id=1, name_max=name_max, root=str(tmp_path))

    for name in made.names:
        (tmp_path / f"{name} (99).f137.webm.json.part").touch()
