"""The offices of the conversations."""

from tests.conversations.conftest import office, text_office

__all__ = ["office", "text_office"]
