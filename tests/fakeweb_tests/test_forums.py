"""The forum stand-ins show the whole truth in the shapes of their programs, and gallery-dl finds all of it."""

from __future__ import annotations

import hashlib
import json
import re
import tracemalloc
from collections.abc import Iterator
from html import unescape
from http.cookiejar import MozillaCookieJar
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from fakeweb.engines import Engine
from fakeweb.expected import digests
from fakeweb.sites.forums import MEMBER, PASSWORD, PROGRAMS, THREAD_ID, Edit, Forum, Mode, PastEnd, Thread
from fakeweb.sites.forums.jsonforum import JsonForum
from fakeweb.world import World, default_world

NAMES = [*(kind.software for kind in PROGRAMS), "xenforo2-folder", "xenforo2-plain"]
PAGED = [name for name in NAMES if name not in {"discourse", "nodebb", "flarum"}]

ANCHORS = {
    "xenforo2": [r'<html id="XF".*data-logged-in="false"', r'data-content="post-\d+"', r'class="message-signature"'],
    "vbulletin3": [r'content="vBulletin 3', r'<table id="post\d+"', r"__________________<br />", r">Quote:</div>"],
    "vbulletin4": [r'id="vbulletin_html"', r'postcontainer old" id="post_\d+"', r'<blockquote class="postcontent'],
    "vbulletin5": [r'id="vb-page-body"', r'<base href="https://', r"filedata/fetch\?id=\d+", r'class="pagetotal"'],
    "phpbb3": [r'<body id="phpbb"', r'<div id="p\d+" class="post ', r"&amp;sid=[0-9a-f]{32}", r'li class="arrow next"'],
    "invision4": [r'data-pageApp="forums"', r'id="elComment_\d+"', r"spacer\.png", r'li class="ipsPagination_next"'],
    "invision5": [r'class="ipsEntry ', r'data-role="commentContent"', r"data-full-image=", r"ipsPagination__next"],
    "smf2": [r'<body id="smf"', r'data-msgid="\d+" id="msg_\d+"', r"action=dlattach;attach=\d+;image", r"PHPSESSID="],
    "mybb": [r"cache/themes/theme1", r'id="pid_\d+"', r"attachment\.php\?thumbnail=\d+", r"pagination_next"],
    "discourse": [r'content="Discourse 3', r"data-preloaded"],
    "nodebb": [r'class="page-topic template-topic', r'data-pid="\d+"', r"-resized\.jpg"],
    "flarum": [r'id="flarum-content"', r'id="flarum-json-payload"'],
}  # fmt: skip
"""What the reference says that a page of the program has."""

_FILES = re.compile(r"attach|download/file|filedata|/uploads/|/files/|/inline/|/full/")


@pytest.fixture
def world() -> Iterator[World]:
    """The standard population, not to be shared: switches are changed here."""
    made = default_world()
    with made.web:
        yield made
    assert made.web.errors == []


def pages(forum: Forum, client: requests.Session) -> list[str]:
    """Everything that a thread's pages or its API say about its posts, fetched in the program's own way."""
    thread = forum.threads[THREAD_ID]
    base = forum.base_url
    if forum.software == "discourse":
        first = client.get(f"{base}/t/{THREAD_ID}.json").json()
        rest = first["post_stream"]["stream"][20:]
        query = "&".join(f"post_ids[]={number}" for number in rest)
        more = client.get(f"{base}/t/{THREAD_ID}/posts.json?{query}").json()
        return [post["cooked"] for part in (first, more) for post in part["post_stream"]["posts"]]
    if forum.software == "nodebb":
        last = client.get(f"{base}/api/topic/{THREAD_ID}").json()["pagination"]["pageCount"]
        answers = [client.get(f"{base}/api/topic/{THREAD_ID}?page={n}").json() for n in range(1, last + 1)]
        return [post["content"] for answer in answers for post in answer["posts"]]
    if forum.software == "flarum":
        found, url = [], f"{base}/api/posts?filter[discussion]={THREAD_ID}&page[limit]=20&sort=number"
        while url:
            answer = client.get(url).json()
            found += [post["attributes"].get("contentHtml", "") for post in answer["data"]]
            url = answer["links"].get("next")
        return found
    last = forum.last_page(thread)
    return [client.get(base + forum.thread_path(thread, number)).text for number in range(1, last + 1)]


def addresses(forum: Forum, texts: list[str]) -> set[str]:
    """Every address in them, made absolute, and full where the program shows a smaller version beside it."""
    page = forum.base_url + "/" if forum.software.startswith("vbulletin") else forum.thread_url(THREAD_ID)
    found = {
        urljoin(page, unescape(url))
        for text in texts
        for url in re.findall(r'(?:href|src|data-src|data-url|data-full-image)="([^"#]+)"', text)
    }
    return {url.replace("-resized", "") for url in found}


