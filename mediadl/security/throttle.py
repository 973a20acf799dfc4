"""How long the next sign-in has to wait after failures. Pure: counts and times in, seconds out.

Three counters see every try: one for the account from this address, one for the account from anywhere, one for the
address whatever the account. The first few failures cost nothing, then waits double. After an hour failures count half.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass

FORGET_S = 86_400.0
"""Failures older than this are forgotten."""

_HALVED_S = 3600.0
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """A counter of failures."""

    key: str
    free: int
    """So many failures cost no wait."""
    longest_s: float
    forgiven: bool
    """A sign-in that is right starts it over."""
    skipped_if_known: bool = False
    """It holds nobody up who signed in from the same address before: no stranger can shut an owner out."""


def buckets(folded: str, address: str) -> tuple[Bucket, ...]:
    """The counters of a try, for an account (empty: none) and an address."""
    place = network(address)
    by_place = Bucket(f"place {place}", 20, 900.0, forgiven=False)
    if not folded:
        return (by_place,)
    account = account_key(folded)
    return (
        Bucket(f"pair {account} {place}", 5, 900.0, forgiven=True),
        Bucket(f"name {account}", 50, 60.0, forgiven=False, skipped_if_known=True),
        by_place,
    )


def account_key(folded: str) -> str:
    """What stands for a name in a counter: what was typed may be a password in the wrong field."""
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def network(address: str) -> str:
    """What counts as one address: IPv6 by its /64, which one customer has to itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def left(failures: int, last_at: float, now: float) -> int:
    """How many failures still count: half of them are forgotten every hour."""
    halvings = max(0.0, now - last_at) / _HALVED_S
    return 0 if halvings > 40 else math.floor(min(failures, _MOST) * 0.5 ** math.floor(halvings))


def wait_s(bucket: Bucket, failures: int, last_at: float, now: float) -> float:
    """Seconds until a try is looked at, after so many failures, the last one at `last_at`."""
    over = left(failures, last_at, now) - bucket.free
    if over < 0:
        return 0.0
    pause_s = min(2.0 ** min(over, 30), bucket.longest_s)
    # A clock set back must not make anybody wait for years
    return max(0.0, min(last_at + pause_s - now, pause_s))


def in_words(seconds: float) -> str:
    """A wait for people."""
    whole = math.ceil(seconds)
    return f"{whole} s" if whole < 120 else f"{math.ceil(whole / 60)} min"
