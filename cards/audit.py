"""What people see of the audit log: rows in words, newest first, a page at a time."""

from typing import Any

from cards.catalogue import Words
from cards.view import TextView
from hr_core.audit.reading import Page
from hr_core.audit.store import OPERATOR, SYSTEM, AuditRow
from hr_core.clock import COMPANY_ZONE
from hr_core.people.model import Directory


def page(words: Words, directory: Directory, found: Page, heading: str, *, private: bool) -> TextView:
    """Give a page; `heading` is what was said, with the next page behind it. Only auditors see whys and wheres."""
    rows = [_row(words, directory, row, private=private) for row in found.rows]
    following = f"{heading} 早于 {found.older}" if found.older else None
    title = words.say("audit.page.own_title" if private else "audit.page.title")
    text = words.say("audit.page.text", heading=heading, rows=rows, next=following)
    return TextView(title, text)


def _row(words: Words, directory: Directory, row: AuditRow, *, private: bool) -> dict[str, Any]:
    return {
        "at": row.at.astimezone(COMPANY_ZONE).strftime("%Y-%m-%d %H:%M"),
        "who": _name(words, directory, row.actor),
        "behalf": _name(words, directory, row.behalf),
        "what": _what(words, row.action),
        "whom": None if private else _name(words, directory, row.on),
        "record": row.record,
        "refused": row.outcome == "refused",
        "why": None if private else row.why,
        "where": None if private else row.conversation,
    }


def _what(words: Words, action: str) -> str:
    code = f"access.action.{action.replace('.', '_')}"
    return words.say(code) if code in words else action


def _name(words: Words, directory: Directory, key: str | None) -> str | None:
    """Give somebody's name and userid: names repeat, and whoever has left has none here."""
    if key in {OPERATOR, SYSTEM}:
        return words.say(f"audit.page.{key}")
    if key is None or not directory.knows(key):
        return key
    return f"{directory.with_key(key).name}（{key}）"
