"""Every kind of message the robot can send by msgKey (A/0699), and what it can upload (A/0646)."""

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from sandbox.world import StoredFile, World
from tests.sandbox.client import Answer, Robot

MB = 1024 * 1024
_TITLED = {"title": "t", "text": "x"}


def _buttons(count: int) -> dict[str, str]:
    return {f"action{what}{i}": what for i in range(1, count + 1) for what in ("Title", "URL")}


KINDS: list[tuple[str, dict[str, str], str]] = [
    ("sampleText", {"content": "x"}, "text"),
    ("sampleMarkdown", _TITLED, "markdown"),
    ("sampleImageMsg", {"photoURL": "https://x.cn/a.png"}, "image"),
    ("sampleLink", {**_TITLED, "picUrl": "p", "messageUrl": "m"}, "link"),
    ("sampleActionCard", {**_TITLED, "singleTitle": "b", "singleURL": "u"}, "actionCard"),
    *((f"sampleActionCard{count}", {**_TITLED, **_buttons(count)}, "actionCard") for count in range(2, 6)),
    (
        "sampleActionCard6",
        {**_TITLED, "buttonTitle1": "a", "buttonUrl1": "u", "buttonTitle2": "b", "buttonUrl2": "u"},
        "actionCard",
    ),
    ("sampleAudio", {"mediaId": "@voice", "duration": "4000"}, "audio"),
    ("sampleFile", {"mediaId": "@file", "fileName": "工资表.xlsx", "fileType": "xlsx"}, "file"),
    ("sampleVideo", {"videoMediaId": "@v", "picMediaId": "@p", "duration": "9", "videoType": "mp4"}, "video"),
]


async def _send(robot: Robot, key: str, param: Any) -> Answer:
    body = {"robotCode": robot.sandbox.world.app.robot_code, "userIds": ["lin"], "msgKey": key}
    return await robot.new("POST", "/v1.0/robot/oToMessages/batchSend", {**body, "msgParam": json.dumps(param)})


@pytest.mark.parametrize(("key", "param", "kind"), KINDS, ids=[key for key, _, _ in KINDS])
async def test_each_needs_all_its_parameters_as_texts(
    robot: Robot, world: World, key: str, param: dict[str, str], kind: str
) -> None:
    world.app.calls_per_second = 1000
    for name, value in param.items():
        if name.endswith("ediaId"):
            world.files.stored[value] = StoredFile("f", "application/octet-stream", b"x")
    assert (await _send(robot, key, param)).status == 200
    [message] = world.chats.with_robot("lin").messages
    assert (message.kind, message.raw) == (kind, param)
    for name in param:
        for wrong in ({}, {name: ""}, {name: 1}, {name.upper(): param[name]}):
            rest = {other: value for other, value in param.items() if other != name}
            answer = await _send(robot, key, {**rest, **wrong})
            assert (answer.status, answer.code) == (400, "invalidParameter.msgParam.invalid"), (name, wrong)
    assert len(world.chats.with_robot("lin").messages) == 1


@pytest.mark.parametrize(
    ("key", "param"),
    [
        ("sampleFile", {"mediaId": "@file", "fileName": "a.exe", "fileType": "exe"}),
        ("sampleFile", {"mediaId": "@unknown", "fileName": "a.pdf", "fileType": "pdf"}),
        ("sampleVideo", {"videoMediaId": "@file", "picMediaId": "@file", "duration": "9", "videoType": "avi"}),
    ],
)
async def test_what_phones_cant_open_is_refused(robot: Robot, world: World, key: str, param: dict[str, str]) -> None:
    world.files.stored["@file"] = StoredFile("f", "application/octet-stream", b"x")
    assert (await _send(robot, key, param)).code == "invalidParameter.msgParam.invalid"


async def test_a_key_is_case_sensitive_and_known(robot: Robot) -> None:
    for key in ("sampletext", "sampleActionCard1", "sampleActionCard7"):
        assert (await _send(robot, key, {"content": "x"})).code == "invalidParameter.msgKey.invalid"


async def _upload(robot: Robot, kind: str, name: str, size: int) -> Any:
    form = aiohttp.FormData()
    form.add_field("type", kind)
    form.add_field("media", BytesIO(b"x" * size), filename=name)
    params = {"access_token": robot.sandbox.world.tokens.issue()}
    async with robot.http.post("/media/upload", params=params, data=form) as response:
        return await response.json()


@pytest.mark.parametrize(
    ("kind", "most", "endings"),
    [
        ("image", 20 * MB, "jpg gif png bmp"),
        ("voice", 2 * MB, "amr mp3 wav"),
        ("video", 20 * MB, "mp4"),
        ("file", 20 * MB, "doc docx xls xlsx ppt pptx zip pdf rar"),
    ],
)
async def test_each_kind_of_file_has_its_endings_and_its_size(
    robot: Robot, world: World, kind: str, most: int, endings: str
) -> None:
    for ending in endings.split():
        told = await _upload(robot, kind, f"a.{ending}", 1)
        assert set(told) == {"errcode", "errmsg", "type", "media_id", "created_at", "request_id"}
        assert (told["errcode"], told["type"], told["media_id"] in world.files.stored) == (0, kind, True)
    ending = endings.split()[0]
    assert (await _upload(robot, kind, f"a.{ending}", most))["errcode"] == 0
    assert (await _upload(robot, kind, f"a.{ending}", most + 1))["errcode"] == 40006
    assert (await _upload(robot, kind, "a.exe", 1))["errcode"] == 40005


async def test_an_upload_needs_a_kind_and_a_file(robot: Robot) -> None:
    assert (await _upload(robot, "Image", "a.png", 1))["errcode"] == 40004
    assert (await _upload(robot, "", "a.png", 1))["errcode"] == 40004
    assert (await robot.old("/media/upload", {"type": "image"})).code == 43008
