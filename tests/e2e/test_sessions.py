"""Logins over their whole life: imported, used where needed only, renewed, refused, mended; never plain on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.program import Program, kill_all, wait_until
from fakeweb import Fault
from fakeweb.expected import digests
from mediadl.paths import WORK_FOLDER, Home
from mediadl.store import sessions
from mediadl.store.database import Database
from mediadl.store.vault import Vault

pytestmark = pytest.mark.engines

LONG_AGO, LATER = 1_600_000_000, 1_999_999_999


def import_cookies(program: Program, path: Path, *more: str) -> None:
    done = program.run("session", "import", "instagram", str(path), *more)
    assert done.code == 0, done.err


def standing(program: Program) -> str:
    (found,) = program.run("session", "list", "--json").json_lines()
    return str(found["standing"])


def kept(program: Program) -> dict[str, str]:
    """What the vault holds, by name."""
    home = Home(program.home)
    with Database.open(home) as database:
        session = sessions.get(database.read(), "instagram", "default")
        assert session is not None
        return {one.name: one.value for one in Vault(home).open(database.read(), session).cookies}


def plain_copies(program: Program) -> list[Path]:
    return list((program.downloads / WORK_FOLDER).rglob("*cookies.txt*"))


def test_an_expired_file_is_refused_and_names_the_cookie(program: Program, tmp_path: Path) -> None:
    row = f".instagram.com\tTRUE\t/\tTRUE\t{LONG_AGO}\tsessionid\tvery-secret"
    (tmp_path / "cookies.txt").write_text(f"# Netscape HTTP Cookie File\n{row}\n")

    answer = program.run("session", "import", "instagram", str(tmp_path / "cookies.txt"))

    assert answer.code == 2
    assert "sessionid (2020-09-13)" in answer.err
    assert program.run("session", "list").out == ""


def test_an_import_is_tested_and_tells_who_is_logged_in(program: Program, tmp_path: Path) -> None:
    path = program.world.instagram.write_cookies(tmp_path / "cookies.txt")

    good = program.run("session", "import", "instagram", str(path))
    program.world.instagram.sessions.clear()
    dead = program.run("session", "test", "instagram")

    assert good.code == 0
    assert "test: works: logged in as viewer" in good.err
    assert (dead.code, standing(program)) == (4, "refused")
    assert "does not work: Instagram asks for a login" in dead.err


def test_a_session_that_dies_under_a_job_is_shown_and_a_fresh_one_lets_the_job_end(
    program: Program, tmp_path: Path
) -> None:
    instagram = program.world.instagram
    import_cookies(program, instagram.write_cookies(tmp_path / "cookies.txt"))
    program.world.web.faults.add(Fault.login("(GET|POST) .*instagram\\.com/(api|graphql)/.*", skip=2))

    result, (job,) = program.fetch("instagram:bob")

    assert result.code == 4, result.err + program.log()
    assert (job["status"], job["error"]["reason"]) == ("waiting", "login_needed")
    assert standing(program) == "refused"
    assert "Import it anew" in program.run("session", "list").err

    program.world.web.faults.clear()
    instagram.sessions = {"7000000001%3AfreshSession%3A28": "viewer"}
    import_cookies(program, instagram.write_cookies(tmp_path / "cookies.txt"))
    wait_until(lambda: program.job(job["id"])["status"] in {"completed", "waiting", "failed"}, "it ended")
    assert program.job(job["id"])["status"] == "completed", str(program.job(job["id"])) + program.log()

    assert set(digests(instagram.expected_posts("bob"))) <= set(program.digests())
    assert standing(program) == "fine"


def test_a_dead_session_is_asked_once_and_the_next_jobs_wait_without_a_request(
    program: Program, tmp_path: Path
) -> None:
    instagram = program.world.instagram
    import_cookies(program, instagram.write_cookies(tmp_path / "cookies.txt"), "--no-test")
    dead = instagram.session_id
    instagram.sessions.clear()

    program.fetch("instagram:bob", options=("--type", "stories"))
    asked = sum(dead in entry.cookies.values() for entry in program.world.web.log.entries())
    _, (job,) = program.fetch("instagram:carol", options=("--type", "stories"))

    assert asked > 0
    assert job["status"] == "waiting"
    assert sum(dead in entry.cookies.values() for entry in program.world.web.log.entries()) == asked


def test_newer_cookies_flow_back_and_no_copy_stays(program: Program, tmp_path: Path) -> None:
    path = program.world.instagram.write_cookies(tmp_path / "cookies.txt")
    with path.open("a") as file:
        file.write(f".instagram.com\tTRUE\t/\tTRUE\t{LATER}\tcsrftoken\told\n")
    import_cookies(program, path, "--no-test")

    result, _ = program.fetch("instagram:bob")

    assert result.code == 0, result.err + program.log()
    assert kept(program)["csrftoken"] != "old"
    assert kept(program)["sessionid"] == program.world.instagram.session_id
    assert plain_copies(program) == []


def test_nothing_on_the_disk_or_in_the_log_tells_the_session(program: Program, tmp_path: Path) -> None:
    secret = program.world.instagram.session_id
    path = program.world.instagram.write_cookies(tmp_path / "cookies.txt")
    import_cookies(program, path)

    program.fetch("instagram:bob")
    program.run("db", "backup", str(tmp_path / "backup.db"))

    written = [*program.home.rglob("*"), *program.downloads.rglob("*"), tmp_path / "backup.db"]
    told = [one for one in written if one.is_file() and secret.encode() in one.read_bytes()]
    assert told == []


@pytest.mark.kill
def test_a_killed_daemon_leaves_no_copy_after_the_next_start(program: Program, tmp_path: Path) -> None:
    import_cookies(program, program.world.instagram.write_cookies(tmp_path / "cookies.txt"), "--no-test")
    program.world.web.faults.add(Fault.hang("POST .*instagram\\.com/.*", skip=1))
    program.run("add", "instagram:bob")
    wait_until(lambda: bool(plain_copies(program)), "a copy was lent")
    (copy,) = plain_copies(program)
    assert copy.stat().st_mode & 0o777 == 0o600

    kill_all(program.home)
    program.run("queue", "pause", "--all")
    program.world.web.faults.clear()
    program.run("daemon", "start")

    wait_until(lambda: not plain_copies(program), "the copy is gone")


def test_a_public_video_never_sees_the_login(program: Program, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(f".tiktok.com\tTRUE\t/\tTRUE\t{LATER}\tsessionid\ttik-secret\n")
    program.run("session", "import", "tiktok", str(tmp_path / "c.txt"), "--no-test")

    result, _ = program.fetch(program.world.tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert all("tik-secret" not in entry.cookies.values() for entry in program.world.web.log.entries())


def test_always_uses_the_login_even_where_a_visitor_would_do(program: Program, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(f".tiktok.com\tTRUE\t/\tTRUE\t{LATER}\tsessionid\ttik-secret\n")
    program.run("session", "import", "tiktok", str(tmp_path / "c.txt"), "--no-test", "--use", "always")

    result, _ = program.fetch(program.world.tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert any("tik-secret" in entry.cookies.values() for entry in program.world.web.log.entries())


def test_never_keeps_the_login_at_home(program: Program, tmp_path: Path) -> None:
    program.extra["MEDIADL_PLATFORMS__LOGIN"] = "never"
    import_cookies(program, program.world.instagram.write_cookies(tmp_path / "cookies.txt"), "--no-test")

    result, (job,) = program.fetch("instagram:bob", options=("--type", "stories"))

    assert (result.code, job["error"]["reason"]) == (4, "login_needed")
    secret = program.world.instagram.session_id
    assert all(secret not in entry.cookies.values() for entry in program.world.web.log.entries())
    assert standing(program) == "fine"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("mode", "asked"), [("needed", ["", "fs"]), ("always", ["fs"]), ("never", [""])])
def test_a_plain_file_is_asked_for_as_the_setting_says(
    program: Program, tmp_path: Path, mode: str, asked: list[str], status: int
) -> None:
    program.extra["MEDIADL_PLATFORMS__LOGIN"] = mode
    (tmp_path / "c.txt").write_text(f".files.example.com\tTRUE\t/\tTRUE\t{LATER}\tsession\tfs\n")
    program.run("session", "import", "files.example.com", str(tmp_path / "c.txt"), "--no-test")
    again = 1 if mode == "needed" else None
    visitors = Fault.status("GET .*files\\.example\\.com/files/report\\.pdf", status, times=again)
    if mode != "always":
        program.world.web.faults.add(visitors)

    program.run("add", "https://files.example.com/files/report.pdf")
    wait_until(lambda: program.jobs()[0]["status"] in {"completed", "waiting"}, "its first run is over")

    entries = program.world.web.log.search("report")
    assert [entry.cookies.get("session", "") for entry in entries][: len(asked)] == asked
    assert program.jobs()[0]["status"] == ("waiting" if mode == "never" else "completed"), program.log()


def test_a_lost_key_makes_jobs_wait_and_the_key_put_back_lets_them_go_on(
    program: Program, tmp_path: Path
) -> None:
    import_cookies(program, program.world.instagram.write_cookies(tmp_path / "cookies.txt"), "--no-test")
    key = Home(program.home).session_key
    key.rename(tmp_path / "key")

    result, (job,) = program.fetch("instagram:bob", options=("--type", "stories"))

    assert (result.code, job["status"]) == (4, "waiting")
    assert "the key of the sealed cookies is missing" in job["error"]["message"]
    assert standing(program) == "locked"
    assert program.world.web.log.entries() == []

    (tmp_path / "key").rename(key)
    assert program.run("session", "test", "instagram").code == 0
    wait_until(lambda: program.job(job["id"])["status"] == "completed", "it went on")
