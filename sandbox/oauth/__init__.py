"""The app's access token in its three forms (A/0033, A/1444, A/0037)."""

from sandbox.oauth.routes import OPERATIONS

__all__ = ["OPERATIONS"]
