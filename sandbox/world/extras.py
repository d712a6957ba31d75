"""What else the robot has: the quick entrances of its private chat (A/0727), and DINGs (A/0712)."""

import json
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Entrance:
    """A link above the text box. `name` may be a JSON object with a name per language."""

    name: str
    icon: str
    pc_url: str = ""
    mobile_url: str = ""

    @property
    def label(self) -> str:
        """The name in Chinese, or whichever there is."""
        if not self.name.startswith("{"):
            return self.name
        names: dict[str, str] = json.loads(self.name)
        return names.get("zh_CN") or next(iter(names.values()), "")


@dataclass(slots=True)
class Ding:
    """A DING. `kind`: 1 inside the app, 2 by text message, 3 by telephone."""

    id: str
    at: datetime
    kind: int
    people: list[str]
    content: str
    recalled: bool = False


@dataclass(slots=True)
class Extras:
    """Entrances in their order, DINGs by id, and how many of each kind may still be sent."""

    entrances: list[Entrance] = field(default_factory=list)
    dings: dict[str, Ding] = field(default_factory=dict)
    allowance: dict[int, int] = field(default_factory=lambda: {1: 1000, 2: 0, 3: 0})
