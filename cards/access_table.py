"""The access table as a page: what `dinghr access matrix --markdown` prints and `docs/access.md` carries."""

from cards.catalogue import Words
from hr_core.permission.matrix import APART_ON_ONE_RECORD, APART_ROLES, Action, Role
from hr_core.permission.policy import Policy


def markdown(words: Words, policy: Policy) -> str:
    """Give the table, what is shown in clear, and what one person can't do both."""

    def role(name: str) -> str:
        return words.say(f"role.name.{name}") if name in set(Role) else policy.title(name) or name

    def act(action: Action) -> str:
        return words.say(f"access.action.{action.value.replace('.', '_')}")

    head = ["", *(f"{role(name)} `{name}`" for name in policy.roles)]
    lines = [_line(head), _line(["---"] * len(head))]
    for action in Action:
        row = policy.rows[action]
        cells = [words.say(f"access.reach.{row[name].value}") if name in row else "" for name in policy.roles]
        lines.append(_line([f"{act(action)} `{action.value}`", *cells]))
    lines += ["", words.say("access.table.clear"), ""]
    for action in Action:
        for name in policy.rows[action]:
            if shown := policy.clear(action, name):
                fields = "、".join(words.say(f"access.field.{field}") for field in sorted(shown))
                lines.append(f"- {act(action)} · {role(name)}：{fields}")
    lines += ["", words.say("access.table.apart"), ""]
    for pair in APART_ON_ONE_RECORD:
        actions = "、".join(act(action) for action in sorted(pair))
        lines.append(f"- {words.say('access.table.one_record')}：{actions}")
    for roles in APART_ROLES:
        both = "、".join(role(name) for name in sorted(roles))
        lines.append(f"- {words.say('access.table.one_person')}：{both}")
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
