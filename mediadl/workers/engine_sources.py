"""Where engine versions come from: a package index that speaks JSON (PEP 691), or a folder of wheels."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from mediadl.errors import (
    BadContent,
    DownloadError,
    InvalidInput,
    NetworkFailed,
    TlsFailed,
    TooLarge,
    from_status,
)
from mediadl.modules.base import Network
from mediadl.security.redact import redact_url
from mediadl.workers import engine_wheels
from mediadl.workers.engine_store import order

Channel = Literal["stable", "nightly"]

MAX_LISTING_BYTES = 32 * 1024 * 1024
MAX_DOWNLOAD_S = 600.0
_CHUNK_BYTES = 256 * 1024
_MAX_HOPS = 5
_JSON = "application/vnd.pypi.simple.v1+json"
_NEXT = "Check the network and engines.index, or update from a folder of wheels: mediadl engines update --from FOLDER."
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Offer:
    """One wheel that could be had."""

    project: str
    version: str
    file: str
    where: str
    """Address or path."""
    sha256: str
    """Empty for a file of a folder."""
    size_bytes: int = 0
    released_at: float = 0.0
    requires_python: str = ""

    @property
    def is_nightly(self) -> bool:
        """Whether it is a version before a release."""
        from packaging.version import Version

        return Version(self.version).is_prerelease


class Source(Protocol):
    """Gives wheels."""

    name: str
    """For people."""

    def offers(self, project: str) -> list[Offer]:
        """Every wheel of a project that this Python can run, in any order.

        Raises:
            DownloadError: the source cannot be read, or does not know the project.
        """

    def fetch(self, offer: Offer, to: Path) -> None:
        """Put the wheel into a file of ours, checked against the offer.

        Raises:
            DownloadError: it could not be had, or is not what was offered.
        """


class FolderSource:
    """Wheels in a folder, for machines without a network."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InvalidInput(f"{folder} is no folder", next_step="Name a folder that holds wheels (*.whl).")
        self._folder = folder
        self.name = str(folder)

    def offers(self, project: str) -> list[Offer]:
        """The wheels of a project in the folder."""
        try:
            files = sorted(
                entry for entry in self._folder.iterdir() if entry.suffix == ".whl" and entry.is_file()
            )
        except OSError as error:
            raise BadContent(f"cannot read {self._folder}: {error.strerror or error}") from error
        found = [_offer(project, entry.name, str(entry)) for entry in files]
        return [offer for offer in found if offer]

    def fetch(self, offer: Offer, to: Path) -> None:
        """Copy it: what is checked is what is used."""
        size_bytes = 0
        try:
            with Path(offer.where).open("rb") as source, to.open("xb") as stream:
                while block := source.read(_CHUNK_BYTES):
                    size_bytes += len(block)
                    _check_size(size_bytes, offer.file)
                    stream.write(block)
        except OSError as error:
            raise BadContent(f"cannot copy {offer.file}: {error.strerror or error}") from error


