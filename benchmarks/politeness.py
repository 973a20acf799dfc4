"""Figure 11: an account of 300 posts whose listing is asked for gently, its pictures as fast as their host allows."""

from __future__ import annotations

import shutil

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, run, scratch, stored_bytes
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest

POSTS = 300
LATENCY_S = 0.06
PAUSE_S = 0.05
"""Between two requests for the listing: the same for both, so that the site is asked in the same way."""
ACCOUNTS = 12
LOGIN_PACE = 5
"""mediadl pauses so many times as long when an account is used."""


def measure() -> Group:
    """Both programs list an account with the same session and the same pause."""
    group = Group("11 · an account of 300 posts, 60 ms latency, the listing paced alike")
    options = ("--accounts", ACCOUNTS, "--posts", POSTS, "--latency", LATENCY_S)
    with Server("instagram_site.py", *options) as site, scratch("instagram") as folder:
        profiles = iter(site.card["profiles"])
        settings = {
            "network.proxy": site.url,
            "network.ca_file": site.card["ca_file"],
            "platforms.instagram_delay_s": PAUSE_S / LOGIN_PACE,
            "platforms.instagram_requests_per_hour": 0,
            "platforms.instagram_requests_per_day": 0,
            "downloads.min_free_bytes": 0,
        }
        with Mediadl(folder / "mediadl", settings) as mediadl:
            mediadl.run("session", "import", "instagram", site.card["cookies"], "--no-test")

            def ours(_: int) -> Cost:
                cost = mediadl.run("add", next(profiles), "--wait", timeout_s=120)
                _expect(stored_bytes(mediadl.downloads, ".jpg")[0])
                mediadl.settle()
                mediadl.forget_files()
                return cost

            def theirs(number: int) -> Cost:
                own = folder / f"peer-{number}"
                jar = folder / f"cookies-{number}.txt"
                shutil.copyfile(site.card["cookies"], jar)
                wanted = {
                    "extractor.verify": site.card["ca_file"],
                    "extractor.instagram.cookies": str(jar),
                    "extractor.instagram.sleep-request": str(PAUSE_S),
                }
                chosen = [word for name, value in wanted.items() for word in ("-o", f"{name}={value}")]
                address = f"{next(profiles).rstrip('/')}/posts/"
                cost = run(peers.gallery_dl(*chosen, address, proxy=site.url), own, timeout_s=180)
                _expect(stored_bytes(own, ".jpg")[0])
                return cost

            contest = Contest(group, "(11) one account", ours)
            contest.against("gallery-dl", theirs, times=1, wall=Goal(least_ratio=6))
            contest.run()
    group.notes.append(
        f"Both pause {PAUSE_S} s between two requests for the listing; mediadl takes up to 1.35 times that."
    )
    return group


def _expect(files: int) -> None:
    if files != POSTS:
        raise Unfit(f"{files} of {POSTS} pictures are there")
