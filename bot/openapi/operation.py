"""What is known of a call before it is made: where it goes, whether a repeat is harmless, whether it costs quota."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """DingTalk's two API families; one app token opens both."""

    NEW = "new"
    """`api.dingtalk.com`: token in a header, camelCase, failure as HTTP 4xx/5xx with a `code`."""

    OLD = "old"
    """`oapi.dingtalk.com`: token in the query, snake_case, failure as HTTP 200 with an `errcode`."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented call.

    `name` labels metrics and paces the call (DingTalk's limit is per app and API); `page` is the page of the server
    API documentation; `scope` the permission an operator has to apply for; `idempotent` says that doing it twice is
    as good as once; `counted` that it costs one call of the monthly quota (A/1431, A/1432).
    """

    name: str
    method: str
    path: str
    family: Family
    page: str
    scope: str = ""
    idempotent: bool = False
    counted: bool = True
