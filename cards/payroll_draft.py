"""What an uploaded sheet looks like to who has sent it: counts, and what is wrong by row; no figure."""

from pathlib import PurePath

from cards.catalogue import Words
from cards.payroll import problem
from cards.view import Button, FileView, NoticeView, TextView, ref
from hr_core.payslip.drafts import KIND, READY, WRONG, Draft
from hr_core.payslip.sheet import Meaning

CONFIRM, CANCEL = "confirm", "cancel"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def checked(words: Words, draft: Draft) -> NoticeView:
    """The sheet as it was read, and whether to keep it."""
    rows = []
    if draft.month is not None:
        rows.append((words.say("payroll_draft.label.month"), words.say("payroll_draft.month_of", month=draft.month)))
    for name in ("people", "told", "errors", "warnings"):
        count = getattr(draft, name)
        if count and not (name == "told" and count == draft.people):
            rows.append((words.say(f"payroll_draft.label.{name}"), str(count)))
    ready = draft.status == READY
    return NoticeView(
        title=words.say("payroll_draft.title", number=draft.number),
        ref=ref(KIND, draft.number),
        body=_body(words, draft),
        fields=tuple(rows),
        buttons=tuple(_button(words, name, color, draft) for name, color in ((CONFIRM, "blue"), (CANCEL, "red")))
        if ready
        else (),
        status=words.say(f"payroll_draft.status.{draft.status}"),
    )


def _body(words: Words, draft: Draft) -> str:
    lines = [f"- {problem(words, one)}" for one in draft.said]
    if (count := draft.errors + draft.warnings) > len(draft.said):
        lines.append(words.say("payroll_draft.more", count=count))
    if draft.status == WRONG:
        unchanged = not (draft.refused or draft.errors)
        lines.insert(0, draft.refused or words.say(f"payroll_draft.{'unchanged' if unchanged else 'wrong'}"))
    elif draft.status == READY:
        lines.insert(0, draft.refused or words.say("payroll_draft.ready"))
    elif draft.batch:
        lines.append(words.say("payroll_draft.kept", batch=draft.batch))
    return "\n".join(lines)


def _button(words: Words, name: str, color: str, draft: Draft) -> Button:
    typed = words.say(f"payroll_draft.typed.{name}", number=draft.number)
    return Button(name, words.say(f"payroll_draft.button.{name}"), typed, color=color)


def column(words: Words, draft: Draft, index: int, subject: int) -> NoticeView:
    """Ask what a column is."""
    name = dict(draft.unclear).get(index)
    buttons = tuple(
        Button(
            one.value,
            words.say(f"payroll_draft.meaning.{one.value}"),
            words.say(
                "payroll_draft.typed.column", column=index + 1, what=words.say(f"payroll_draft.meaning.{one.value}")
            ),
        )
        for one in (Meaning.EARNING, Meaning.DEDUCTION, Meaning.EMPLOYER, Meaning.IGNORED)
    )
    return NoticeView(
        title=words.say("payroll_draft.column_title", column=index + 1),
        ref=ref(KIND, subject),
        body=words.say("payroll_draft.column", name=name) if name is not None else "",
        buttons=buttons if name is not None else (),
        status="" if name is not None else words.say("payroll_draft.column_said"),
    )


def question(words: Words, draft: Draft) -> TextView:
    """Ask for the month, or for the reason of a correction."""
    return TextView("", words.say(f"payroll_draft.ask_{'reason' if draft.month else 'month'}", month=draft.month))


def marked(words: Words, name: str, content: bytes) -> FileView:
    """The workbook with what is wrong marked in it."""
    text = TextView("", words.say("payroll_draft.marked_text"))
    return FileView(words.say("payroll_draft.marked", name=PurePath(name).stem[:60]) + ".xlsx", content, text, WORKBOOK)
