"""Small files that a terminal hands to its page, each good for one fetch by the user of that terminal."""

from __future__ import annotations

from textual_serve.download_manager import Download, DownloadManager


class Deliveries(DownloadManager):
    """textual-serve's own, which also forgets."""

    async def owned_by(self, key: str) -> tuple[Download, int | None] | None:
        """What a key stands for and whose it is; None when it is unknown or was fetched."""
        try:
            found = await self.get_download_metadata(key)
        except KeyError:
            return None
        return found, getattr(found.app_service, "user_id", -1)

    async def forget(self, app_service_id: str) -> None:
        """End what a terminal was handing over."""
        await self.cancel_app_downloads(app_service_id)
        for key, kept in list(self._active_downloads.items()):
            if kept.app_service.app_service_id == app_service_id:
                del self._active_downloads[key]
