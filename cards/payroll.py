"""What a month's sheet looks like to who prepares and who releases it: counts, no figure."""

from cards.catalogue import Words
from cards.view import Button, NoticeView, TextView, ref
from hr_core.payslip.payroll import Batch
from hr_core.payslip.sheet.check import Problem

KIND = "payroll"
RELEASE, GIVE_BACK = "release", "give_back"


def release(words: Words, batch: Batch) -> NoticeView:
    """The card of who may release it, and then how far it is."""
    rows = [
        (words.say("payroll.label.people"), str(batch.people)),
        (words.say("payroll.label.prepared_by"), batch.prepared_by),
    ]
    if batch.version > 1:
        rows.append((words.say("payroll.label.reason"), batch.reason))
    if batch.released_by:
        rows.append((words.say("payroll.label.released_by"), batch.released_by))
        rows.append((words.say("payroll.label.told"), f"{batch.told}/{batch.people}"))
        if gone := batch.done - batch.told:
            rows.append((words.say("payroll.label.gone"), str(gone)))
    buttons = (
        Button(RELEASE, words.say("payroll.button.release"), words.say("payroll.typed.release", id=batch.id)),
        Button(
            GIVE_BACK,
            words.say("payroll.button.give_back"),
            words.say("payroll.typed.give_back", id=batch.id),
            color="red",
        ),
    )
    return NoticeView(
        title=words.say("payroll.title", month=batch.month, version=batch.version, id=batch.id),
        ref=ref(KIND, batch.id),
        body=words.say("payroll.body") if batch.awaits else "",
        fields=tuple(rows),
        buttons=buttons if batch.awaits else (),
        status=words.say(f"payroll.status.{batch.status}"),
    )


def told(words: Words, batch: Batch) -> TextView:
    """Tell who has prepared it what became of it."""
    title = words.say("payroll.title", month=batch.month, version=batch.version, id=batch.id)
    status = words.say(f"payroll.status.{batch.status}")
    counts = {"told": batch.told, "people": batch.people, "gone": batch.done - batch.told}
    return TextView(title, words.say("payroll.told", title=title, status=status, **counts))


def stopped(words: Words, batch: Batch) -> TextView:
    """Tell who has released it that not everybody was told, and what to say to go on."""
    title = words.say("payroll.title", month=batch.month, version=batch.version, id=batch.id)
    again = words.say("payroll.typed.release", id=batch.id)
    return TextView(title, words.say("payroll.stopped", title=title, told=batch.told, people=batch.people, again=again))


def problem(words: Words, one: Problem) -> str:
    """Say what is wrong, by row and heading."""
    return words.say(f"payroll.problem.{one.what}", row=one.row, name=one.name)
