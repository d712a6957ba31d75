"""To-dos (A/0793 to A/0798). Everybody is named by unionid. Personal ones need a user's token and are left out."""

from sandbox.todo.routes import OPERATIONS

__all__ = ["OPERATIONS"]
