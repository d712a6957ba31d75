"""Card templates and card instances, and what each viewer's phone shows of them."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from sandbox.world import bounds

VariableType = Literal[
    "string", "string[]", "bool", "bool[]", "number", "number[]", "object", "object[]", "markdown", "chart", "user",
    "table", "form",
]  # fmt: skip
Logical = Literal["form", "notice", "report"]

_STRUCTURED = frozenset({"string[]", "bool[]", "number[]", "object", "object[]", "chart", "user", "table", "form"})


@dataclass(slots=True)
class Template:
    """What an administrator built in the card platform. `name` is the logical name its look goes by."""

    id: str
    name: Logical
    variables: Mapping[str, VariableType]
    published: bool = True
    button_component: str = "single_button_node_oclmb0gfha1"
    """The builder's own id of the button: what a click's actionIds say, and it means nothing."""


VARIABLES: Mapping[Logical, Mapping[str, VariableType]] = {
    "form": {"title": "string", "intro": "markdown", "form": "form", "status": "string", "ref": "string"},
    "notice": {
        "title": "string",
        "body": "markdown",
        "fields": "object[]",
        "buttons": "object[]",
        "ask_comment": "bool",
        "comment": "string",
        "status": "string",
        "tip": "string",
        "ref": "string",
    },
    "report": {
        "title": "string",
        "body": "markdown",
        "chart": "chart",
        "table": "table",
        "buttons": "object[]",
        "ref": "string",
    },
}


@dataclass(slots=True)
class DynamicSource:
    """A source asked for figures when somebody looks (C1/0008)."""

    id: str
    params: Mapping[str, str]
    strategy: Literal["NONE", "ONCE", "RENDER", "INTERVAL"]
    every: float = 0.0
    """Seconds between two pulls of INTERVAL."""


@dataclass(frozen=True, slots=True)
class Top:
    """A card at the top of a group (吊顶), until it runs out or is closed; for some people or platforms only."""

    ends: datetime
    only_for: frozenset[str] | None = None
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Callback:
    """An address registered for callbacks in HTTP mode. It is kept, and not called."""

    url: str
    api_secret: str = field(default="", repr=False)


Flow = Literal["waiting", "writing", "done", "failed"]
"""An AI card's states (C1/0002): 处理中, 输入中, 完成, 失败."""


@dataclass(slots=True)
class Card:
    """One card instance.

    `data` is what everybody sees, `private` a person's own values (they win), `seen` a whole copy of the public
    values for a viewer to whom a click's answer showed something else, `pulled` what a viewer's phone holds of each
    source of dynamic data, which DingTalk itself doesn't keep, and `pulled_at` when that was asked.
    """

    TRANSIENT: ClassVar[frozenset[str]] = frozenset({"open_taps", "pulled", "pulled_at"})

    out_track_id: str
    template: Template
    data: dict[str, str]
    created_at: datetime
    private: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    pulled: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict, repr=False)
    pulled_at: dict[str, dict[str, datetime]] = field(default_factory=dict)
    by_stream: bool = False
    user_id_type: int = 1
    spaces: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    carriers: dict[str, str] = field(default_factory=dict)
    sources: list[DynamicSource] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """The chat messages that show it."""
    open_taps: int = 0
    """Callbacks that wait for their answer."""
    tops: dict[str, Top] = field(default_factory=dict)
    """Where it is at the top, by conversation."""
    flow: Flow = "waiting"
    streamed: set[str] = field(default_factory=set)
    """The guids of the streaming calls that were carried out."""

    @property
    def supports_forward(self) -> bool:
        """Whether a reader may pass it on."""
        return any(str(model.get("supportForward", "")).lower() == "true" for model in self.spaces.values())

    def values(self, userid: str) -> dict[str, str]:
        """Give the variables as this viewer has them: strings, as they were set."""
        return {**self.seen.get(userid, self.data), **self.private.get(userid, {})}

    def view(self, userid: str) -> dict[str, Any]:
        """Give the variables as the phone reads them, by the template's types; what has a wrong type is missing."""
        shown: dict[str, Any] = {}
        for key, text in self.values(userid).items():
            kind = self.template.variables.get(key)
            if kind is not None and (value := parse(kind, text)) is not None:
                shown[key] = value
        for pulled in self.pulled.get(userid, {}).values():
            shown |= pulled
        return shown

    def forget(self, userid: str) -> None:
        """Let go of what a viewer's phone holds of sources that are asked at every look: the card left the screen."""
        for one in self.sources:
            if one.strategy == "RENDER":
                self.pulled.get(userid, {}).pop(one.id, None)

    def due(self, userid: str, now: datetime) -> list[DynamicSource]:
        """Give the sources to ask when this viewer has the card in view (C1/0008)."""
        asked = self.pulled_at.get(userid, {})
        found = []
        for one in self.sources:
            last = asked.get(one.id)
            again = one.strategy == "RENDER" or (
                one.strategy == "INTERVAL" and last is not None and (now - last).total_seconds() >= one.every
            )
            if one.strategy != "NONE" and (last is None or again):
                found.append(one)
        return found

    def on_top(self, conversation_id: str, userid: str, now: datetime) -> bool:
        """Whether a person sees it at the top of a group."""
        top = self.tops.get(conversation_id)
        return top is not None and now < top.ends and (top.only_for is None or userid in top.only_for)

    def update(self, data: Mapping[str, str], *, by_key: bool) -> None:
        """Change the public values for everyone; who saw something else sees the change as well."""
        if by_key:
            for values in (self.data, *self.seen.values()):
                values.update(data)
        else:
            self.data = dict(data)
            self.seen.clear()

    def update_private(self, userid: str, data: Mapping[str, str], *, by_key: bool) -> None:
        """Change one person's own values."""
        self.private[userid] = {**(self.private.get(userid, {}) if by_key else {}), **data}

    def show(self, userid: str, data: Mapping[str, str], *, by_key: bool) -> None:
        """Change the public values for one viewer only: what the answer to a click does (C1/0010)."""
        before = self.seen.get(userid, self.data) if by_key else {}
        self.seen[userid] = {**before, **data}


def parse(kind: VariableType, text: str) -> Any:
    """Read a value by its variable's type; None where it can't be read (A/0789)."""
    if kind == "bool":
        return {"true": True, "false": False}.get(text)
    if kind not in _STRUCTURED and kind != "number":
        return text
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


class CardBox:
    """All templates by id, and all cards by outTrackId."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] = {}
        self.cards: OrderedDict[str, Card] = OrderedDict()
        self.callbacks: dict[str, Callback] = {}
        for name in VARIABLES:
            self.register(f"dinghr-{name}.schema", name)

    def add(self, card: Card) -> None:
        """Keep a card; the oldest goes when there are too many."""
        self.cards[card.out_track_id] = card
        if len(self.cards) > bounds.CARDS:
            self.cards.popitem(last=False)

    def register(self, template_id: str, name: Logical, *, published: bool = True) -> Template:
        """Build a template that looks like `name`."""
        template = Template(template_id, name, VARIABLES[name], published)
        self.templates[template_id] = template
        return template
