"""Groups: made from nothing or from a group template, changed, looked at, disbanded (A/0726, A/0738 ff)."""

from sandbox.im.groups import OPERATIONS as GROUPS
from sandbox.im.scene import OPERATIONS as SCENE

OPERATIONS = (*GROUPS, *SCENE)

NOT_DONE = (
    "announcements",
    "events of groups but for members, owner, title and disbanding",
    "cool apps",
    "what management options mean on a phone",
)

__all__ = ["OPERATIONS"]
