"""What may be reached, what secrets go where, and links that lie in wait."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from fakeweb import Response, SyntheticBlob
from fakeweb.media import jpeg
from mediadl.pipeline.transfer.partial import identity_tag
from transfer_bench import Bench, size_of, text_of, with_network

MIB = 1 << 20


async def test_an_untrusted_caller_does_not_reach_a_private_address(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1"):
        order = bench.order(bench.url("/cat.jpg", host))
        assert (await bench.failed(with_network(order, trusted=False)))["kind"] == "address_refused"

    assert bench.web.log.entries() == []


async def test_a_redirect_to_a_private_address_is_refused_for_an_untrusted_caller(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    bench.files.answer("/go", lambda _: Response.redirect(f"http://127.0.0.1:{bench.web.port}/cat.jpg"))
    # Through the proxy the first hop is a public name
    order = with_network(bench.order("http://site.test/go"), trusted=False, proxy=bench.web.url)

    error = await bench.failed(order)

    assert error["kind"] == "address_refused"
    assert [entry.url for entry in bench.web.log.entries()] == ["http://site.test/go"]


async def test_the_local_owner_may_use_private_addresses(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))

    assert (await bench.fetch("/cat.jpg")).file.sha256 == wanted


async def test_a_public_page_does_not_redirect_the_owners_job_to_a_private_address(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    bench.files.answer("/go", lambda _: Response.redirect(f"http://127.0.0.1:{bench.web.port}/cat.jpg"))
    order = with_network(bench.order("http://site.test/go"), home="site.test", proxy=bench.web.url)

    error = await bench.failed(order)

    assert error["kind"] == "address_refused"
    assert [entry.url for entry in bench.web.log.entries()] == ["http://site.test/go"]


async def test_a_name_that_leads_to_a_private_address_is_refused(bench: Bench) -> None:
    order = bench.order(f"http://localhost.localdomain:{bench.web.port}/x.jpg")

    error = await bench.failed(with_network(order, trusted=False))

    assert error["kind"] in {"address_refused", "network"}
    assert bench.web.log.entries() == []


async def test_secrets_stay_with_their_host(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    bench.files.answer("/same", lambda _: Response.redirect("/go"))
    bench.files.answer("/go", lambda _: Response.redirect("http://other.test/cat.jpg"))
    order = bench.order(
        "http://site.test/same",
        item_headers={"Cookie": "session=1", "Authorization": "Bearer x", "Referer": "r"},
    )

    await bench.stored(with_network(order, proxy=bench.web.url))

    first, second, third = bench.web.log.entries()
    assert first.cookies == second.cookies == {"session": "1"}
    assert (third.cookies, "authorization" in third.headers) == ({}, False)
    assert third.headers["referer"] == "r"


async def test_cookies_set_by_a_redirect_are_for_its_host_only(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    bench.files.answer(
        "/go",
        lambda _: replace(
            Response.redirect("/in"), headers=[("Location", "/in"), ("Set-Cookie", "ok=1; Path=/")]
        ),
    )
    bench.files.answer("/in", lambda _: Response.redirect("http://other.test/cat.jpg"))

    await bench.stored(with_network(bench.order("http://site.test/go"), proxy=bench.web.url))

    assert [entry.cookies for entry in bench.web.log.entries()] == [{}, {"ok": "1"}, {}]


async def test_redirects_in_a_circle_end(bench: Bench) -> None:
    bench.files.answer("/go", lambda _: Response.redirect("/go"))

    error = await bench.failed(with_network(bench.order("/go"), retries=0))

    assert error["kind"] == "bad_content"
    assert len(bench.web.log.entries()) <= 22


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:1"])
async def test_a_redirect_to_another_scheme_is_refused(bench: Bench, target: str) -> None:
    bench.files.answer("/go", lambda _: Response.redirect(target))

    error = await bench.failed(bench.order("/go"))

    assert error["kind"] == "unsupported"


async def test_the_environment_chooses_no_proxy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))

    assert (await bench.fetch("/cat.jpg")).file.sha256 == wanted


async def test_a_dead_proxy_is_called_by_its_name(bench: Bench) -> None:
    error = await bench.failed(with_network(bench.order("/x.jpg"), proxy="http://127.0.0.1:9", retries=0))

    assert error["kind"] in {"proxy", "network"}


async def test_an_unknown_authority_is_refused_without_fall_back(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    error = await bench.failed(with_network(bench.order("https://site.test/cat.jpg"), proxy=bench.web.url))

    assert error["kind"] == "tls"
    assert bench.web.log.entries() == []


async def test_the_extra_ca_file_is_trusted_as_well(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))
    order = bench.order("https://site.test/cat.jpg")

    answer = await bench.stored(with_network(order, proxy=bench.web.url, ca_file=str(bench.web.ca_pem)))

    assert answer.file.sha256 == wanted


async def test_checking_certificates_can_be_turned_off(bench: Bench) -> None:
    wanted = bench.files.put("/cat.jpg", jpeg("cat"))
    order = bench.order("https://site.test/cat.jpg")

    answer = await bench.stored(with_network(order, proxy=bench.web.url, verify_tls=False))

    assert answer.file.sha256 == wanted


@pytest.mark.parametrize("ca_file", ["missing.pem", "empty.pem"])
async def test_a_useless_ca_file_is_said_clearly(bench: Bench, tmp_path: Path, ca_file: str) -> None:
    (tmp_path / "empty.pem").write_text("nothing")

    error = await bench.failed(
        with_network(bench.order("https://site.test/x.jpg"), ca_file=str(tmp_path / ca_file))
    )

    assert error["kind"] == "tls"
    assert ca_file in error["message"]


async def test_a_browser_is_imitated_when_the_item_asks_for_it(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    await bench.fetch("/cat.jpg", item_impersonate="chrome")

    (entry,) = bench.web.log.entries()
    assert "Chrome/" in entry.headers["user-agent"]
    assert entry.headers["accept-encoding"] == "identity"


async def test_an_unknown_browser_is_an_error(bench: Bench) -> None:
    error = await bench.failed(bench.order("/cat.jpg", item_impersonate="netscape4"))

    assert error["kind"] == "unsupported"


# Links that lie in wait


@pytest.fixture
def treasure(tmp_path: Path) -> Path:
    """A file that nobody may touch."""
    path = tmp_path / "treasure"
    path.write_text("gold")
    return path


async def test_a_link_in_place_of_the_part_file_is_replaced_not_followed(
    bench: Bench, treasure: Path
) -> None:
    wanted = bench.files.put("/big.bin", SyntheticBlob(2 * MIB))
    order = bench.order("/big.bin")
    bench.work.mkdir(parents=True)
    (bench.work / f"{order.item.n}-{identity_tag(order.item.identity)}.part").symlink_to(treasure)

    answer = await bench.stored(order)

    assert answer.file.sha256 == wanted
    assert text_of(treasure) == "gold"


async def test_a_link_in_place_of_the_record_is_not_followed(bench: Bench, treasure: Path) -> None:
    bench.files.put("/big.bin", SyntheticBlob(2 * MIB))
    order = bench.order("/big.bin")
    bench.work.mkdir(parents=True)
    (bench.work / f"{order.item.n}-{identity_tag(order.item.identity)}.json").symlink_to(treasure)

    await bench.answer_to(order)

    assert text_of(treasure) == "gold"


@pytest.mark.parametrize("where", ["site", "site/user", ".mediadl", ".mediadl/job-1"])
async def test_a_link_in_place_of_a_folder_is_refused(bench: Bench, tmp_path: Path, where: str) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    trap = bench.root / where
    trap.parent.mkdir(parents=True, exist_ok=True)
    trap.symlink_to(elsewhere)

    error = await bench.failed(bench.order("/cat.jpg"))

    assert error["kind"] == "not_writable"
    assert list(elsewhere.iterdir()) == []


async def test_a_link_under_the_final_name_is_left_alone(bench: Bench, treasure: Path) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    folder = bench.root / "site" / "user"
    folder.mkdir(parents=True)
    (folder / "cat.jpg").symlink_to(treasure)

    answer = await bench.fetch("/cat.jpg")

    assert Path(answer.file.path).name == "cat (2).jpg"
    assert text_of(treasure) == "gold"


async def test_the_download_folder_itself_may_be_a_link(bench: Bench, tmp_path: Path) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    link = tmp_path / "link"
    link.symlink_to(bench.root)

    answer = await bench.fetch(
        "/cat.jpg", target_root=str(link), target_work=str(link / ".mediadl" / "job-1")
    )

    assert size_of(answer.file.path)


@pytest.mark.parametrize("folder", ["../out", "a/../../out", "/etc"])
async def test_a_folder_that_leads_out_is_refused(bench: Bench, tmp_path: Path, folder: str) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    error = await bench.failed(bench.order("/cat.jpg", target_folder=folder))

    assert error["kind"] == "not_writable"
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_an_unwritable_folder_is_said_clearly(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))
    (bench.root / "site").mkdir(mode=0o500)

    error = await bench.failed(bench.order("/cat.jpg"))

    assert error["kind"] == "not_writable"


async def test_a_name_too_long_for_the_disk_is_said_clearly(bench: Bench) -> None:
    bench.files.put("/cat.jpg", jpeg("cat"))

    error = await bench.failed(bench.order("/cat.jpg", name="x" * 300))

    assert error["kind"] == "not_writable"
