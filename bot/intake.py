"""Plain SDK handlers: what the stream hands over goes to the desk, and the desk's answer becomes the ack.

`bot.stream` runs the connection; these would work the same under the SDK's own loop.
"""

from typing import Any

import structlog
from dingtalk_stream import AckMessage, CallbackHandler, CallbackMessage, EventHandler, EventMessage

from bot.budget import Budget
from bot.desk import Desk
from bot.incoming import Malformed, read_id
from bot.pulls import Pulls

log = structlog.get_logger()


class MessageIntake(CallbackHandler):  # type: ignore[misc]
    """Robot messages."""

    TOPIC = "/v1.0/im/bot/messages/get"

    def __init__(self, desk: Desk, budget: Budget) -> None:
        super().__init__()
        self._desk = desk
        self._budget = budget

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        """Acknowledge once stored."""
        self._budget.pushed(self.TOPIC)
        try:
            await self._desk.take_message(message.data)
        except Malformed as error:
            log.warning("desk.malformed", topic=self.TOPIC, field=str(error))
            return AckMessage.STATUS_BAD_REQUEST, None
        return AckMessage.STATUS_OK, None


class ClickIntake(CallbackHandler):  # type: ignore[misc]
    """Card callbacks."""

    TOPIC = "/v1.0/card/instances/callback"

    def __init__(self, desk: Desk, budget: Budget) -> None:
        super().__init__()
        self._desk = desk
        self._budget = budget

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        """Acknowledge with the new card."""
        self._budget.pushed(self.TOPIC)
        try:
            frame_id = read_id("messageId", message.headers.message_id)
            ack = await self._desk.take_click(frame_id, message.data)
        except Malformed as error:
            log.warning("desk.malformed", topic=self.TOPIC, field=str(error))
            return AckMessage.STATUS_BAD_REQUEST, None
        return AckMessage.STATUS_OK, ack


class DynamicDataIntake(CallbackHandler):  # type: ignore[misc]
    """Pulls of what a card doesn't hold: answered at once and kept nowhere, the ack included."""

    TOPIC = "/v1.0/card/dynamicData/get"
    keeps_acks = False

    def __init__(self, pulls: Pulls, budget: Budget) -> None:
        super().__init__()
        self._pulls = pulls
        self._budget = budget

    async def process(self, message: CallbackMessage) -> tuple[int, Any]:
        """Acknowledge with the data."""
        self._budget.pushed(self.TOPIC)
        try:
            frame_id = read_id("messageId", message.headers.message_id)
            answers = await self._pulls.answer(frame_id, message.data)
        except Malformed as error:
            log.warning("desk.malformed", topic=self.TOPIC, field=str(error))
            return AckMessage.STATUS_BAD_REQUEST, None
        return AckMessage.STATUS_OK, {"dataSourceQueryResponses": answers}


class EventIntake(EventHandler):  # type: ignore[misc]
    """Events of people and departments."""

    def __init__(self, desk: Desk, budget: Budget) -> None:
        super().__init__()
        self._desk = desk
        self._budget = budget

    async def process(self, event: EventMessage) -> tuple[int, Any]:
        """Acknowledge once stored."""
        headers = event.headers
        self._budget.pushed(str(headers.event_type))
        try:
            event_id = read_id("eventId", headers.event_id)
        except Malformed as error:
            log.warning("desk.malformed", topic="EVENT", field=str(error))
            return AckMessage.STATUS_BAD_REQUEST, "malformed"
        try:
            await self._desk.take_event(event_id, str(headers.event_type), event.data)
        except TimeoutError:
            log.warning("desk.event_later", event_type=str(headers.event_type))
            return AckMessage.STATUS_SYSTEM_EXCEPTION, "not stored in time"
        return AckMessage.STATUS_OK, "OK"
