"""The chat page: a phone for every person of the company, in the browser, and the wire behind it."""

from sandbox.page.routes import setup

__all__ = ["setup"]