@pytest.mark.parametrize("name", NAMES)
def test_pages_show_every_post_once_and_every_file_behind_an_address(
    name: str, world: World, client: requests.Session
) -> None:
    forum = world.forums[name]

    texts = pages(forum, client)

    marks = re.findall(r"MK-\d{4}", "".join(texts))
    assert marks == [f"MK-{number:04d}" for number in range(1, 49)]
    wanted = {file.sha256: file for file in forum.expected(THREAD_ID)}
    for url in addresses(forum, texts):
        if wanted and _FILES.search(url):
            wanted.pop(hashlib.sha256(client.get(url).content).hexdigest(), None)
    assert [file.label for file in wanted.values()] == []


def test_the_truth_has_the_numbers_of_the_reference() -> None:
    thread = Thread(THREAD_ID)

    posts = list(thread.posts())

    assert len(posts) == 48
    assert {post.author for post in posts} == {"ann", "ben", "cleo"}
    suffixes = [file.suffix for post in posts for file in post.attached]
    assert (suffixes.count("jpg"), suffixes.count("png"), suffixes.count("zip")) == (16, 5, 3)
    assert sum(len(post.inline) for post in posts) == 12
    assert sum(len(post.linked) for post in posts) == 4
    assert len(set(thread.links())) == 9
    assert sum(post.quote is not None for post in posts) == 6
    assert len(set(digests(thread.expected()))) == 40
    small = {file.small().sha256() for file in thread.files()}
    assert not small & set(digests(thread.expected()))


@pytest.mark.parametrize("name", ANCHORS)
def test_pages_have_the_names_that_the_program_is_known_by(
    name: str, world: World, client: requests.Session
) -> None:
    forum = world.forums[name]

    text = client.get(forum.thread_url(THREAD_ID)).text + "".join(pages(forum, client))

    assert [anchor for anchor in ANCHORS[name] if not re.search(anchor, text, re.DOTALL)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_board_lists_its_threads(name: str, world: World, client: requests.Session) -> None:
    forum = world.forums[name]

    text = unescape(client.get(forum.board_url).text)

    assert forum.threads[THREAD_ID].title in text
    assert re.search(rf"\b{THREAD_ID}\b", text)


@pytest.mark.parametrize("name", PAGED)
def test_whoever_copies_all_fields_of_the_form_is_let_in(
    name: str, world: World, client: requests.Session
) -> None:
    forum = world.forums[name]
    forum.threads[THREAD_ID].mode = Mode.MEMBERS
    url = forum.thread_url(THREAD_ID)
    assert "MK-0001" not in client.get(url).text

    refused = _log_in(forum, client, "wrong")
    assert refused.status_code == 200
    assert 'type="password"' in refused.text
    assert "MK-0001" not in client.get(url).text
    if wait_s := forum.login.oldest_within_s:
        assert "MK-0001" not in _log_in(forum, client, PASSWORD).text
        _log_in(forum, client, PASSWORD, aged_by_s=wait_s)
    else:
        _log_in(forum, client, PASSWORD)

    assert "MK-0001" in client.get(url).text
    assert forum.login.session in client.cookies


def _log_in(
    forum: Forum, client: requests.Session, password: str, *, aged_by_s: float = 0.0
) -> requests.Response:
    page = client.get(f"https://{forum.hosts[0]}{forum.login_path}").text
    form = page[page.rindex("<form") : page.rindex("</form>")]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    fields |= {forum.login.user: MEMBER, forum.login.password: password}
    for stamp in forum._forms:
        forum._forms[stamp] -= aged_by_s
    return client.post(
        f"https://{forum.hosts[0]}{unescape(re.findall('action=.([^ ]+). ', form)[0])}", data=fields
    )


@pytest.mark.parametrize("name", ["discourse", "nodebb", "flarum"])
def test_a_token_in_a_header_lets_in(name: str, world: World, client: requests.Session) -> None:
    forum = world.forums[name]
    assert isinstance(forum, JsonForum)
    forum.threads[THREAD_ID].mode = Mode.MEMBERS
    api = {
        "discourse": f"/t/{THREAD_ID}.json",
        "nodebb": f"/api/topic/{THREAD_ID}",
        "flarum": f"/api/posts?filter[discussion]={THREAD_ID}",
    }[name]
    assert client.get(forum.base_url + api).status_code in {401, 403}
    token = re.search(
        r'csrf[^"]*":\s*"(\w+)"',
        client.get(
            {
                "discourse": f"{forum.base_url}/session/csrf.json",
                "nodebb": f"{forum.base_url}/api/config",
                "flarum": forum.base_url,
            }[name]
        ).text,
        re.IGNORECASE,
    )
    assert token is not None

    answer = client.post(
        forum.base_url + forum.login_api,
        data={forum.login.user: MEMBER, forum.login.password: PASSWORD},
        headers={"X-CSRF-Token": token[1]},
    )

    assert answer.status_code == 200
    assert client.get(forum.base_url + api).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_cookies_file_of_a_member_opens_posts_and_files(
    name: str, world: World, client: requests.Session, tmp_path: Path
) -> None:
    forum = world.forums[name]
    forum.threads[THREAD_ID].mode = Mode.MEMBERS
    jar = MozillaCookieJar(forum.write_cookies(tmp_path / "cookies.txt"))
    jar.load()
    client.cookies.update(jar)

    texts = pages(forum, client)

    assert "MK-0048" in texts[-1]
    files = sorted(url for url in addresses(forum, texts) if _FILES.search(url) and forum.hosts[0] in url)
    kinds = {url: client.get(url).headers["Content-Type"] for url in files}
    assert {"image/jpeg", "application/zip"} <= set(kinds.values()), kinds


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_gets_a_page_in_place_of_a_file(name: str, world: World, client: requests.Session) -> None:
    forum = world.forums[name]
    hidden = pages(forum, client)
    forum.threads[THREAD_ID].mode = Mode.FILES_FOR_MEMBERS

    texts = pages(forum, client)

    assert "MK-0048" in texts[-1]
    files = [url for url in addresses(forum, hidden) if _FILES.search(url) and forum.hosts[0] in url]
    kinds = {client.get(url).headers["Content-Type"].partition(";")[0] for url in files}
    assert "text/html" in kinds
    assert "application/zip" not in kinds


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("mode", "statuses"),
    [
        (Mode.FORBIDDEN, {403}),
        (Mode.CHALLENGE, {403}),
        (Mode.GONE, {404}),
        (Mode.EMPTY, {200}),
        (Mode.LOGIN_PAGE, {200}),
    ],
)
def test_a_thread_can_be_what_it_is_not(
    name: str, mode: Mode, statuses: set[int], world: World, client: requests.Session
) -> None:
    forum = world.forums[name]
    forum.threads[THREAD_ID].mode = mode

    answer = client.get(forum.thread_url(THREAD_ID))

    assert answer.status_code in statuses
    assert "MK-" not in answer.text
    assert ("_cf_chl_opt" in answer.text) == (mode is Mode.CHALLENGE)


