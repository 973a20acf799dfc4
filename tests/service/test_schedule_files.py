"""All schedules as one file: out of the database and in again, planned first, all or nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mediadl.errors import InvalidInput
from mediadl.models.schedules import Schedule
from mediadl.paths import Home
from mediadl.security.permissions import ROLE_RIGHTS, Caller, Role
from mediadl.service import Services, open_services
from mediadl.service.schedule_files import ChangeKind, Plan
from mediadl.store import sources

PLAIN: dict[str, Any] = {"name": "nasa", "sources": ["instagram:nasa"], "every_s": "6h"}


def done(services: Services, text: str, name: str = "all.toml", **more: Any) -> Plan:
    plan = services.schedules.plan_file(text.encode(), name, **more)
    services.schedules.carry_out(plan)
    return plan


def told(found: Schedule) -> dict[str, Any]:
    return found.spec | {"name": found.name, "enabled": found.enabled}


def hundred(services: Services) -> None:
    """A hundred schedules, each told something else."""
    for n in range(100):
        services.schedules.add(
            {
                "name": f"s{n} ☃ \"q\" 'x'",
                "sources": [f"instagram:user{n}", f"tiktok:@other{n}"][: 1 + n % 2],
                "content_types": ["posts", "stories"] if n % 10 == 0 else [],
                "cron": f"{n % 60} 3 * * *" if n % 3 == 0 else "",
                "every_s": 3600 + n if n % 3 == 1 else 0,
                "adaptive": n % 3 == 2,
                "time_zone": "Europe/Berlin" if n % 4 else "",
                "windows": ["01:00-06:00", "sat-sun 08:00-20:00"] if n % 5 == 0 else [],
                "max_items": n % 7,
                "enabled": n % 11 != 0,
                "filters": {"min_duration_s": n, "media": ["video"]} if n % 6 == 1 else {},
                "since": "7d" if n % 9 == 0 else "",
            }
            if n % 10 or n % 2 == 0
            else {"name": f"s{n}", "sources": [f"instagram:user{n}"], "every_s": "1d"}
        )


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_a_hundred_come_back_as_they_were_after_a_wipe(
    services: Services, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hundred(services)
    text = services.schedules.export(form=form)
    before = [told(one.schedule) for one in services.schedules.list()]
    known = {(one.url, one.content_type) for one in sources.list(services.store.read())}

    with open_services(Home(tmp_path_factory.mktemp("other")).create()) as other:
        plan = done(other, text, f"all.{form}", only_add=True)

        assert plan.count(ChangeKind.ADDED) == 100
        assert [told(one.schedule) for one in other.schedules.list()] == before
        assert {(one.url, one.content_type) for one in sources.list(other.store.read())} == known
        assert other.schedules.export(form=form) == text
        again = other.schedules.plan_file(text.encode(), f"all.{form}")
        assert again.count(ChangeKind.SAME) == 100 == len(again.changes)


def test_apply_adds_changes_and_removes_and_says_what(services: Services) -> None:
    services.schedules.add(PLAIN)
    gone = services.schedules.add(PLAIN | {"name": "gone"})
    text = (
        "[[schedules]]\nname = 'nasa'\nsources = ['instagram:nasa', 'tiktok:@esa']\ndaily = '03:00'\nmax_items = 5\n"
        "[[schedules]]\nname = 'new'\nsources = ['instagram:esa']\nevery = 'auto'\n"
    )

    planned = services.schedules.plan_file(text.encode(), "all.toml")

    assert [(one.kind.value, one.name, one.words) for one in planned.changes] == [
        (
            "changed",
            "nasa",
            ("+ tiktok:@esa", "every: 6 h → as by default", "cron: as by default → 0 3 * * *",
             "max_items: as by default → 5"),
        ),
        ("added", "new", ()),
        ("removed", "gone", ()),
    ]  # fmt: skip
    assert services.schedules.get("gone") == gone, "a plan changes nothing"
    services.schedules.carry_out(planned)
    assert [one.schedule.name for one in services.schedules.list()] == ["nasa", "new"]
    assert services.schedules.get("nasa").spec["max_items"] == 5


def test_apply_keeps_what_is_known_of_the_sources(services: Services) -> None:
    services.schedules.add(PLAIN)
    (source,) = sources.list(services.store.read())
    with services.store.write() as tx:
        sources.advance(tx, source.id, ["p3", "p2", "p1"], 1000.0, time.time())

    done(services, "schedules = []")
    assert services.schedules.list() == []
    done(services, "[[schedules]]\nname = 'other'\nsources = ['instagram:nasa']\nevery = '6h'\n")

    assert services.schedules.details("other").sources[0].head == ("p3", "p2", "p1")


def test_import_only_adds(services: Services) -> None:
    services.schedules.add(PLAIN)
    text = (
        "[[schedules]]\nname = 'nasa'\nsources = ['instagram:nasa']\nevery = '12h'\n"
        "[[schedules]]\nname = 'new'\nsources = ['instagram:esa']\nevery = '6h'\n"
    )

    plan = done(services, text, only_add=True)

    assert [(one.kind.value, one.words) for one in plan.changes] == [
        ("kept", ("every: 6 h → 12 h",)),
        ("added", ()),
    ]
    assert services.schedules.get("nasa").spec["every_s"] == 21_600
    assert services.schedules.get("new").enabled


def test_one_bad_schedule_names_its_line_and_changes_nothing(services: Services) -> None:
    services.schedules.add(PLAIN)
    good = "[[schedules]]\nname = 'a'\nsources = ['instagram:esa']\nevery = '6h'\n\n"
    for bad, why in (
        ("max_items = -1", "max-items: must be"),
        ("time_zone = 'Mars'", "time-zone: "),
        ("sources = ['what']", "not a URL: what"),
    ):
        lines = f"[[schedules]]\nname = 'b'\nevery = '6h'\n{bad}\n" + (
            "" if "sources" in bad else "sources = 'x:y'\n"
        )
        lines = lines.replace("'x:y'", "'instagram:x'")

        with pytest.raises(InvalidInput) as refused:
            services.schedules.plan_file((good + lines).encode(), "all.toml")

        assert refused.value.message.startswith(f"all.toml, line 6: {why}")
    assert [one.schedule.name for one in services.schedules.list()] == ["nasa"]


def test_a_plan_that_fails_half_way_changes_nothing(services: Services) -> None:
    services.schedules.add(PLAIN)
    text = "".join(
        f"[[schedules]]\nname = '{name}'\nsources = ['instagram:esa']\nevery = '6h'\n"
        for name in ("nasa", "new")
    )
    plan = services.schedules.plan_file(text.encode(), "all.toml")
    services.schedules.change("nasa", {"max_items": 7})

    with pytest.raises(InvalidInput, match="changed by somebody else"):
        services.schedules.carry_out(plan)

    assert [one.schedule.name for one in services.schedules.list()] == ["nasa"]
    assert services.schedules.get("nasa").spec["max_items"] == 7


def test_a_list_of_sources_becomes_one_schedule_or_one_for_each(services: Services) -> None:
    opml = (
        "<opml><head><title>Mine</title></head><body>\n<outline text='NASA' htmlUrl='https://www.instagram.com/nasa/'/>\n"
        "<outline text='ESA' htmlUrl='https://www.tiktok.com/@esa'/>\n</body></opml>"
    )

    done(services, opml, "subs.opml", only_add=True)
    done(services, opml, "subs.opml", only_add=True, each=True, told={"cron": "0 3 * * *", "max_items": 4})

    found = {one.schedule.name: one.schedule.spec for one in services.schedules.list()}
    assert list(found) == ["ESA", "Mine", "NASA"]
    assert found["Mine"]["adaptive"]
    assert len(found["Mine"]["sources"]) == 2
    assert (found["ESA"]["cron"], found["ESA"]["max_items"], found["ESA"]["adaptive"]) == (
        "0 3 * * *",
        4,
        False,
    )


def test_columns_of_csv_tell_schedules(services: Services) -> None:
    table = "url,name,every,max items\ninstagram:a,one,6h,5\ntiktok:@b,one,,\ninstagram:c,,,\ninstagram:d,two,auto,\n"

    done(services, table, "list.csv", only_add=True)

    found = {one.schedule.name: one.schedule.spec for one in services.schedules.list()}
    assert found["one"]["sources"] == ["instagram:a", "tiktok:@b"]
    assert (found["one"]["every_s"], found["one"]["max_items"]) == (21_600, 5)
    assert found["list"]["sources"] == ["instagram:c"]
    assert found["two"]["adaptive"]
    with pytest.raises(InvalidInput, match=r"x\.csv, line 3: 'one' is told otherwise in a line above"):
        services.schedules.plan_file(b"url,name,every\na:b,one,6h\nc:d,one,7h\n", "x.csv", only_add=True)


def test_more_sources_than_a_schedule_can_have_become_several(services: Services) -> None:
    table = "url\n" + "".join(f"instagram:user{n}\n" for n in range(1001))

    done(services, table, "many.csv", only_add=True)

    found = {one.schedule.name: len(one.schedule.spec["sources"]) for one in services.schedules.list()}
    assert found == {"many": 1000, "many 2": 1}


def test_a_source_that_moved_is_written_where_it_is_now(services: Services) -> None:
    services.schedules.add(PLAIN | {"sources": ["instagram:nasa", "tiktok:@esa"]})
    source = sources.list(services.store.read())[0]
    with services.store.write() as tx:
        sources.moved(tx, source.id, "https://www.instagram.com/nasa_new/posts/")

    text = services.schedules.export()

    assert 'sources = ["tiktok:@esa", "https://www.instagram.com/nasa_new/posts/"]' in text


def test_an_account_applies_to_its_own_schedules_only(services: Services) -> None:
    services.schedules.add(PLAIN)
    ann = services.acting_as(Caller(7, "ann", Role.USER, ROLE_RIGHTS[Role.USER], "browser"))
    ann.schedules.add(PLAIN | {"name": "hers"})

    assert "nasa" not in ann.schedules.export().replace("instagram:nasa", "")
    done(ann, "schedules = []")

    assert [one.schedule.name for one in services.schedules.list()] == ["nasa"]
    taken = "[[schedules]]\nname = 'nasa'\nsources = ['instagram:x']\nevery = '6h'\n"
    with pytest.raises(InvalidInput, match="'nasa' already"):
        done(ann, taken)
