// The wire: rows appear as they happen; filtering is done here.

import { setClock } from "./clock.js";
import { get, listen, send, toast } from "./live.js";

const MOST = 1000;
const body = document.getElementById("entries");
const filter = document.querySelector(".filter");

async function refresh() {
  const newest = body.firstElementChild ? Number(body.firstElementChild.id.slice(2)) : 0;
  const news = await get(`/page/entries?after=${newest}`);
  setClock(news.clock);
  document.getElementById("meter").innerHTML = news.meter;
  const fresh = document.createElement("template");
  fresh.innerHTML = `<table><tbody>${news.rows}</tbody></table>`;
  body.prepend(...fresh.content.querySelectorAll("tbody > tr"));
  while (body.children.length > MOST) body.lastElementChild.remove();
  sift();
}

function sift() {
  const words = filter.q.value.trim().toLowerCase();
  const kinds = new Set([...filter.querySelectorAll("[name=kind]:checked")].map((one) => one.value));
  const counted = filter.counted.checked;
  let shown = 0;
  for (const row of body.children) {
    const fits = row.dataset.search.includes(words) && kinds.has(row.dataset.kind);
    row.hidden = !(fits && (!counted || row.dataset.counted === "yes"));
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("matches").textContent = `${shown} / ${body.children.length} 条`;
  document.getElementById("none").hidden = body.children.length > 0;
}

filter.addEventListener("input", sift);
filter.addEventListener("submit", (event) => event.preventDefault());

const ask = listen("wire", refresh, { pause: 200, reset: () => location.reload() });

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-live]")) return;
  event.preventDefault();
  const answer = await send(event.target, event.submitter);
  if (answer.toast) toast(answer.toast, answer.reason);
  ask();
});

sift();
