"""How large a file may be: announced size, cap and free space."""

from __future__ import annotations

from mediadl.errors import BadContent, DiskFull, DownloadError, TooLarge
from mediadl.pipeline.protocol import Fetch
from mediadl.pipeline.transfer.folders import free_bytes


class Terms:
    """The limits of one order; `folder_fd` is on the file system that takes the bytes."""

    def __init__(self, order: Fetch, folder_fd: int, name: str) -> None:
        self._order = order
        self._folder_fd = folder_fd
        self._name = name
        self._capped_by_space = False

    def check_length(self, length: int | None, have_bytes: int = 0) -> None:
        """Refuse a body by its announced length.

        Raises:
            BadContent: the site announced another size.
            TooLarge: above the cap.
            DiskFull: it would not fit beside the reserve.
        """
        if length is None:
            return
        order = self._order
        announced = order.item.size_bytes
        if announced is not None and announced != length:
            raise BadContent(f"{self._name}: {length} bytes long, the site announced {announced}")
        if order.max_bytes and length > order.max_bytes:
            raise TooLarge(f"{self._name}: {length} bytes, at most {order.max_bytes} are allowed")
        if free_bytes(self._folder_fd) - (length - have_bytes) < order.min_free_bytes:
            raise DiskFull(
                f"{self._name}: no space for {length} bytes beside the reserve of {order.min_free_bytes}"
            )

    def cap(self, start: int) -> int:
        """Most bytes that a body may bring from byte `start` on."""
        order = self._order
        room = max(1, free_bytes(self._folder_fd) - order.min_free_bytes)
        caps = [room]
        if order.max_bytes:
            caps.append(max(1, order.max_bytes - start))
        if order.item.size_bytes is not None:
            caps.append(max(1, order.item.size_bytes - start))
        self._capped_by_space = min(caps) == room
        return min(caps)

    def why_capped(self) -> DownloadError:
        """What it means that a body went on beyond `cap`."""
        order = self._order
        if self._capped_by_space:
            return DiskFull(f"{self._name}: only the reserve of {order.min_free_bytes} bytes is left")
        announced = order.item.size_bytes
        if announced is not None and (not order.max_bytes or announced <= order.max_bytes):
            return BadContent(f"{self._name}: longer than the announced {announced} bytes")
        return TooLarge(f"{self._name}: more than the {order.max_bytes} bytes that are allowed")

    def check_space(self) -> None:
        """Stop before the reserve is eaten.

        Raises:
            DiskFull: less than the reserve is free.
        """
        reserve = self._order.min_free_bytes
        if reserve and free_bytes(self._folder_fd) < reserve:
            raise DiskFull(f"{self._name}: less than the reserve of {reserve} bytes is free")
