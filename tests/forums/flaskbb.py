"""FlaskBB, a forum on Flask without attachments: started in a folder of its own and filled through its own forms."""

from __future__ import annotations

import re
from pathlib import Path

from fakeweb import FakeWeb
from fakeweb.sites.forums import truth
from fakeweb.sites.forums.truth import AUTHORS, PICTURES_HOST, SIGNED, Post, Thread
from forums import real
from forums.real import Bridge, Environment, Server, Visitor, bridged
from forums.spirit import PASSWORD, markdown

REQUIREMENTS = Path(__file__).with_name("flaskbb.txt")
HOST = "flaskbb.example.org"
PER_PAGE = 10
_SOURCES = [Path(__file__), Path(truth.__file__)]
_CONFIG = """
SERVER_NAME = {host!r}
PREFERRED_URL_SCHEME = "http"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/forum.sqlite"
SECRET_KEY = "for tests only"
WTF_CSRF_SECRET_KEY = "for tests only as well"
REDIS_ENABLED = False
RATELIMIT_ENABLED = False
WHOOSHEE_DIR = "{folder}/search"
LOG_DEFAULT_CONF = {{"version": 1, "disable_existing_loggers": False}}
MAIL_SUPPRESS_SEND = True
"""


class FlaskBB:
    """A running FlaskBB with the thread of the truth; `thread` says what is in it."""

    host = HOST
    base_url = f"http://{HOST}"

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.thread = Thread(2)
        self._visitors: dict[tuple[str, str], Visitor] = {}
        self.server: Server | None = None
        self.was_kept = real.seeded("flaskbb", _SOURCES, folder) is not None
        (folder / "config.py").write_text(_CONFIG.format(host=HOST, folder=folder))
        if not self.was_kept:
            self._run("install", "-f", "-u", "admin", "-e", "admin@example.org", "-p", PASSWORD)
            for name in (*AUTHORS, "mia"):
                self._run(
                    "users", "new", "-u", name, "-e", f"{name}@example.org", "-p", PASSWORD, "-g", "member"
                )

    @property
    def thread_url(self) -> str:
        """The thread's address."""
        return f"{self.base_url}/topic/2-{self.thread.slug}"

    def start(self) -> Bridge:
        """Run it, fill it if need be, and give the site that stands for it."""
        self._serve()
        if not self.was_kept:
            with bridged(self.bridge()) as web:
                self._seed(web)
            self.stop()
            real.keep_seeded("flaskbb", _SOURCES, self.folder)
            self._serve()
        return self.bridge()

    def bridge(self) -> Bridge:
        """The site of a simulated web that is this program."""
        assert self.server is not None
        return Bridge(HOST, self.server.port, "/auth/login")

    def stop(self) -> None:
        """End it."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def _serve(self) -> None:
        port = real.free_port()
        program = str(self.environment.folder / "bin" / "flaskbb")
        config = str(self.folder / "config.py")
        command = [program, "--config", config, "run", "--host", "127.0.0.1", "--port", str(port)]
        self.server = Server.start(command, port, cwd=self.folder, env=self.environment.variables())

    def _run(self, *command: str) -> str:
        return self.environment.run(
            "flaskbb", "--config", str(self.folder / "config.py"), *command, cwd=self.folder
        )

    # Through its own forms

    def visitor(self, web: FakeWeb, name: str) -> Visitor:
        """Somebody logged in by the form."""
        if (web.url, name) not in self._visitors:
            visitor = Visitor(web, self.base_url)
            token = _token(visitor.get("/auth/login").text)
            fields = {"csrf_token": token, "login": name, "password": PASSWORD, "submit": "Login"}
            answer = visitor.post("/auth/login", fields)
            assert "/auth/logout" in answer.text, f"{name} was not let in"
            self._visitors[web.url, name] = visitor
        return self._visitors[web.url, name]

    def write(self, web: FakeWeb, post: Post) -> None:
        """Write a post as its author; post 1 opens the thread. Files cannot be attached."""
        visitor = self.visitor(web, post.author)
        first = post.number == 1
        path = self._opening(visitor) if first else f"/topic/2-{self.thread.slug}/post/new"
        fields = {"csrf_token": _token(visitor.get(path).text), "content": markdown(post, [])}
        fields |= {"title": self.thread.title, "submit": "Post Topic"} if first else {"submit": "Reply"}
        answer = visitor.post(path, fields)
        assert post.mark in answer.text, f"post {post.number} was not taken"

    def delete(self, web: FakeWeb, number: int) -> None:
        """Take away a post of the truth, as the administrator."""
        visitor = self.visitor(web, "admin")
        # The opening post of the forum's own topic has number 1
        post_id = number + 1
        page = visitor.get(f"/post/{post_id}")
        form = re.search(rf'<form[^>]*action="(/post/{post_id}/delete)"', page.text)
        assert form is not None, "no button to delete it"
        visitor.post(form[1], {"csrf_token": _token(page.text)})

    def _opening(self, visitor: Visitor) -> str:
        found = re.search(r'href="(/[^"]*topic/new)"', visitor.get("/forum/1").text)
        assert found is not None, "no link to open a topic"
        return found[1]

    def _seed(self, web: FakeWeb) -> None:
        signed = self.visitor(web, SIGNED)
        path = "/user/settings/user-details"
        page = signed.get(path).text
        signed.post(
            path,
            {
                "csrf_token": _token(page),
                "signature": f"See ![banner](https://{PICTURES_HOST}/signatures/{SIGNED}.jpg)",
                "submit": "Save",
            },
        )
        for post in self.thread.posts():
            self.write(web, post)


def flaskbb_environment() -> Environment:
    """The environment with FlaskBB.

    Raises:
        real.Unavailable: there is none.
    """
    return real.environment(REQUIREMENTS, real.python_of("3.13", "3.12"))


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)
    assert found is not None, "a form without its token"
    return found[1]
