"""What people see of payslips: papers with the figures, and cards and words without any."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from cards.catalogue import Words
from cards.view import Button, FormView, NoticeView, Paper, PaperView, Row, TextView, ref
from hr_core.payslip.model import Kind, Line, Slip
from hr_core.payslip.owner import DISPUTE, Dispute, Progress, SlipFacts
from hr_core.payslip.rules import added_up, difference

KIND = "payslip"
_TOTALS = {Kind.EARNING: "gross", Kind.DEDUCTION: "deducted"}


def month_text(words: Words, month: date) -> str:
    """Give a month as people say it: 2026年10月."""
    return words.say("payslip.month", year=str(month.year), month=str(month.month))


def money(amount: Decimal) -> str:
    """Give an amount in yuan with its fen: 12,345.60."""
    return f"{amount:,.2f}"


def signed(amount: Decimal) -> str:
    """Give a change with its sign."""
    return f"{amount:+,.2f}"


# --- papers ---------------------------------------------------------------------------------------------------------


def slip_paper(words: Words, slip: Slip) -> Paper:
    """One month, line by line."""
    title = words.say("payslip.title", month=month_text(words, slip.month))
    return Paper(title, _figures(words, slip.lines, slip.net_pay))


def year_paper(words: Words, year: int, slips: Sequence[Slip]) -> Paper:
    """A year, by component."""
    net = sum((slip.net_pay for slip in slips), Decimal(0))
    title = words.say("payslip.title_year", year=str(year))
    note = words.say("payslip.paper.months", total=len(slips))
    return Paper(title, _figures(words, added_up(slips), net), note)


def difference_paper(words: Words, before: Slip, after: Slip) -> Paper:
    """The lines that changed; they add up to the difference of net pay, to the fen."""
    say = words.say
    title = say(
        "payslip.title_difference", month=month_text(words, after.month), before=month_text(words, before.month)
    )
    rows = [
        Row(
            say("payslip.paper.net"),
            say("payslip.paper.from_to", before=money(before.net_pay), after=money(after.net_pay),
                by=signed(after.net_pay - before.net_pay)),
        ),
        Row(say("payslip.paper.changed"), head=True),
    ]  # fmt: skip
    changes = [change for change in difference(before, after) if change.by]
    rows += [
        Row(
            change.component.label,
            say("payslip.paper.from_to", before=money(change.before), after=money(change.after), by=signed(change.by)),
        )
        for change in changes
    ]
    if not changes:
        return Paper(title, tuple(rows[:1]), say("payslip.paper.same"))
    total = sum((change.by for change in changes), Decimal(0))
    rows.append(Row(say("payslip.paper.difference"), signed(total), total=True))
    return Paper(title, tuple(rows), say("payslip.paper.note_difference"))


def _figures(words: Words, lines: Sequence[Line], net: Decimal) -> tuple[Row, ...]:
    """Give what adds up to net pay, that, and what the employer pays beside it."""
    paid = _lines(words, lines, Kind.EARNING, Kind.DEDUCTION)
    return (*paid, Row(words.say("payslip.paper.net"), money(net), total=True), *_lines(words, lines, Kind.EMPLOYER))


def _lines(words: Words, lines: Sequence[Line], *kinds: Kind) -> list[Row]:
    rows: list[Row] = []
    for kind in kinds:
        own = [line for line in lines if line.component.kind is kind]
        if not own:
            continue
        rows.append(Row(words.say(f"payslip.paper.{kind.value}"), head=True))
        rows += [Row(line.component.label, money(line.amount)) for line in own]
        if kind in _TOTALS:
            total = sum((line.amount for line in own), Decimal(0))
            rows.append(Row(words.say(f"payslip.paper.{_TOTALS[kind]}"), money(total), total=True))
    return rows


def locked(words: Words, paper: Paper, kept_for: timedelta) -> PaperView:
    """A paper as a file, for where there are no cards."""
    text = TextView(words.say("answer.title"), words.say("payslip.file_text"))
    return PaperView(words.say("payslip.file_name", title=paper.title), paper, text, kept_for)


# --- cards without figures ------------------------------------------------------------------------------------------


def slip_card(words: Words, facts: SlipFacts, shown_for: timedelta) -> NoticeView:
    """The card whose figures are pulled."""
    month = month_text(words, facts.month)
    hide = Button("hide", words.say("payslip.button.hide"), words.say("payslip.typed.show", month=month), "gray")
    again = Button("again", words.say("payslip.button.again"), words.say("payslip.typed.show", month=month), "gray")
    buttons = (*_deciding(words, facts, month), _compare(words, month), again, hide)
    return _pulled(words, words.say("payslip.title", month=month), ref(KIND, facts.id), buttons, facts, shown_for)


def difference_card(words: Words, facts: SlipFacts, shown_for: timedelta) -> NoticeView:
    """The card of what changed; its figures are pulled as well."""
    month = month_text(words, facts.month)
    again = Button("again", words.say("payslip.button.again"), words.say("payslip.typed.difference", month=month))
    title = words.say("payslip.typed.difference", month=month)
    return _pulled(words, title, ref(KIND, facts.id), (again, *_deciding(words, facts, month)), facts, shown_for)


def year_card(words: Words, year: int, shown_for: timedelta) -> NoticeView:
    """The card of a year."""
    title = words.say("payslip.title_year", year=str(year))
    again = Button("again", words.say("payslip.button.again"), f"{year}年工资汇总")
    return _pulled(words, title, ref("pay_year", year), (again,), None, shown_for)


def _pulled(
    words: Words, title: str, card_ref: str, buttons: tuple[Button, ...], facts: SlipFacts | None, shown_for: timedelta
) -> NoticeView:
    minutes = int(shown_for.total_seconds()) // 60
    confirmed = facts.confirmed_on if facts else None
    return NoticeView(
        title,
        card_ref,
        body=words.say("payslip.covered", minutes=minutes),
        buttons=buttons,
        tip=words.say("payslip.confirmed.tip", day=confirmed) if confirmed else "",
        summary=words.say("payslip.summary"),
        pulled_for=shown_for,
    )


def _compare(words: Words, month: str) -> Button:
    return Button(
        "compare", words.say("payslip.button.difference"), words.say("payslip.typed.difference", month=month), "gray"
    )


def _deciding(words: Words, facts: SlipFacts, month: str) -> tuple[Button, ...]:
    dispute = Button(
        "dispute", words.say("payslip.button.dispute"), words.say("payslip.typed.dispute", month=month), "red"
    )
    if facts.confirmed_on is not None:
        return (dispute,)
    confirm = Button("confirm", words.say("payslip.button.confirm"), words.say("payslip.typed.confirm", month=month))
    return confirm, dispute


def released(words: Words, facts: SlipFacts) -> NoticeView:
    """A payslip has come; to see it is a tap away."""
    month = month_text(words, facts.month)
    show = Button("again", words.say("payslip.button.show"), words.say("payslip.typed.show", month=month))
    return NoticeView(
        words.say("payslip.released.title", month=month),
        ref(KIND, facts.id),
        body=words.say("payslip.released.body"),
        buttons=(show, *_deciding(words, facts, month)),
        tip=words.say("payslip.confirmed.tip", day=facts.confirmed_on) if facts.confirmed_on else "",
        summary=words.say("payslip.summary"),
    )


def dispute_form(words: Words, facts: SlipFacts, lines: Sequence[str], status: str = "") -> FormView:
    """Choose a line, say what is wrong; names of lines only."""
    say = words.say
    options = [{"value": line, "text": line or say("payslip.dispute.form_whole")} for line in ("", *lines)]
    fields = (
        {"name": "line", "label": say("payslip.dispute.form_line"), "type": "SELECT", "required": True,
         "options": [{**option, "value": option["value"] or "-"} for option in options]},
        {"name": "words", "label": say("payslip.dispute.form_words"), "type": "TEXT_AREA", "required": True,
         "minRows": 2, "maxRows": 6},
    )  # fmt: skip
    title = say("payslip.dispute.form_title", month=month_text(words, facts.month))
    return FormView(title, ref(KIND, facts.id), say("payslip.dispute.form_intro"), () if status else fields, status)


def dispute_card(words: Words, dispute: Dispute, *, may_answer: bool) -> NoticeView:
    """An objection for payroll; once answered, a record. It holds the person's words and no figure of ours."""
    say = words.say
    line = dispute.line or say("payslip.dispute.form_whole")
    fields = [(say("payslip.dispute.who"), dispute.name), (say("payslip.dispute.which"), line)]
    fields.append((say("payslip.dispute.words"), dispute.words))
    if dispute.answer:
        fields.append((say("payslip.dispute.answer"), dispute.answer))
    is_open = dispute.status == "open" and may_answer
    answer = Button("answer", say("payslip.button.answer"), say("payslip.typed.answer", id=dispute.id))
    return NoticeView(
        say("payslip.dispute.title", month=month_text(words, dispute.month), id=dispute.id),
        ref(DISPUTE, dispute.id),
        fields=tuple(fields),
        buttons=(answer,) if is_open else (),
        ask_comment=is_open,
        status=say(f"payslip.dispute.status.{dispute.status}"),
    )


def answered(words: Words, dispute: Dispute) -> TextView:
    """What payroll answered, for who objected."""
    line = dispute.line or words.say("payslip.dispute.form_whole")
    text = words.say("payslip.answered.text", month=month_text(words, dispute.month), line=line, answer=dispute.answer)
    return TextView(words.say("payslip.answered.title"), text)


def reminder(words: Words, months: Sequence[date]) -> TextView:
    """All that somebody hasn't confirmed, at once."""
    told = [month_text(words, month) for month in months]
    return TextView(words.say("payslip.remind.title"), words.say("payslip.remind.text", months=told))


def progress(words: Words, counted: Progress | None) -> TextView:
    """Counts, for payroll and HR."""
    if counted is None:
        return TextView(words.say("answer.title"), words.say("payslip.progress.none"))
    title = words.say("payslip.progress.title", month=month_text(words, counted.month))
    text = words.say(
        "payslip.progress.text", released=counted.released, confirmed=counted.confirmed,
        waiting=counted.released - counted.confirmed, disputed=counted.disputed, open=counted.open,
    )  # fmt: skip
    return TextView(title, f"#### {title}\n{text}")
