"""The sites of the simulated web; each is data driven and can say what it will serve."""

from fakeweb.sites.generic import Generic
from fakeweb.sites.instagram import Instagram
from fakeweb.sites.tiktok import TikTok
from fakeweb.sites.xenforo import XenForo

__all__ = ["Generic", "Instagram", "TikTok", "XenForo"]
