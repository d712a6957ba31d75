"""Messages other than text that a person can send with one tap: small samples made here, harmless to open."""

import struct
import zlib

from sandbox.world import StoredFile, World

KINDS = {"picture": "图片", "file": "文件", "audio": "语音", "video": "视频", "rich": "图文"}
_SIDE = 48
_SPEECH = "我想请明天下午半天年假"


async def send(world: World, userid: str, conversation_id: str, kind: str) -> None:
    """Send a sample of this kind; raises `KeyError` for a kind that isn't there."""
    match kind:
        case "picture":
            await world.send_file(userid, conversation_id, "picture", StoredFile("照片.png", "image/png", picture()))
        case "file":
            document = StoredFile("病假证明.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n")
            await world.send_file(userid, conversation_id, "file", document)
        case "audio":
            speech = StoredFile("语音.amr", "audio/amr", b"#!AMR\n")
            await world.send_file(userid, conversation_id, "audio", speech, duration_ms=3000, recognition=_SPEECH)
        case "video":
            clip = StoredFile("视频.mp4", "video/mp4", b"\x00\x00\x00\x08ftyp")
            await world.send_file(userid, conversation_id, "video", clip, duration_ms=5000)
        case "rich":
            mention = f"@{world.app.robot_name} " if world.conversation(userid, conversation_id).kind == "group" else ""
            photo = StoredFile("照片.png", "image/png", picture())
            await world.send_rich(userid, conversation_id, [f"{mention}这是我的病假条", photo])
        case _:
            raise KeyError(kind)


def picture() -> bytes:
    """Give a small PNG: a blue sheet that fades."""
    lines = b"".join(b"\0" + b"".join(bytes((90 + y, 140 + x, 235)) for x in range(_SIDE)) for y in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
