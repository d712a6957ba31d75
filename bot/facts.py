"""What narrows grants and DingTalk keeps in fields of the company's own choice: legal entity and region.

The settings name the field of each: `work_place` or `extension.NAME` of the contacts (A/0056), or a code of the roster
(A/0939). Who has nothing in it belongs to none, and a grant for one doesn't reach them.
"""

from collections.abc import Mapping, Sequence

import structlog

from bot.openapi import BadRequest, ContactUser, DingTalkError
from bot.openapi.roster import MOST, Roster
from bot.settings import CONTACT_FIELDS, EXTENSION, Settings

log = structlog.get_logger()
Facts = Mapping[str, str | None]
LONGEST = 128


class FactSource:
    """Reads the facts that the settings name a field for; of the others it tells nothing."""

    def __init__(self, settings: Settings, roster: Roster) -> None:
        self._fields = settings.fact_fields
        self._roster = roster
        self._codes = {fact: name for fact, name in self._fields.items() if not _is_contact(name)}

    @property
    def uses_roster(self) -> bool:
        """Tell whether a field of the roster is named."""
        return bool(self._codes)

    def of_contact(self, user: ContactUser) -> dict[str, str | None]:
        """Give what stands in the contacts."""
        told = {fact: name for fact, name in self._fields.items() if _is_contact(name)}
        return {fact: _value(_in_contacts(user, name)) for fact, name in told.items()}

    async def of_roster(self, keys: Sequence[str]) -> dict[str, Facts]:
        """Give what stands in the roster, by userid; nobody's while it can't be read."""
        if not self._codes or not keys:
            return {}
        try:
            found = await self._roster.fields(keys[:MOST], sorted(set(self._codes.values())))
        except BadRequest as error:
            if len(keys) == 1:  # Not in the roster: left, or never entered.
                log.warning("facts.not_read", code=error.code)
                return {}
            middle = len(keys) // 2
            return {**await self.of_roster(keys[:middle]), **await self.of_roster(keys[middle:])}
        except DingTalkError as error:
            log.warning("facts.not_read", code=error.code, mend=error.remedy)
            return {}
        told = {
            key: {fact: _value(filled.get(code)) for fact, code in self._codes.items()} for key, filled in found.items()
        }
        return {**told, **await self.of_roster(keys[MOST:])}


def _is_contact(name: str) -> bool:
    return name in CONTACT_FIELDS or name.startswith(EXTENSION)


def _in_contacts(user: ContactUser, name: str) -> str | None:
    return user.extension.get(name.removeprefix(EXTENSION)) if name.startswith(EXTENSION) else user.work_place


def _value(told: str | None) -> str | None:
    return (told or "").strip()[:LONGEST] or None
