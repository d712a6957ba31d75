"""The stream gateway: asking for a connection, and the WebSocket itself (protocol page of the SDKs, 2025-05)."""

from sandbox.gateway.routes import OPERATIONS
from sandbox.gateway.socket import connect

__all__ = ["OPERATIONS", "connect"]
