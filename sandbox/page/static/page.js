// A page without news of its own: its clock ticks and its forms are sent.

import { setClock } from "./clock.js";
import { get, sendForms } from "./live.js";

sendForms(async () => setClock(await get("/page/clock")));
