"""Calls of the old family, a file per folder of the sandbox's, each with what its page makes mandatory and bounds."""

from collections.abc import Mapping

from tests.sandbox.clients.bad_calls import Bad
from tests.sandbox.clients.good_calls import Good
from tests.sandbox.clients.old import attendance, contacts, office
from tests.sandbox.clients.old.call import Old

OLD: Mapping[str, Old] = {**contacts.CALLS, **attendance.CALLS, **office.CALLS}
OLD_GOOD: Mapping[str, Good] = {name: one.good for name, one in OLD.items()}
OLD_BAD: tuple[Bad, ...] = tuple(bad for name, one in OLD.items() for bad in one.bad(name))
