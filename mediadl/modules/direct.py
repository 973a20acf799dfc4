"""A file behind its own address. No engine is needed: the transfer child fetches it as it is."""

from __future__ import annotations

from typing import ClassVar

from mediadl.models import FoundItem, Lane
from mediadl.modules import files
from mediadl.modules.base import DIRECT, Module, Reporter, Target, Task, site_of, wrong_type


class Direct(Module):
    """Files with an extension that says so."""

    name = "direct"
    title = "Direct file"
    content_types: ClassVar[dict[str, str]] = {"file": "one file"}
    examples = (
        ("https://example.com/files/report.pdf", "file"),
        ("https://media.example.com/a/clip.mp4?token=x", "file"),
        ("http://example.com/photo.JPG", "file"),
    )
    rank = 80
    successor = "generic"

    def match(self, url: str, content_type: str = "") -> Target | None:
        """A target when the path ends in an extension of a file."""
        if files.extension(url) not in files.KIND_OF:
            return None
        if content_type not in {"", "file"}:
            return None
        return Target(
            module=self.name,
            url=url,
            content_type="file",
            site=site_of(url),
            lane=Lane.TRANSFER,
            title=files.stem(url),
            source=site_of(url),
        )

    def backends(self, target: Target) -> tuple[str, ...]:
        """Only the fetcher; what turns out to be a page goes on with the generic module."""
        return (DIRECT,)

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        """Report the file; needed only when a runner was given the job."""
        reporter.found(item(task.target))


def item(target: Target, n: int = 1) -> FoundItem:
    """The one item of a direct target, for the fetcher.

    Raises:
        InvalidInput: the target is not a file of this module.
    """
    if target.module != Direct.name:
        raise wrong_type(Direct(), target.content_type, target.url, ())
    return files.file_item(target.url, n=n)
