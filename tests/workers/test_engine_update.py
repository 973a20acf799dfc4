"""New versions are taken only when they work; otherwise all stays as it was and the reason is told in one line."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.errors import EngineRefused, NotFound
from mediadl.paths import Home
from mediadl.settings.schema import Engines, Settings
from mediadl.store import journal
from mediadl.store.database import Database
from mediadl.workers.engine_sources import FolderSource, IndexSource
from mediadl.workers.engine_store import EngineStore
from mediadl.workers.engine_update import State, Updater
from wheelhouse import Index, engine_wheel, index

GOOD, NEWER = "1.98.0", "1.99.0"
GALLERY = "gallery-dl"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of wheels, made once: they are read only."""
    root = tmp_path_factory.mktemp("house")
    engine_wheel(root / "good", GALLERY, GOOD)
    engine_wheel(root / "newer", GALLERY, NEWER)
    engine_wheel(
        root / "no import", GALLERY, NEWER, mend={"__init__.py": lambda text: b"import nowhere\n" + text}
    )
    engine_wheel(
        root / "no adapter",
        GALLERY,
        NEWER,
        mend={"extractor/common.py": lambda text: text + b"\ndel Extractor.request\n"},
    )
    engine_wheel(root / "no sites", GALLERY, NEWER, mend={"extractor/__init__.py": _without_sites})
    engine_wheel(
        root / "dies",
        GALLERY,
        NEWER,
        mend={"extractor/__init__.py": lambda text: text + b"\nimport os; os._exit(0)\n"},
    )
    engine_wheel(
        root / "wrong version",
        GALLERY,
        NEWER,
        mend={"version.py": lambda text: text.replace(b"1.99.0", b"1.50")},
    )
    engine_wheel(root / "yt good", "yt-dlp", "2026.12.1")
    engine_wheel(root / "yt canary", "yt-dlp", "2026.12.2", mend={"extractor/generic.py": _without_canary})
    engine_wheel(root / "yt ejs", "yt-dlp", "2026.12.3", requires=("yt-dlp-ejs==0.9.9; extra == 'default'",))
    return root


def _without_sites(text: bytes) -> bytes:
    return text + b"\nmodules[:] = modules[:3]\n"


def _without_canary(text: bytes) -> bytes:
    mark = b"    def _real_extract(self, url):\n"
    assert mark in text
    return text.replace(
        mark,
        mark + b"        if '/canary' in url:\n            raise ExtractorError('Unable to extract it')\n",
    )


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    with Database.open(home) as made:
        yield made


@pytest.fixture
def store(home: Home) -> EngineStore:
    return EngineStore(home.engines)


def updater(store: EngineStore, database: Database, *canary: str) -> Updater:
    return Updater(store, Settings(engines=Engines(canary=canary)), database)


@pytest.fixture
def plain(store: EngineStore, database: Database) -> Updater:
    return updater(store, database)


def events(database: Database) -> list[dict[str, object]]:
    return [event.payload for event in journal.since(database.read(), 0) if event.kind == "engine"]


def leftovers(store: EngineStore) -> list[str]:
    return [path.name for path in store.root.rglob(".*") if path.name not in {".lock", ".busy"}]


def test_a_newer_version_is_tried_and_taken(plain: Updater, database: Database, house: Path) -> None:
    before = plain.now(GALLERY)

    (done,) = plain.update([GALLERY], FolderSource(house / "good"), "stable")

    assert (done.state, done.before, done.after) == (State.UPDATED, before, GOOD)
    assert plain.store.in_use(GALLERY) == GOOD
    assert plain.store.pointer(GALLERY).previous == ""
    assert events(database) == [
        {"name": GALLERY, "state": "updated", "before": before, "after": GOOD, "reason": "", "by": "user"}
    ]
    assert leftovers(plain.store) == []


def test_the_same_again_changes_nothing(plain: Updater, house: Path) -> None:
    plain.update([GALLERY], FolderSource(house / "good"), "stable")
    turn = plain.store.pointer(GALLERY).turn

    (done,) = plain.update([GALLERY], FolderSource(house / "good"), "stable")

    assert done.state is State.CURRENT
    assert plain.store.pointer(GALLERY).turn == turn


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("no import", "import"),
        ("no adapter", "adapter"),
        ("no sites", "3 sites only"),
        ("dies", "died or hung"),
        ("wrong version", "not 1.99.0"),
    ],
)
def test_a_version_that_fails_its_self_test_is_refused_and_the_old_one_stays(
    plain: Updater, database: Database, house: Path, folder: str, words: str
) -> None:
    plain.update([GALLERY], FolderSource(house / "good"), "stable")

    (done,) = plain.update([GALLERY], FolderSource(house / folder), "stable")

    assert done.state is State.REFUSED
    assert done.is_trouble
    assert words in done.reason
    assert "\n" not in done.reason
    assert plain.now(GALLERY) == GOOD
    assert plain.store.stored(GALLERY) == [GOOD]
    assert leftovers(plain.store) == []
    assert [event["state"] for event in events(database)] == ["updated", "refused"]


def test_an_update_by_schedule_leaves_a_refused_version_alone(plain: Updater, house: Path) -> None:
    source = FolderSource(house / "no import")
    plain.update([GALLERY], source, "stable")

    (again,) = plain.update([GALLERY], source, "stable", by_schedule=True)
    (asked,) = plain.update([GALLERY], source, "stable")

    assert again.state is State.CURRENT
    assert asked.state is State.REFUSED


# The canary


