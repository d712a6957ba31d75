// The faults: what is ordered, used up or changed elsewhere is shown by itself.

import { setClock } from "./clock.js";
import { get, listen, sendForms } from "./live.js";

const told = {}; // what each part was last

async function refresh() {
  const news = await get("/page/faults");
  setClock(news.clock);
  for (const part of document.querySelectorAll("[data-part]")) {
    const html = news[part.id];
    if (told[part.id] === html) continue;
    told[part.id] = html;
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    if (at?.matches("input")) continue; // somebody is writing there
    part.innerHTML = html;
    if (at) [...part.querySelectorAll("button, select")].find((one) => one.name === at.name && one.value === at.value)?.focus();
  }
}

sendForms(listen("faults", refresh, { pause: 200 }));
