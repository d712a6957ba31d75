"""Every operation, one tuple."""

from sandbox import attendance, calendar, card, contacts, gateway, hrm, im, notice, oauth, robot, todo, workflow
from sandbox.operation import Operation

ALL: tuple[Operation, ...] = (
    *oauth.OPERATIONS,
    *gateway.OPERATIONS,
    *robot.OPERATIONS,
    *card.OPERATIONS,
    *contacts.OPERATIONS,
    *im.OPERATIONS,
    *hrm.OPERATIONS,
    *attendance.OPERATIONS,
    *workflow.OPERATIONS,
    *notice.OPERATIONS,
    *todo.OPERATIONS,
    *calendar.OPERATIONS,
)
