"""`/s/…`: a paper behind a link that works once. Whoever holds the link is taken for whom it was given to."""

import structlog
from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.commits import GroupCommit
from bot.workplace import Workplace
from cards.paper import STYLE, page
from cards.view import Paper
from handlers.links import Links
from handlers.router import Router
from hr_core.audit.store import AuditLog
from hr_core.database import Database, DatabaseAway
from hr_core.errors import HRError
from hr_core.permission.checker import NotAllowed

log = structlog.get_logger()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class Papers:
    """The pages."""

    def __init__(self, database: Database, commits: GroupCommit, workplace: Workplace, router: Router) -> None:
        self._database = database
        self._commits = commits
        self._workplace = workplace
        self._router = router

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/s/style.css", self._style)
        app.router.add_get("/s/{secret}", self._ask)
        app.router.add_post("/s/{secret}", self._show)

    async def _style(self, _request: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    async def _ask(self, request: web.Request) -> web.Response:
        """Show a button. A preview looks this far, and uses nothing up."""
        try:
            async with self._database.read() as session:
                waits = await Links(session, self._workplace.clock).waits(request.match_info["secret"])
        except DatabaseAway:
            return self._gone(503)
        if not waits:
            return self._gone()
        say = self._workplace.words.say
        return _page(page(say("paper.link_title"), text=say("paper.link_ask"), button=say("paper.link_button")))

    async def _show(self, request: web.Request) -> web.Response:
        """Use the link up and show the paper; the read is on record with it."""
        secret = request.match_info["secret"]
        try:
            paper = await self._commits.run(lambda session: self._opened(session, secret))
        except DatabaseAway:
            return self._gone(503)
        return self._gone() if paper is None else _page(page(paper.title, paper=paper))

    async def _opened(self, session: AsyncSession, secret: str) -> Paper | None:
        link = await Links(session, self._workplace.clock).use(secret)
        if link is None:
            return None
        services = await self._workplace.services(session, f"link:{link.id}", conversation="link")
        try:
            return await self._router.write(link.view, link.recipient, link.subject, services)
        except NotAllowed as refusal:
            services[AuditLog].record(refusal.act)  # type: ignore[attr-defined]
        except HRError as error:
            log.info("papers.not_written", code=error.code)
        return None

    def _gone(self, status: int = 410) -> web.Response:
        say = self._workplace.words.say
        return _page(page(say("paper.link_title"), text=say("paper.link_gone")), status)


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status, headers=HEADERS)
