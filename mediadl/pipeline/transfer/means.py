"""What every transfer of the process shares."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from mediadl.pipeline.transfer.authorities import Authorities
from mediadl.pipeline.transfer.folders import Folders
from mediadl.pipeline.transfer.hosts import Hosts
from mediadl.pipeline.transfer.http import HttpClient
from mediadl.pipeline.transfer.rate import Governor


@dataclass(frozen=True, slots=True)
class Means:
    """Connections, limits and threads."""

    clients: dict[bool, HttpClient]
    """By `NetworkOptions.trusted`: connections of the two kinds never mix."""
    hosts: Hosts
    governor: Governor
    authorities: Authorities
    folders: Folders
    disk: Executor
    """Threads that wait for the disk."""
    workers: Executor
    """Threads that hash and decode."""
