"""The outbox: what is to be sent lies here from the commit that causes it until DingTalk has it."""

from bot.outbox.lanes import Outbox
from bot.outbox.table import OutboxRow, ReplyPath

__all__ = ["Outbox", "OutboxRow", "ReplyPath"]
