"""What the robot says: to people, to groups, to the webhook of a message, and what it uploads and downloads."""

from sandbox.robot.custom import OPERATIONS as CUSTOM
from sandbox.robot.ding import OPERATIONS as DING
from sandbox.robot.entrances import OPERATIONS as ENTRANCES
from sandbox.robot.files import OPERATIONS as FILES
from sandbox.robot.send import OPERATIONS as SEND
from sandbox.robot.status import OPERATIONS as STATUS
from sandbox.robot.webhook import OPERATIONS as WEBHOOK

OPERATIONS = (*SEND, *STATUS, *WEBHOOK, *CUSTOM, *FILES, *ENTRANCES, *DING)

NOT_DONE = ("HTTP mode",)

__all__ = ["OPERATIONS"]
