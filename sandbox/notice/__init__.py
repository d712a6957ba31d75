"""Work notifications (A/0769 to A/0773), sent as the app into a chat of their own, not the robot's."""

from sandbox.notice.send import OPERATIONS as SEND
from sandbox.notice.status import OPERATIONS as STATUS

OPERATIONS = (*SEND, *STATUS)

__all__ = ["OPERATIONS"]
