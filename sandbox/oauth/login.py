"""The login page (A/0019): who a person is, whether the app may know it, and back to where the app said."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.world import User, World

PATH = "/oauth2/auth"
_ASKED = ("redirect_uri", "response_type", "client_id", "scope", "state", "prompt", "org_type", "corpId")
_TEMPLATES = Environment(loader=PackageLoader("sandbox.oauth"), autoescape=True, undefined=StrictUndefined)


class Login:
    """The page over one world. It keeps nothing: what was asked travels in the form."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def ask(self, request: web.Request) -> web.Response:
        """Show who may log in; what the app asked wrongly is said here, and leads nowhere."""
        asked = _asked(request.query)
        wrong = self._wrong(asked)
        return self._page(asked, wrong=wrong, people=[] if wrong else self._people(asked), status=400 if wrong else 200)

    async def answer(self, request: web.Request) -> web.Response:
        """Take the person and the consent, and lead back with a code, or with a refusal."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="only from the login page")
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = _asked(form)
        person = next((one for one in self._people(asked) if one.userid == form.get("user")), None)
        wrong = self._wrong(asked) or ("" if person else "没有这个人，或这个人没有可选的组织")
        if wrong or person is None:
            return self._page(asked, wrong=wrong, status=400)
        decision = form.get("decision", "" if asked["prompt"] == "consent" else "agree")
        if decision == "agree":
            code = self._world.login_codes.issue(person.userid, "browser", corp=_wants_corp(asked))
            return _back(asked, {"code": code, "authCode": code})
        return _back(asked, {"error": "access_denied"}) if decision == "refuse" else self._page(asked, person=person)

    def _wrong(self, asked: Mapping[str, str]) -> str:
        """Tell what is wrong with what the app asked; the page's words are assumed."""
        app, scope = self._world.app, _scope(asked)
        checks = (
            (asked["client_id"] == app.client_id, "client_id 无效"),
            (asked["redirect_uri"] in app.redirect_uris, "redirect_uri 与开发者后台登记的重定向URL不一致"),
            (asked["response_type"] == "code", "response_type 固定为 code"),
            (scope in (["openid"], ["openid", "corpid"]), "scope 只支持 openid 或 openid corpid"),
            (asked["prompt"] != "", "缺少 prompt"),
            (not _wants_corp(asked) or asked["corpId"] in {"", app.corp_id}, "corpId 不是当前用户所在的组织"),
        )
        return next((words for good, words in checks if not good), "")

    def _people(self, asked: Mapping[str, str]) -> list[User]:
        """Give who may log in: members only, and with `org_type=management` those who manage the company."""
        managing = _wants_corp(asked) and asked["org_type"] == "management"
        return [one for one in self._world.directory.users.values() if one.active and (one.admin or not managing)]

    def _page(
        self, asked: Mapping[str, str], *, wrong: str = "", people: list[User] | None = None,
        person: User | None = None, status: int = 200,
    ) -> web.Response:  # fmt: skip
        app = self._world.app
        known = "" if wrong else _origin(asked["redirect_uri"])
        text = _TEMPLATES.get_template("login.html.j2").render(
            app=app.robot_name, company=app.corp_name, path=PATH, asked=asked, wrong=wrong, people=people or [],
            person=person, corp=_wants_corp(asked), mobile="Contact.User.mobile" in app.scopes,
        )  # fmt: skip
        headers = {
            "Content-Security-Policy": f"default-src 'self'; base-uri 'none'; form-action 'self' {known}; "
            "frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def setup(app: web.Application, world: World) -> None:
    """Add the login page, which DingTalk has at login.dingtalk.com."""
    login = Login(world)
    app.router.add_get(PATH, login.ask)
    app.router.add_post(PATH, login.answer)


def _asked(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(given.get(name, "")) for name in _ASKED}


def _scope(asked: Mapping[str, str]) -> list[str]:
    """Give the scope's parts: the page separates them by a space, the script for embedding by a plus."""
    return asked["scope"].replace("+", " ").split()


def _wants_corp(asked: Mapping[str, str]) -> bool:
    return "corpid" in _scope(asked)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> web.Response:
    parts = urlsplit(asked["redirect_uri"])
    state = {"state": asked["state"]} if asked["state"] else {}
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *{**answer, **state}.items()])
    return web.Response(status=302, headers={"Location": urlunsplit(parts._replace(query=query))})
