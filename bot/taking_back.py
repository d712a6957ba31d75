"""Messages that are taken back after a while (A/0723): a locked file, and the password that opened it."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.commits import GroupCommit
from bot.openapi import DingTalkError, Robot
from bot.tasks import Chunk, Task, TaskQueue

log = structlog.get_logger()

TAKE_BACK = "messages.take_back"


class TakingBack:
    """Asks for it in time, and does it. DingTalk takes messages back for 24 hours; then they stay."""

    def __init__(self, commits: GroupCommit, queue: TaskQueue, robot: Robot) -> None:
        self._commits = commits
        self._queue = queue
        self._robot = robot

    def task(self) -> Task:
        """Give the table's line."""
        return Task(TAKE_BACK, self.chunk)

    async def later(self, keys: Sequence[str], after: timedelta) -> None:
        """Have private messages taken back, by DingTalk's keys of them."""
        due = self._queue.clock.now() + after
        await self._commits.run(lambda session: self._queue.enqueue(session, TAKE_BACK, {"keys": list(keys)}, due=due))

    async def chunk(self, chunk: Chunk) -> None:
        """Take them back."""
        try:
            await self._robot.take_back(chunk.args["keys"])
        except DingTalkError as error:
            if error.transient or not error.not_executed:
                raise
            log.warning("messages.not_taken_back", reason=f"{error.kind}: {error.api} {error.code}"[:200])
        async with chunk.transaction():
            return
