"""The DingTalk calls we make, one module per API family behind small protocols, and one shared transport."""

from .attendance import AttendanceGroups
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
from .staff import Invited, Staff, Taken
from .transport import Limits, OnCall

__all__ = [
    "AttendanceGroups",
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
    "Invited",
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
    "Staff",
    "Taken",
    "TemplateMissing",
    "Text",
    "Throttled",
    "ToGroup",
    "ToPerson",
    "TokenRejected",
    "Unavailable",
    "UnexpectedAnswer",
]
