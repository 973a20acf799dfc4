"""Counts what a run has done: items by outcome, bytes stored and on the way, speed, percent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mediadl.models import FoundItem
from mediadl.pipeline.protocol import EngineProgress, TransferProgress


@dataclass(slots=True)
class Tally:
    """Items of a run by outcome."""

    stored: int = 0
    """By this run or an earlier one of the same job."""
    skipped: int = 0
    """Fetched before, or stored as well as it gets."""
    not_better: int = 0
    """Those of the skipped whose stored file is as good."""
    refused: int = 0
    """Left out by a rule of the job."""
    failed: int = 0
    expected: int | None = None
    """How many there are in all, once known."""

    @property
    def ended(self) -> int:
        """Items that need nothing more."""
        return self.stored + self.skipped + self.refused + self.failed

    @property
    def listed(self) -> bool:
        """Whether the site gave anything that needs no more work."""
        return self.has_results or self.refused > 0

    @property
    def has_results(self) -> bool:
        """Whether anything asked for is there, now or from before."""
        return self.stored + self.skipped > 0


@dataclass(slots=True)
class Meter:
    """Bytes of a run, stored and on the way."""

    stored_bytes: int = 0
    _moving: dict[str, TransferProgress | EngineProgress] = field(default_factory=dict)

    def transfer_moved(self, progress: TransferProgress) -> None:
        """The transfer child told how far one of its transfers is."""
        self._moving[progress.key] = progress

    def engine_moved(self, progress: EngineProgress) -> None:
        """The engine told how far one of its own downloads is."""
        self._moving[_engine_key(progress.n)] = progress

    def ended(self, key: str) -> None:
        """A transfer is over."""
        self._moving.pop(key, None)

    def engine_ended(self, n: int) -> None:
        """A download of the engine is over."""
        self._moving.pop(_engine_key(n), None)

    def bytes_done(self) -> int:
        """Bytes stored and on the way."""
        return self.stored_bytes + sum(p.done_bytes for p in self._moving.values())

    def engine_bytes(self) -> int:
        """Bytes on the way in the engine's hands."""
        return sum(p.done_bytes for p in self._moving.values() if isinstance(p, EngineProgress))

    def bytes_total(self, fetching: Mapping[str, FoundItem]) -> int | None:
        """Bytes stored and of everything at work; None when a size is missing."""
        total = self.stored_bytes
        sizes = {key: item.size_bytes for key, item in fetching.items()}
        sizes |= {key: p.total_bytes for key, p in self._moving.items() if p.total_bytes is not None}
        for size in sizes.values():
            if size is None:
                return None
            total += size
        return total

    def speed_bytes_per_s(self) -> float:
        """Sum over everything at work."""
        return sum(p.speed_bytes_per_s for p in self._moving.values())

    def percent(self, tally: Tally, seen: int) -> float:
        """0 to 99.9: the last step is the run's end. `seen`: items known so far."""
        total = max(tally.expected or 0, seen, tally.ended)
        if not total:
            return 0.0
        part = sum(min(1.0, p.done_bytes / p.total_bytes) for p in self._moving.values() if p.total_bytes)
        return min(99.9, 100.0 * (tally.ended + part) / total)


def _engine_key(n: int) -> str:
    return f"engine-{n}"
