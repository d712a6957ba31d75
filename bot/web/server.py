"""A small server: `/healthz` lives, `/readyz` is of use, `/metrics` counts; `/s/…` shows papers (`papers.py`)."""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.web.papers import Papers

Readiness = Callable[[], Mapping[str, bool]]
Measure = Callable[[], Awaitable[None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


@web.middleware
async def _without_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a failure of ours with its number alone: in debug mode the server would show where and what."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("web.failed")
        return web.Response(status=500)


class Web:
    """Serves on one address; ready when every named part is. `measure` brings what is counted up to date."""

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        readiness: Readiness,
        measure: Measure,
        papers: Papers,
    ) -> None:
        self._host = host
        self._port = port
        self._registry = registry
        self._readiness = readiness
        self._measure = measure
        self._papers = papers
        self._runner: web.AppRunner | None = None
        self.port = port

    async def start(self) -> None:
        """Listen."""
        app = web.Application(middlewares=[_without_words])
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._papers.mount(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        parts = self._readiness()
        ready = all(parts.values())
        return web.json_response({"ready": ready, **parts}, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        await self._measure()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
