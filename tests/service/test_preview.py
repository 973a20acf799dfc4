"""Previews: what is refused before anything is asked, and how numbers lead back to items."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from mediadl.errors import InvalidInput, NotFound, RateLimited
from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.service import Services
from mediadl.service.preview import FETCHED_BEFORE, Listed, Look, remember
from mediadl.service.queue import AddOptions
from mediadl.store import archive, sites

ALICE = "tiktok:@alice"
FILE = "https://files.example/harbour.jpg"


def item(n: int, title: str = "", *, aliases: tuple[Identity, ...] = ()) -> FoundItem:
    return FoundItem(n, Identity("tiktok", f"m{n}"), aliases=aliases, title=title, kind=MediaKind.VIDEO)


def look(services: Services, most: int = 200, **options: object) -> Look:
    return services.preview.begin(ALICE, replace(AddOptions(), **options), most=most)  # type: ignore[arg-type]


def shown(of: Look) -> list[tuple[int, str]]:
    return [(one.number, one.why) for one in of._items]


def test_a_file_is_listed_at_once_and_nothing_is_added(services: Services) -> None:
    outcome = services.preview.begin(FILE, AddOptions(filters={"media": "video"})).run()

    (listed,) = outcome.items
    assert (listed.number, listed.why, listed.accepted) == (1, "is an image, not video", False)
    assert outcome.accepted == 0
    assert services.queue.counts().total == 0


def test_a_site_that_rests_is_not_asked(services: Services) -> None:
    with services.store.write() as tx:
        sites.refused(tx, "tiktok", time.time() + 600, "rate_limited", time.time())

    with pytest.raises(RateLimited, match="tiktok rests for 10 more minutes"):
        look(services).run()


def test_items_are_told_apart_by_every_name_and_by_the_archive(services: Services) -> None:
    with services.store.write() as tx:
        archive.add_many(tx, [Identity("hub", "m2")], time.time())
    of = look(services, filters={"reject": "^ad"})
    twin = replace(item(4), aliases=(Identity("tiktok", "m1"),))

    for one in (item(1), item(2, aliases=(Identity("hub", "m2"),)), item(3, "Ad"), twin):
        assert of._seen(one)

    assert shown(of) == [(1, ""), (2, FETCHED_BEFORE), (3, "matches /^ad/")]


def test_the_list_ends_at_the_number_asked_for(services: Services) -> None:
    by_number = look(services, most=2)
    by_accepted = look(services, max_items=1, filters={"reject": "ad"})

    assert [by_number._seen(item(n)) for n in (1, 2, 3)] == [True, True, False]
    assert [by_accepted._seen(item(n, title)) for n, title in ((1, "ad"), (2, "x"), (3, "y"))] == [
        True,
        True,
        False,
    ]
    assert len(shown(by_accepted)) == 2


def listed(number: int) -> Listed:
    names = (Identity("tiktok", f"m{number}"), Identity("hub", f"h{number}"))
    return Listed(number, names, "", MediaKind.VIDEO, None, None, None, "", "", "")


def test_numbers_lead_to_the_items_of_the_last_preview(services: Services) -> None:
    remember(services, look(services).request, [listed(1), listed(2), listed(3)])

    picked = services.preview.picked(ALICE, AddOptions(filters={"match": "x"}), [3, 1])
    services.queue.add([ALICE], picked)

    assert [[str(name) for name in names] for names in picked.pick] == [
        ["tiktok:m3:0", "hub:h3:0"],
        ["tiktok:m1:0", "hub:h1:0"],
    ]
    (file,) = (services.home.run / "previews").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["missing", "old", "half"])
def test_a_list_that_is_gone_old_or_broken_is_asked_for_anew(services: Services, damage: str) -> None:
    remember(services, look(services).request, [listed(1)])
    (file,) = (services.home.run / "previews").iterdir()
    match damage:
        case "missing":
            file.unlink()
        case "old":
            os.utime(file, (0, 0))
        case _:
            file.write_text('{"items": [[["tiktok"')

    with pytest.raises(NotFound, match="no preview of"):
        services.preview.picked(ALICE, AddOptions(), [1])


def test_numbers_outside_of_the_list_are_refused(services: Services) -> None:
    remember(services, look(services).request, [listed(1)])

    with pytest.raises(NotFound, match="no number 2") as caught:
        services.preview.picked(ALICE, AddOptions(), [1, 2])
    assert "1 to 1" in caught.value.next_step


def test_a_preview_takes_one_address(services: Services) -> None:
    with pytest.raises(InvalidInput, match="one address, not 2"):
        services.preview.begin(f"{FILE} {ALICE}", AddOptions())


def test_old_lists_are_cleared_away(services: Services) -> None:
    remember(services, look(services).request, [listed(1)])
    (file,) = (services.home.run / "previews").iterdir()
    os.utime(file, (0, 0))

    remember(services, services.preview.begin("tiktok:@bob", AddOptions()).request, [listed(1)])

    assert not file.exists()


def test_a_look_that_was_stopped_before_it_began_asks_nobody(services: Services) -> None:
    of = look(services)
    of.stop()

    outcome = of.run()

    assert (outcome.items, outcome.more, outcome.trouble) == ((), True, None)
