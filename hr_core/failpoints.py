"""Named places where the process can be made to die, so that the harness can ask of each: what if it ends here?

Nothing happens unless `DINGHR_FAIL_POINT` names a place: `NAME`, `NAME:kill`, `NAME:stop` or `NAME:raise`, each with an
optional count, as in `outbox.sent:kill:3` for the third time it is reached.
"""

import os
import signal
from dataclasses import dataclass
from typing import Literal

POINTS: dict[str, str] = {
    "transaction.before_commit": "everything is written, nothing is durable",
    "transaction.after_commit": "everything is durable, nobody has been told",
    "inbox.received": "a frame is here, not stored",
    "inbox.stored": "a frame is stored, not acknowledged",
    "inbox.claimed": "a frame is marked done in a transaction that hasn't done it yet",
    "inbox.worked": "a frame is done and durable, its ack or answer not on the way",
    "inbox.taken_over": "rows of a dead process are ours, nothing is done about them",
    "outbox.rendered": "what is to be sent is rendered, nothing has left",
    "outbox.card_kept": "a card is on record, not sent",
    "outbox.sending": "words are marked as being sent, the call isn't made",
    "outbox.sent": "DingTalk has it, we haven't noted it",
    "outbox.noted": "it is noted as sent, the next in the lane isn't begun",
    "task.begun": "a task is leased, nothing is done",
    "task.chunk_done": "a chunk of a task is durable, the next isn't begun",
    "task.before_done": "the last chunk is durable and with it the task done, its lease isn't given back",
    "hire.step_begun": "a step of a hire is next, nobody has been asked",
    "hire.step_acted": "DingTalk has done a step of a hire, we haven't noted it",
    "hire.step_noted": "a step of a hire is durable, the next isn't begun",
    "schedule.due": "a job is found due, its task isn't queued",
    "audit.sealing": "audit rows are sealed in a transaction that isn't committed",
    "audit.sealed": "a batch of audit rows is sealed and durable, the next isn't begun",
    "audit.head_kept": "a head is durable, neither the file nor the group has it",
    "vault.chunk_resealed": "a chunk of values is sealed anew and durable, the next isn't begun",
    "stream.frame": "a frame is read from the socket, nobody has it",
    "stream.before_ack": "a frame is worked, its ack isn't sent",
    "stream.after_ack": "an ack is sent",
    "stream.reconnecting": "the socket is gone, the next isn't there",
}
"""Every place, and how things stand there."""


class FailPointReached(Exception):
    """Raised where `raise` was asked for."""


@dataclass(slots=True)
class _Armed:
    name: str
    action: Literal["kill", "stop", "raise"] = "kill"
    count: int = 1


def _read(text: str) -> _Armed | None:
    if not text:
        return None
    name, *rest = text.split(":")
    armed = _Armed(name)
    for part in rest:
        if part.isdigit():
            armed.count = int(part)
        elif part in {"kill", "stop", "raise"}:
            armed.action = part  # type: ignore[assignment]
        else:
            raise ValueError(f"DINGHR_FAIL_POINT: {part!r} is neither a count nor kill, stop or raise")
    if name not in POINTS:
        raise ValueError(f"DINGHR_FAIL_POINT: there is no fail point {name!r}; see hr_core/failpoints.py")
    return armed


_armed = _read(os.environ.get("DINGHR_FAIL_POINT", ""))


def reach(name: str) -> None:
    """Die here if that was asked for."""
    if _armed is None or _armed.name != name:
        return
    _armed.count -= 1
    if _armed.count:
        return
    if _armed.action == "raise":
        raise FailPointReached(name)
    os.kill(os.getpid(), signal.SIGKILL if _armed.action == "kill" else signal.SIGSTOP)
