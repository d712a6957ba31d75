"""Comparing payslips and adding them up, to the fen."""

from collections.abc import Iterable
from decimal import Decimal

from hr_core.payslip.model import Change, Component, Line, Slip

_NOTHING = Decimal(0)


def difference(before: Slip, after: Slip) -> tuple[Change, ...]:
    """Give the components whose amounts differ, in the later payslip's order; `by` adds up to the change of net pay.

    A component that only one of them has counts as nothing on the other.
    """
    was, now = _by_code(before.lines), _by_code(after.lines)
    changes = []
    for code in dict.fromkeys([*now, *was]):
        component = (now.get(code) or was[code])[0]
        old, new = was.get(code), now.get(code)
        one, two = (old[1] if old else _NOTHING), (new[1] if new else _NOTHING)
        by = (new[2] if new else _NOTHING) - (old[2] if old else _NOTHING)
        if one != two or by:
            changes.append(Change(component, one, two, by))
    return tuple(changes)


def added_up(slips: Iterable[Slip]) -> tuple[Line, ...]:
    """Give what each component comes to over several payslips, in the order they first appear."""
    sums: dict[str, Line] = {}
    for slip in slips:
        for line in slip.lines:
            known = sums.get(line.component.code)
            amount = line.amount + (known.amount if known else _NOTHING)
            sums[line.component.code] = Line(line.component, amount)
    return tuple(sums.values())


def _by_code(lines: Iterable[Line]) -> dict[str, tuple[Component, Decimal, Decimal]]:
    """Give each component's amount and what it does to net pay; a component may stand on several lines."""
    found: dict[str, tuple[Component, Decimal, Decimal]] = {}
    for line in lines:
        _, amount, to_net = found.get(line.component.code, (line.component, _NOTHING, _NOTHING))
        found[line.component.code] = (line.component, amount + line.amount, to_net + line.to_net)
    return found
