"""The DingTalk calls we make, one module per API family behind small protocols, and one shared transport."""

from .cards import Cards, Delivered, ToGroup, ToPerson
from .client import DingTalk
from .contacts import ContactDepartment, Contacts, ContactUser, DataScope
from .errors import (
    BadRequest,
    CredentialsRejected,
    DeliveryFailed,
    DingTalkError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    ScopeMissing,
    TemplateMissing,
    Throttled,
    TokenRejected,
    Unavailable,
    UnexpectedAnswer,
)
from .files import FileRefused, Files
from .media import Media
from .operation import Family, Operation
from .robot import File, Markdown, Robot, RobotMessage, Sent, Text
from .transport import Limits, OnCall

__all__ = [
    "BadRequest",
    "Cards",
    "ContactDepartment",
    "ContactUser",
    "Contacts",
    "CredentialsRejected",
    "DataScope",
    "Delivered",
    "DeliveryFailed",
    "DingTalk",
    "DingTalkError",
    "Family",
    "File",
    "FileRefused",
    "Files",
    "Forbidden",
    "Limits",
    "Markdown",
    "Media",
    "NotFound",
    "OnCall",
    "Operation",
    "OutcomeUnknown",
    "QuotaExhausted",
    "Robot",
    "RobotMessage",
    "ScopeMissing",
    "Sent",
    "TemplateMissing",
    "Text",
    "Throttled",
    "ToGroup",
    "ToPerson",
    "TokenRejected",
    "Unavailable",
    "UnexpectedAnswer",
]
