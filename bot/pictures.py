"""Pictures of papers, fetched behind the answer: DingTalk is asked outside any transaction, the picture kept in one."""

from collections.abc import Sequence

import structlog

from bot.openapi import DingTalkError, FileRefused, Files
from bot.outbox import Outbox
from bot.tasks import Chunk, Task
from bot.workplace import Workplace
from cards.view import TextView
from handlers.dispatch import Outgoing
from handlers.messages import Show
from handlers.personnel import MOST_PICTURE, TAKE, onwards
from handlers.router import Services
from handlers.store import Dialogues
from handlers.surface import Surface
from hr_core.attachments import AttachmentRefused, Picture, read_picture
from hr_core.errors import HRError
from hr_core.personnel.model import STEP_OF
from hr_core.personnel.service import PersonnelService

log = structlog.get_logger()


class Pictures:
    """The task behind a picture that was sent for somebody's own file."""

    def __init__(self, files: Files, workplace: Workplace, outbox: Outbox) -> None:
        self._files = files
        self._workplace = workplace
        self._outbox = outbox

    def tasks(self) -> Sequence[Task]:
        """Give what can be asked for."""
        return (Task(TAKE, self.take, attempts=4),)

    async def take(self, chunk: Chunk) -> None:
        """Fetch, check, keep, and ask for the next; what isn't taken is said, and the same is asked for again."""
        employee, part = int(chunk.args["employee"]), str(chunk.args["part"])
        taken = await self._checked(str(chunk.args["code"]))
        async with chunk.transaction() as session:
            services = await self._workplace.services(session, chunk.cause, conversation="private")
            told = await self._kept(services, employee, part, taken) if isinstance(taken, Picture) else taken
            if isinstance(told, HRError):
                text = TextView("", self._workplace.words.say(told.code, **told.values))
                self._outbox.put(session, Outgoing(employee, text), cause=chunk.cause)
                return
            self._outbox.put(session, Outgoing(employee, show=told), cause=chunk.cause)

    async def _checked(self, code: str) -> Picture | HRError:
        try:
            return read_picture(await self._files.fetch(code, most=MOST_PICTURE))
        except FileRefused as error:
            log.warning("pictures.refused", code=error.code, mend=error.remedy)
            return AttachmentRefused("too_large", "file", most=MOST_PICTURE // 1024 // 1024)
        except DingTalkError as error:
            if error.transient:
                raise
            log.warning("pictures.not_fetched", code=error.code, mend=error.remedy)
            return PictureLost()
        except AttachmentRefused as error:
            return error

    async def _kept(self, services: Services, employee: int, part: str, picture: Picture) -> Show | HRError:
        personnel: PersonnelService = services[PersonnelService]  # type: ignore[assignment]
        dialogues: Dialogues = services[Dialogues]  # type: ignore[assignment]
        surface: Surface = services[Surface]  # type: ignore[assignment]
        try:
            await personnel.keep_picture(employee, part, picture)
        except HRError as error:  # Before anything was written: the consent is gone, or the person.
            return error
        return await onwards(employee, personnel, dialogues, surface, first=STEP_OF[part].key)


class PictureLost(HRError):
    """DingTalk doesn't give the picture any more."""

    code = "personnel.error.picture_lost"
