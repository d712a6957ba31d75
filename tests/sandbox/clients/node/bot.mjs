// A robot on the unmodified Node SDK: node --import ./redirect.mjs bot.mjs CLIENT_ID CLIENT_SECRET TEMPLATE

import { DWClient, EventAck, TOPIC_CARD, TOPIC_ROBOT } from "dingtalk-stream";

const [clientId, clientSecret, template] = process.argv.slice(2);
const client = new DWClient({ clientId, clientSecret });
const heard = new Map();

async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
  return response.json();
}

const reply = (message, text) => post(message.sessionWebhook, { msgtype: "text", text: { content: text } });

async function sendCard(message) {
  const token = await client.getAccessToken();
  await post(
    `${process.env.DINGTALK_OPENAPI_ENDPOINT}/v1.0/card/instances/createAndDeliver`,
    {
      cardTemplateId: template,
      outTrackId: message.msgId.replace(/\W/g, ""),
      callbackType: "STREAM",
      cardData: { cardParamMap: { title: "Node", buttons: JSON.stringify([{ id: "yes", text: "好" }]) } },
      imRobotOpenSpaceModel: { supportForward: false },
      openSpaceId: `dtv1.card//IM_ROBOT.${message.senderStaffId}`,
      imRobotOpenDeliverModel: { spaceType: "IM_ROBOT" },
    },
    { "x-acs-dingtalk-access-token": token },
  );
}

client
  .registerAllEventListener((event) => ({ status: EventAck.SUCCESS, message: event.headers.eventType }))
  .registerCallbackListener(TOPIC_ROBOT, async (frame) => {
    const message = JSON.parse(frame.data);
    const times = (heard.get(message.msgId) ?? 0) + 1;
    heard.set(message.msgId, times);
    const words = message.text.content.trim();
    if (words === "forget" && times === 1) return; // no ack: it has to come again
    client.socketCallBackResponse(frame.headers.messageId, null);
    if (words === "card") await sendCard(message);
    else await reply(message, times > 1 ? `${words} ${times}` : words);
  })
  .registerCallbackListener(TOPIC_CARD, (frame) => {
    const tap = JSON.parse(frame.data);
    const { params } = JSON.parse(tap.content).cardPrivateData;
    client.socketCallBackResponse(frame.headers.messageId, {
      cardUpdateOptions: { updateCardDataByKey: true },
      cardData: { cardParamMap: { status: `${tap.userId}: ${params.action}` } },
    });
  });

await client.connect();
