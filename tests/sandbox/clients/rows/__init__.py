"""The rows, a file per API family, as the sandbox's folders are."""

from collections.abc import Mapping

from tests.sandbox.clients.rows import attendance, calendar, card, contacts, hrm, im, oauth, robot, todo, workflow
from tests.sandbox.clients.typed import Row

_FAMILIES = (oauth, robot, card, contacts, im, hrm, attendance, workflow, todo, calendar)

ROWS: Mapping[str, Row] = {row.operation: row for family in _FAMILIES for row in family.ROWS}

UNKNOWN: Mapping[str, str] = {}
"""Operations of the new family that the client doesn't know, each with the reason."""
