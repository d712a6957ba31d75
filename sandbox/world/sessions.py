"""Session webhooks: a conversation that can be answered without a token for a while."""

from collections import OrderedDict
from datetime import datetime

from sandbox.world import bounds
from sandbox.world.ids import Ids

WEBHOOK_PATH = "/robot/sendBySession"


class Sessions:
    """Sessions by their secret."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._open: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def open(self, conversation_id: str, ends: datetime) -> str:
        """Open a session."""
        session = self._ids.secret()
        self._open[session] = (conversation_id, ends)
        if len(self._open) > bounds.SESSIONS:
            self._open.popitem(last=False)
        return session

    def find(self, session: str) -> tuple[str, datetime] | None:
        """Give the conversation and the end of a session, be it past."""
        return self._open.get(session)
