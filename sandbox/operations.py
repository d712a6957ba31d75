"""Every operation, one tuple."""

from sandbox import attendance, card, contacts, gateway, hrm, oauth, robot
from sandbox.operation import Operation

ALL: tuple[Operation, ...] = (
    *oauth.OPERATIONS,
    *gateway.OPERATIONS,
    *robot.OPERATIONS,
    *card.OPERATIONS,
    *contacts.OPERATIONS,
    *hrm.OPERATIONS,
    *attendance.OPERATIONS,
)
