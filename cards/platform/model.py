"""What a card template is made of, as a person reads it: variables, components, when each is shown, what a click sends.

Texts hold variables as the card builder writes them: `${title}`, and `${loop.text}` for a field of a loop's entry.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cards.view import Template as Name

VariableType: TypeAlias = Literal["string", "boolean", "markdown", "objects", "form", "chart", "table"]
JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

_PLACEHOLDER = re.compile(r"\$\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A value the robot sends; `local` ones live on the reader's device instead and only come back with a click.

    `fields` are those of one entry, for a variable of type `objects`.
    """

    name: str
    type: VariableType
    meaning: str
    example: JsonValue
    local: bool = False
    fields: tuple["Variable", ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """A component's condition: it is shown while the variable is like this."""

    variable: str
    is_: Literal["empty", "not empty", "true", "false"]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; what a person typed stays harmless in it."""

    label: str
    text: str
    style: Literal["title", "body", "status", "hint"] = "body"
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Markdown:
    """A markdown variable, rendered."""

    label: str
    variable: str
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form variable's fields with a submit button; posts `params.form` and `params` under the action id `form`."""

    label: str
    variable: str
    submit: str
    params: Mapping[str, str]
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A text input that keeps what is typed in a local variable until a button sends it."""

    label: str
    variable: str
    title: str
    placeholder: str
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button; a click posts `params`. A disabled one sends nothing."""

    label: str
    text: str
    color: str
    action_id: str
    params: Mapping[str, str]
    disabled: bool = False
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart variable, drawn."""

    label: str
    variable: str
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table variable, drawn."""

    label: str
    variable: str
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """The children once for each entry of an `objects` variable."""

    label: str
    variable: str
    children: tuple[Text | Button, ...]
    when: When | None = None


Component: TypeAlias = Text | Markdown | Form | Input | Button | Chart | Table | Loop


@dataclass(frozen=True, slots=True)
class Template:
    """One template, in the order a reader sees it."""

    name: Name
    title: str
    purpose: str
    variables: tuple[Variable, ...]
    components: tuple[Component, ...]

    @property
    def setting(self) -> str:
        """The setting that takes the template's id."""
        return f"DINGTALK_CARD_{self.name.upper()}"

    def variable(self, name: str) -> Variable:
        """Give a variable by name, or by `<objects>.<field>`; raises `KeyError` for one that isn't described."""
        first, _, rest = name.partition(".")
        variable = {item.name: item for item in self.variables}[first]
        return {item.name: item for item in variable.fields}[rest] if rest else variable

    def walk(self) -> Iterator[tuple[Component, Loop | None]]:
        """Give every component with the loop it stands in."""
        for component in self.components:
            yield component, None
            if isinstance(component, Loop):
                for child in component.children:
                    yield child, component

    def uses(self) -> frozenset[str]:
        """Name every variable the layout refers to; a loop's field as `<objects>.<field>`."""
        return frozenset(name for component, loop in self.walk() for name in _references(component, loop))


def placeholders(text: str) -> list[str]:
    """Give the variables a text holds: `${a} and ${loop.b}` -> `a`, `loop.b`."""
    return _PLACEHOLDER.findall(text)


def _references(component: Component, loop: Loop | None) -> Iterator[str]:
    names: list[str] = []
    match component:
        case Text():
            names += placeholders(component.text)
        case Button():
            for text in (component.text, component.color, component.action_id, *component.params.values()):
                names += placeholders(text)
        case Form():
            names.append(component.variable)
            for text in component.params.values():
                names += placeholders(text)
        case _:
            names.append(component.variable)
    if component.when is not None:
        names.append(component.when.variable)
    for name in names:
        if not name.startswith("loop."):
            yield name
        elif loop is not None:
            yield name.replace("loop", loop.variable, 1)
        else:
            msg = f"{component.label}: {name} outside a loop"
            raise ValueError(msg)
