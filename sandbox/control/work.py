"""Control calls about what administrators and people do in 智能人事 and 考勤."""

from collections.abc import Mapping
from typing import Any

from sandbox.control.ask import Ask, Control


async def _hrm(ask: Ask) -> Mapping[str, Any]:
    """Tell whether the company uses 智能人事, and who is confirmed, leaving or about to join."""
    hrm = ask.world.hrm
    return {
        "enabled": hrm.enabled,
        "upgraded": hrm.upgraded,
        "confirmations": {one.userid: one.confirm_on for one in hrm.employees.values() if one.confirm_on},
        "dismissals": list(hrm.dismissals.values()),
        "newcomers": list(hrm.newcomers.values()),
    }


async def _set_hrm(ask: Ask) -> Mapping[str, Any]:
    """Let the company use 智能人事 or not, with 职位管理 (`upgraded`) or without."""
    hrm = ask.world.hrm
    hrm.enabled = ask.flag("enabled", hrm.enabled)
    hrm.upgraded = ask.flag("upgraded", hrm.upgraded)
    return await _hrm(ask)


CONTROLS = (
    Control("GET", "/sandbox/hrm", "", _hrm),
    Control("POST", "/sandbox/hrm", "`enabled`, `upgraded`", _set_hrm),
)
