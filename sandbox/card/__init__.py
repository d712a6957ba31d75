"""Interactive cards: create, deliver, update (A/0780 ff)."""

from sandbox.card.routes import OPERATIONS

NOT_DONE = (
    "streaming AI cards",
    "ONE_BOX and IM_SINGLE on a phone",
    "INTERVAL pulls (taken for ONCE)",
    "callbacks in HTTP mode",
)

__all__ = ["OPERATIONS"]
