"""What one's own personnel file looks like: forms in small steps, questions, consents, pictures asked for.

Nothing here carries a number: a field that is filled already shows its masked form as a hint, never as a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cards.catalogue import Words
from cards.view import Button, FormView, NoticeView, TextView, ref
from hr_core.onboarding.tasks import FirstDay
from hr_core.personnel.model import PICTURES, STEPS, FieldSpec, Progress, Standing, Step
from hr_core.personnel.service import OwnFile
from hr_core.privacy.policy import Purpose
from hr_core.privacy.store import Answer

KIND = "personnel"
AGREE, REFUSE, GO, LATER = "agree", "refuse", "go", "later"
_AREAS = frozenset({"home_address", "registered_address"})


def form(words: Words, number: int, file: OwnFile) -> FormView:
    """Give a step's form: empty fields; what was told before is only hinted at."""
    step = STEPS[number]
    return FormView(
        title=words.say(
            "personnel.form.title", step=words.say(f"personnel.step.{step.key}"), at=number + 1, of=len(STEPS)
        ),
        ref=ref(KIND, number),
        intro=words.say(f"personnel.intro.{step.key}"),
        fields=tuple(_field(words, spec, file) for spec in step.fields),
        text=words.say("personnel.form.how"),
    )


def _field(words: Words, spec: FieldSpec, file: OwnFile) -> dict[str, Any]:
    told = spec.key in file.shown
    item: dict[str, Any] = {
        "name": spec.key,
        "label": words.say(f"personnel.field.{spec.key}"),
        "type": "SELECT" if spec.options else "TEXT_AREA" if spec.key in _AREAS else "TEXT",
        "required": not told,
    }
    if spec.options:
        options = [{"value": one, "text": option(words, spec, one)} for one in spec.options]
        item["options"] = options
        chosen = file.shown.get(spec.key, spec.options[0] if spec.key == "id_kind" else "")
        if chosen in spec.options:
            item["defaultValue"] = {"index": spec.options.index(chosen), "value": chosen}
        return item
    shown = file.shown.get(spec.key, "")
    hint = f"personnel.hint.{spec.key}"
    item["placeholder"] = (
        words.say("personnel.form.kept", shown=shown) if told else words.say(hint) if hint in words else ""
    )
    return item


def answers(step: Step, told: Mapping[str, Any]) -> dict[str, str]:
    """Read a form: each field's text; what is empty didn't come and counts as empty."""
    return {spec.key: _text(told.get(spec.key)) for spec in step.fields}


def _text(value: object) -> str:
    """Give a field's value: a SELECT tells `{index, value}`, everything else tells itself."""
    if isinstance(value, Mapping):
        value = value.get("value")
    return str(value) if isinstance(value, str | int) else ""


def chosen(words: Words, spec: FieldSpec, text: str) -> str:
    """Give the option that somebody names by its label, a part of it, or its number in the list; else the text."""
    told = text.strip(" 。.！!")
    if not spec.options:
        return text
    if told.isdecimal() and 1 <= int(told) <= len(spec.options):
        return spec.options[int(told) - 1]
    labels = {option(words, spec, one): one for one in spec.options}
    near = [one for label, one in labels.items() if told and told in label]
    return labels.get(told) or (near[0] if len(near) == 1 else told)


def option(words: Words, spec: FieldSpec, value: str) -> str:
    """Give the label of a choice."""
    return words.say(f"personnel.option.{spec.key}.{value}")


def shown_of(words: Words, spec: FieldSpec, file: OwnFile) -> str:
    """Give an answer as a chat may show it."""
    value = file.shown[spec.key]
    return option(words, spec, value) if spec.options and value in spec.options else value


def _told(words: Words, step: Step, file: OwnFile) -> list[str]:
    return [
        words.say(
            "personnel.own.told",
            field=words.say(f"personnel.field.{spec.key}"),
            value=shown_of(words, spec, file),
        )
        for spec in step.fields
        if spec.key in file.shown
    ]


def filled(words: Words, number: int, file: OwnFile) -> FormView:
    """Give a step's card once it is kept."""
    step = STEPS[number]
    return FormView(
        title=words.say(
            "personnel.form.title", step=words.say(f"personnel.step.{step.key}"), at=number + 1, of=len(STEPS)
        ),
        ref=ref(KIND, number),
        intro="\n\n".join([*_told(words, step, file), words.say("personnel.form.change", step=_change_word(step))]),
        status=words.say("personnel.form.saved"),
    )


def _change_word(step: Step) -> str:
    return {
        "identity": "证件", "contact": "联系方式", "bank": "银行卡", "emergency": "紧急联系人", "education": "学历",
        "id_pictures": "身份证照片", "diploma_picture": "学历证书",
    }[step.key]  # fmt: skip


def ask(words: Words, spec: FieldSpec, progress: Progress) -> TextView:
    """Ask one question."""
    options = [option(words, spec, one) for one in spec.options]
    hint = f"personnel.hint.{spec.key}"
    text = words.say(
        "personnel.ask",
        field=words.say(f"personnel.field.{spec.key}"),
        hint=words.say(hint) if hint in words else "",
        options=options,
        done=progress.done,
        of=len(STEPS),
    )
    return TextView(words.say("personnel.title"), text)


