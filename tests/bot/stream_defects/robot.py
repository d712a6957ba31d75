"""A robot in a process of its own, on the stock SDK's client or on ours: does as told, line by line, and tells all.

`python -m tests.bot.stream_defects.robot stock|ours OPTIONS`, with the endpoint in `DINGTALK_OPENAPI_ENDPOINT`: the SDK
reads it when it is imported. The stock client freezes its loop and swallows cancellation, so it can't share a process
with the test.
"""

import asyncio
import gc
import importlib
import json
import logging
import selectors
import sys
import weakref
from typing import Any

_subject = importlib.import_module(f"tests.bot.stream_defects.{sys.argv[1]}")
_options: dict[str, Any] = json.loads(sys.argv[2])

from dingtalk_stream import AckMessage, CallbackHandler, CallbackMessage, EventHandler, EventMessage  # noqa: E402


def tell(**news: Any) -> None:
    """Write a line for the test."""
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


class Log(logging.Handler):
    """Tells each record, and whether its text could be made."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text, readable = record.getMessage(), True
        except TypeError:
            text, readable = str(record.msg), False
        tell(log=record.levelname, text=text, readable=readable)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock runs `speed` times as fast, so that the subjects' own waits needn't be waited out."""

    def __init__(self, speed: float) -> None:
        selector = selectors.DefaultSelector()
        self.speed = speed
        select = selector.select
        selector.select = lambda timeout=None: select(timeout / speed if timeout else timeout)  # type: ignore[method-assign]
        super().__init__(selector)

    def time(self) -> float:
        return super().time() * self.speed


class Work(CallbackHandler):  # type: ignore[misc]
    """Does what a message says: fails, waits for `gate`, or waits for something that nobody else holds."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.at_work = self.most = 0
        self.held: weakref.ref[asyncio.Future[None]] | None = None

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        tell(at_work=self.at_work)
        try:
            match message.data.get("do"):
                case "fail":
                    raise RuntimeError("the work failed")
                case "wait":
                    await self.gate.wait()
                case "wait unheld":
                    promise = asyncio.get_running_loop().create_future()
                    self.held = weakref.ref(promise)
                    await promise
        finally:
            self.at_work -= 1
        return AckMessage.STATUS_OK, "done"

    def keep_promise(self) -> bool:
        """Let the work that waits for something unheld go on; False if it is gone."""
        promise = self.held() if self.held else None
        if promise is not None:
            promise.set_result(None)
        return promise is not None


class Events(EventHandler):  # type: ignore[misc]
    """Answers with the code that the event's data asks for."""

    async def process(self, event: EventMessage) -> tuple[int, str]:
        return event.data.get("code", AckMessage.STATUS_OK), "noted"


class Robot:
    """The client, its handlers and the calls, behind names that the test can ask for."""

    def __init__(self) -> None:
        self.client = _subject.client(_options)
        self.calls = _subject.Calls(self.client)
        self.work = Work()
        self.running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.client.register_callback_handler("/v1.0/im/bot/messages/get", self.work)
        self.client.register_callback_handler("/pool", _subject.pool_handler(tell))
        self.client.register_all_event_handler(Events())
        self.running = asyncio.create_task(self.client.start())
        self.running.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        tell(ended="CancelledError" if task.cancelled() else type(error).__name__ if error else "by itself")

    async def do(self, what: str, **arguments: Any) -> Any:
        match what:
            case "alive":
                return True
            case "cancel":
                assert self.running is not None
                return self.running.cancel()
            case "open gate":
                return self.work.gate.set()
            case "collect garbage":
                return gc.collect()
            case "keep promise":
                return self.work.keep_promise()
            case "most at work":
                return self.work.most
            case "tasks":
                return sorted(getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
            case "stop":
                return await self._result(self.client, "stop")
        return await self._result(self.calls, what, **arguments)

    async def _result(self, of: object, what: str, **arguments: Any) -> dict[str, Any]:
        try:
            return {"result": await getattr(of, what)(**arguments)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the test has to hear of it
            return {"raised": type(error).__name__}


async def main() -> None:
    """Start, then do as told until told no more."""
    if _options.get("no_network"):
        sys.addaudithook(_subject_has_no_network)
    robot = Robot()
    if _options.get("listen", True):
        robot.start()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    async for line in reader:
        ask = json.loads(line)

        async def answer(ask: dict[str, Any] = ask) -> None:
            tell(answer=await robot.do(**ask["do"]), to=ask["id"])

        tasks.add(asyncio.create_task(answer()))


def _subject_has_no_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail, as an interrupt would, whoever looks for the way out."""
    if event == "socket.connect" and arguments[1] == ("8.8.8.8", 80):
        tell(looked_for_the_way_out=True)
        raise KeyboardInterrupt


if __name__ == "__main__":
    logging.root.addHandler(Log())
    logging.root.setLevel(logging.INFO)
    with asyncio.Runner(loop_factory=lambda: Loop(_options.get("speed", 1.0))) as runner:
        runner.run(main())
