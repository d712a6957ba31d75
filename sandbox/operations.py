"""Every operation, one tuple."""

from sandbox import calendar, card, contacts, gateway, notice, oauth, robot, todo, workflow
from sandbox.operation import Operation

ALL: tuple[Operation, ...] = (
    *oauth.OPERATIONS,
    *gateway.OPERATIONS,
    *robot.OPERATIONS,
    *card.OPERATIONS,
    *contacts.OPERATIONS,
    *workflow.OPERATIONS,
    *notice.OPERATIONS,
    *todo.OPERATIONS,
    *calendar.OPERATIONS,
)
