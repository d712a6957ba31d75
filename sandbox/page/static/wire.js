// The wire: what happens appears below; the sandbox filters, this page puts in place.

import { setClock } from "./clock.js";
import { get, keepFocus, listen, put, sendForms } from "./live.js";

const list = document.getElementById("entries");
const filter = document.getElementById("filter");
const sequence = document.getElementById("sequence");
let asked = 0;
let sifted = false; // only then is the count told: news would be too much

async function refresh() {
  const mine = ++asked;
  const news = await get(`/page/entries?${new URLSearchParams(new FormData(filter))}`);
  if (mine !== asked) return;
  setClock(news.clock);
  document.getElementById("meter").innerHTML = news.meter;
  putCosts(news.costs);
  document.getElementById("lifelines").innerHTML = news.lifelines;
  sequence.dataset.width = news.width;
  const following = innerHeight + scrollY > document.documentElement.scrollHeight - 160;
  const added = put(list, news.rows, carry);
  document.getElementById("none").hidden = list.children.length > 0;
  if (sifted) document.getElementById("matches").textContent = `${list.children.length} 条`;
  sifted = false;
  if (following && added.length) scrollTo({ top: document.documentElement.scrollHeight });
}

function putCosts(html) {
  const box = document.getElementById("costs");
  const open = box.querySelector("details").open;
  const focused = box.contains(document.activeElement);
  box.innerHTML = html;
  box.querySelector("details").open = open;
  if (focused) box.querySelector("summary").focus();
}

/** An entry drawn anew stays open. */
function carry(old, fresh) {
  const [was, is] = [old.querySelector("details"), fresh.querySelector("details")];
  if (!was?.open || !is) return keepFocus(old);
  const at = document.activeElement;
  is.replaceWith(was);
  if (was.contains(at)) requestAnimationFrame(() => at.focus({ preventScroll: true }));
}

list.addEventListener("toggle", open, true);

async function open(event) {
  const box = event.target;
  if (!box.open || !box.dataset.entry || box.dataset.filled) return;
  box.dataset.filled = "yes";
  try {
    box.querySelector(".inside").innerHTML = (await get(`/wire/${box.dataset.entry}`)).html;
  } catch {
    delete box.dataset.filled; // the link is still there
  }
}

const ask = listen("wire", refresh, { pause: 200, reset: () => location.reload() });

filter.addEventListener("submit", (event) => event.preventDefault());
filter.addEventListener("input", () => {
  const told = new URLSearchParams(new FormData(filter));
  for (const [name, value] of [...told]) if (!value || (name === "show" && value === "all")) told.delete(name);
  sifted = true;
  history.replaceState(null, "", `/wire?${told}`);
  ask();
});

sendForms(ask);
