"""Whose is whose: every list, figure and verb with two users, a viewer, an administrator and the machine's owner."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from mediadl.errors import AddressRefused, InvalidInput, NotFound, PermissionDenied
from mediadl.models import HistoryQuery, HistorySort, JobQuery, JobSort, JobStatus, Move, Priority
from mediadl.security.permissions import Role
from mediadl.service import Services
from mediadl.service.history import ExportFormat
from mediadl.service.queue import AddOptions, UndoLog
from service.account_stage import AccountStage
from service.history_stage import make


class House:
    """Everybody with one job and one file each."""

    def __init__(self, stage: AccountStage, folder: Path) -> None:
        self.stage = stage
        self.owner = stage.services
        self.owner.settings.set("downloads.directory", str(folder))
        self.anna = stage.as_(stage.add("anna"))
        self.bert = stage.as_(stage.add("bert"))
        self.viewer = stage.as_(stage.add("vera", Role.VIEWER))
        self.boss = stage.as_(stage.add("boss", Role.ADMIN))
        self.job: dict[str, int] = {}
        self.file: dict[str, int] = {}
        for number, (name, who) in enumerate(
            (("owner", self.owner), ("anna", self.anna), ("bert", self.bert)), 1
        ):
            (added,) = who.queue.add([f"https://{name}.example/{name}.jpg"])
            self.job[name] = added.job_id
            self.file[name] = make(
                self.owner, number * 10, folder / f"{name}.jpg", job_id=added.job_id, source=name,
                platform=f"of-{name}", title=f"picture of {name}",
            ).id  # fmt: skip


@pytest.fixture
def house(stage: AccountStage, tmp_path: Path) -> House:
    return House(stage, tmp_path / "media")


def numbers(house: House, services: Services) -> set[str]:
    """Whose jobs are listed, by every way to list them."""
    names = {number: name for name, number in house.job.items()}
    ways = [{job.id for job in services.queue.page(JobQuery(sort=sort), 0, 100)} for sort in JobSort]
    ways.append(set(services.queue.ids(JobQuery())))
    ways.append({job.id for job in services.queue.get_many(house.job.values())})
    ways.append(set(services.queue.existing(list(house.job.values()))))
    ways.append({job.id for job in services.queue.page(JobQuery(search="example"), 0, 100)})
    assert all(way == ways[0] for way in ways)
    assert (
        services.queue.count(JobQuery()) == len(ways[0]) == services.queue.count(JobQuery(search="example"))
    )
    assert sum(services.queue.counts().by_status.values()) == len(ways[0])
    for number in house.job.values():
        assert (services.queue.index_of(JobQuery(), number) is not None) == (number in ways[0])
    return {names[number] for number in ways[0]}


def test_everybody_is_shown_their_own_jobs_and_who_may_sees_all(house: House) -> None:
    everything = {"owner", "anna", "bert"}

    assert numbers(house, house.anna) == {"anna"}
    assert numbers(house, house.bert) == {"bert"}
    for services in (house.owner, house.viewer, house.boss):
        assert numbers(house, services) == everything


def test_a_job_of_another_does_not_exist(house: House) -> None:
    for act in (house.anna.queue.get, house.anna.queue.log_lines):
        with pytest.raises(NotFound) as hidden:
            act(house.job["bert"])
    with pytest.raises(NotFound) as missing:
        house.anna.queue.get(999)
    assert type(hidden.value) is type(missing.value)
    assert house.anna.queue.items(house.job["bert"]) == []
    assert house.anna.queue.item_count(house.job["bert"]) == 0
    assert house.anna.queue.get(house.job["anna"]).owner_id is not None


STEERING: dict[str, Callable[[Services, int], object]] = {
    "pause": lambda s, n: s.queue.pause([n]),
    "resume": lambda s, n: s.queue.resume([n]),
    "cancel": lambda s, n: s.queue.cancel([n]),
    "remove": lambda s, n: s.queue.remove([n]),
    "retry": lambda s, n: s.queue.retry([n]),
    "set_priority": lambda s, n: s.queue.set_priority([n], Priority.HIGH),
    "shift_priority": lambda s, n: s.queue.shift_priority([n], 1),
    "move": lambda s, n: s.queue.move(n, Move.TOP),
    "move_many": lambda s, n: s.queue.move_many([n], Move.TOP),
    "set_start": lambda s, n: s.queue.set_start([n], 4e9),
    "start_now": lambda s, n: s.queue.start_now([n]),
}


@pytest.mark.parametrize("verb", STEERING)
def test_nobody_steers_the_job_of_another(house: House, verb: str) -> None:
    before = house.owner.queue.get_many(house.job.values())
    for name in ("bert", "owner"):
        with pytest.raises(NotFound):
            STEERING[verb](house.anna, house.job[name])
        with pytest.raises(PermissionDenied):
            STEERING[verb](house.viewer, house.job[name])

    assert house.owner.queue.get_many(house.job.values()) == before
    STEERING[verb](house.anna, house.job["anna"])
    STEERING[verb](house.boss, house.job["bert"])


def test_own_and_others_together_change_nothing(house: House) -> None:
    with pytest.raises(NotFound):
        house.anna.queue.cancel([house.job["anna"], house.job["bert"]])

    assert house.owner.queue.get(house.job["anna"]).status is not JobStatus.CANCELLED


def test_all_means_all_of_ones_own(house: House) -> None:
    undo = UndoLog()
    assert house.anna.queue.pause_all(undo=undo) == [house.job["anna"]]
    house.bert.queue.pause_all()
    assert house.anna.queue.resume_all() == [house.job["anna"]]
    assert house.owner.queue.get(house.job["bert"]).status is JobStatus.PAUSED
    house.anna.queue.cancel([house.job["anna"]])
    house.bert.queue.cancel([house.job["bert"]])
    assert house.anna.queue.clear([JobStatus.CANCELLED]) == 1

    assert numbers(house, house.owner) == {"owner", "bert"}


def test_events_are_those_of_ones_own_jobs(house: House) -> None:
    house.owner.queue.pause(list(house.job.values()))
    house.anna.queue.remove([house.job["anna"]], undo=UndoLog())
    heard = {event.job_id for event in house.anna.queue.events_since(0)}

    assert heard == {house.job["anna"]}
    assert any(e.kind == "job_removed" for e in house.anna.queue.events_since(0))
    assert {event.job_id for event in house.viewer.queue.events_since(0)} >= set(house.job.values())


# Files


def listed(house: House, services: Services) -> set[str]:
    """Whose files are listed, by every way to list them."""
    names = {number: name for name, number in house.file.items()}
    history = services.history
    ways = [{f.id for f in history.page(HistoryQuery(sort=sort), 0, 100)} for sort in HistorySort]
    ways.append({f.id for f in history.page(HistoryQuery(search="picture"), 0, 100)})
    ways.append({f.id for f in history.get_many(list(house.file.values()))})
    whole = history.listing(HistoryQuery())
    assert whole is not None
    ways.append(set(whole.numbers))
    stream = io.StringIO()
    if services is not house.viewer:
        assert history.export(HistoryQuery(), stream, ExportFormat.JSON) == len(ways[0])
    assert all(way == ways[0] for way in ways)
    assert history.count(HistoryQuery()) == len(ways[0]) == history.amount(list(house.file.values())).files
    assert sum(history.kinds().values()) == len(ways[0])
    for name, number in house.file.items():
        seen = number in ways[0]
        assert (history.index_of(HistoryQuery(), number) is not None) == seen
        assert bool(history.of_job(house.job[name])) == seen
        assert (f"of-{name}" in dict(history.platforms())) == seen
        assert (name in dict(history.sources())) == seen
    return {names[number] for number in ways[0]}


def test_everybody_is_shown_their_own_files_and_who_may_sees_all(house: House) -> None:
    everything = {"owner", "anna", "bert"}

    assert listed(house, house.anna) == {"anna"}
    assert listed(house, house.bert) == {"bert"}
    for services in (house.owner, house.viewer, house.boss):
        assert listed(house, services) == everything


def test_a_file_of_another_does_not_exist(house: House) -> None:
    history = house.anna.history
    for act in (history.get, history.look, history.before):
        with pytest.raises(NotFound) as told:
            act(house.file["bert"])
        assert "bert" not in str(told.value)


def test_nobody_deletes_or_fetches_again_what_is_anothers(house: House) -> None:
    history = house.anna.history
    with pytest.raises(NotFound):
        history.delete([house.file["anna"], house.file["bert"]], files=True, record=True)
    assert all(Path(f.path).exists() for f in house.owner.history.page(HistoryQuery(), 0, 10))
    assert history.redownload([house.file["bert"]]).job_ids == []
    with pytest.raises(PermissionDenied):
        house.viewer.history.delete([house.file["bert"]], files=True, record=True)
    done = history.delete([house.file["anna"]], files=True, record=True)

    assert (done.files, done.records) == (1, 1)
    assert house.boss.history.delete([house.file["bert"]], files=False, record=True).records == 1


def test_a_file_is_whose_its_job_is_even_after_it_was_restored(house: House) -> None:
    done = house.anna.history.delete([house.file["anna"]], files=False, record=True)
    house.anna.history.restore(done.kept)

    assert listed(house, house.anna) == {"anna"}


# Figures


def test_figures_are_of_ones_own(house: House) -> None:
    anna, owner = house.anna.stats, house.owner.stats

    assert (anna.stored().files, anna.stored().size_bytes) == (1, 20)
    assert [name for name, _ in anna.by_platform()] == ["of-anna"]
    assert sum(amount.files for _, amount in anna.by_kind()) == 1
    assert [name for name, _, _ in anna.by_source()] == ["anna"]
    assert [job.id for job in anna.recent()] == []
    overview = anna.overview()
    assert sum(overview.counts.by_status.values()) == 1
    assert overview.stored.files == 1
    assert (owner.stored().files, house.viewer.stats.stored().files) == (3, 3)


def test_what_is_planned_is_of_ones_own(house: House) -> None:
    house.owner.queue.set_start(list(house.job.values()), 4e9)

    first = house.anna.stats.next_planned()
    assert first is not None
    assert first.id == house.job["anna"]


def test_how_jobs_ended_is_of_ones_own(house: House) -> None:
    for name, who in (("anna", house.anna), ("bert", house.bert)):
        who.queue.cancel([house.job[name]])

    assert house.anna.stats.outcomes().cancelled == 1
    assert house.owner.stats.outcomes().cancelled == 2


def test_what_another_has_queued_is_not_told_when_adding(house: House) -> None:
    queue = house.anna.queue
    found = queue.check("https://bert.example/bert.jpg https://anna.example/anna.jpg")
    known = queue.outlook(found).by_url

    assert known["https://bert.example/bert.jpg"].job_id is None
    assert known["https://anna.example/anna.jpg"].job_id == house.job["anna"]


# From afar


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/a.jpg", "http://169.254.169.254/a.jpg", "http://[::1]/a.jpg"]
)
def test_nobody_in_a_browser_reaches_private_addresses_whatever_they_say_of_trust(
    house: House, address: str
) -> None:
    for services in (house.anna, house.boss):
        with pytest.raises(AddressRefused):
            services.queue.add([address], AddOptions(trusted=True))
        assert services.queue.check(address, AddOptions(trusted=True))[0].error
        with pytest.raises(AddressRefused):
            services.preview.begin(address, AddOptions(trusted=True))
    (added,) = house.owner.queue.add([address])

    assert house.owner.queue.get(added.job_id).trusted
    assert not house.owner.queue.get(house.job["anna"]).trusted


def test_a_folder_from_afar_stays_within_the_download_folder(house: House, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (tmp_path / "media" / "link").symlink_to(outside)
    for out in (str(outside), "../outside", "/etc", str(tmp_path / "media" / "link")):
        for services in (house.anna, house.boss):
            with pytest.raises((PermissionDenied, InvalidInput)):
                services.queue.add([f"https://a.example/{out[-1]}.jpg"], AddOptions(out=out))
    (added,) = house.anna.queue.add(["https://a.example/in.jpg"], AddOptions(out="mine/of summer"))
    (free,) = house.owner.queue.add(["https://a.example/out.jpg"], AddOptions(out=str(outside)))

    assert house.owner.queue.get(added.job_id).options["out"] == str(
        tmp_path / "media" / "mine" / "of summer"
    )
    assert house.owner.queue.get(free.job_id).options["out"] == str(outside)


@pytest.mark.parametrize(
    "key",
    [
        "downloads.directory",
        "network.ca_file",
        "network.proxy",
        "network.verify_tls",
        "engines.index",
        "web.host",
        "web.tls_key",
    ],
)
def test_what_reaches_beyond_the_program_is_set_at_the_machine(house: House, key: str) -> None:
    settings = house.boss.settings
    with pytest.raises(PermissionDenied):
        settings.set(key, "x")
    with pytest.raises(PermissionDenied):
        settings.unset(key)
    with pytest.raises(PermissionDenied):
        settings.save({"interface.theme": "nord", key: "x"})
    assert settings.get("interface.theme").value != "nord"
    assert settings.set("downloads.retries", "7").value == 7


def test_engines_come_from_no_folder_named_from_afar(house: House, tmp_path: Path) -> None:
    engines = house.boss.engines
    with pytest.raises(PermissionDenied):
        engines.update(["yt-dlp"], folder=tmp_path)
    with pytest.raises(PermissionDenied):
        engines.pin("yt-dlp", "1", folder=tmp_path)
    with pytest.raises(PermissionDenied):
        engines.test("yt-dlp", ["http://127.0.0.1/"])


def test_cookies_are_pasted_from_afar_and_read_from_no_file(house: House, tmp_path: Path) -> None:
    file = tmp_path / "c.txt"
    file.write_text("secret")
    for said in (str(file), "firefox"):
        with pytest.raises(PermissionDenied):
            house.boss.sessions.import_said("instagram", said)
    assert house.anna.platforms.show("instagram").sessions == ()


# Schedules


def test_a_schedule_changed_from_afar_is_not_run_with_the_owners_trust(house: House) -> None:
    made = house.owner.schedules.add(
        {"sources": ["https://example.com/user/x"], "name": "mine", "every_s": "1d"}
    )
    changed = house.boss.schedules.change(made.id, {"name": "theirs"})
    again = house.owner.schedules.change(made.id, {"name": "mine again"})

    assert made.owner_id is None
    assert changed.owner_id == again.owner_id is not None


def test_the_owners_token_tells_no_schedule(house: House) -> None:
    secret, _ = house.stage.tokens.create("script", ["all"])
    found = house.stage.tokens.caller_of(secret, address="127.0.0.1")
    assert found is not None

    with pytest.raises(PermissionDenied):
        house.stage.as_(found).schedules.list()
    with pytest.raises(InvalidInput, match="needs an account"):
        house.stage.tokens.create("script", ["schedules"])
