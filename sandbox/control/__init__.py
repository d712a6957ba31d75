"""The control API under `/sandbox/`: what a tester does, as JSON over HTTP."""

from sandbox.control.routes import setup

__all__ = ["setup"]
