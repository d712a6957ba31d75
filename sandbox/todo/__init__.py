"""To-dos (A/0793 to A/0798). Everybody is named by unionid; personal ones are made with a person's token."""

from sandbox.todo import personal, routes

OPERATIONS = (*routes.OPERATIONS, *personal.OPERATIONS)

__all__ = ["OPERATIONS"]
