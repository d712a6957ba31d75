"""What the company's DingTalk can show: decided by which card templates the settings name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surface:
    """Forms and notices are cards where their template is configured, words where not."""

    forms: bool = False
    notices: bool = False
    address: str = ""
    """Where phones reach the robot's web, if they can: without cards, papers are shown there."""
