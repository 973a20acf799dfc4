"""A rendition that is mute or gone is passed over for another; a film that is mute by right is taken as it is."""

from __future__ import annotations

from typing import Any

from fakeweb.media import mp4
from transfer_bench import Bench


def film(bench: Bench, name: str, *, audio: bool) -> str:
    """Serve a film; returns its SHA-256."""
    return bench.files.put(f"/{name}.mp4", mp4(name, audio=audio))


def announced(bench: Bench, **more: Any) -> dict[str, Any]:
    """What a site says that has two more renditions."""
    return {"item_sound": True, "item_others": (bench.url("/second.mp4"), bench.url("/third.mp4")), **more}


async def test_a_mute_rendition_gives_way_to_the_next_with_sound(bench: Bench) -> None:
    film(bench, "first", audio=False)
    film(bench, "second", audio=False)
    wanted = film(bench, "third", audio=True)

    answer = await bench.fetch("/first.mp4", **announced(bench, item_size_bytes=None))

    assert answer.file.sha256 == wanted
    assert bench.visible() == ["site/user/first.mp4"]
    assert bench.partials() == []


async def test_a_film_that_is_mute_in_every_rendition_is_taken_as_it_is(bench: Bench) -> None:
    wanted = film(bench, "first", audio=False)
    film(bench, "second", audio=False)
    film(bench, "third", audio=False)

    answer = await bench.fetch("/first.mp4", **announced(bench))

    assert answer.file.sha256 == wanted


async def test_the_size_of_one_rendition_is_not_asked_of_another(bench: Bench) -> None:
    film(bench, "first", audio=False)
    wanted = film(bench, "second", audio=True)
    size = len(mp4("first", audio=False))

    answer = await bench.fetch("/first.mp4", **announced(bench, item_size_bytes=size))

    assert answer.file.sha256 == wanted
    assert answer.file.size_bytes != size


async def test_a_rendition_that_is_gone_gives_way_as_well(bench: Bench) -> None:
    wanted = film(bench, "second", audio=True)

    answer = await bench.fetch("/first.mp4", **announced(bench))

    assert answer.file.sha256 == wanted


async def test_a_film_of_which_every_rendition_is_gone_is_not_found(bench: Bench) -> None:
    error = await bench.failed(bench.order("/first.mp4", **announced(bench)))

    assert error["kind"] == "not_found"
    assert "first.mp4" in error["message"]


async def test_a_film_with_nothing_to_compare_it_with_is_fetched_once(bench: Bench) -> None:
    wanted = film(bench, "first", audio=False)

    answer = await bench.fetch("/first.mp4", item_sound=True)

    assert answer.file.sha256 == wanted
    assert bench.web.log.count("first.mp4") == 1
