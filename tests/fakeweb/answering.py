"""Turning a site's answer, a Range header and a fault into bytes on a socket."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from fakeweb.blobs import BLOCK_BYTES, Blob, BytesBlob, SyntheticBlob
from fakeweb.faults import Fault, Kind, gzip_of_zeros
from fakeweb.log import Entry, RequestLog
from fakeweb.messages import Request, Response
from fakeweb.pacing import Pacer

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
_RESET_DELAY_S = 0.05
_JOIN_BYTES = 1 << 16
Socket = socket.socket | ssl.SSLSocket


class EndOfConnection(Exception):
    """The answer was sent as far as it should be; the connection must end now."""


@dataclass
class Plan:
    """An answer ready to be sent."""

    status: int
    headers: list[tuple[str, str]]
    body: Blob
    start: int = 0
    stop: int = 0
    announced: int | None = None
    paced: bool = False

    @property
    def length(self) -> int:
        """Body bytes that this answer really has."""
        return self.stop - self.start


def plan(request: Request, response: Response, fault: Fault | None) -> Plan:
    """Choose status, headers and the part of the body, as a correct server would (bar the fault)."""
    headers: list[tuple[str, str]] = []
    if response.content_type:
        headers.append(("Content-Type", response.content_type))
    headers += response.headers
    if response.blob is None:
        body = BytesBlob(response.body)
        return Plan(response.status, headers, body, 0, body.size, body.size)
    blob = response.blob
    if response.ranges:
        headers.append(("Accept-Ranges", "bytes"))
    if response.etag:
        headers.append(("ETag", response.etag))
    if response.last_modified:
        headers.append(("Last-Modified", response.last_modified))
    whole = Plan(response.status, headers, blob, 0, blob.size, blob.size, paced=True)
    wanted = _wanted(request, response, blob.size) if response.status == 200 else None
    if wanted is None:
        return whole
    start, stop = wanted
    if start >= stop:
        headers.append(("Content-Range", f"bytes */{blob.size}"))
        return Plan(416, headers, BytesBlob(), announced=0)
    if fault is not None and fault.kind is Kind.WRONG_START:
        start = min(max(0, start + fault.length_delta), stop - 1)
    headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{blob.size}"))
    return Plan(206, headers, blob, start, stop, stop - start, paced=True)


def _wanted(request: Request, response: Response, size: int) -> tuple[int, int] | None:
    match = _RANGE.match(request.headers.get("range", ""))
    if not response.ranges or match is None or not any(match.groups()):
        return None
    condition = request.headers.get("if-range")
    if condition is not None:
        # A weak tag never matches here (RFC 9110, 13.1.5).
        validators = {
            tag for tag in (response.etag, response.last_modified) if tag and not tag.startswith("W/")
        }
        if condition not in validators:
            return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)) if int(last) else size, size
    return int(first), min(size, int(last) + 1) if last else size


def spoil(request: Request, response: Response, fault: Fault, login_path: str) -> Response:
    """The answer as the fault changes it before ranges are looked at."""
    if fault.kind is Kind.STATUS:
        extra = [] if fault.retry_after is None else [("Retry-After", str(fault.retry_after))]
        phrase = HTTPStatus(fault.status_code).phrase
        return Response.page(
            f"<h1>{fault.status_code} {phrase}</h1>", status=fault.status_code, headers=extra
        )
    if fault.kind is Kind.LOGIN:
        return Response.redirect(fault.location or request.base_url + login_path)
    if fault.kind is Kind.BODY:
        return Response(fault.status_code, fault.body, content_type=fault.content_type)
    if fault.kind is Kind.GZIP_BOMB:
        kept = [*response.headers, ("Content-Encoding", "gzip")]
        return Response(
            body=gzip_of_zeros(fault.size_bytes), content_type=response.content_type, headers=kept
        )
    if response.blob is not None:
        if fault.kind is Kind.SWAP:
            blob = fault.blob or SyntheticBlob(response.blob.size, f"swapped {response.blob.etag}")
            return replace(response, blob=blob, etag=blob.etag, last_modified=None)
        if fault.kind is Kind.WEAK_ETAG:
            return replace(response, etag=f"W/{response.etag}" if response.etag else None, last_modified=None)
        if fault.kind is Kind.NO_VALIDATOR:
            return replace(response, etag=None, last_modified=None)
        if fault.kind is Kind.NO_RANGES:
            return replace(response, ranges=False)
    return response


class Sender:
    """Writes answers to one connection."""

    def __init__(
        self, sock: Socket, log: RequestLog, pacers: Sequence[Pacer], stopping: threading.Event
    ) -> None:
        self.sock = sock
        self._log = log
        self._pacers = pacers
        self._stopping = stopping

    def send(self, request: Request, answer: Plan, fault: Fault | None, entry: Entry, *, keep: bool) -> None:
        """Send the whole answer.

        Raises:
            EndOfConnection: The connection must not be used again.
            OSError: The client went away.
        """
        entry.status = answer.status
        kind = fault.kind if fault is not None else None
        headers = list(answer.headers)
        chunked = kind in {Kind.CHUNKED_CUT, Kind.ENDLESS}
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif answer.announced is not None:
            delta = fault.length_delta if fault is not None and kind is Kind.WRONG_LENGTH else 0
            headers.append(("Content-Length", str(max(0, answer.announced + delta))))
        if not keep:
            headers.append(("Connection", "close"))
        phrase = HTTPStatus(answer.status).phrase
        lines = [
            f"HTTP/1.1 {answer.status} {phrase}",
            *(f"{name}: {value}" for name, value in headers),
            "",
            "",
        ]
        head = "\r\n".join(lines).encode("latin-1")
        if request.method == "HEAD":
            self.sock.sendall(head)
        elif kind is Kind.ENDLESS:
            self.sock.sendall(head)
            self._send_endless(answer, entry)
        elif chunked:
            self.sock.sendall(head)
            self._send_body(answer, fault, entry, chunked=True)
            raise EndOfConnection
        else:
            self._send_plain(head, answer, fault, entry)
        if not keep:
            raise EndOfConnection

    def _send_plain(self, head: bytes, answer: Plan, fault: Fault | None, entry: Entry) -> None:
        small = fault is None and answer.length <= _JOIN_BYTES
        if small and not (answer.paced and self._paced()):
            # One packet for head and body: a page costs one wake-up of the client.
            self.sock.sendall(b"".join((head, *answer.body.pieces(answer.start, answer.stop))))
            self._sent(entry, answer.length)
            return
        self.sock.sendall(head)
        self._send_body(answer, fault, entry)
        if fault is None:
            return
        if fault.kind is Kind.RESET:
            self._reset()
        elif fault.kind is Kind.STALL:
            self.wait_for_client_to_leave()
        if fault.kind in {Kind.RESET, Kind.STALL, Kind.CLOSE, Kind.WRONG_LENGTH}:
            raise EndOfConnection

    def _send_body(self, answer: Plan, fault: Fault | None, entry: Entry, *, chunked: bool = False) -> None:
        stop = answer.stop
        if fault is not None and fault.kind in {Kind.RESET, Kind.CLOSE, Kind.STALL, Kind.CHUNKED_CUT}:
            stop = min(stop, answer.start + fault.after)
        pacers = list(self._pacers) if answer.paced else []
        if fault is not None and fault.kind is Kind.SLOW:
            pacers.append(Pacer(fault.rate_bytes_per_s))
        for piece in _paced_pieces(answer.body.pieces(answer.start, stop), pacers):
            self._send_piece(piece, entry, chunked=chunked)
            self._wait(max((pacer.reserve(len(piece)) for pacer in pacers), default=0.0))

    def _send_piece(self, piece: memoryview, entry: Entry, *, chunked: bool) -> None:
        if chunked:
            self.sock.sendall(b"%x\r\n" % len(piece) + piece.tobytes() + b"\r\n")
        else:
            self.sock.sendall(piece)
        self._sent(entry, len(piece))

    def _send_endless(self, answer: Plan, entry: Entry) -> None:
        filler = SyntheticBlob(BLOCK_BYTES, "endless")
        source = answer.body if answer.length else filler
        while True:
            for piece in _paced_pieces(source.pieces(0, source.size), self._pacers, _JOIN_BYTES):
                self._send_piece(piece, entry, chunked=True)
                self._wait(max((pacer.reserve(len(piece)) for pacer in self._pacers), default=0.0))

    def _paced(self) -> bool:
        return any(pacer.rate_bytes_per_s is not None for pacer in self._pacers)

    def _sent(self, entry: Entry, size: int) -> None:
        entry.body_bytes_sent += size
        self._log.touched()

    def _wait(self, delay_s: float) -> None:
        if delay_s > 0 and self._stopping.wait(delay_s):
            raise EndOfConnection

    def _reset(self) -> None:
        self._wait(_RESET_DELAY_S)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def wait_for_client_to_leave(self) -> None:
        """Say nothing until the client closes or the server stops."""
        while self.sock.recv(_JOIN_BYTES):
            pass


def _paced_pieces(
    pieces: Iterator[memoryview], pacers: Sequence[Pacer], largest: int = BLOCK_BYTES
) -> Iterator[memoryview]:
    for piece in pieces:
        at = 0
        while at < len(piece):
            # Asked anew each time: the rate may have been changed meanwhile.
            step = min((pacer.piece_bytes(largest) for pacer in pacers), default=largest)
            yield piece[at : at + step]
            at += step
