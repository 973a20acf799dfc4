"""The FastDL family: a page whose own script signs what it asks, and the API behind it, which refuses everyone else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from fakeweb.messages import Request, Response
from fakeweb.sites import instagram_shapes as shapes
from fakeweb.sites.instagram_posts import Medium, Post, Profile, avatar_url, image_url, video_url
from fakeweb.sites.viewer import Viewer, media_url, page_of

SITES = (
    "fastdl.app", "sssinstagram.com", "igram.world", "anonyig.com", "storiesig.info", "gramsnap.com", "picuki.site",
)  # fmt: skip
_KEY = "simulated"
_MODULUS = 1_000_000_007
_PAGE = """<!doctype html><html><head><title>Viewer</title></head><body>
<form id="f"><input id="search-form-input" name="q"><button class="search-form__button" type="submit">Go</button></form>
<div class="tabs"><button>posts</button><button>stories</button><button>reels</button><button>highlights</button></div>
<label id="person" hidden><input type="checkbox" id="tick">I am a person</label>
<ul class="output-list"></ul><div style="height:3000px"></div>
<script>
const api = location.protocol + '//api-wh.' + location.host;
let user = null, next = '', busy = false, token = '';
function hash(text) { let h = 7; for (const c of text) h = (h * 31 + c.codePointAt(0)) % 1000000007; return h; }
async function call(path, body) {
  const ts = Date.now();
  const signed = {...body, ts, _ts: 1, _tsc: 0, _sv: 2, _s: hash(path + ts + 'KEY'), token};
  const answer = await fetch(api + path, {method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify(signed)});
  if (answer.status === 422) {
    document.getElementById('person').hidden = false;
    if (PERSON_TICKS) setTimeout(() => document.getElementById('tick').click(), 400);
    await new Promise(done => document.getElementById('tick').addEventListener('change', done, {once: true}));
    token = 'ticked';
    return call(path, body);
  }
  return answer.ok ? answer.json() : {};
}
function show(count) {
  const list = document.querySelector('.output-list');
  for (let i = 0; i < count; i++) {
    const li = document.createElement('li'); li.className = 'output-list__item'; list.append(li);
  }
}
async function posts() {
  if (busy || next === 'None' || !user) return;
  busy = true;
  let got = await call('/api/v1/instagram/postsV2', {username: user.username, maxId: next});
  if (got.result && !got.result.edges.length)
    got = await call('/api/v1/instagram/posts', {username: user.username, maxId: next});
  next = got.result ? got.result.page_info.end_cursor || 'None' : 'None';
  show(got.result ? got.result.edges.length : 0);
  setTimeout(() => { busy = false; }, 50);
}
document.getElementById('f').addEventListener('submit', async event => {
  event.preventDefault();
  const text = document.getElementById('search-form-input').value;
  if (text.startsWith('http')) { await call('/api/convert', {target_url: text}); show(1); return; }
  const got = await call('/api/v1/instagram/userInfo', {username: text});
  if (!got.result || !got.result.length) return;
  user = got.result[0].user; next = '';
  if (!user.is_private) await posts();
});
addEventListener('scroll', posts);
for (const tab of document.querySelectorAll('.tabs button')) tab.addEventListener('click', async () => {
  if (!user) return;
  const kind = tab.textContent;
  if (kind === 'stories') await call('/api/v1/instagram/stories', {username: user.username});
  if (kind === 'highlights') {
    const got = await call('/api/v1/instagram/highlights', {userId: user.pk});
    for (const one of got.result || []) {
      const bubble = document.createElement('button'); bubble.textContent = one.title;
      bubble.addEventListener('click', () => call('/api/v1/instagram/highlightStories', {highlightId: one.id}));
      document.body.append(bubble);
    }
  }
});
</script></body></html>"""


class Hub(Viewer):
    """The sites; one API serves them all.

    Attributes:
        asks_person: The API wants a box ticked first.
        person_ticks: Somebody ticks it.
        outdated: The API refuses what the page signs.
        only_older: The newer call for posts gives none, the older one does.
    """

    hosts = tuple(name for site in SITES for name in (site, f"*.{site}"))

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asks_person = False
        self.person_ticks = True
        self.outdated = False
        self.only_older = False
        self.refused: list[str] = []
        """Calls that nobody's page signed."""

    def handle(self, request: Request) -> Response | None:
        """Answer by host."""
        if request.host.startswith("api-wh."):
            return self._with_cors(request, self._api(request))
        if request.host.startswith("media."):
            inner = parse_qs(urlsplit(request.target).query).get("uri", [""])[0]
            return self.instagram.media(urlsplit(inner).path)
        if (wall := self.wall()) is not None:
            return wall
        page = _PAGE.replace("'KEY'", f"'{_KEY}'").replace("PERSON_TICKS", str(self.person_ticks).lower())
        if self.drifted:
            page = page.replace("search-form-input", "x1").replace("search-form__button", "x2")
        return Response.page(page)

    def _with_cors(self, request: Request, response: Response) -> Response:
        response.headers += [
            ("Access-Control-Allow-Origin", request.headers.get("origin", "*")),
            ("Access-Control-Allow-Headers", "content-type"),
            ("Access-Control-Allow-Methods", "POST, OPTIONS"),
        ]
        return response

    def _api(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204)
        body = json.loads(request.body or b"{}")
        if self.outdated or body.get("_s") != _signature(request.path, body.get("ts")):
            if not self.outdated:
                self.refused.append(request.path)
            return Response.json({"code": "REQUEST_SIGNATURE_INVALID"}, status=401)
        if self.asks_person and body.get("token") != "ticked":
            return Response.json({"code": "CAPTCHA_REQUIRED", "challenge": {"type": "box"}}, status=422)
        if request.path == "/api/convert":
            return self._convert(str(body.get("target_url", "")))
        endpoint = request.path.rpartition("/")[2]
        if endpoint == "highlightStories":
            return self._highlight(str(body.get("highlightId", "")))
        name, pk = str(body.get("username", "")), str(body.get("userId", ""))
        profile = self.profile(name) or next(
            (one for one in self.instagram.profiles.values() if one.pk == pk), None
        )
        if profile is None:
            return Response.json({"success": True, "result": []})
        answers: dict[str, Callable[[], Any]] = {
            "userInfo": lambda: [{"user": _user(profile)}],
            "postsV2": lambda: self._posts(profile, str(body.get("maxId") or ""), older=False),
            "posts": lambda: self._posts(profile, str(body.get("maxId") or ""), older=True),
            "stories": lambda: [self._story(profile, story) for story in profile.stories],
            "highlights": lambda: [
                {"id": one.id, "title": one.title, "media_count": len(one.items)}
                for one in profile.highlights
            ],
        }
        result = answers[endpoint]()
        return Response.json({"data": result} if self.drifted else {"success": True, "result": result})

    def _posts(self, profile: Profile, cursor: str, *, older: bool) -> dict[str, Any]:
        if self.only_older and not older:
            return {"edges": [], "page_info": {"has_next_page": False, "end_cursor": None}}
        reels = [(profile, reel) for reel in reversed(profile.reels)]
        page, after = page_of(self.listed(profile) + reels, cursor)
        return {
            "edges": [
                {"node": self._app_node(owner, post) if older else _node(owner, post)} for owner, post in page
            ],
            "page_info": {"has_next_page": True, "end_cursor": after or "None"},
        }

    def _app_node(self, owner: Profile, post: Post) -> dict[str, Any]:
        user = {"username": owner.username}
        shape: dict[str, Any] = shapes.post(post, user | {"pk": owner.pk}, dash=False)
        return shape | {"caption": post.caption}

    def _highlight(self, wanted: str) -> Response:
        for profile in self.instagram.profiles.values():
            for one in profile.highlights:
                if one.id == wanted:
                    return Response.json({"result": [self._story(profile, item) for item in one.items]})
        return Response.json({"success": False, "response_type": "link not found"})

    def _story(self, owner: Profile, story: Post) -> dict[str, Any]:
        part = story.media[0]
        shape: dict[str, Any] = {
            "pk": part.pk,
            "taken_at": story.taken_at,
            "expiring_at": story.taken_at + 86_400,
            "media_type": 2 if part.is_video else 1,
            "image_versions2": {"candidates": [_wrapped(image_url(part))]},
            "user": {"username": owner.username},
        }
        if part.is_video:
            shape["video_versions"] = [_wrapped(video_url(part))]
        return shape

    def _convert(self, url: str) -> Response:
        parts = [piece for piece in urlsplit(url).path.split("/") if piece]
        found = self.find(parts[1]) if len(parts) > 1 else None
        if found is None or found[0].private:
            return Response.json({"success": False, "response_type": "link not found"})
        owner, post = found
        meta = {
            "title": post.caption or "",
            "shortcode": post.code,
            "username": owner.username,
            "taken_at": str(post.taken_at),
        }
        slides = [
            {
                "url": [
                    {"url": _proxy(media_url(part)), "name": "JPG", "ext": "mp4" if part.is_video else "jpg"}
                ],
                "meta": meta,
                "thumb": _proxy(image_url(part)),
            }
            for part in post.media
        ]
        return Response.json(slides if len(slides) > 1 else slides[0])


