"""A person's own data, gathered from every capability (个人信息保护法第四十五条). Each registers its part here.

A table that holds something about a person belongs to a part, or stands in a test's list with the reason why not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from hr_core.vault import Vault


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose data are gathered: our number, and the directory's key."""

    employee_id: int
    key: str
    session: AsyncSession
    vault: Vault


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file of a person's own, such as a picture: it lies beside what tells of it."""

    name: str
    content: bytes


Gather = Callable[[Asker], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A capability's part: its heading, the tables it reads, and what it gives."""

    heading: str
    tables: tuple[str, ...]
    gather: Gather


PARTS: list[Part] = []


def exports(heading: str, *tables: str) -> Callable[[Gather], Gather]:
    """Declare a part of the export."""

    def register(gather: Gather) -> Gather:
        PARTS.append(Part(heading, tables, gather))
        return gather

    return register


async def gather_all(asker: Asker) -> dict[str, list[Mapping[str, Any]]]:
    """Give everything that is held about a person, by heading."""
    gathered: dict[str, list[Mapping[str, Any]]] = {}
    for part in PARTS:
        gathered.setdefault(part.heading, []).extend(await part.gather(asker))
    return gathered
