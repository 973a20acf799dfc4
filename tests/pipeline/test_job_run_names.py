"""One file may have several identities: whichever a backend knows it by, it is fetched once."""

from __future__ import annotations

from dataclasses import replace

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import MediaNotFound
from mediadl.models import Identity, ItemState, JobStatus
from mediadl.pipeline.facts import RememberFact
from mediadl.pipeline.protocol import Ended, Known, Remember

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


def remembered(h: Harness) -> list[str]:
    return [fact.key for fact in h.out.facts if isinstance(fact, RememberFact)]


def test_what_holds_only_for_a_complete_run_is_kept_when_every_item_is_there() -> None:
    h = Harness(known={make_item(2).identity}).listing(make_item(1), make_item(2))
    h.run.on_runner(Remember("walked", True, if_complete=True))
    h.ended()
    assert remembered(h) == []

    h.store(h.fetches()[0])

    assert h.settlement() is not None
    assert remembered(h) == ["walked"]


def test_it_is_not_kept_when_an_item_failed_or_was_not_wanted() -> None:
    failed = Harness().listing(make_item(1))
    failed.run.on_runner(Remember("walked", True, if_complete=True))
    failed.ended()
    failed.fail(failed.fetches()[0], MediaNotFound("gone"))
    refused = Harness(make_job(options={"max_items": 1})).listing(make_item(1), make_item(2))
    refused.run.on_runner(Remember("walked", True, if_complete=True))
    refused.ended()
    refused.store(refused.fetches()[0])

    assert failed.settlement() is not None
    assert refused.settlement() is not None
    assert remembered(failed) == remembered(refused) == []


def test_the_runner_hears_which_items_were_fetched_before() -> None:
    h = Harness(known={make_item(2).identity}).listing(make_item(1), make_item(2))

    assert h.out.runner_messages == [(h.job.id, Known(2))]