def consent(words: Words, number: int, purpose: Purpose, answer: Answer | None) -> NoticeView:
    """Ask for a separate consent: what, what for, which law, and that a no is respected; then what was said."""
    buttons = (
        Button(AGREE, words.say("personnel.consent.agree"), f"同意提供 {purpose.name}"),
        Button(REFUSE, words.say("personnel.consent.refuse"), f"不提供 {purpose.name}", color="gray"),
    )
    code = {None: "ask", Answer.GIVEN: "given", Answer.WITHDRAWN: "refused"}.get(answer, "ask")
    body = words.say(
        f"personnel.consent.{code}",
        name=purpose.name,
        what=purpose.what,
        source=purpose.source,
        without=words.say(f"personnel.without.{purpose.key}") if purpose.key != "medical" else "",
    )
    return NoticeView(
        title=words.say("personnel.consent.title", name=purpose.name),
        ref=ref(KIND, number),
        body=body,
        buttons=buttons if code == "ask" else (),
        status=words.say(f"personnel.consent.status.{code}"),
    )


def picture(words: Words, number: int, progress: Progress, most: int) -> NoticeView:
    """Ask for a picture in the chat; forms can't take one."""
    part = PICTURES[number]
    name = words.say(f"personnel.part.{part}")
    missing = any(part in parts for parts in progress.missing.values())
    button = Button(LATER, words.say("personnel.picture.later"), "暂时没有", color="gray")
    return NoticeView(
        title=words.say("personnel.picture.title", name=name),
        ref=ref(KIND, number),
        body=words.say(
            "personnel.picture.ask", name=name, most=most // 1024 // 1024, done=progress.done, of=len(STEPS)
        ),
        buttons=(button,) if missing else (),
        status=words.say("personnel.status.missing" if missing else "personnel.form.saved"),
    )


def which_picture(words: Words, missing: Sequence[str]) -> NoticeView:
    """Ask what a picture is of."""
    names = {part: words.say(f"personnel.part.{part}") for part in missing}
    return NoticeView(
        title=words.say("personnel.picture.which"),
        ref=ref(KIND, 0),
        body=words.say("personnel.picture.which_body"),
        buttons=tuple(Button(part, name, f"照片是 {name}") for part, name in names.items()),
    )


def own(words: Words, file: OwnFile) -> NoticeView:
    """Give one's own file: each step with what was told, masked, or that it is missing."""
    progress = file.progress
    rows = []
    for step in STEPS:
        standing = progress.steps[step.key]
        told = "；".join(shown_of(words, spec, file) for spec in step.fields if spec.key in file.shown)
        status = words.say(f"personnel.status.{standing.value}")
        rows.append((words.say(f"personnel.step.{step.key}"), f"{told}（{status}）" if told else status))
    more = bool(progress.open_steps)
    go = Button(GO, words.say("personnel.own.go" if progress.done else "personnel.own.begin"), "填写资料")
    return NoticeView(
        title=words.say("personnel.own.title", done=progress.done, of=len(STEPS)),
        ref=ref(KIND, 0),
        body=words.say("personnel.own.body"),
        fields=tuple(rows),
        buttons=(go,) if more else (),
        status=words.say("personnel.own.open" if more else "personnel.own.done"),
    )


def paused(words: Words, progress: Progress) -> TextView:
    """Say that all is kept, and how to go on."""
    return TextView(words.say("personnel.title"), words.say("personnel.paused", done=progress.done, of=len(STEPS)))


def complete(words: Words, progress: Progress) -> TextView:
    """Say that nothing is left to tell here; what comes on paper is named."""
    paper = [words.say(f"personnel.step.{key}") for key in progress.declined]
    return TextView(words.say("personnel.title"), words.say("personnel.complete", paper=paper))


def steps_text(words: Words, progress: Progress, standing: Standing) -> str:
    """Name the steps that stand so."""
    return "、".join(words.say(f"personnel.step.{key}") for key, one in progress.steps.items() if one is standing)


def reminder(words: Words, progress: Progress) -> NoticeView:
    """Say once a week what is still missing."""
    return NoticeView(
        title=words.say("personnel.reminder.title", done=progress.done, of=len(STEPS)),
        ref=ref(KIND, 0),
        body=words.say("personnel.reminder.body", steps=steps_text(words, progress, Standing.MISSING)),
        buttons=(Button(GO, words.say("personnel.own.go"), "填写资料"),),
    )


MOST_TASKS = 3


def welcome(words: Words, number: int, first: FirstDay, manager: str, tasks: Sequence[str]) -> NoticeView:
    """Greet a newcomer: when, where, whom to ask for, what to bring, what to do first, and the file to fill in."""
    rows = [(words.say("personnel.welcome.first_day"), words.say("personnel.welcome.day", day=first.first_day))]
    if first.place:
        rows.append((words.say("personnel.welcome.place"), first.place))
    if manager:
        rows.append((words.say("personnel.welcome.manager"), manager))
    if first.bring:
        rows.append((words.say("personnel.welcome.bring"), "、".join(first.bring)))
    if tasks:
        rows.append((words.say("personnel.welcome.tasks"), "；".join(tasks[:MOST_TASKS])))
    return NoticeView(
        title=words.say("personnel.welcome.title", name=first.name, department=first.department),
        ref=ref("onboarding", number),
        body=words.say("personnel.welcome.body", position=first.position),
        fields=tuple(rows),
        buttons=(Button(GO, words.say("personnel.own.begin"), "填写资料"),),
    )
