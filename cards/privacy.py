"""What people see of their own data: the notice, their consents, the file with everything, corrections."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cards.catalogue import Words
from cards.markdown import plain
from cards.view import Button, FileView, NoticeView, TextView, ref
from hr_core.clock import COMPANY_ZONE
from hr_core.privacy.erasure import Erasure, Status, Step
from hr_core.privacy.export import Enclosed
from hr_core.privacy.service import Correction
from hr_core.privacy.store import Answer


def notice(words: Words, purposes: Sequence[tuple[str, str]]) -> TextView:
    """How personal data are used, in full."""
    return TextView(words.say("privacy.title"), words.say("privacy.full", purposes=list(purposes)))


def consents(words: Words, given: Sequence[tuple[str, str, Answer | None]]) -> TextView:
    """Each purpose that needs a consent, and what was said to it."""
    rows = [(name, what, answer.value if answer else "none") for name, what, answer in given]
    return TextView(words.say("privacy.title"), words.say("privacy.consents", rows=rows))


def copy(words: Words, data: Mapping[str, Any], today: str) -> FileView:
    """Everything that is held about a person, as a file: for machines (JSON) and for reading (markdown)."""
    name = words.say("privacy.file_name")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.json", json.dumps(data, ensure_ascii=False, indent=2, default=_shown))
        archive.writestr(f"{name}.md", _readable(name, data))
        for one in _enclosed(data):
            archive.writestr(one.name, one.content)
    text = TextView(words.say("privacy.title"), words.say("privacy.copy_private_only"))
    return FileView(f"{name}-{today}.zip", content.getvalue(), text)


def _enclosed(data: Mapping[str, Any]) -> list[Enclosed]:
    rows = (row for rows in data.values() if isinstance(rows, list) for row in rows)
    return [value for row in rows for value in row.values() if isinstance(value, Enclosed)]


def _readable(title: str, data: Mapping[str, Any]) -> str:
    lines = [f"# {title}", ""]
    for heading, rows in data.items():
        if not isinstance(rows, list):
            lines += [f"{heading}：{_shown(rows)}", ""]
            continue
        lines += [f"## {heading}", ""]
        lines += ["- " + "；".join(f"{key}：{_cell(value)}" for key, value in _told(row)) for row in rows]
        lines += ["（没有）"] if not rows else []
        lines.append("")
    return "\n".join(lines)


def _told(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in row.items() if value is not None]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_cell(one) for one in value)
    return plain(str(_shown(value)))


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(COMPANY_ZONE).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.name if isinstance(value, Enclosed) else value


def correction(words: Words, shown: Correction) -> NoticeView:
    """A correction for HR to decide; once decided, a record."""
    fields = [(words.say("privacy.correction.who"), shown.name), (words.say("privacy.correction.what"), shown.text)]
    if shown.answer:
        fields.append((words.say("privacy.correction.answer"), shown.answer))
    buttons = (
        Button("done", words.say("privacy.correction.done"), words.say("privacy.correction.typed_done", id=shown.id)),
        Button(
            "decline",
            words.say("privacy.correction.decline"),
            words.say("privacy.correction.typed_decline", id=shown.id),
            "gray",
        ),
    )
    pending = shown.status == "pending"
    return NoticeView(
        words.say("privacy.correction.title", id=shown.id),
        ref("correction", shown.id),
        fields=tuple(fields),
        buttons=buttons if pending else (),
        ask_comment=pending,
        status=words.say(f"privacy.correction.status.{shown.status}"),
    )


def corrected(words: Words, shown: Correction) -> TextView:
    """What became of one's correction."""
    said = words.say(f"privacy.corrected.{shown.status}", id=shown.id, answer=shown.answer)
    return TextView(words.say("privacy.title"), said)


def erasure(words: Words, shown: Erasure) -> NoticeView:
    """One person's erasure for HR: first what it means, then the question, then the second one."""
    decline = Button(Step.DECLINE.value, words.say("privacy.erasure.decline"), f"拒绝 清除 {shown.id}", "gray")
    asked = {
        Status.PENDING: Button(Step.ERASE.value, words.say("privacy.erasure.erase"), f"同意 清除 {shown.id}", "red"),
        Status.SURE: Button(Step.SURE.value, words.say("privacy.erasure.sure"), f"确定 清除 {shown.id}", "red"),
    }.get(shown.status)
    fates = [
        {"what": fate.what, "goes": fate.goes, "kept": fate.kept, "source": fate.source.removeprefix("policy: "),
         "until": fate.until.isoformat() if fate.until else None}
        for fate in shown.fates
    ]  # fmt: skip
    body = words.say("privacy.erasure.body", fates=fates, again=shown.status is Status.SURE)
    return NoticeView(
        words.say("privacy.erasure.title", id=shown.id),
        ref("erasure", shown.id),
        body=body,
        fields=(
            (words.say("privacy.erasure.who"), f"{shown.name}（{shown.key}）"),
            (words.say("privacy.erasure.login"), shown.login),
        ),
        buttons=(asked, decline) if asked else (),
        status=words.say(f"privacy.erasure.status.{shown.status.value}"),
    )


def erased(words: Words, shown: Erasure) -> TextView:
    """Say that it is done."""
    return TextView(words.say("privacy.title"), words.say("privacy.erasure.told", id=shown.id))