@pytest.mark.parametrize(
    ("name", "status", "number"),
    [
        ("xenforo2", 303, 3),
        ("vbulletin3", 200, 3),
        ("phpbb3", 200, 3),
        ("smf2", 200, 3),
        ("mybb", 200, 1),
        ("invision4", 303, 3),
    ],
)
def test_past_its_end_each_program_does_its_own(
    name: str, status: int, number: int, world: World, client: requests.Session
) -> None:
    forum = world.forums[name]
    thread = forum.threads[THREAD_ID]
    url = forum.base_url + forum.thread_path(thread, 9)

    first = client.get(url, allow_redirects=False)
    assert first.status_code == status
    assert f"MK-{(number - 1) * 20 + 1:04d}" in client.get(url).text

    thread.past_end = PastEnd.NOT_FOUND
    assert client.get(url).status_code == 404
    thread.past_end = PastEnd.REDIRECT
    assert "MK-0041" in client.get(url).text


@pytest.mark.parametrize("name", NAMES)
def test_posts_come_later_change_and_go(name: str, world: World, client: requests.Session) -> None:
    forum = world.forums[name]
    thread = forum.threads[THREAD_ID]
    thread.count = 41
    thread.edits[2] = Edit("Better words than the first ones.", picture=True)
    thread.removed.add(3)

    text = "".join(pages(forum, client))

    assert "Better words than the first ones." in text
    assert "/inline/77/26.jpg" in text
    assert "MK-0003" not in text
    assert "MK-0041" in text
    assert "MK-0042" not in text
    assert len(forum.expected(THREAD_ID)) < 40


def test_too_many_requests_are_told_so_from_the_third_on(world: World, client: requests.Session) -> None:
    forum = world.forums["phpbb3"]
    world.web.faults.add(forum.busy(THREAD_ID, from_request=3, retry_after=7))

    statuses = [client.get(forum.thread_url(THREAD_ID, page)).status_code for page in (1, 2, 3)]

    assert statuses == [200, 200, 429]
    assert [entry.status for entry in world.web.log.search(forum.pattern(THREAD_ID))] == statuses


def test_ten_thousand_posts_take_no_memory() -> None:
    thread = Thread(5, count=10_000, rich=False)
    tracemalloc.start()
    try:
        last = thread.page(500, 20)
        _current, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [post.number for post in last] == list(range(9_981, 10_001))
    assert peak_bytes < 100_000
    assert sum(1 for post in thread.posts() if post.attached) == 101


@pytest.mark.engines
@pytest.mark.parametrize("name", ["xenforo2", "xenforo2-plain"])
def test_gallery_dl_finds_49_of_49_on_xenforo(name: str, world: World, gallery_dl: Engine) -> None:
    forum = world.forums[name]
    url = f"xenforo:{forum.thread_url(THREAD_ID)}"

    listed = gallery_dl("-j", url)
    stored = gallery_dl(url)

    found = {entry[1] for entry in json.loads(listed.output) if entry[0] in {3, 6}}
    assert len(found) == 49
    ids = {re.sub(r".*/embed/([\w-]+).*", r"https://www.youtube.com/watch?v=\1", link) for link in found}
    assert set(forum.threads[THREAD_ID].links()) <= ids
    shared = [
        world.forums.files.expected(link) for link in forum.threads[THREAD_ID].links() if "pixeldrain" in link
    ]
    assert len(shared) == 2
    assert stored.digests() == digests([*forum.expected(THREAD_ID), *shared]), stored.output
