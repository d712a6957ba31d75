// The Node SDK has DingTalk's hosts written into it. This sends requests for them to the sandbox and changes nothing
// else: same path, same headers, same body. Loaded with `node --import`, before the SDK.

import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const HOSTS = new Set(["api.dingtalk.com", "oapi.dingtalk.com"]);
const { hostname, port } = new URL(process.env.DINGTALK_OPENAPI_ENDPOINT);
const request = https.request;

https.request = (options, callback) =>
  HOSTS.has(options.hostname)
    ? http.request({ ...options, protocol: "http:", host: hostname, hostname, port, agent: undefined }, callback)
    : request(options, callback);
syncBuiltinESMExports();
