"""One file may have several identities: whichever a backend knows it by, it is fetched once."""

from __future__ import annotations

from dataclasses import replace

from job_run_stage import Harness, make_item, make_job
from mediadl.models import Identity, ItemState, JobStatus
from mediadl.pipeline.facts import RememberFact
from mediadl.pipeline.protocol import Ended, Remember

CODE = Identity("site.example", "shortcode", 2)


def test_an_item_known_by_another_name_is_skipped() -> None:
    item = replace(make_item(1), aliases=(CODE,))

    h = Harness(known={CODE}).listing(item)

    assert h.fetches() == []
    assert h.states() == {1: ItemState.SKIPPED}


def test_the_same_file_under_another_name_in_one_listing_is_fetched_once() -> None:
    first = replace(make_item(1), aliases=(CODE,))
    second = replace(make_item(2), identity=CODE)

    h = Harness().listing(first, second)

    assert len(h.fetches()) == 1


def test_two_jobs_do_not_fetch_one_file_by_two_names_at_the_same_time() -> None:
    busy: dict[Identity, int] = {}
    item = replace(make_item(1), aliases=(CODE,))
    one = Harness(make_job(id=1), busy=busy).listing(item)
    other = Harness(make_job(id=2), busy=busy).listing(replace(make_item(1), identity=CODE))

    (order,) = one.fetches()
    assert other.fetches() == []
    one.store(order)
    other.run.recheck_held()

    # A name that is free again is asked for in the archive next
    assert len(other.fetches()) == 1
    assert busy == {CODE: 2}


def test_max_items_counts_files_not_their_names() -> None:
    items = [replace(make_item(n), aliases=(Identity("x", f"a{n}"), Identity("x", f"b{n}"))) for n in (1, 2)]

    h = Harness(make_job(options={"max_items": 2})).listing(*items)

    assert len(h.fetches()) == 2


def test_a_site_that_says_there_is_nothing_completes_the_job_with_its_words() -> None:
    h = Harness().listing()

    h.run.on_runner(Ended("gallery-dl", None, (), "the account has no posts"))

    settled = h.settlement()
    assert settled is not None
    assert (settled.status, settled.message) == (JobStatus.COMPLETED, "the account has no posts")
    assert settled.site_answered


def test_nothing_found_without_a_word_of_the_site_is_its_own_failure() -> None:
    h = Harness().listing()

    h.run.on_runner(Ended("gallery-dl", None))

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "no_media"


def test_what_a_module_remembers_becomes_a_fact() -> None:
    h = Harness().listing()

    h.run.on_runner(Remember("sec_uid", "MS4"))

    assert [(f.key, f.value) for f in h.out.facts if isinstance(f, RememberFact)] == [("sec_uid", "MS4")]
