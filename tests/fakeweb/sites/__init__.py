"""The sites of the simulated web; each is data driven and can say what it will serve."""

from fakeweb.sites.generic import Generic
from fakeweb.sites.tiktok import TikTok

__all__ = ["Generic", "TikTok"]
