"""Schedules of a data folder: told, changed, switched, run, looked at."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mediadl.errors import InvalidInput, NotFound, PermissionDenied
from mediadl.models import FoundItem, Identity
from mediadl.models.schedules import RunKind, RunState, Schedule, Walk
from mediadl.security.permissions import ROLE_RIGHTS, Caller, Role
from mediadl.service import Services
from mediadl.service import schedule_records as records
from mediadl.service.preview import Listed, Look
from mediadl.store import jobs, schedule_runs, schedules, sources
from mediadl.timing.rules import Due

PLAIN: dict[str, Any] = {"name": "nasa", "sources": ["instagram:nasa"], "every_s": "6h"}
NIGHTLY: dict[str, Any] = {
    "name": "nightly",
    "sources": ["instagram:nasa", "tiktok:@esa"],
    "cron": "0 3 * * *",
}


def deal_with(services: Services, found: Schedule, due_at: float) -> None:
    """As the daemon does when a run was begun."""
    with services.store.write() as tx:
        schedules.set_next(tx, found.id, Due(due_at + 60, due_at + 60), time.time(), last_due_at=due_at)


def test_a_schedule_is_added_with_its_sources_and_its_first_run(services: Services) -> None:
    before = time.time()

    made = services.schedules.add(NIGHTLY)

    found = services.schedules.details("nightly")
    assert found.plan.schedule == made
    assert found.plan.words == "Every day at 03:00"
    assert [(one.platform, one.name) for one in found.sources] == [("instagram", "nasa"), ("tiktok", "esa")]
    assert made.next_due_at is not None
    assert made.next_due_at > before
    assert found.next_runs[0].at == made.next_due_at
    assert len(found.next_runs) == 5
    assert services.schedules.get(made.id) == made


def test_an_interval_begins_at_once_and_a_name_is_used_once(services: Services) -> None:
    made = services.schedules.add(PLAIN)

    assert made.next_due_at == pytest.approx(made.created_at, abs=1)
    with pytest.raises(InvalidInput, match="'nasa' already"):
        services.schedules.add(PLAIN)
    assert services.schedules.suggest_name(["instagram:nasa"]) == "nasa 2"
    assert services.schedules.suggest_name(["https://www.youtube.com/@nasa"]) == "@nasa"


def test_an_unknown_schedule_names_the_closest_one(services: Services) -> None:
    services.schedules.add(NIGHTLY)

    with pytest.raises(NotFound) as missing:
        services.schedules.get("nightlly")

    assert missing.value.next_step == "Did you mean nightly?"
    with pytest.raises(NotFound):
        services.schedules.get(99)


def test_a_change_keeps_what_was_not_given_and_refuses_like_add(services: Services) -> None:
    made = services.schedules.add(NIGHTLY | {"max_items": 5})

    changed = services.schedules.change("nightly", {"name": "weekly", "cron": "0 3 * * 1"})

    assert (changed.id, changed.name, changed.spec["max_items"]) == (made.id, "weekly", 5)
    assert services.schedules.details(made.id).plan.words == "Every Monday at 03:00"
    for given, why in (
        ({"max_items": -1}, "max-items"),
        ({"sources": ["nasa"]}, "not a URL"),
        ({"cron": "x"}, "cron"),
    ):
        with pytest.raises(InvalidInput, match=why):
            services.schedules.change(made.id, given)
    assert services.schedules.get(made.id) == changed


def test_another_rule_takes_the_place_of_the_one_there_was(services: Services) -> None:
    made = services.schedules.add(NIGHTLY)

    changed = services.schedules.change(made.id, {"every_s": "2h"})

    assert (changed.spec["cron"], changed.spec["every_s"]) == ("", 7200)
    assert services.schedules.change(made.id, {"adaptive": True}).spec["every_s"] == 0


def test_a_new_rule_repeats_no_due_time_that_was_dealt_with(services: Services) -> None:
    made = services.schedules.add(NIGHTLY)
    assert made.next_due_at is not None
    deal_with(services, made, made.next_due_at)

    changed = services.schedules.change(made.id, {"cron": "0 3,4 * * *"})

    assert changed.next_due_at == made.next_due_at + 3600
    back = services.schedules.change(made.id, {"cron": "0 3 * * *"})
    assert back.next_due_at is not None
    assert back.next_due_at > made.next_due_at


def test_a_change_that_leaves_the_rule_leaves_the_next_run(services: Services) -> None:
    made = services.schedules.add(PLAIN | {"jitter_s": "10 min"})
    deal_with(services, made, made.created_at)
    was = services.schedules.get(made.id)

    changed = services.schedules.change(made.id, {"max_items": 3, "name": "other"})

    assert (changed.next_due_at, changed.next_start_at) == (was.next_due_at, was.next_start_at)


def test_switching_off_and_on_again_repeats_nothing(services: Services) -> None:
    made = services.schedules.add(NIGHTLY)
    assert made.next_due_at is not None
    deal_with(services, made, made.next_due_at)

    assert [one.enabled for one in services.schedules.disable([made.id])] == [False]
    assert services.schedules.disable(["nightly"]) == []
    assert services.schedules.next_runs(made.id) == []
    (on,) = services.schedules.enable([made.id])

    assert on.next_due_at is not None
    assert on.next_due_at > made.next_due_at


def test_of_several_one_that_is_unknown_changes_none(services: Services) -> None:
    made = services.schedules.add(PLAIN)

    for verb in (services.schedules.disable, services.schedules.remove):
        with pytest.raises(NotFound):
            verb(["nasa", "nobody"])

    assert services.schedules.get("nasa") == made


def test_a_removed_schedule_leaves_its_sources_known(services: Services) -> None:
    made = services.schedules.add(PLAIN)

    assert services.schedules.remove(["nasa"]) == [made]

    assert services.schedules.list() == []
    again = services.schedules.add(PLAIN)
    assert again.id > made.id
    assert len(sources.list(services.store.read())) == 1


def test_a_duplicate_is_off_and_has_the_same_sources(services: Services) -> None:
    made = services.schedules.add(NIGHTLY)

    other = services.schedules.duplicate("nightly")
    third = services.schedules.duplicate("nightly", "mine")

    assert (other.name, other.enabled, other.next_due_at) == ("nightly 2", False, None)
    assert third.name == "mine"
    read = services.store.read()
    assert schedules.source_ids(read, other.id) == schedules.source_ids(read, made.id)


def test_a_run_at_once_makes_jobs_and_never_two_runs(services: Services) -> None:
    made = services.schedules.add(NIGHTLY)

    begun = services.schedules.run_now("nightly")

    assert (begun.run.kind, begun.run.state) == (RunKind.MANUAL, RunState.RUNNING)
    queued = jobs.get_many(services.store.read(), begun.job_ids)
    assert {job.options["subscription"]["walk"] for job in queued} == {"keep_up", "backfill"}
    assert {job.platform for job in queued} == {"instagram", "tiktok"}
    assert services.schedules.get(made.id).next_due_at == made.next_due_at
    with pytest.raises(InvalidInput, match="at work already"):
        services.schedules.run_now("nightly")
    with pytest.raises(InvalidInput, match="at work already"):
        services.schedules.fill_gap("nightly")
    assert services.schedules.details("nightly").open_run is not None
    assert len(services.schedules.history("nightly")) == 1


def test_filling_a_gap_has_no_limit(services: Services) -> None:
    services.schedules.add(PLAIN | {"max_items": 5})

    begun = services.schedules.fill_gap("nasa")

    (job,) = jobs.get_many(services.store.read(), begun.job_ids)
    assert begun.run.kind is RunKind.GAP
    assert "max_items" not in job.options
    assert job.options["subscription"]["walk"] == Walk.KEEP_UP.value


def test_history_and_figures(services: Services) -> None:
    made = services.schedules.add(PLAIN)
    with services.store.write() as tx:
        for n, state in enumerate((RunState.DONE, RunState.DONE, RunState.FAILED)):
            run_id = schedule_runs.open_run(
                tx, made.id, 1000.0 + n, RunKind.DUE, RunState.RUNNING, 1000.0 + n
            )
            assert run_id is not None
            schedule_runs.finish(
                tx, run_id, state, 1010.0 + n, error="gone" if state is RunState.FAILED else ""
            )

    found = services.schedules.statistics("nasa")

    assert [run.due_at for run in services.schedules.history("nasa", 2)] == [1002.0, 1001.0]
    assert (found.runs, found.failed, found.mean_s) == (3, 1, 10.0)
    assert found.success == pytest.approx(2 / 3)
    (listed,) = services.schedules.list()
    assert listed.last is not None
    assert listed.last.error == "gone"
    assert records.details(services.schedules.details("nasa"))["statistics"]["success"] == 0.6667


def test_a_source_that_was_renamed_is_not_begun_anew(services: Services) -> None:
    made = services.schedules.add(PLAIN)
    (source,) = sources.list(services.store.read())
    with services.store.write() as tx:
        sources.owned(tx, source.id, "1", "nasa", time.time())
        sources.owned(tx, source.id, "1", "nasa_new", time.time())
        sources.moved(tx, source.id, "https://www.instagram.com/nasa_new/posts/")

    services.schedules.change(made.id, {"max_items": 9})
    services.schedules.change(made.id, {"sources": ["instagram:nasa", "tiktok:@esa"]})

    found = services.schedules.details(made.id).sources
    assert [one.name for one in found] == ["nasa_new", "esa"]
    assert len(sources.list(services.store.read())) == 2


def test_what_one_filter_leaves_out_another_schedule_still_finds(services: Services) -> None:
    def head(of: Schedule) -> tuple[str, ...]:
        (source,) = services.schedules.details(of.id).sources
        return source.head

    videos = services.schedules.add(PLAIN | {"filters": {"media": ["video"]}})
    with services.store.write() as tx:
        (source_id,) = schedules.source_ids(tx, videos.id)
        sources.advance(tx, source_id, ["p9"], None, time.time())

    photos = services.schedules.add(PLAIN | {"name": "photos", "filters": {"media": ["image"]}})
    copy = services.schedules.duplicate(videos.id)

    assert (head(photos), head(copy)) == ((), ("p9",))
    changed = services.schedules.change(copy.id, {"filters": {"media": ["audio"]}})
    assert head(changed) == ("p9",), "how far it was read holds on"
    ids = {
        tuple(one.id for one in services.schedules.details(n).sources)
        for n in (videos.id, photos.id, copy.id)
    }
    assert len(ids) == 3
    (seen,) = services.schedules.check_sources(["instagram:nasa"])
    assert [one.name for one in seen.schedules] == ["nasa", "nasa 2", "photos"]


def test_sources_are_checked_without_asking_anybody(services: Services) -> None:
    services.schedules.add(PLAIN)

    known, new = services.schedules.check_sources(["instagram:nasa", "tiktok:@esa"])

    assert (known.wanted.platform, known.content) == ("instagram", "posts") or known.content
    assert known.backends
    assert known.source is not None
    assert [one.name for one in known.schedules] == ["nasa"]
    assert (new.source, new.schedules) == (None, ())
    with pytest.raises(InvalidInput):
        services.schedules.check_sources(["what"])


def test_a_preview_is_of_each_source_with_its_content_and_rules(services: Services) -> None:
    services.schedules.add(NIGHTLY | {"filters": {"media": ["image"]}})

    looks = services.schedules.looks("nightly")
    told = services.schedules.looks(PLAIN | {"content_types": ["stories"]})

    assert [(one.name, look.request.platform) for one, look in looks] == [
        ("nasa", "instagram"),
        ("esa", "tiktok"),
    ]
    assert all(look.request.options["filters"] == {"media": ["image"]} for _, look in looks)
    assert [look.request.content_type for _, look in told] == ["stories"]
    assert len(services.schedules.looks("nightly", only=["ESA"])) == 1
    many = [f"instagram:user{n}" for n in range(21)]
    with pytest.raises(InvalidInput, match="21 sources are too many"):
        services.schedules.looks(PLAIN | {"sources": many})


def test_an_account_sees_and_changes_only_its_own(services: Services) -> None:
    mine = services.schedules.add(PLAIN)
    ann = services.acting_as(Caller(7, "ann", Role.USER, ROLE_RIGHTS[Role.USER], "browser"))

    hers = ann.schedules.add(PLAIN | {"name": "hers"})

    assert hers.owner_id == 7
    assert [one.schedule.name for one in ann.schedules.list()] == ["hers"]
    assert [one.schedule.name for one in services.schedules.list()] == ["hers", "nasa"]
    for verb in (ann.schedules.get, ann.schedules.run_now, ann.schedules.details, ann.schedules.duplicate):
        with pytest.raises(NotFound):
            verb(mine.id)
    with pytest.raises(NotFound):
        ann.schedules.remove([mine.id])
    assert [one.schedules for one in ann.schedules.check_sources(["instagram:nasa"])] == [(hers,)]


def test_what_another_changed_meanwhile_is_not_written_over(services: Services) -> None:
    from mediadl.service import schedule_check, schedule_keeping

    made = services.schedules.add(PLAIN)
    services.schedules.change(made.id, {"max_items": 4})

    with services.store.write() as tx, pytest.raises(InvalidInput, match="changed by somebody else"):
        schedule_keeping.change(tx, made, schedule_check.check(PLAIN), time.time())


def test_a_preview_without_older_posts_leaves_out_what_was_there(services: Services) -> None:
    def item(n: int) -> FoundItem:
        return FoundItem(n, Identity("tiktok", f"p{n}"), title=f"post {n}", posted_at=n * 86_400.0)

    def shown(look: Look, *numbers: int) -> list[tuple[str, bool]]:
        heard: list[Listed] = []
        look._heard = heard.append
        for n in numbers:
            look._seen(item(n))
        return [(one.title, one.accepted) for one in heard]

    made = services.schedules.add(
        {"name": "esa", "sources": ["tiktok:@esa"], "every_s": "6h", "backfill": "none"}
    )
    ((_, first),) = services.schedules.looks("esa")
    assert shown(first, 9, 8) == [("post 9", False), ("post 8", False)]
    with services.store.write() as tx:
        (source_id,) = schedules.source_ids(tx, made.id)
        sources.advance(tx, source_id, [f"tiktok:p{n}" for n in range(9, 0, -1)], None, time.time())

    ((_, later),) = services.schedules.looks("esa")
    ((_, older_too),) = services.schedules.looks(made.spec | {"backfill": "all"})

    assert shown(later, 3, 11, 10, 9, 8) == [
        ("post 3", False), ("post 11", True), ("post 10", True), ("post 9", False), ("post 8", False),
    ]  # fmt: skip
    assert shown(older_too, 3, 11) == [("post 3", True), ("post 11", True)]


def test_an_account_chooses_folders_inside_the_download_folder_only(services: Services) -> None:
    services.settings.set("downloads.directory", str(services.home.root / "files"))
    ann = services.acting_as(Caller(7, "ann", Role.USER, ROLE_RIGHTS[Role.USER], "browser"))

    made = ann.schedules.add(PLAIN | {"out": "space"})

    assert made.spec["out"] == str(services.home.root / "files" / "space")
    for out in ("/etc", "../elsewhere"):
        with pytest.raises(PermissionDenied, match="outside the download folder"):
            ann.schedules.change(made.id, {"out": out})
