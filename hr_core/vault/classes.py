"""Which class a sealed value belongs to: by the first part of its place. A new place gets its line here."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DataClass(StrEnum):
    """What has data keys of its own, so that one can be renewed, or destroyed, without the others."""

    PAY = "pay"
    IDENTITY = "identity"
    BANK = "bank"
    MEDICAL = "medical"
    CONVERSATION = "conversation"
    ATTACHMENT = "attachment"
    AUDIT = "audit"
    """Seals no values: the audit chain's keys come of it. Old ones stay: what they sealed must be provable."""
    INDEX = "index"
    """Seals nothing: the keys of blind indexes. A new one has every index computed anew from its sealed value."""


CLASS_OF: Mapping[str, DataClass] = MappingProxyType(
    {
        "attachment": DataClass.ATTACHMENT,
        "approval_step": DataClass.CONVERSATION,
        "bank": DataClass.BANK,
        "correction": DataClass.IDENTITY,  # What is wrong and what is right: addresses, numbers, names.
        "dialogue": DataClass.CONVERSATION,
        "hire": DataClass.IDENTITY,  # The mobile of somebody who isn't an employee yet.
        "hire_step": DataClass.CONVERSATION,
        "identity": DataClass.IDENTITY,
        "inbox": DataClass.CONVERSATION,
        "inbox.ack": DataClass.CONVERSATION,
        "leave": DataClass.MEDICAL,  # A reason for leave is often one of health.
        "medical": DataClass.MEDICAL,
        "outbox": DataClass.CONVERSATION,
        "pay": DataClass.PAY,
    }
)
