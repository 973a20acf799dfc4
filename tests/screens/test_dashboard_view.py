"""What the Dashboard reads, and how often."""

from __future__ import annotations

import time

from mediadl.models import JobStatus
from mediadl.screens.dashboard_view import DashboardReader
from mediadl.service import Services
from mediadl.store import downloads
from store.making import download
from terminal import scene


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_queue_and_feed_are_always_fresh_and_sums_a_second_old_at_most(services: Services) -> None:
    clock = Clock()
    reader = DashboardReader(services, clock)
    first = reader.read(14)
    scene.write(services, scene.EVERYDAY)
    with services.store.write() as tx:
        downloads.add(tx, download(1, stored_at=time.time()))

    at_once = reader.read(14)
    clock.now += 1.5
    later = reader.read(14)

    assert first.first_run
    assert len(first.overview.days) == 14
    assert at_once.overview.counts.by_status[JobStatus.ACTIVE] == 4
    assert at_once.overview.next_job is not None
    assert len(at_once.feed) == 11
    assert not at_once.first_run
    assert at_once.overview.stored.files == 0
    assert later.overview.stored.files == 1
    assert later.overview.today.files == 1


def test_the_daemons_state_and_the_sites_are_read_every_other_second(services: Services) -> None:
    clock = Clock()
    reader = DashboardReader(services, clock)
    reader.read()
    scene.write(services, scene.EVERYDAY)

    clock.now += 1
    soon = reader.read()
    clock.now += 1.5
    later = reader.read()

    assert soon.sites == ()
    assert later.sites
    assert not later.daemon.running


def test_a_folder_is_named_for_those_who_begin(services: Services) -> None:
    view = DashboardReader(services).read()

    assert view.place.endswith("/Downloads/mediadl")
