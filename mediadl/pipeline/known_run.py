"""When a list need not be walked further: so many posts in a row were fetched before. Pure."""

from __future__ import annotations

from mediadl.models import FoundItem

PINNED = 3
"""A list may begin with so many posts of any age; they neither count nor interrupt."""


class KnownRun:
    """Watches the items of a list go by, and which of them are known."""

    def __init__(self, posts_in_a_row: int) -> None:
        self._enough = posts_in_a_row
        self._post_of: dict[int, str] = {}
        self._unknown: dict[str, int] = {}
        """Files of each post that are not known to be known, in the order of the list."""

    def seen(self, item: FoundItem) -> None:
        """The next item of the list."""
        post = str(item.metadata.get("post_shortcode") or item.page_url or item.identity)
        self._post_of[item.n] = post
        self._unknown[post] = self._unknown.get(post, 0) + 1

    def known(self, n: int) -> None:
        """The item with this number was fetched before."""
        post = self._post_of.pop(n, None)
        if post is not None:
            self._unknown[post] -= 1

    @property
    def reached(self) -> bool:
        """Whether so many posts in a row, the first few aside, were fetched before."""
        in_a_row = 0
        for left in list(self._unknown.values())[PINNED:]:
            in_a_row = 0 if left else in_a_row + 1
            if in_a_row >= self._enough:
                return True
        return False
