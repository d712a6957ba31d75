"""`python -m sandbox`: one JSON line with the address on standard output, everything else on standard error."""

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from sandbox.company import demo, tiny
from sandbox.crowd import MOST, crowd
from sandbox.describe import DESCRIPTIONS
from sandbox.server import serving
from sandbox.state import dump, restore
from sandbox.world import App, Refused, World
from sandbox.world.cards import VARIABLES
from sandbox.world.clock import CHINA, START

log = logging.getLogger("sandbox")
LAST = "last"
"""The name under which a sandbox that ends keeps its world."""
COMPANIES = {"demo": demo, "tiny": tiny}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; give the exit code."""
    told = _parser().parse_args(arguments)
    if told.describe:
        sys.stdout.write(DESCRIPTIONS[told.describe]())
        return 0
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_serve(told))
    except Refused as refusal:
        sys.stderr.write(f"--state: {refusal}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"--listen: cannot listen on {told.listen[0]}:{told.listen[1]}: {error.strerror or error}\n")
        return 1
    return 0


async def _serve(told: argparse.Namespace) -> None:
    if told.state:
        _try(told.state)
    world = World(
        crowd(told.people) if told.people else COMPANIES[told.company](),
        app=App(client_id=told.client_id, client_secret=told.client_secret),
        start=told.start,
        seed=told.seed,
        folder=told.state,
    )
    if told.state and LAST in world.states.names():
        _go_on(world, told.state / "states" / f"{LAST}.json")
        log.info("went on from %s", told.state / "states" / f"{LAST}.json")
    for template_id, name in told.template:
        world.cards.register(template_id, name)
    world.stream.timing.lenient_events = told.lenient_events
    gc.freeze()  # the company stays: the collector need not look at a hundred thousand people again and again
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    host, port = told.listen
    async with serving(world, host=host, port=port) as running:
        sys.stdout.write(json.dumps({"url": running.url, "client_id": running.client_id, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        log.info("chat page %s/  control API %s/sandbox/  client id %s", running.url, running.url, running.client_id)
        if not told.no_page_open and sys.stdout.isatty():  # a person started it by hand
            await asyncio.to_thread(webbrowser.open, f"{running.url}/")
        await ended.wait()
        if told.state:
            world.states.put(LAST, dump(world))


def _go_on(world: World, kept: Path) -> None:
    try:
        restore(world, world.states.get(LAST))
    except Refused as refusal:
        raise Refused(f"{kept}: {refusal}; move it away to begin anew") from refusal


def _try(folder: Path) -> None:
    """Refuse a folder that can't be written to, before a day's work is kept for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refused(f"cannot write to {folder}: {error.strerror or error}") from error


def _parser() -> argparse.ArgumentParser:
    app = App()
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A DingTalk for a laptop.")
    parser.add_argument(
        "--listen", type=_listen, default=("127.0.0.1", 8700), metavar="HOST:PORT", help="0: a free port"
    )
    parser.add_argument("--client-id", default=app.client_id)
    parser.add_argument("--client-secret", default=app.client_secret)
    parser.add_argument("--start", type=_instant, default=START, metavar="ISO", help="what the clock says at first")
    parser.add_argument("--company", choices=sorted(COMPANIES), default="demo")
    parser.add_argument(
        "--people", type=_people, metavar="N", help=f"a company of N people instead, up to {MOST}; the demo's is in it"
    )
    parser.add_argument(
        "--template", type=_template, action="append", default=[], metavar="ID=NAME",
        help=f"one more published card template that looks like {', '.join(VARIABLES)}",
    )  # fmt: skip
    parser.add_argument(
        "--state", type=Path, metavar="DIR",
        help="keep the world here when it ends and go on from it; saved states and scenarios as well",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, help="always the same ids; for comparing runs")
    parser.add_argument("--lenient-events", action="store_true", help="take an EVENT's ack without status for SUCCESS")
    parser.add_argument("--no-page-open", action="store_true", help="don't open the chat page in a browser")
    parser.add_argument(
        "--describe", choices=DESCRIPTIONS, nargs="?", const="operations", help="print that as Markdown and end"
    )
    return parser


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: must be HOST:PORT, such as 127.0.0.1:8700")
    return host, int(port)


def _people(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text}: must be a number from 1 to {MOST}")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: must be an instant, such as {START.isoformat()}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=CHINA)


def _template(text: str) -> tuple[str, str]:
    template_id, _, name = text.rpartition("=")
    if not template_id or name not in VARIABLES:
        raise argparse.ArgumentTypeError(f"{text}: must be ID=NAME, NAME one of {', '.join(VARIABLES)}")
    return template_id, name


if __name__ == "__main__":
    raise SystemExit(main())
