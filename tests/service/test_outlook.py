"""What is known of addresses before they are added."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import JobStatus, Session
from mediadl.modules import direct, registry
from mediadl.service import Services, outlook
from mediadl.service.intake import Preview
from mediadl.service.outlook import Outlooks
from mediadl.service.queue import AddOptions
from mediadl.store import archive, sessions

FILE = "https://files.example/harbour.jpg"
ACCOUNT = "instagram:harbour"


def look(services: Services, text: str, options: AddOptions | None = None) -> Outlooks:
    return services.queue.outlook(services.queue.check(text, options), options)


def test_an_account_offers_its_types_and_a_file_none(services: Services) -> None:
    assert {"posts", "reels", "stories"} <= {name for name, _ in look(services, ACCOUNT).types}
    assert look(services, FILE).types == ()
    assert look(services, f"{ACCOUNT}\n{FILE}").types == ()


def test_every_type_that_is_offered_can_be_added(services: Services) -> None:
    for name, _ in look(services, ACCOUNT).types:
        (found,) = services.queue.check(ACCOUNT, AddOptions(content_type=name))
        assert (found.error, found.content_type) == ("", name)


def test_platforms_are_those_that_take_all_of_them(services: Services) -> None:
    assert [name for name, _ in look(services, FILE).platforms] == ["forum", "direct", "generic"]
    assert [name for name, _ in look(services, f"{FILE}\nhttps://a.example/page").platforms] == [
        "forum",
        "generic",
    ]


def test_names_follow_the_template_as_far_as_things_are_known(services: Services) -> None:
    url = services.queue.check(ACCOUNT)[0].url

    assert look(services, ACCOUNT).by_url[url].names == "instagram/harbour/‹date›_‹id›_‹title›.‹type›"
    assert look(services, FILE, AddOptions(name="{source}/{title}")).by_url[FILE].names == (
        "files.example/harbour.jpg"
    )


def test_jobs_and_fetched_files_are_known(services: Services) -> None:
    (added,) = services.queue.add([FILE])
    with services.store.write() as tx:
        archive.add(tx, direct.item(registry.match(FILE)).identity, None, time.time())

    found = look(services, FILE).by_url[FILE]
    assert (found.job_id, found.job_status, found.fetched) == (added.job_id, JobStatus.PENDING, True)


def test_a_login_is_asked_for_unless_there_is_a_good_one(services: Services) -> None:
    url = services.queue.check(ACCOUNT)[0].url
    assert look(services, ACCOUNT).by_url[url].login == "Instagram"
    for broken, wanted in (("", ""), ("logged out", "Instagram")):
        with services.store.write() as tx:
            sessions.put(tx, Session("instagram", "default", "x.txt", 1, None, time.time(), broken))
        assert look(services, ACCOUNT).by_url[url].login == wanted


def test_bad_options_are_told_in_the_words_of_the_command(services: Services) -> None:
    assert "max-items must be 1 or more" in look(services, FILE, AddOptions(max_items=0)).trouble


def test_bad_addresses_are_passed_over(services: Services) -> None:
    found = look(services, "nonsense")

    assert (found.by_url, found.types, found.trouble) == ({}, (), "")
    assert found.folder


@given(st.text(max_size=60))
def test_no_template_breaks_the_preview_of_names(template: str) -> None:
    preview = Preview(1, FILE, FILE, "direct", "file", "harbour", "files.example")

    assert isinstance(outlook._names(template, preview), str)
