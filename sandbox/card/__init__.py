"""Interactive cards: create, deliver, update, stream, at the top of a group (A/0780 ff)."""

from sandbox.card.more import OPERATIONS as MORE
from sandbox.card.routes import OPERATIONS as INSTANCES

OPERATIONS = (*INSTANCES, *MORE)

NOT_DONE = (
    "the looks of AI cards while they are written",
    "IM_SINGLE on a phone",
    "callbacks in HTTP mode (registered, and not called)",
    "dynamic values of the types STRING and ARRAY",
)

__all__ = ["OPERATIONS"]
