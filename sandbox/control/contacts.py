"""Control calls about who may join the company, and who logs in."""

from collections.abc import Mapping
from typing import Any

from sandbox.control.ask import Ask, Control
from sandbox.world import User
from sandbox.world.membership import Membership


async def _login_code(ask: Ask) -> Mapping[str, Any]:
    """Give what dd.requestAuthCode would, inside DingTalk: a code for topapi/v2/user/getuserinfo."""
    user = ask.world.company.user(ask.text("user"))
    return {"code": ask.world.login_codes.issue(user.userid, "in_app")}


async def _membership(ask: Ask) -> Membership:
    """Tell who must agree first, who was invited, who left, and the rules for contacts."""
    return ask.world.membership


async def _set_membership(ask: Ask) -> Membership:
    """Set the rules for contacts: mobiles that must agree first, people a week, custom fields."""
    rules = ask.world.membership
    if ask.has("protected"):
        rules.protected = set(ask.texts("protected"))
    if ask.has("extension_fields"):
        rules.extension_fields = set(ask.texts("extension_fields"))
    if ask.has("most_a_week"):
        rules.most_a_week = int(ask.number("most_a_week")) if ask.given["most_a_week"] is not None else None
    return rules


async def _answer_invitation(ask: Ask) -> User | None:
    """Let somebody who was invited agree, or with `accept` false not."""
    return await ask.world.company.answer_invitation(ask.text("mobile"), accept=ask.flag("accept", True))


CONTROLS = (
    Control("POST", "/sandbox/login_codes", "`user`", _login_code),
    Control("GET", "/sandbox/membership", "", _membership),
    Control(
        "POST",
        "/sandbox/membership",
        "`protected`, `most_a_week`, `extension_fields`",
        _set_membership,
    ),
    Control("POST", "/sandbox/invitations", "`mobile`, `accept`", _answer_invitation),
)
