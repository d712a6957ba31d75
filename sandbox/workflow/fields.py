"""Fields and refusals that several approval calls share."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world import User

INVALID = Error("invalidParameter", "参数错误")
NO_USER = Error("userNotExist", "用户不存在")
FORM_WRITE, FORM_READ = "Workflow.Form.Write", "Workflow.Form.Read"
WRITE, READ = "Workflow.Instance.Write", "Workflow.Instance.Read"


def given(*fields: Field, code: str = "invalidParameter") -> tuple[Field, ...]:
    """Give fields the code that answers whatever is wrong with them, unless they have one of their own."""
    return tuple(
        replace(
            one, missing=one.missing or code, bad=one.bad or code, over=one.over or one.bad or code,
            fields=given(*one.fields, code=code),
        )
        for one in fields
    )  # fmt: skip


_DEEPEST = (Field("id"), Field("bizAlias"), Field("name"), Field("value"), Field("extValue"))
_DEEPER = (*_DEEPEST, Field("details", "objects", most=150, unit="items", fields=(*_DEEPEST, Field("componentType"))))
VALUES = Field(
    "formComponentValues", "objects", required=True, most=150, unit="items",
    fields=(
        Field("name", required=True), Field("value", required=True, most=65535), Field("id"), Field("bizAlias"),
        Field("extValue", most=65535), Field("componentType"),
        Field("details", "objects", most=150, unit="items", fields=_DEEPER),
    ),
)  # fmt: skip
FILE = Field(
    "file", "object",
    fields=(
        Field("photos", "strings"),
        Field(
            "attachments", "objects", most=20, unit="items",
            fields=(
                Field("spaceId"), Field("fileSize"), Field("fileId", most=256), Field("fileName", most=256),
                Field("fileType"),
            ),
        ),
    ),
)  # fmt: skip


def person(call: Call, userid: str, refusal: Error = NO_USER) -> User:
    """Give somebody who works here."""
    found = call.world.directory.users.get(userid)
    if found is None:
        raise call.fail(refusal.code, refusal.meaning)
    return found


def iso(at: datetime | None) -> str | None:
    """Write an instant as the pages do, to the minute: `2022-08-31T11:52Z`. The Z is taken at its word."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if at else None


def told(**values: Any) -> dict[str, Any]:
    """Leave out what there isn't."""
    return {name: one for name, one in values.items() if one not in (None, "", [])}
