"""智能人事: the roster (A/0937 ff), newcomers and leavers (A/0944 ff), moves and positions (A/0934 ff, A/0954 ff)."""

from sandbox.hrm.leaving import OPERATIONS as LEAVING
from sandbox.hrm.lists import OPERATIONS as LISTS
from sandbox.hrm.moves import OPERATIONS as MOVES
from sandbox.hrm.roster import OPERATIONS as ROSTER

OPERATIONS = (*ROSTER, *LISTS, *LEAVING, *MOVES)

__all__ = ["OPERATIONS"]