@pytest.fixture
def site() -> Iterator[str]:
    """A page with a video; `/gone` is none."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'<html><video><source src="/v.mp4" type="video/mp4"></video></html>'
            self.send_response(404 if self.path.startswith("/gone") else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_lists_less_than_the_version_in_use_is_refused(
    store: EngineStore, database: Database, house: Path, site: str
) -> None:
    work = updater(store, database, f"{site}/canary")
    (first,) = work.update(["yt-dlp"], FolderSource(house / "yt good"), "stable")

    (second,) = work.update(["yt-dlp"], FolderSource(house / "yt canary"), "stable")

    assert first.state is State.UPDATED
    assert second.state is State.REFUSED
    assert "/canary" in second.reason
    assert work.now("yt-dlp") == "2026.12.1"


def test_an_address_that_fails_with_both_versions_says_nothing(
    store: EngineStore, database: Database, house: Path, site: str
) -> None:
    work = updater(store, database, f"{site}/gone", "http://127.0.0.1:9/nobody", f"{site}/page")

    (done,) = work.update(["yt-dlp"], FolderSource(house / "yt canary"), "stable")

    assert done.state is State.UPDATED


def test_the_companion_of_an_engine_must_be_there_in_the_version_it_wants(
    plain: Updater, house: Path, tmp_path: Path
) -> None:
    (alone,) = plain.update(["yt-dlp"], FolderSource(house / "yt ejs"), "stable")
    both = tmp_path / "both"
    both.mkdir()
    for found in (house / "yt ejs").iterdir():
        (both / found.name).hardlink_to(found)
    engine_wheel(both, "yt-dlp-ejs", "0.9.9")

    (done,) = plain.update(["yt-dlp"], FolderSource(both), "stable")

    assert alone.state is State.REFUSED
    assert "yt-dlp-ejs 0.9.9" in alone.reason
    assert done.state is State.UPDATED
    assert (plain.store.folder("yt-dlp", done.after) / "yt_dlp_ejs").is_dir()


# Pinning and going back


def test_a_pinned_version_is_left_alone_until_it_is_unpinned(plain: Updater, house: Path) -> None:
    plain.pin(GALLERY, GOOD, FolderSource(house / "good"))

    (pinned,) = plain.update([GALLERY], FolderSource(house / "newer"), "stable")
    plain.unpin(GALLERY)
    (free,) = plain.update([GALLERY], FolderSource(house / "newer"), "stable")

    assert (pinned.state, pinned.after) == (State.PINNED, GOOD)
    assert (free.state, free.after) == (State.UPDATED, NEWER)


def test_a_broken_version_cannot_be_pinned(plain: Updater, house: Path) -> None:
    before = plain.now(GALLERY)

    with pytest.raises(EngineRefused, match="self-test"):
        plain.pin(GALLERY, NEWER, FolderSource(house / "no import"))
    with pytest.raises(NotFound):
        plain.pin(GALLERY, "7.7.7", FolderSource(house / "good"))

    assert plain.now(GALLERY) == before


def test_going_back_is_told_and_lasts(plain: Updater, database: Database, house: Path) -> None:
    plain.update([GALLERY], FolderSource(house / "good"), "stable")
    plain.update([GALLERY], FolderSource(house / "newer"), "stable")

    done = plain.roll_back(GALLERY)
    (later,) = plain.update([GALLERY], FolderSource(house / "newer"), "stable", by_schedule=True)

    assert (done.before, done.after) == (NEWER, GOOD)
    assert later.state is State.CURRENT
    assert plain.now(GALLERY) == GOOD
    assert events(database)[-1]["state"] == "rolled_back"


def test_what_is_chosen_during_an_update_is_not_undone_by_it(
    store: EngineStore, database: Database, house: Path
) -> None:
    first = updater(store, database)
    first.update([GALLERY], FolderSource(house / "good"), "stable")

    def go_back(line: str) -> None:
        if "trying" in line:
            first.roll_back(GALLERY)

    second = Updater(store, Settings(), database, tell=go_back)
    (done,) = second.update([GALLERY], FolderSource(house / "newer"), "stable")

    assert done.state is State.FAILED
    assert "meanwhile" in done.reason
    assert store.in_use(GALLERY) == ""


def test_only_one_update_at_a_time(plain: Updater, house: Path) -> None:
    with EngineStore(plain.store.root).busy() as mine:
        assert mine
        with pytest.raises(EngineRefused, match="at work"):
            plain.update([GALLERY], FolderSource(house / "good"), "stable")


# By an index


@pytest.fixture
def shop(house: Path) -> Iterator[Index]:
    with index() as made:
        yield made


def test_an_index_gives_versions_dates_and_what_is_newest(
    store: EngineStore, database: Database, house: Path, shop: Index, tmp_path: Path
) -> None:
    shop.wheels += [*(house / "good").iterdir(), engine_wheel(tmp_path, GALLERY, "1.99.1.dev1")]
    work = Updater(store, Settings(engines=Engines(index=shop.url)), database)

    (stable,) = work.update([GALLERY], work.index(), "stable")
    (nightly,) = work.update([GALLERY], work.index(), "nightly")

    assert (stable.after, nightly.after) == (GOOD, "1.99.1.dev1")
    assert store.known(GALLERY).newest == {"stable": GOOD, "nightly": "1.99.1.dev1"}
    assert store.known(GALLERY).released_at[GOOD] == 1793534400.0


def test_an_index_that_fails_changes_nothing(
    store: EngineStore, database: Database, shop: Index, tmp_path: Path
) -> None:
    shop.body = b"<html>"
    work = Updater(store, Settings(engines=Engines(index=shop.url)), database)

    done = work.update([], IndexSource(shop.url, work._network, tmp_path), "stable")

    assert {one.state for one in done} <= {State.FAILED, State.ABSENT}
    assert all(work.store.in_use(one.name) == "" for one in done)
