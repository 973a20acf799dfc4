"""Spirit, a forum on Django: started in a folder of its own and filled through its own forms."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from fakeweb import FakeWeb
from fakeweb.blobs import read
from fakeweb.sites.forums import truth
from fakeweb.sites.forums.truth import AUTHORS, Post, Thread, TruthFile
from forums import real
from forums.real import Bridge, Environment, Server, Visitor, bridged

REQUIREMENTS = Path(__file__).with_name("spirit.txt")
HOST = "spirit.example.org"
PASSWORD = "walled garden 7"
_SETTINGS = "site1.settings.dev_local"
_SOURCES = [Path(__file__), Path(truth.__file__)]
_LOCAL = """
from .dev import *
ST_RATELIMIT_ENABLE = False
ST_UPLOAD_FILE_ENABLED = True
ST_ALLOWED_UPLOAD_FILE_MEDIA_TYPE = {"pdf": "application/pdf", "zip": "application/zip"}
ST_ALLOWED_UPLOAD_IMAGE_FORMAT = ("jpeg", "jpg", "gif", "png")
ST_ALLOWED_UPLOAD_IMAGE_EXT = ("jpeg", "jpg", "gif", "png")
ST_DOUBLE_POST_THRESHOLD_MINUTES = 0
ALLOWED_HOSTS = ["*"]
"""
_PEOPLE = """
from django.contrib.auth import get_user_model
from spirit.category.models import Category
for name in {names!r}:
    user = get_user_model().objects.create_user(username=name, email=name + "@example.org", password={password!r})
    user.st.is_verified = True
    user.st.is_moderator = name == "mia"
    user.st.save()
