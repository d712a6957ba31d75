"""What the robot says: private and group messages, and answers by session webhook (A/0699, A/0714, A/0716)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .answer import field, text
from .errors import BadRequest
from .operation import Family, Operation
from .transport import Before, Transport

SEND_PRIVATE = Operation(
    "robot.send_private", "POST", "/v1.0/robot/oToMessages/batchSend", Family.NEW, "A/0714", "qyapi_robot_sendmsg"
)
SEND_GROUP = Operation(
    "robot.send_group", "POST", "/v1.0/robot/groupMessages/send", Family.NEW, "A/0716", "qyapi_robot_sendmsg"
)
TAKE_BACK = Operation(
    "robot.take_back", "POST", "/v1.0/robot/otoMessages/batchRecall", Family.NEW, "A/0723", "qyapi_robot_sendmsg",
    idempotent=True,
)  # fmt: skip
"""Note the small `to` of this path."""
RECEIVERS_PER_CALL = 20
_PARAM_BYTES = 15_000  # A/0716; no figure is given for private messages


@dataclass(frozen=True, slots=True)
class Text:
    """A plain message."""

    content: str

    def as_template(self) -> tuple[str, Mapping[str, str]]:
        """Give `msgKey` and `msgParam`."""
        return "sampleText", {"content": self.content}

    def as_webhook(self, at_user_ids: Sequence[str] = ()) -> Mapping[str, Any]:
        """Give the session webhook's payload; an @ shows only if the text names the id as well."""
        content = " ".join([self.content, *(f"@{user}" for user in at_user_ids)])
        return {"msgtype": "text", "text": {"content": content}, **_at(at_user_ids)}


@dataclass(frozen=True, slots=True)
class Markdown:
    """A message in DingTalk's Markdown subset (no tables, code blocks or HTML). `title` shows in the chat list."""

    title: str
    text: str

    def as_template(self) -> tuple[str, Mapping[str, str]]:
        """Give `msgKey` and `msgParam`."""
        return "sampleMarkdown", {"title": self.title, "text": line_breaks(self.text)}

    def as_webhook(self, at_user_ids: Sequence[str] = ()) -> Mapping[str, Any]:
        """Give the session webhook's payload; an @ shows only if the text names the id as well."""
        body = "\n".join([self.text, *(f"@{user}" for user in at_user_ids)])
        return {"msgtype": "markdown", "markdown": {"title": self.title, "text": line_breaks(body)}, **_at(at_user_ids)}


@dataclass(frozen=True, slots=True)
class File:
    """A file that was uploaded (sampleFile, A/0714); `name` tells its type by its ending. No webhook takes one."""

    media_id: str
    name: str

    def as_template(self) -> tuple[str, Mapping[str, str]]:
        """Give `msgKey` and `msgParam`."""
        ending = self.name.rpartition(".")[2]
        return "sampleFile", {"mediaId": self.media_id, "fileName": self.name, "fileType": ending}


WebhookMessage = Text | Markdown
RobotMessage = WebhookMessage | File


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message. `key` is needed to recall it or to see who read it.

    A success may be partial: `invalid` users can't be reached at all, `flow_controlled` ones have to be sent again.
    """

    key: str
    invalid: tuple[str, ...] = ()
    flow_controlled: tuple[str, ...] = ()


class Robot(Protocol):
    """The robot's voice."""

    async def send_private(
        self, user_ids: Sequence[str], message: RobotMessage, *, before: Before | None = None
    ) -> Sent:
        """Send to at most 20 people. There is no idempotency key: after `OutcomeUnknown` it may have been sent."""
        ...

    async def send_group(
        self, open_conversation_id: str, message: RobotMessage, *, before: Before | None = None
    ) -> Sent:
        """Send to a group the robot is in."""
        ...

    async def reply(
        self, session_webhook: str, message: WebhookMessage, at_user_ids: Sequence[str] = (), *, uuid: str = ""
    ) -> None:
        """Answer where a message came from. Check `is_our_host` and the webhook's expiry before.

        `uuid` makes a repeat harmless: `msgUuid` of webhook robots (A/0717), not documented for session webhooks.
        """
        ...

    async def take_back(self, keys: Sequence[str]) -> None:
        """Take back at most 20 private messages, within 24 hours of sending; a second time is harmless."""
        ...

    def is_our_host(self, url: str) -> bool:
        """Tell whether a session webhook leads to a configured endpoint; anything else must not be called."""
        ...


class RobotApi(Robot):
    """The robot's voice over HTTP."""

    def __init__(self, transport: Transport, robot_code: str) -> None:
        self._transport = transport
        self._robot_code = robot_code

    async def send_private(
        self, user_ids: Sequence[str], message: RobotMessage, *, before: Before | None = None
    ) -> Sent:
        """Send to at most 20 people."""
        if not 0 < len(user_ids) <= RECEIVERS_PER_CALL:
            raise BadRequest("invalidParameter.userIds.overMax", f"{len(user_ids)} users", api=SEND_PRIVATE.name)
        body = self._body(SEND_PRIVATE, message, userIds=list(user_ids))
        return _sent(await self._transport.call(SEND_PRIVATE, body, before=before))

    async def send_group(
        self, open_conversation_id: str, message: RobotMessage, *, before: Before | None = None
    ) -> Sent:
        """Send to a group the robot is in."""
        body = self._body(SEND_GROUP, message, openConversationId=open_conversation_id)
        return _sent(await self._transport.call(SEND_GROUP, body, before=before))

    async def reply(
        self, session_webhook: str, message: WebhookMessage, at_user_ids: Sequence[str] = (), *, uuid: str = ""
    ) -> None:
        """Answer where a message came from."""
        payload = message.as_webhook(at_user_ids)
        await self._transport.post_webhook(session_webhook, {**payload, "msgUuid": uuid} if uuid else payload)

    async def take_back(self, keys: Sequence[str]) -> None:
        """Take back private messages."""
        await self._transport.call(TAKE_BACK, {"robotCode": self._robot_code, "processQueryKeys": list(keys)})

    def is_our_host(self, url: str) -> bool:
        """Tell whether a session webhook leads to a configured endpoint."""
        return self._transport.is_our_host(url)

    def _body(self, operation: Operation, message: RobotMessage, **receiver: Any) -> Mapping[str, Any]:
        key, param = message.as_template()
        packed = json.dumps(param, ensure_ascii=False, separators=(",", ":"))
        if len(packed.encode()) > _PARAM_BYTES:
            # Refused here: there it would cost a call of the monthly quota to hear the same.
            raise BadRequest("invalidParameter.msgParam.tooLong", f"over {_PARAM_BYTES} bytes", api=operation.name)
        return {"robotCode": self._robot_code, "msgKey": key, "msgParam": packed, **receiver}


def line_breaks(markdown: str) -> str:
    """Give the text with line breaks as DingTalk renders them: two spaces on either side (A/0699)."""
    return "  \n  ".join(line.removeprefix("  ").rstrip() for line in markdown.split("\n"))


def _at(user_ids: Sequence[str]) -> Mapping[str, Any]:
    return {"at": {"atUserIds": list(user_ids), "isAtAll": False}} if user_ids else {}


def _sent(answer: Mapping[str, Any]) -> Sent:
    return Sent(
        key=text(field(answer, "processQueryKey")),
        invalid=_ids(field(answer, "invalidStaffIdList")),
        flow_controlled=_ids(field(answer, "flowControlledStaffIdList")),
    )


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(text(one) for one in value) if isinstance(value, list) else ()
