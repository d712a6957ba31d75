"""Errors that are answers: a code and its values; the sentence stands in the catalogue of the reader's language."""

from typing import Any


class HRError(Exception):
    """Something the person asked for can't be done, and they can be told why.

    `code` names the sentence in `cards/words/`; `values` fill it. No prose lives here, and no pay or identity data.
    """

    code: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(self.code, values)
        self.values = values

    def __str__(self) -> str:
        """Give the code and its values, as logs show it."""
        return f"{self.code} {self.values}" if self.values else self.code
