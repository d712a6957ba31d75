"""Times as DingTalk writes them."""

from datetime import datetime

from sandbox.world import CHINA


def ms(text: str) -> int:
    """Give the milliseconds of a day or time in China."""
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)
