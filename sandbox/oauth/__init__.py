"""Tokens and logins: the app's token in its three forms, people's tokens and codes, the login page."""

from sandbox.oauth.login import setup
from sandbox.oauth.people import OPERATIONS as PEOPLE
from sandbox.oauth.routes import OPERATIONS as TOKENS

OPERATIONS = (*TOKENS, *PEOPLE)

__all__ = ["OPERATIONS", "setup"]
