"""A call of the old family as its page describes it, and the bad ones that follow from that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.clients.bad_calls import DROP, Bad
from tests.sandbox.clients.good_calls import Good

DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Old:
    """A good call, what the page calls mandatory (`needs`), values of a wrong type (`odd`) and above a limit (`over`).

    `codes` are those that fit any of these: what the page's table names, or A/0013 for all; none: any refusal.
    `also` are other bad calls, each as what it is, the change and the codes that fit.
    """

    page: str
    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""
    odd: Mapping[str, Any] = field(default_factory=dict)
    over: Mapping[str, Any] = field(default_factory=dict)
    codes: Sequence[int] = ()
    also: Sequence[tuple[Any, ...]] = ()
    method: str = "POST"

    @property
    def good(self) -> Good:
        """The call that is answered."""
        if self.method == "GET":
            return Good(self.page, "GET", self.path, query=self.fields)
        return Good(self.page, self.method, self.path, self.fields)

    def bad(self, call: str) -> Iterator[Bad]:
        """Give the bad calls: each mandatory field left out and in another case, then what is named."""
        for name in self.needs.split():
            yield Bad(call, f"no {name}", {name: DROP}, self.codes)
            other = recased(name)
            yield Bad(call, f"{name} as {other}", {name: DROP, other: self.fields[name]}, self.codes)
        for name, value in self.odd.items():
            yield Bad(call, f"{name} of a wrong type", {name: value}, self.codes)
        for name, value in self.over.items():
            yield Bad(call, f"too much in {name}", {name: value}, self.codes)
        for what, change, *codes in self.also:
            yield Bad(call, what, change, codes)


def recased(name: str) -> str:
    """Write a name as the other family would: `dept_id` as `deptId`, `roleId` as `role_id`, `userid` as `userId`."""
    if "_" in name:
        first, *rest = name.split("_")
        return first + "".join(one.capitalize() for one in rest)
    if name != name.lower():
        return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
    for tail in ("id", "name", "key", "type"):
        if name.endswith(tail) and name != tail:
            return name[: -len(tail)] + tail.capitalize()
    return name.upper()


def many(number: int, one: str = "lin") -> str:
    """Give a text of so many ids."""
    return ",".join([one] * number)
