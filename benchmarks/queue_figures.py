"""Figure 6: 10,000 URLs from a file through the command line, the store underneath (store.py), 5,000 schedules."""

from __future__ import annotations

from benchmarks import other_figures, peers
from benchmarks.measure import Cost, Server, Unfit, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest, Once

COUNT = 10_000


def measure() -> Group:
    """Through the command line, then the figures of the store and of schedules."""
    group = Group("6 · the queue")
    _enqueue(group)
    other_figures.add(group, "store.py", "(6) store: ")
    other_figures.add(group, "schedules.py", "(6) schedules: ")
    return group


def _enqueue(group: Group) -> None:
    """With a daemon that begins to download at once, and into a queue that waits for a later day."""
    with Server("server.py", "--images", 8) as server:
        for figure, extra in (
            ("(6) add --file with 10,000 URLs, daemon downloading", ()),
            ("(6) the same for later (--at)", ("--at", "2100-01-01")),
        ):
            Contest(group, figure, _once(server.url, extra), times=2).run_alone(Goal(at_most=3))


def _once(base: str, extra: tuple[str, ...]) -> Once:
    def once(number: int) -> Cost:
        # A home of its own each time: into an empty queue
        with scratch("enqueue") as folder, Mediadl(folder / "mediadl") as mediadl:
            urls = [f"{base}/q{number}/gallery/{COUNT}/{n:05d}.jpg" for n in range(1, COUNT + 1)]
            cost = mediadl.run("add", "--file", peers.url_list(urls, folder / "urls.txt"), *extra)
            stats = mediadl.ask("queue", "stats")
            if COUNT not in _numbers(stats):
                raise Unfit(f"the queue does not hold {COUNT} jobs: {stats}")
        return cost

    return once


def _numbers(stats: dict[str, object]) -> set[int]:
    """The counts by status and their sum."""
    counts = stats.get("counts", stats.get("statuses", stats))
    values = (
        [value for value in counts.values() if isinstance(value, int)] if isinstance(counts, dict) else []
    )
    return {sum(values), *values}
