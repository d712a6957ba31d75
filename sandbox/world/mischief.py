"""Frames as they shouldn't be, in the spellings that DingTalk's own pages show, and worse ones."""

import json
from collections.abc import Callable, Mapping
from typing import Any

LARGEST_FRAME = 256 * 1024  # the Java client takes no larger one

Frame = Mapping[str, Any]
Data = dict[str, Any]


def spoiled(kind: str, frame: Frame, by: float) -> Frame | str:
    """Give the frame as a fault of this kind leaves it; as it was when the kind is none of a frame's contents."""
    if kind == "malformed":
        text = _compact(frame)
        return text[: len(text) // 2]
    if kind == "header_spelling":
        return {("header" if key == "headers" else key): value for key, value in frame.items()}
    if kind == "time_skew":
        headers = {**frame["headers"], "time": str(int(frame["headers"]["time"]) + int(by * 1000))}
        frame = {**frame, "headers": headers}
    change = _CHANGES.get(kind)
    return frame if change is None else {**frame, "data": _compact(change(json.loads(frame["data"])))}


def _without(*names: str) -> Callable[[Data], Data]:
    return lambda data: {key: value for key, value in data.items() if key not in names}


def _oversized(data: Data) -> Data:
    return {**data, "padding": "x" * LARGEST_FRAME}


def _timestamp(data: Data) -> Data:
    return {("timestamp" if key in {"timeStamp", "createAt"} else key): _texts(key, one) for key, one in data.items()}


def _texts(key: str, value: Any) -> Any:
    return str(value) if key in {"timeStamp", "createAt"} else value


def _params_beside(data: Data) -> Data:
    content = json.loads(data["content"])
    params = content["cardPrivateData"].pop("params", {})
    text = _compact({**content, "params": params})
    return {**data, "content": text, "value": text}


_CHANGES: Mapping[str, Callable[[Data], Data]] = {
    "oversized": _oversized,
    "no_sender": _without("senderStaffId"),
    "no_msg_id": _without("msgId"),
    "no_text": _without("text", "content"),
    "time_spelling": _timestamp,
    "only_value": _without("content"),
    "params_beside": _params_beside,
}


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
