"""Forums that do not show a thread: each wall is told by its name, and what stands behind it comes once it is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.forum_threads import ALONE, log_in, media_in, the_thread, url_of
from e2e.program import Program, wait_until
from fakeweb.expected import digests
from fakeweb.sites.forums import MEMBER, PASSWORD, Forum, Mode, PastEnd, Post, Thread
from fakeweb.sites.forums.phpbb3 import PhpBB3
from fakeweb.world import World

QUICK = (*ALONE, "--option", "thread_page=false")
FIRST = 200


@pytest.fixture
def forums(world: World) -> dict[str, Forum]:
    """All forums; on each a short thread whose files no other forum has."""
    found = {name: world.forums[name] for name in world.forums.names()}
    for number, forum in enumerate(found.values(), FIRST):
        forum.threads = {number: Thread(number, count=24)}
    return found


def expected(forums: dict[str, Forum]) -> list[str]:
    return sorted(digest for forum in forums.values() for digest in digests(the_thread(forum).expected()))


def all_ended(program: Program) -> bool:
    return all(job["status"] in {"completed", "failed"} for job in program.jobs())


@pytest.mark.timeout(300)
def test_guests_are_told_to_log_in_and_a_member_gets_everything(
    program: Program, forums: dict[str, Forum], tmp_path: Path
) -> None:
    for name in ("xenforo2-folder", "xenforo2-plain", "vbulletin3", "vbulletin5", "invision4"):
        del forums[name]  # their walls are those of the others
    for forum in forums.values():
        the_thread(forum).mode = Mode.MEMBERS

    result, jobs = program.fetch(*(url_of(forum) for forum in forums.values()), options=QUICK)

    assert result.code == 4, result.err + program.log()
    assert {job["url"]: job["reason"] for job in program.jobs()} == {
        job["url"]: "login_needed" for job in program.jobs()
    }
    assert len(jobs) == len(forums)
    assert program.files() == []

    for name, forum in forums.items():
        cookies = forum.write_cookies(tmp_path / f"{name}.txt")
        taken = program.run("session", "import", forum.hosts[0], str(cookies), "--no-test")
        assert taken.code == 0, taken.err
    wait_until(lambda: all_ended(program), "jobs went on by themselves")

    assert {job["url"]: job["status"] for job in program.jobs()} == {
        job["url"]: "completed" for job in program.jobs()
    }
    assert program.digests() == expected(forums)


WALLS = {
    Mode.FORBIDDEN: "login_needed",
    Mode.LOGIN_PAGE: "login_needed",
    Mode.CHALLENGE: "challenge",
    Mode.GONE: "not_found",
    Mode.EMPTY: "not_found",
}


def test_each_wall_has_its_own_reason(program: Program, forums: dict[str, Forum]) -> None:
    reasons = {}
    for forum in (forums["xenforo2"], forums["phpbb3"]):
        for number, (mode, reason) in enumerate(WALLS.items(), 300):
            forum.threads[number] = Thread(number, count=3, mode=mode)
            reasons[forum.thread_url(number)] = reason

    program.run("add", *reasons, *QUICK)
    wait_until(lambda: all(job.get("reason") for job in program.jobs()), "all jobs met their wall")

    assert {job["url"]: job["reason"] for job in program.jobs()} == reasons


def test_files_behind_a_login_come_once_it_is_there_and_no_page_is_stored_for_them(
    program: Program, forums: dict[str, Forum], tmp_path: Path
) -> None:
    chosen = {name: forums[name] for name in ("xenforo2", "mybb", "discourse")}
    for forum in chosen.values():
        the_thread(forum).mode = Mode.FILES_FOR_MEMBERS

    result, _jobs = program.fetch(*(url_of(forum) for forum in chosen.values()), options=QUICK)

    assert result.code == 4, result.err + program.log()
    assert {job["reason"] for job in program.jobs()} == {"login_needed"}
    assert set(program.digests()) < set(expected(chosen))
    assert not [path for path in program.files() if b"<html" in path.read_bytes()[:500].lower()]
    inline = program.world.web.log.count(r"GET https://pictures\.example\.net/")

    for name, forum in chosen.items():
        cookies = forum.write_cookies(tmp_path / f"{name}.txt")
        assert program.run("session", "import", forum.hosts[0], str(cookies), "--no-test").code == 0
    wait_until(lambda: all_ended(program), "jobs went on by themselves")

    assert program.digests() == expected(chosen), program.log()
    assert program.world.web.log.count(r"GET https://pictures\.example\.net/") == inline


def test_name_and_password_go_through_the_forums_own_form(program: Program, forums: dict[str, Forum]) -> None:
    chosen = {name: forums[name] for name in ("phpbb3", "smf2", "mybb", "xenforo2", "discourse", "nodebb")}
    for forum in chosen.values():
        the_thread(forum).mode = Mode.MEMBERS
        log_in(program, forum.hosts[0], MEMBER, PASSWORD)

    result, _jobs = program.fetch(*(url_of(forum) for forum in chosen.values()), options=QUICK)

    assert result.code == 0, result.err + program.log()
    assert program.digests() == expected(chosen)
    text = "".join(path.read_text() for path in (program.home / "logs").iterdir())
    assert PASSWORD not in text


def test_too_many_requests_are_answered_by_waiting_as_long_as_asked(
    program: Program, forums: dict[str, Forum]
) -> None:
    forum = forums["phpbb3"]
    thread = the_thread(forum)
    thread.count = 48
    program.extra["MEDIADL_PLATFORMS__COOLDOWN_S"] = "1"
    program.world.web.faults.add(forum.busy(thread.id, from_request=3, retry_after=3, times=1))

    result, _jobs = program.fetch(url_of(forum), options=QUICK)

    assert result.code == 0, result.err + program.log()
    assert program.digests() == digests(thread.expected())
    entries = program.world.web.log.search(forum.pattern(thread.id))
    refused = next(at for at, entry in enumerate(entries) if entry.status == 429)
    assert refused == 2
    assert entries[refused + 1].at - entries[refused].at >= 3


def test_a_last_page_that_vanished_is_no_dead_thread(program: Program, forums: dict[str, Forum]) -> None:
    chosen = {name: forums[name] for name in ("xenforo2", "phpbb3", "vbulletin4")}
    urls = [url_of(forum) for forum in chosen.values()]
    threads = [the_thread(forum) for forum in chosen.values()]
    for thread, how in zip(threads, (PastEnd.NOT_FOUND, PastEnd.REDIRECT, PastEnd.PROGRAM), strict=True):
        thread.count, thread.past_end = 41, how
    assert program.fetch(*urls, options=QUICK)[0].code == 0, program.log()

    for thread in threads:
        thread.removed.update(range(31, 42))
    result, jobs = program.fetch(*urls, options=QUICK)
    assert result.code == 0, (jobs, program.log())

    for thread in threads:
        thread.count = 51
    result, jobs = program.fetch(*urls, options=QUICK)

    assert result.code == 0, (jobs, program.log())
    assert set(expected(chosen)) <= set(program.digests())


def test_a_thread_that_was_deleted_is_told_so_and_its_files_stay(
    program: Program, forums: dict[str, Forum]
) -> None:
    chosen = {forums["mybb"]: Mode.GONE, forums["smf2"]: Mode.EMPTY}
    urls = [url_of(forum) for forum in chosen]
    assert program.fetch(*urls, options=QUICK)[0].code == 0
    stored = program.digests()
    for forum, mode in chosen.items():
        the_thread(forum).mode = mode

    _result, jobs = program.fetch(*urls, options=QUICK)

    assert [job["error"]["reason"] for job in jobs] == ["not_found", "not_found"]
    assert program.digests() == stored


def test_hostile_names_stay_words_and_files_stay_in_their_folder(
    program: Program, forums: dict[str, Forum]
) -> None:
    title = "../../up <script>alert(1)</script> \x1b[31mred \u202egpj.exe"
    chosen = {name: forums[name] for name in ("phpbb3", "xenforo2", "discourse")}
    for forum in chosen.values():
        thread = the_thread(forum)
        thread.title, thread.prefix = title, "../../../\x1b[2J\u202e"

    result, _jobs = program.fetch(*(url_of(forum) for forum in chosen.values()), options=ALONE)

    assert result.code == 0, result.err + program.log()
    stored = [path for path in program.downloads.rglob("*") if path.is_file()]
    assert stored
    for name, forum in chosen.items():
        folder = program.downloads / forum.hosts[0]
        assert media_in(folder) == digests(the_thread(forum).expected()), name
        assert all(len(path.relative_to(folder).parts) == 2 for path in folder.rglob("*") if path.is_file())
    names = "".join(str(path.relative_to(program.downloads)) for path in stored)
    assert not set("\x1b\u202e") & set(names)
    for page in program.downloads.rglob("*.html"):
        text = page.read_text()
        assert "<script" not in text
        assert not set("\x1b\u202e") & set(text)
    shown = program.run("queue", "list")
    assert not set("\x1b\u202e") & set(shown.out)


class Luring(PhpBB3):
    """A forum whose posts point into the visitor's own network."""

    software = "phpbb3"

    def body(self, post: Post) -> str:
        lures = "".join(f'<img src="{url}" alt="">' for url in LURES)
        return f'{super().body(post)}{lures}<a href="file:///etc/hostname">x</a>'


LURES = (
    "http://127.0.0.1/files/photo.jpg",
    "http://localhost/files/photo.jpg",
    "http://169.254.169.254/latest/photo.jpg",
    "http://10.0.0.1/photo.jpg",
)


def test_posts_cannot_send_us_into_our_own_network(program: Program, world: World) -> None:
    forum = Luring([Thread(400, count=5)], host="luring.example.org")
    world.web.add_site(forum)

    result, jobs = program.fetch(forum.thread_url(400), options=ALONE)

    hosts = {entry.url.split("/")[2] for entry in world.web.log.entries()}
    assert hosts == {"luring.example.org", "pictures.example.net"}
    assert set(media_in(program.downloads)) == set(digests(forum.expected(400))), (result, jobs)
