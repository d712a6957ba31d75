"""Reading an answer: one look at status and text gives the body, or the typed error it stands for.

Lenient on purpose: the documents themselves print `"errcode":"0"`, `"success":"true"` and three spellings of the same
key (A/0003, A/0013).
"""

from collections.abc import Mapping
from typing import Any

from bot.compact import loads

from .errors import DingTalkError, ScopeMissing, UnexpectedAnswer, typed
from .operation import Family, Operation

_BAN_MINUTES = 5  # A/0012: an address over 10,000 calls in 20 s is shut out for five minutes


def field(body: Mapping[str, Any], *names: str) -> Any:
    """Give the first value present under one of `names`, whatever the case of the key; None if there is none."""
    for name in names:
        if name in body:
            return body[name]
    folded = body if all(map(str.islower, body)) else {key.lower(): value for key, value in body.items()}
    return next((folded[name.lower()] for name in names if name.lower() in folded), None)


def text(value: Any) -> str:
    """Give an id or a word as text; numbers become their digits, absence the empty string."""
    return "" if value is None else str(value)


def truth(value: Any) -> bool:
    """Give the truth of a flag that may be spelled `true`, `"true"` or `1`."""
    return value.strip().lower() in {"true", "1", "y", "yes"} if isinstance(value, str) else bool(value)


def integer(value: Any) -> int | None:
    """Give a whole number that may have been sent as text; None if it isn't one."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def items(value: Any) -> list[Any]:
    """Give a list; A/0056 and A/0062 print one as JSON text, and a list of one as its object."""
    if isinstance(value, str):
        try:
            value = loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else []


def records(value: Any) -> list[Mapping[str, Any]]:
    """Give the objects of a list; what isn't a list of objects counts as empty."""
    return [one for one in items(value) if isinstance(one, dict)]


def read(operation: Operation, http_status: int, content: str) -> Mapping[str, Any]:
    """Give the body of a successful answer.

    Raises:
        DingTalkError: the type that the code of a failed answer stands for.
    """
    body = _parse(operation, http_status, content)
    failure = _failure(operation, http_status, body)
    if failure is not None:
        raise failure
    return body


def _parse(operation: Operation, http_status: int, content: str) -> Mapping[str, Any]:
    try:
        body = loads(content) if content.strip() else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        if http_status >= 500:
            raise _typed(operation, f"http {http_status}", http_status, {})
        stray = UnexpectedAnswer("not json", f"HTTP {http_status}", http_status=http_status, api=operation.name)
        # A page is what a blocked address gets (A/0012), or a proxy's: no API saw the call.
        stray.not_executed = content.lstrip()[:9].lower().startswith(("<!doctype", "<html"))
        raise stray
    if field(body, "punish") is not None and field(body, "wait") is not None:
        banned = UnexpectedAnswer("ip banned", http_status=http_status, api=operation.name)
        banned.not_executed = True  # turned away before any API saw it
        banned.retry_after = 60.0 * (integer(field(body, "wait")) or _BAN_MINUTES)
        raise banned
    return body


def _failure(operation: Operation, http_status: int, body: Mapping[str, Any]) -> DingTalkError | None:
    errcode = field(body, "errcode")
    success = field(body, "success")
    if http_status == 200:
        code = text(errcode) if errcode is not None and integer(errcode) != 0 else ""
        if not code and success is not None and not truth(success):
            code = text(field(body, "code")) or "success=false"
        if not code and operation.family is Family.OLD and errcode is None and success is None:
            return UnexpectedAnswer("no errcode", http_status=http_status, api=operation.name)
    elif 300 <= http_status < 400:
        return UnexpectedAnswer("redirect", http_status=http_status, api=operation.name)
    elif http_status >= 400:
        code = text(field(body, "code")) or text(errcode) or f"http {http_status}"
    else:
        code = ""
    return _typed(operation, code, http_status, body) if code else None


def _typed(operation: Operation, code: str, http_status: int, body: Mapping[str, Any]) -> DingTalkError:
    detail = field(body, "accessdenieddetail")
    scopes = field(detail, "requiredScopes") if isinstance(detail, dict) else None
    error = typed(
        code,
        text(field(body, "message", "errmsg", "sub_msg")),
        http_status=http_status,
        request_id=text(field(body, "requestid", "request_id")),
        api=operation.name,
        scopes=[text(one) for one in scopes] if isinstance(scopes, list) else (),
        sub_code=text(field(body, "sub_code")),
    )
    if isinstance(error, ScopeMissing) and not error.scopes and operation.scope:
        error.scopes = (operation.scope,)  # the old family doesn't say which one it misses
    return error