class IndexSource:
    """A package index."""

    def __init__(self, url: str, network: Network, work: Path) -> None:
        """`work`: a folder for the bundle of certificates."""
        self._url = url if url.endswith("/") else url + "/"
        self._network = network
        self._work = work
        self.name = urlsplit(url).hostname or url

    def offers(self, project: str) -> list[Offer]:
        """The wheels the index lists."""
        url = urljoin(self._url, f"{project}/")
        text = self._get(url, MAX_LISTING_BYTES, accept=_JSON)
        try:
            files = json.loads(text)["files"]
            found = [self._read(project, url, entry) for entry in files]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadContent(
                f"{redact_url(url)} gave no list of files in JSON",
                next_step="engines.index must name an index with the JSON simple API (PEP 691).",
            ) from None
        return [offer for offer in found if offer]

    def fetch(self, offer: Offer, to: Path) -> None:
        """Download it."""
        data = self._get(offer.where, min(engine_wheels.MAX_WHEEL_BYTES, offer.size_bytes or 2**62))
        if hashlib.sha256(data).hexdigest() != offer.sha256:
            raise BadContent(
                f"{offer.file} is not the file that the index promised (SHA-256)", next_step=_NEXT
            )
        to.write_bytes(data)

    def _read(self, project: str, page: str, entry: dict[str, Any]) -> Offer | None:
        yanked = entry.get("yanked")
        sha256 = str((entry.get("hashes") or {}).get("sha256") or "").lower()
        # What cannot be checked is not taken
        if yanked or not _SHA256.match(sha256):
            return None
        offer = _offer(project, str(entry["filename"]), urljoin(page, str(entry["url"])))
        if offer is None:
            return None
        size = entry.get("size")
        return replace(
            offer,
            sha256=sha256,
            size_bytes=size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else 0,
            released_at=_moment(entry.get("upload-time")),
            requires_python=str(entry.get("requires-python") or ""),
        )

    def _authorities(self) -> str:
        """A bundle with the usual authorities and the user's; empty when there are none of the user."""
        net = self._network
        if not net.ca_file or not net.verify_tls:
            return ""
        import certifi

        bundle = self._work / "ca.pem"
        try:
            own = Path(net.ca_file).expanduser().read_bytes()
            bundle.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + own)
        except OSError as error:
            raise TlsFailed(f"network.ca_file cannot be read: {error.strerror or error}") from error
        return str(bundle)

    def _get(self, url: str, limit_bytes: int, *, accept: str = "*/*") -> bytes:
        import requests

        from mediadl.modules.engines import faults

        net = self._network
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.max_redirects = _MAX_HOPS
                session.verify = self._authorities() or net.verify_tls
                if net.proxy:
                    session.proxies = {"http": net.proxy, "https": net.proxy}
                headers = {"Accept": accept, "User-Agent": "mediadl", "Accept-Encoding": "identity"}
                with session.get(
                    url, headers=headers, timeout=net.timeout_s, stream=True, allow_redirects=True
                ) as answer:
                    for hop in (*answer.history, answer):
                        _refuse_downgrade(self._url, hop.url)
                    if answer.status_code != 200:
                        error = from_status(answer.status_code, redact_url(url))
                        error.next_step = _NEXT
                        raise error
                    return _body(answer.iter_content(_CHUNK_BYTES), limit_bytes, url)
        except DownloadError:
            raise
        except (requests.RequestException, OSError, ValueError) as error:
            found = faults.from_exception(error, redact_url(url))
            if isinstance(found, NetworkFailed):
                found = NetworkFailed(f"{self.name} cannot be reached")
            found.next_step = _NEXT
            raise found from error


def best(offers: Iterable[Offer], channel: Channel) -> Offer | None:
    """The newest wheel of a channel; nightly means whatever is newest of all."""
    fit = [offer for offer in offers if channel == "nightly" or not offer.is_nightly]
    return max(fit, key=lambda offer: order(offer.version), default=None)


def exactly(offers: Iterable[Offer], version: str) -> Offer | None:
    """The wheel of one version."""
    return next((offer for offer in offers if order(offer.version) == order(version)), None)


def runs_here(requires_python: str) -> bool:
    """Whether this Python satisfies what a wheel asks for."""
    import platform

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(requires_python).contains(platform.python_version(), prereleases=True)
    except InvalidSpecifier:
        return False


def _offer(project: str, file: str, where: str) -> Offer | None:
    """A wheel that fits the project and any machine, or None."""
    name = engine_wheels.parse_name(unquote(file))
    if name is None or name.project != project or not name.is_pure or order(name.version)[0] == 0:
        return None
    return Offer(project, name.version, file, where, "")


def _body(blocks: Iterable[bytes], limit_bytes: int, url: str) -> bytes:
    kept = bytearray()
    until = time.monotonic() + MAX_DOWNLOAD_S
    for block in blocks:
        kept += block
        if len(kept) > limit_bytes:
            raise TooLarge(f"{redact_url(url)} is larger than it may be", next_step=_NEXT)
        if time.monotonic() > until:
            raise NetworkFailed(f"{redact_url(url)} came too slowly", next_step=_NEXT)
    return bytes(kept)


def _refuse_downgrade(index: str, url: str) -> None:
    if index.startswith("https:") and not url.startswith("https:"):
        raise BadContent(f"{redact_url(url)}: the index leads to an unprotected address", next_step=_NEXT)


def _check_size(size_bytes: int, file: str) -> None:
    if size_bytes > engine_wheels.MAX_WHEEL_BYTES:
        raise TooLarge(f"{file} is larger than an engine needs")


def _moment(value: object) -> float:
    try:
        return datetime.fromisoformat(str(value)).timestamp() if value else 0.0
    except (ValueError, OverflowError):
        return 0.0
