"""What can happen to a connection on request."""

from typing import Literal, get_args

from sandbox.world.errors import Refused
from sandbox.world.stream import Connection, Stream

Action = Literal["drop", "disconnect", "stall", "half_open", "resume", "ping"]


async def act(stream: Stream, connection: Connection, action: str, reason: str = "connection is expired") -> None:
    """Drop the socket; announce the end and close after 10 s; send nothing more; answer no WebSocket pings either; undo
    both; or ping.
    """
    match action:
        case "drop":
            await connection.close(True)
        case "disconnect":
            await stream.disconnect(connection, reason)
        case "ping":
            await stream.ping(connection)
        case "stall" | "half_open" | "resume":
            connection.stalled = action != "resume"
            connection.half_open = action == "half_open"
        case _:
            raise Refused(f"action must be one of {', '.join(get_args(Action))}")
