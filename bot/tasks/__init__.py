"""Work that outlives the message or the minute that asked for it: named tasks, queued, leased, chunked, resumed.

`enqueue` puts a task into the transaction that needs it. A runner of this process takes what is due: on SQLite from
the table itself, on PostgreSQL through procrastinate. Either way a task's function is called chunk after chunk, and a
chunk's effects and the task's progress are one commit, so that after a crash it goes on behind the last durable chunk.
"""

from bot.tasks.chunk import Chunk, Lease, Task
from bot.tasks.queue import TaskQueue
from bot.tasks.run import Runner, runner_for
from bot.tasks.table import TaskRow
from bot.tasks.work import patiently

__all__ = ["Chunk", "Lease", "Runner", "Task", "TaskQueue", "TaskRow", "patiently", "runner_for"]
