"""Files people sent (A/0719) and media the robot uploads (A/0646)."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from aiohttp import web

from sandbox.call import Call
from sandbox.operation import Error, Family, Field, Operation
from sandbox.robot.send import ROBOT_CODE
from sandbox.world import StoredFile

_MB = 1024 * 1024
_UPLOADS: Mapping[str, tuple[int, frozenset[str]]] = {
    "image": (20 * _MB, frozenset({"jpg", "jpeg", "gif", "png", "bmp"})),
    "voice": (2 * _MB, frozenset({"amr", "mp3", "wav"})),
    "video": (20 * _MB, frozenset({"mp4"})),
    "file": (20 * _MB, frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"})),
}


async def _download(call: Call) -> Mapping[str, Any]:
    world = call.world
    if call["robotCode"] != world.app.robot_code:
        raise call.fail("invalidParameter.robotCode.auth", "the robot has no right to the file")
    media_id = world.files.codes.get(call["downloadCode"])
    if media_id is None:
        raise call.fail("invalidParameter.robotCode.downloadCode", "downloadCode is wrong or expired")
    return {"downloadUrl": f"{world.base_url}/sandbox/media/{media_id}?Expires={world.clock.ms() // 1000 + 3600}"}


async def _upload(call: Call) -> Mapping[str, Any]:
    kind, part = call["type"], call["media"]
    if not isinstance(part, web.FileField):
        raise call.fail(43008, "需要multipart类型的文件")
    most, endings = _UPLOADS[kind]
    content = part.file.read()
    if len(content) > most:
        raise call.fail(40006, f"不合法的文件大小：{len(content)}，最多 {most}")
    if PurePath(part.filename).suffix.lower().lstrip(".") not in endings:
        raise call.fail(40005, "不合法的文件类型")
    media_id = call.world.files.keep(StoredFile(part.filename, part.content_type, content))
    return {"type": kind, "media_id": media_id, "created_at": call.world.clock.ms()}


OPERATIONS = (
    Operation(
        "robot.download", "POST", "/v1.0/robot/messageFiles/download", Family.NEW, "下载机器人接收的文件", "A/0719",
        _download, (Field("downloadCode", required=True, missing="invalidParameter.robotCode.empty"), ROBOT_CODE),
        "qyapi_robot_sendmsg",
        errors=(
            Error("invalidParameter.robotCode.auth", "此downloadCode和机器人robotCode不匹配"),
            Error("invalidParameter.robotCode.downloadCode", "下载码有误或者已经过期"),
        ),
    ),
    Operation(
        "media.upload", "POST", "/media/upload", Family.OLD, "上传媒体文件", "A/0646", _upload,
        (
            Field("type", required=True, missing="40004", bad="40004", choices=tuple(_UPLOADS)),
            Field("media", "file", required=True, missing="43008"),
        ),
        "qyapi_base",
        errors=(
            Error(40004, "不合法的媒体文件类型"),
            Error(40005, "不合法的文件类型"),
            Error(40006, "不合法的文件大小"),
            Error(43008, "需要multipart类型的文件"),
        ),
        note="the codes for a wrong type or size are assumed",
    ),
)  # fmt: skip
