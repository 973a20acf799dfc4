"""Figure 6: 10,000 URLs from a file through the command line, and the store underneath (store.py)."""

from __future__ import annotations

from benchmarks import other_figures, peers
from benchmarks.measure import Cost, Server, Unfit, repeat, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group, Row
from benchmarks.trial import Trial

COUNT = 10_000


def measure() -> Group:
    """Through the command line, then the store's own figures."""
    group = Group("6 · the queue")
    _enqueue(group)
    other_figures.add(group, "store.py", "(6) store: ")
    return group


def _enqueue(group: Group) -> None:
    """With a daemon that begins to download at once, and into a queue that waits for a later day."""
    with Server("server.py", "--images", 8) as server:
        for figure, extra, goal in (
            ("(6) add --file with 10,000 URLs, daemon downloading", (), Goal(at_most=3)),
            ("(6) the same for later (--at)", ("--at", "2100-01-01"), Goal(at_most=3)),
        ):
            trial = Trial(group, figure)
            with trial:
                trial.cost = repeat(2, lambda n: _once(server.url, f"q{n}", extra), warm=False)  # noqa: B023
            group.rows.append(Row(figure, "s", trial.wall_s, goal=goal))


def _once(base: str, name: str, extra: tuple[str, ...]) -> Cost:
    # A home of its own each time: the second file would find the first one's rows in the queue
    with scratch("enqueue") as folder, Mediadl(folder / "mediadl") as mediadl:
        urls = [f"{base}/{name}/gallery/{COUNT}/{number:05d}.jpg" for number in range(1, COUNT + 1)]
        cost = mediadl.run("add", "--file", peers.url_list(urls, folder / "urls.txt"), *extra)
        stats = mediadl.ask("queue", "stats")
        if COUNT not in _numbers(stats):
            raise Unfit(f"the queue does not hold {COUNT} jobs: {stats}")
    return cost


def _numbers(stats: dict[str, object]) -> set[int]:
    """The counts by status and their sum."""
    counts = stats.get("counts", stats.get("statuses", stats))
    values = (
        [value for value in counts.values() if isinstance(value, int)] if isinstance(counts, dict) else []
    )
    return {sum(values), *values}
