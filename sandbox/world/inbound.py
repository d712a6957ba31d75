"""What the robot is told of a message: the data of `/v1.0/im/bot/messages/get` (A/0699), complete."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.world.chats import Conversation, Message
from sandbox.world.sessions import WEBHOOK_PATH

if TYPE_CHECKING:
    from sandbox.world.world import World

WEBHOOK_LIFE = timedelta(minutes=90)  # three samples print createdAt + 5,400 s; the text states nothing
_QUOTA_CODE = 20001
_QUOTA_TEXT = "本月 Webhook 与 Stream 推送次数已用完，请管理员升级版本或等待下月恢复。"


def inbound(world: "World", conversation: Conversation, message: Message, body: dict[str, Any]) -> dict[str, Any]:
    """Give the frame's data; once the month's pushes are used up it says so and carries no content."""
    app, sender = world.app, world.directory.users[message.sender]
    ends = world.clock.now() + WEBHOOK_LIFE
    session = world.sessions.open(conversation.id, ends)
    in_group = conversation.kind == "group"
    data: dict[str, Any] = {
        "conversationId": conversation.id,
        "conversationType": "2" if in_group else "1",
        "msgId": message.id,
        "createAt": int(message.at.timestamp() * 1000),
        "senderId": lwcp(sender.userid),
        "senderStaffId": sender.userid,
        "senderUnionId": sender.unionid,
        "senderNick": sender.name,
        "senderCorpId": app.corp_id,
        "senderPlatform": "Mac",
        "isAdmin": sender.admin,
        "chatbotCorpId": app.corp_id,
        "chatbotUserId": lwcp(app.robot_code),
        "robotCode": app.robot_code,
        "sessionWebhook": f"{world.base_url}{WEBHOOK_PATH}?session={session}",
        "sessionWebhookExpiredTime": int(ends.timestamp() * 1000),
    }
    if in_group:
        data["conversationTitle"] = conversation.title
        data["isInAtList"] = True
        data["atUsers"] = [{"dingtalkId": lwcp(app.robot_code)}] + [
            {"dingtalkId": lwcp(userid), "staffId": userid} for userid in message.mentions
        ]
    if world.meter.pushes >= world.meter.max_pushes:
        code, text = ("errorCode", "errorMessage") if world.meter.spelling == "error" else ("errCode", "errMsg")
        return {**data, code: _QUOTA_CODE, text: _QUOTA_TEXT}
    return {**data, **body}


def lwcp(name: str) -> str:
    """Give the encrypted id DingTalk prints for somebody: of no use for calls."""
    digest = name.encode().hex()
    return f"$:LWCP_v1:${digest}"


def heard(robot_name: str, text: str) -> str | None:
    """Give what the robot gets of a group message: the mention taken out, a space before; None without a mention."""
    for mention in (f"@{robot_name}", "@机器人"):
        if mention in text:
            return " " + " ".join(text.replace(mention, " ", 1).split())
    return None
