"""Interactive cards: create, deliver, update, stream (A/0780 ff)."""

from sandbox.card.routes import OPERATIONS

__all__ = ["OPERATIONS"]
