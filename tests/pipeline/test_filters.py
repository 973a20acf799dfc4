"""Filters: each rule decides in words; what is not known is taken; a job counts what rules left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import NoMedia
from mediadl.models import FoundItem, Identity, ItemState, JobStatus, MediaKind
from mediadl.pipeline import filters, plan
from mediadl.pipeline.facts import ItemFact
from mediadl.pipeline.protocol import Answer, Asked, Enough
from mediadl.settings.filter_words import described
from mediadl.settings.schema import Settings


def item(n: int = 1, **fields: Any) -> FoundItem:
    return FoundItem(n, Identity("site.example", f"m{n}"), url=f"https://cdn.example/{n}.jpg", **fields)


VIDEO = item(
    title="Cats at the sea",
    kind=MediaKind.VIDEO,
    duration_s=90.0,
    size_bytes=2_500_000,
    posted_at=1_700_000_000.0,
    metadata={"description": "A long day.\n#cats #New York", "tags": ["x"]},
)
UNKNOWN = item(title="Cats")


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"match": "^cats"}, ""),
        ({"match": "long d.y"}, ""),
        ({"match": "(?-i)^cats"}, "does not match /(?-i)^cats/"),
        ({"match": "dogs?"}, "does not match /dogs?/"),
        ({"reject": "#cats"}, "matches /#cats/"),
        ({"reject": "dogs?"}, ""),
        ({"keywords": ["dog", "sea"]}, ""),
        ({"keywords": ["dog", "bird"]}, "does not have “dog” or “bird”"),
        ({"keywords": ["cat"]}, "does not have “cat”"),
        ({"keywords": ["new  york"]}, ""),
        ({"keywords": ["dog", "sea"], "all_keywords": True}, "does not have “dog”"),
        ({"without": ["dog", "SEA"]}, "has “SEA”"),
        ({"min_duration_s": 90, "max_duration_s": 90}, ""),
        ({"min_duration_s": 91}, "shorter than 1 min 31 s: 1 min 30 s"),
        ({"max_duration_s": 9.5}, "longer than 9.5 s: 1 min 30 s"),
        ({"min_size_bytes": 3_000_000}, "smaller than 3 MB: 2.5 MB"),
        ({"max_size_bytes": 1_000}, "larger than 1 kB: 2.5 MB"),
        ({"media": ["image", "audio"]}, "is a video, not image or audio"),
        ({"media": ["video"], "match": "dogs"}, "does not match /dogs/"),
    ],
)
def test_each_rule_decides_in_words(rules: dict[str, Any], why: str) -> None:
    assert filters.broken_rule(VIDEO, rules) == why


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"min_duration_s": 5}, "its length is not known"),
        ({"max_size_bytes": 5}, "its size is not known"),
        ({"media": ["video"]}, "nobody says what kind of file it is"),
    ],
)
def test_what_is_not_known_is_taken_unless_strict(rules: dict[str, Any], why: str) -> None:
    assert filters.broken_rule(UNKNOWN, rules) == ""
    assert filters.broken_rule(UNKNOWN, {**rules, "strict": True}) == why


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("cat", "concatenate", False),
        ("cat", "Cat!", True),
        ("猫", "黒猫です", True),
        ("c++", "about C++", True),
        ("straße", "STRASSE", True),
        ("2024", "in 20245", False),
    ],
)
def test_words_are_whole_where_the_script_has_gaps(word: str, text: str, *, found: bool) -> None:
    assert (filters.broken_rule(item(title=text), {"keywords": [word]}) == "") is found


@given(st.text(max_size=60), st.text(min_size=1, max_size=20).filter(str.strip))
def test_any_title_and_any_word_get_an_answer(title: str, word: str) -> None:
    with_it = filters.broken_rule(item(title=title), {"keywords": [word]})
    without = filters.broken_rule(item(title=title), {"without": [word]})

    assert bool(with_it) is not bool(without)


@pytest.mark.timeout(20)
def test_a_pattern_that_would_hang_others_is_done_at_once() -> None:
    hostile = item(title="a" * 500 + "!", metadata={"description": "a" * 19_000 + "!"})
    why = filters.broken_rule(hostile, {"match": "(a+)+$"})

    assert why == "does not match /(a+)+$/"


def test_dates_and_a_number_of_items_hold_as_well() -> None:
    chosen = filters.Selection({"since": 1_700_000_001, "max_items": 2})
    refusal = chosen.refusal(VIDEO, 0)
    beyond = chosen.refusal(UNKNOWN, 2)

    assert refusal is not None
    assert refusal == filters.Refusal("posted 2023-11-14, before 2023-11-14", by_rule=True)
    assert beyond is not None
    assert not beyond.by_rule
    assert chosen.refusal(UNKNOWN, 1) is None


def test_rules_are_told_in_words() -> None:
    options = {
        "filters": {"match": "x", "without": ["a", "b"], "min_size_bytes": 2000, "strict": True},
        "pick": [[["s", "1", 0]]],
    }

    assert described(options) == [
        "matches /x/", "has no a or b", "has 2 kB or more", "all of it known", "1 picked by hand",
    ]  # fmt: skip
    assert described({}) == []


# A job


def run(options: dict[str, Any], *items: FoundItem, **kw: Any) -> Harness:
    return Harness(make_job(options=options), **kw).listing(*items)


def test_every_item_a_rule_leaves_out_is_written_down_with_the_rule() -> None:
    stage = run({"filters": {"match": "yes"}}, item(1, title="yes"), item(2, title="no"))
    (fetch,) = stage.fetches()
    stage.store(fetch)
    stage.ended()

    skipped = [f for f in stage.out.facts if isinstance(f, ItemFact) and f.state is ItemState.SKIPPED]
    assert [(f.item.n, f.reason, f.message) for f in skipped] == [(2, "filtered", "does not match /yes/")]
    assert (stage.run.tally.refused, stage.run.tally.failed, stage.run.tally.expected) == (1, 0, 2)
    settled = stage.settlement()
    assert settled is not None
    assert (settled.status, settled.message) == (JobStatus.COMPLETED, "")


def test_a_job_whose_rules_leave_nothing_is_done_and_says_so() -> None:
    stage = run({"filters": {"match": "yes"}}, item(1, title="no"), item(2, title="no"))
    stage.ended(NoMedia("nothing"))

    settled = stage.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert settled.message == "0 accepted, 2 rejected by rules"
    assert settled.site_answered


def test_what_was_fetched_before_is_told_apart_from_what_rules_left_out() -> None:
    stage = run(
        {"filters": {"match": "yes"}},
        item(1, title="yes"),
        item(2, title="no"),
        known={Identity("site.example", "m1")},
    )
    stage.ended()

    settled = stage.settlement()
    assert settled is not None
    assert settled.message == "0 accepted, 1 fetched before, 1 rejected by rules"


def test_an_engine_is_told_not_to_download_what_a_rule_leaves_out() -> None:
    stage = Harness(make_job(options={"filters": {"match": "yes"}}))
    stage.run.start_listing()
    stage.run.on_runner(Asked(item(1, title="no")))

    assert stage.out.runner_messages == [(1, Answer(1, take=False))]


def test_the_number_of_items_counts_those_that_were_taken() -> None:
    titles = ["no", "yes", "no", "yes", "yes"]
    found = [item(n, title=title) for n, title in enumerate(titles, 1)]
    stage = run({"filters": {"match": "yes"}, "max_items": 2}, *found)

    assert len(stage.fetches()) == 2
    assert (1, Enough()) in stage.out.runner_messages


def test_exactly_what_was_picked_is_fetched_though_rules_and_archive_say_no() -> None:
    picked = filters.pick_of(
        [[Identity("site.example", "m1")], [Identity("other", "x"), Identity("o", "m3")]]
    )
    third = FoundItem(
        3, Identity("site.example", "m3"), aliases=(Identity("o", "m3"),), url="https://c.example/3"
    )
    stage = run(
        {"pick": picked, "filters": {"match": "nothing has this"}, "since": 9e9},
        make_item(1), make_item(2), third, make_item(4),
        known={Identity("site.example", "m1")},
    )  # fmt: skip

    fetches = stage.fetches()
    assert len(fetches) == 2
    assert (1, Enough()) in stage.out.runner_messages
    for fetch in fetches:
        stage.store(fetch)
    stage.ended()
    settled = stage.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert not [f for f in stage.out.facts if isinstance(f, ItemFact) and f.state is ItemState.SKIPPED]


def test_a_picked_item_that_is_gone_is_told() -> None:
    picked = filters.pick_of([[Identity("site.example", "m1")], [Identity("site.example", "m9")]])
    stage = run({"pick": picked}, make_item(1), make_item(2))
    (fetch,) = stage.fetches()
    stage.store(fetch)
    stage.ended()

    settled = stage.settlement()
    assert settled is not None
    assert settled.message == "1 of the picked items is not there any more"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_items": 3, "sound": True}, {"max_items": 3, "sound": True}),
        ({"max_items": 3, "filters": {"match": "x"}}, {}),
        ({"max_items": 3, "pick": [[["s", "1", 0]]]}, {}),
    ],
)
def test_a_listing_is_not_ended_early_where_others_than_the_first_are_wanted(
    options: dict[str, Any], told: dict[str, Any], tmp_path: Any
) -> None:
    order = plan.run_job(make_job(options=options), Settings(), work=tmp_path, locks_file=tmp_path, ffmpeg="")

    assert order.options == told
