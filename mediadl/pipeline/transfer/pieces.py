"""Who fetches which bytes of a large file. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mediadl.pipeline.transfer.coverage import Coverage

SMALLEST_PIECE = 1 << 20
SMALLEST_CHEAP_PIECE = 256 << 10
CHEAP_BYTES_PER_S = 20_000_000
"""What a connection could bring while a request is on its way: smaller pieces cost more than they spread."""
LARGEST_PIECE = 16 << 20
SHARES = 2
"""Pieces that each connection will take of what is left: they get smaller towards the end, so all end together."""


class Claim(Protocol):
    """A range somebody is fetching."""

    position: int
    """First byte that has not come yet."""
    limit: int
    """First byte that is no longer his; may be lowered while he works."""

    asked_limit: int
    """First byte that his request does not cover."""

    @property
    def settled(self) -> int:
        """First byte that is not in the file yet: he may have received more."""
        ...


def smallest_piece(round_trip_s: float) -> int:
    """The least that is worth a request of its own."""
    return max(SMALLEST_CHEAP_PIECE, min(SMALLEST_PIECE, int(round_trip_s * CHEAP_BYTES_PER_S)))


def piece_bytes(missing: int, connections: int, smallest: int = SMALLEST_PIECE) -> int:
    """A good length for the next piece."""
    return max(smallest, min(LARGEST_PIECE, missing // max(1, connections * SHARES)))


def unclaimed(have: Coverage, total: int, claims: Iterable[Claim]) -> list[tuple[int, int]]:
    """What is missing and nobody is fetching, in order."""
    taken = Coverage(have.ranges)
    for claim in claims:
        taken.add(claim.settled, claim.limit)
    return taken.gaps(total)


def share_out(have: Coverage, total: int, claims: Iterable[Claim], connections: int) -> None:
    """Cut long claims down to a piece, so that there is work for more connections."""
    length = piece_bytes(total - have.size, connections)
    for claim in claims:
        if claim.limit - claim.position > 2 * length:
            claim.limit = claim.position + length


def give_back(have: Coverage, total: int, claims: list[Claim]) -> None:
    """Let claims that were cut down take again what follows them and nobody fetches."""
    for claim in claims:
        for start, stop in unclaimed(have, total, claims):
            if start == claim.limit:
                claim.limit = max(claim.limit, min(stop, claim.asked_limit))


def next_piece(
    have: Coverage, total: int, claims: list[Claim], connections: int, smallest: int = SMALLEST_PIECE
) -> tuple[int, int] | None:
    """The range the next free connection should fetch; None when there is nothing worth it.

    When everything is claimed, half of the longest remaining range is taken from its owner.
    """
    free = unclaimed(have, total, claims)
    if free:
        start, stop = free[0]
        length = piece_bytes(sum(b - a for a, b in free), connections, smallest)
        # A crumb left over would cost a request of its own
        return (start, stop) if stop - start < length + smallest // 2 else (start, start + length)
    victim = max(claims, key=lambda claim: claim.limit - claim.position, default=None)
    if victim is None or victim.limit - victim.position < 2 * smallest:
        return None
    middle = (victim.position + victim.limit) // 2
    piece = (middle, victim.limit)
    victim.limit = middle
    return piece