print("category", Category.objects.create(title="Pictures").pk)
"""


class Spirit:
    """A running Spirit with the thread of the truth; `thread` says what is in it."""

    host = HOST
    base_url = f"http://{HOST}"

    def __init__(self, environment: Environment, folder: Path, *, private: bool = False) -> None:
        self.environment = environment
        self.folder = folder
        self.thread = Thread(1)
        self.private = private
        self._visitors: dict[tuple[str, str], Visitor] = {}
        self.server: Server | None = None
        self.was_kept = real.seeded("spirit", _SOURCES, folder) is not None
        if not self.was_kept:
            self._install()

    @property
    def site(self) -> Path:
        """Where manage.py is."""
        return self.folder / "site1"

    @property
    def thread_url(self) -> str:
        """The thread's address."""
        return f"{self.base_url}/topic/1/{self.thread.slug}/"

    @property
    def board_path(self) -> str:
        """Path of the category with the thread."""
        return f"/category/{(self.folder / 'category').read_text()}/pictures/"

    def start(self) -> Bridge:
        """Run it, fill it if need be, and give the site that stands for it."""
        settings = f"{_SETTINGS}_private" if self.private else _SETTINGS
        self._serve(settings if self.was_kept else _SETTINGS)
        if not self.was_kept:
            with bridged(self.bridge()) as web:
                self._seed(web)
            self.stop()
            real.keep_seeded("spirit", _SOURCES, self.folder)
            self._serve(settings)
        return self.bridge()

    def bridge(self) -> Bridge:
        """The site of a simulated web that is this program."""
        assert self.server is not None
        return Bridge(HOST, self.server.port, "/user/login/")

    def stop(self) -> None:
        """End it."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def _serve(self, settings: str) -> None:
        port = real.free_port()
        python = str(self.environment.folder / "bin" / "python")
        command = [
            python,
            "manage.py",
            "runserver",
            "--noreload",
            f"127.0.0.1:{port}",
            f"--settings={settings}",
        ]
        self.server = Server.start(command, port, cwd=self.site, env=self.environment.variables())

    def _install(self) -> None:
        self.environment.run("spirit", "startproject", "site1", cwd=self.folder)
        settings = self.site / "site1" / "settings"
        (settings / "dev_local.py").write_text(_LOCAL)
        (settings / "dev_local_private.py").write_text("from .dev_local import *\nST_PRIVATE_FORUM = True\n")
        self._manage("spiritinstall", answers="yes\n" * 20)
        people = _PEOPLE.format(names=[*AUTHORS, "mia"], password=PASSWORD)
        said = self._manage("shell", answers=people)
        found = re.search(r"category (\d+)", said)
        assert found is not None, said
        (self.folder / "category").write_text(found[1])

    def _manage(self, *command: str, answers: str = "") -> str:
        return self.environment.run(
            "python", "manage.py", *command, f"--settings={_SETTINGS}", cwd=self.site, answers=answers
        )

    # Through its own forms

    def visitor(self, web: FakeWeb, name: str) -> Visitor:
        """Somebody logged in by the form."""
        if (web.url, name) not in self._visitors:
            visitor = Visitor(web, self.base_url)
            token = _token(visitor.get("/user/login/").text)
            fields = {"csrfmiddlewaretoken": token, "username": name, "password": PASSWORD}
            visitor.post("/user/login/", fields)
            assert "sessionid" in visitor.session.cookies, f"{name} was not let in"
            self._visitors[web.url, name] = visitor
        return self._visitors[web.url, name]

    def write(self, web: FakeWeb, post: Post) -> None:
        """Write a post as its author, files first; post 1 opens the thread."""
        visitor = self.visitor(web, post.author)
        uploads = [self._upload(visitor, file) for file in post.attached]
        path = "/topic/publish/" if post.number == 1 else "/comment/1/publish/"
        fields = {
            "csrfmiddlewaretoken": _token(visitor.get(path).text),
            "comment": markdown(post, uploads),
            "comment_hash": "",
        }
        if post.number == 1:
            category = (self.folder / "category").read_text()
            fields |= {"title": self.thread.title, "category": category, "topic_hash": ""}
        answer = visitor.post(path, fields)
        assert post.mark in answer.text, f"post {post.number} was not taken"

    def change(self, web: FakeWeb, comment_id: int, author: str, text: str) -> None:
        """Edit a post as its author."""
        visitor = self.visitor(web, author)
        path = f"/comment/{comment_id}/update/"
        token = _token(visitor.get(path).text)
        visitor.post(path, {"csrfmiddlewaretoken": token, "comment": text, "comment_hash": ""})

    def _upload(self, visitor: Visitor, file: TruthFile) -> str:
        plain = file.suffix == "zip"
        path = "/comment/upload/file/" if plain else "/comment/upload/"
        answer = visitor.session.post(
            visitor.base_url + path,
            files={"file" if plain else "image": (file.name, read(file.blob()), file.content_type)},
            headers={
                "X-CSRFToken": str(visitor.session.cookies["csrftoken"]),
                "X-Requested-With": "XMLHttpRequest",
                "Referer": visitor.base_url + "/comment/1/publish/",
            },
            timeout=30,
        )
        said = answer.json()
        assert "url" in said, f"{file.name} was not taken: {said}"
        mark = "" if plain else "!"
        return f"{mark}[{file.name}]({said['url']})"

    def _seed(self, web: FakeWeb) -> None:
        for post in self.thread.posts():
            self.write(web, post)


def markdown(post: Post, uploads: list[str]) -> str:
    """A post in Markdown."""
    parts = []
    if post.quote:
        shown = f" ![q]({post.quote.picture_url})" if post.quote.picture_url else ""
        parts.append(f"> @{post.quote.author}, {post.quote.text}{shown}")
    parts.append(f"{post.mark} {post.text}")
    parts += [f"![inline]({file.url})" for file in post.inline]
    parts += [f"[![small]({file.small_url})]({file.url})" for file in post.linked]
    parts += [f"<{link}>" for link in post.links]
    return "\n\n".join([*parts, *uploads])


def spirit_environment() -> Environment:
    """The environment with Spirit.

    Raises:
        real.Unavailable: there is none.
    """
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return real.environment(REQUIREMENTS, real.python_of(here, "3.11", "3.12", "3.13"))


def _token(page: str) -> str:
    found = re.search(r"name=['\"]csrfmiddlewaretoken['\"] value=['\"](\w+)['\"]", page)
    assert found is not None, "a form without its token"
    return found[1]
