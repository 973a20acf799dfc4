"""Which events become a toast, and how many become one."""

from __future__ import annotations

from mediadl.errors import KINDS
from mediadl.events import Event, EventKind
from mediadl.models import JobStatus
from mediadl.screens.news import News
from mediadl.service import Services, open_services
from mediadl.store import job_runs
from terminal import scene
from terminal.page import opened


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def changed(job_id: int, status: JobStatus, reason: str = "") -> Event:
    return Event(EventKind.JOB_CHANGED, job_id, {"status": status.value, "reason": reason})


def test_one_failure_says_cause_and_next_step() -> None:
    notice = News(lambda job_id: f"Tape {job_id}", Clock()).hear([changed(3, JobStatus.FAILED, "geo")])

    assert notice is not None
    assert notice.title == KINDS["geo"].title
    assert notice.text == f"Tape 3\n{KINDS['geo'].next_step}"
    assert notice.severity == "error"


def test_many_failures_become_one_notice() -> None:
    events = [changed(n, JobStatus.FAILED, "network") for n in range(500)]
    notice = News(lambda job_id: "", Clock()).hear([*events, changed(900, JobStatus.WAITING, "login_needed")])

    assert notice is not None
    assert notice.title == "500 jobs failed and 1 job waiting for you"
    assert "Network failed" in notice.text


def test_what_comes_soon_after_waits_for_the_next_notice() -> None:
    clock = Clock()
    news = News(lambda job_id: "", clock)
    assert news.hear([changed(1, JobStatus.FAILED)]) is not None
    assert news.hear([changed(2, JobStatus.FAILED)]) is None
    assert news.hear([changed(3, JobStatus.FAILED)]) is None
    clock.now += 6
    notice = news.hear([])

    assert notice is not None
    assert notice.title == "2 jobs failed"
    assert news.hear([]) is None


def test_a_job_that_went_on_meanwhile_is_not_told() -> None:
    news = News(lambda job_id: "", Clock())

    assert news.hear([changed(1, JobStatus.FAILED), changed(1, JobStatus.PENDING)]) is None


def test_what_heals_by_itself_is_not_told() -> None:
    news = News(lambda job_id: "", Clock())
    quiet = [
        changed(1, JobStatus.WAITING, "rate_limited"), changed(2, JobStatus.COMPLETED), changed(3, JobStatus.ACTIVE),
        Event(EventKind.ITEM_FAILED, 4, {"reason": "network"}), Event(EventKind.JOB_CHANGED, 5, {"priority": 2}),
    ]  # fmt: skip

    assert news.hear(quiet) is None


async def test_a_failure_in_the_background_becomes_a_toast(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        with open_services(services.home) as other, other.store.write() as tx:
            job = services.queue.get(ids[0])
            job_runs.settle(
                tx, job.id, job.fence, JobStatus.FAILED, now=1.0, reason="geo", message="not here"
            )

        await page.until(lambda: KINDS["geo"].title in page.toasts(), "told")
        assert "Morning mist" in page.toasts()
        assert KINDS["geo"].next_step in page.toasts()


def test_an_engine_that_was_refused_by_schedule_is_told_once() -> None:
    told = {
        "name": "yt-dlp",
        "state": "refused",
        "before": "1",
        "after": "2",
        "reason": "it fails",
        "by": "schedule",
    }
    news = News(lambda job_id: "", Clock())

    notice = news.hear([Event(EventKind.ENGINE, None, told)])

    assert notice is not None
    assert notice.title == "yt-dlp 2 was not taken"
    assert notice.text.startswith("1 stays: it fails")
    assert news.hear([]) is None
    assert news.hear([Event(EventKind.ENGINE, None, {**told, "by": "user"})]) is None
    assert news.hear([Event(EventKind.ENGINE, None, {**told, "state": "updated"})]) is None


def refused(site: str = "instagram", account: str = "default") -> Event:
    return Event(EventKind.SESSION_CHANGED, None, {"site": site, "account": account, "broken": "logged out"})


def test_a_dead_login_is_one_notice_with_the_site_and_the_way_out() -> None:
    clock = Clock()
    news = News(lambda job_id: "", clock)
    waiting = [changed(n, JobStatus.WAITING, "login_needed") for n in range(30)]

    notice = news.hear([waiting[0], refused(), *waiting[1:]])

    assert notice is not None
    assert notice.title == "Login refused: instagram"
    assert "mediadl session import instagram cookies.txt" in notice.text
    assert news.hear([changed(99, JobStatus.WAITING, "login_needed")]) is None
    clock.now += 6
    assert news.hear([]) is None


def test_dead_logins_of_several_accounts_are_one_notice_and_failures_come_next() -> None:
    clock = Clock()
    news = News(lambda job_id: "", clock)

    notice = news.hear([refused(), refused("tiktok", "ada"), changed(1, JobStatus.FAILED, "geo")])
    clock.now += 6
    then = news.hear([])

    assert notice is not None
    assert notice.title == "Login refused: instagram, tiktok (ada)"
    assert then is not None
    assert then.title == KINDS["geo"].title


def scheduled(**payload: object) -> Event:
    return Event(EventKind.SCHEDULE_CHANGED, None, {"schedule": 1, **payload})


def test_a_lost_source_is_told_with_why() -> None:
    news = News(lambda job_id: "", Clock())
    lost = scheduled(what="source", name="alice", state="gone", message="nobody of that name")

    notice = news.hear([lost, scheduled(what="changed")])

    assert notice is not None
    assert (notice.title, notice.severity) == ("alice is gone", "warning")
    assert notice.text == "nobody of that name\nThe files you have stay."
    assert news.hear([]) is None


def test_a_run_that_could_not_begin_is_told_once_and_failed_jobs_as_jobs() -> None:
    news = News(lambda job_id: "", Clock())
    failed = {"what": "run", "name": "cats", "state": "failed", "message": "not a date: 'soon'"}

    first = news.hear([scheduled(**failed, again=False, of_job=False)])

    assert first is not None
    assert (first.title, first.severity) == ("cats could not run", "error")
    assert first.text.startswith("not a date: 'soon'\n")
    assert news.hear([scheduled(**failed, again=True, of_job=False)]) is None
    assert news.hear([scheduled(**failed, again=False, of_job=True)]) is None
    assert news.hear([scheduled(what="run", name="cats", state="done")]) is None