def _signature(path: str, ts: object) -> int:
    value = 7
    for char in f"{path}{ts}{_KEY}":
        value = (value * 31 + ord(char)) % _MODULUS
    return value


def _user(profile: Profile) -> dict[str, Any]:
    return {
        "pk": profile.pk,
        "username": profile.username,
        "full_name": profile.full_name,
        "biography": profile.bio,
        "is_private": profile.private,
        "media_count": len(profile.posts) + len(profile.reels),
        "hd_profile_pic_url_info": {"url": avatar_url(profile)},
    }


def _node(owner: Profile, post: Post) -> dict[str, Any]:
    shape = _part(post.media[0]) | {
        "__typename": "GraphSidecar" if post.is_carousel else "GraphImage",
        "id": post.pk,
        "shortcode": post.code,
        "owner": {"username": owner.username},
        "taken_at_timestamp": post.taken_at,
        "edge_media_to_caption": {"edges": [{"node": {"text": post.caption}}] if post.caption else []},
    }
    if post.is_carousel:
        shape["edge_sidecar_to_children"] = {
            "edges": [{"node": _part(part) | {"id": part.pk}} for part in post.media]
        }
    return shape


def _part(part: Medium) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "is_video": part.is_video,
        "display_url": image_url(part),
        "dimensions": {"width": part.size[0], "height": part.size[1]},
    }
    if part.is_video:
        shape["video_url"] = video_url(part)
    return shape


def _wrapped(url: str) -> dict[str, Any]:
    return {"url": url, "width": 1, "height": 1, "url_downloadable": _proxy(url)}


def _proxy(url: str) -> str:
    return f"https://media.fastdl.app/get?uri={quote(url, safe='')}&filename=x&__sig=s&__expires=9999999999"
