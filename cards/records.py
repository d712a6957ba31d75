"""What others see of personnel files: names and steps, a person, a number that no card holds, a list as a file."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta

from cards.catalogue import Words
from cards.markdown import plain
from cards.personnel import steps_text
from cards.view import FileView, NoticeView, Paper, PaperView, Row, TextView, ref
from hr_core.people.model import Person
from hr_core.permission.fields import Shown
from hr_core.personnel.model import STEPS, Progress, Standing
from hr_core.personnel.records import PersonDetails, Reading

KIND = "records"
MOST_LINES = 30


def lacking(words: Words, people: Sequence[tuple[Person, Progress]]) -> TextView:
    """Name those whose file isn't complete, with the steps; no value."""
    title = words.say("records.lacking.title")
    if not people:
        return TextView(title, words.say("records.lacking.none"))
    lines = [words.say("records.lacking.head", total=len(people))]
    lines += [_line(words, person, progress) for person, progress in people[:MOST_LINES]]
    if len(people) > MOST_LINES:
        lines.append(words.say("records.lacking.more", total=len(people), shown=MOST_LINES))
    return TextView(title, "\n".join(lines))


def _line(words: Words, person: Person, progress: Progress) -> str:
    return words.say(
        "records.lacking.line",
        name=person.name,
        done=progress.done,
        of=len(STEPS),
        missing=steps_text(words, progress, Standing.MISSING),
        paper=steps_text(words, progress, Standing.DECLINED),
    )


def person(words: Words, shown: PersonDetails) -> TextView:
    """Give a person's facts; what they told stays with them, but the phone."""
    text = words.say(
        "records.person",
        name=shown.person.name,
        number=shown.person.employee_number or "",
        departments="、".join(shown.departments),
        position=shown.person.position or "",
        hired=shown.person.hired_on.isoformat() if shown.person.hired_on else "",
        manager=shown.manager,
        phone=shown.phone.text if shown.phone else "",
        progress=f"{shown.progress.done}/{len(STEPS)}" if shown.progress else "",
        missing=steps_text(words, shown.progress, Standing.MISSING) if shown.progress else "",
    )
    return TextView(shown.person.name, text)


def number(words: Words, subject: int, reading: Reading, shown_for: timedelta) -> NoticeView:
    """Give the card that pulls a number: it holds whose and what for."""
    name = words.say(f"personnel.field.{reading.field}")
    return NoticeView(
        title=words.say("records.number.title", name=reading.name, field=name),
        ref=ref(KIND, subject),
        fields=((words.say("records.number.why"), reading.why),),
        tip=words.say("records.number.tip", minutes=int(shown_for.total_seconds()) // 60),
        summary=words.say("records.number.summary"),
        pulled_for=shown_for,
    )


def number_over(words: Words, subject: int) -> NoticeView:
    """Give the card once its time is over."""
    return NoticeView(title=words.say("records.number.over"), ref=ref(KIND, subject))


def number_paper(words: Words, reading: Reading, shown: Shown | None) -> Paper:
    """Give the number where no chat keeps it."""
    field = words.say(f"personnel.field.{reading.field}")
    title = words.say("records.number.title", name=reading.name, field=field)
    if shown is None:
        return Paper(title, (Row(field, words.say("records.number.none")),))
    note = "" if shown.clear else words.say("records.number.masked")
    return Paper(title, (Row(field, shown.text), Row(words.say("records.number.why"), reading.why)), note)


def number_file(words: Words, paper: Paper, kept_for: timedelta) -> PaperView:
    """Give it as a locked file, whose name tells nothing."""
    text = TextView(words.say("answer.title"), words.say("records.number.private_only"))
    return PaperView(words.say("records.number.file"), paper, text, kept_for)


def duplicate(words: Words, name: str, others: Sequence[str]) -> TextView:
    """Name people with one identity number."""
    return TextView("", words.say("records.duplicate", name=name, others="、".join(others)))


_COLUMNS = ("name", "number", "departments", "position", "hired", "manager", "phone")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(words: Words, people: Sequence[PersonDetails]) -> FileView:
    """Give the list as a CSV in a zip; what a spreadsheet would take for a formula is made words."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([words.say(f"records.column.{name}") for name in _COLUMNS])
    for one in people:
        told = one.person
        row = [
            told.name, told.employee_number or "", "、".join(one.departments), told.position or "",
            told.hired_on.isoformat() if told.hired_on else "", one.manager, one.phone.text if one.phone else "",
        ]  # fmt: skip
        writer.writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in row])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(words.say("records.export.file") + ".csv", "\ufeff" + table.getvalue())
    text = TextView(words.say("records.export.title"), plain(words.say("records.export.private_only")))
    return FileView(words.say("records.export.file") + ".zip", content.getvalue(), text)
