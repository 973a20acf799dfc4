"""What holds for one run, made from settings and options when the job starts; makes the orders for its items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity, Job
from mediadl.pipeline.outcome import Outcome
from mediadl.pipeline.protocol import Fetch, Ingest, Made, NetworkOptions, Target


@dataclass(frozen=True, slots=True)
class Conditions:
    """Rules and limits of a run."""

    network: NetworkOptions
    target: Callable[[FoundItem], Target]
    """Where an item goes; may raise `DownloadError`."""
    known: Callable[[Identity], bool]
    """Whether the archive has it."""
    stored_before: dict[Identity, int]
    """What earlier runs of this same job stored, with sizes in bytes."""
    decide: Callable[[DownloadError, Job], Outcome]
    max_bytes: int = 0
    min_free_bytes: int = 0
    rate_bytes_per_s: int = 0
    careful: bool = False
    """Nothing is known of the site yet, or it refused lately."""

    def fetch(self, job: Job, item: FoundItem) -> Fetch:
        """The order to download an item.

        Raises:
            DownloadError: it cannot be given a name.
        """
        return Fetch(
            _key(job, item),
            job.id,
            # The sidecar carries the metadata; twice through the pipe would be once too often
            replace(item, metadata={}),
            self.target(item),
            self.network,
            max_bytes=self.max_bytes,
            min_free_bytes=self.min_free_bytes,
            rate_bytes_per_s=self.rate_bytes_per_s,
            careful=self.careful,
        )

    def ingest(self, job: Job, item: FoundItem, made: Made) -> Ingest:
        """The order to take over a file that the engine made.

        Raises:
            DownloadError: it cannot be given a name.
        """
        bare = replace(item, metadata={}, headers={})
        return Ingest(_key(job, item), job.id, bare, self.target(item), made.path, made.merged)


def _key(job: Job, item: FoundItem) -> str:
    """Names a transfer; the fence keeps what an earlier run ordered apart."""
    return f"{job.id}.{job.fence}.{item.n}"
