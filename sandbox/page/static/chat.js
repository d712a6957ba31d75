// A phone: talk, fill in, tap; what changes appears by itself.

import { setClock } from "./clock.js";
import { get, keepFocus, listen, put, send, toast } from "./live.js";

const phone = document.querySelector(".phone");
const log = document.getElementById("log");
const list = document.getElementById("messages");
const box = document.getElementById("text");
const query = new URLSearchParams(location.search);

// News

let first = true;

async function refresh() {
  const asked = new URLSearchParams({ as: query.get("as") ?? "", chat: phone?.dataset.chat ?? "" });
  // A narrow window may show the list alone: nothing is read then.
  if (phone?.checkVisibility() && document.visibilityState === "visible") asked.set("seen", "yes");
  const news = await get(`/page/chat?${asked}`);
  if (news.gone) {
    // The company began anew, or this person left the group: their phone is still there.
    location.replace(`/?as=${query.get("as")}`);
    return;
  }
  setClock(news.clock);
  for (const mark of document.querySelectorAll("[data-unread]")) {
    const count = news.unread[mark.dataset.unread] ?? 0;
    mark.lastChild.textContent = count;
    mark.hidden = !count;
  }
  const conversations = document.getElementById("conversations");
  if (conversations) put(conversations, news.conversations, keepFocus);
  if (phone) refreshPhone(news);
  first = false;
}

function refreshPhone(news) {
  const line = document.getElementById("line");
  line.textContent = news.online ? "已连接" : "机器人未连接";
  line.className = `line ${news.online ? "on" : "off"}`;
  const following = atEnd();
  const changed = [];
  const added = put(list, news.messages, (old, fresh) => {
    carry(old, fresh);
    if (old.dataset.said !== fresh.dataset.said) changed.push(fresh);
  });
  const heard = [...added.filter((one) => one.classList.contains("theirs")), ...changed];
  if (heard.length && !first) {
    document.getElementById("announce").textContent = heard.map((one) => one.dataset.said).join("。");
  }
  document.getElementById("phrases")?.toggleAttribute("hidden", list.children.length > 0);
  watch();
  if (following || added.some((one) => one.classList.contains("mine"))) toEnd();
}

/** A card drawn anew keeps what its reader is writing into it. */
function carry(old, fresh) {
  keepFocus(old);
  for (const field of old.querySelectorAll("textarea, select, input:not([type=hidden])")) {
    if (!field.dataset.touched) continue;
    const same = [...fresh.querySelectorAll("[name]")].filter((one) => one.name === field.name);
    const twin = same.find((one) => one.value === field.value) ?? same[0];
    if (!twin) continue;
    if (field.type === "checkbox" || field.type === "radio") twin.checked = field.checked;
    else twin.value = field.value;
    twin.dataset.touched = "yes";
  }
}

function atEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 120;
}

/** Show the last message: its end, or its beginning when it is taller than the screen. */
function toEnd() {
  const last = list.lastElementChild;
  const tall = last && last.offsetHeight > log.clientHeight - 20;
  log.scrollTop = tall ? last.offsetTop - list.offsetTop : log.scrollHeight;
}

// A card with a dynamic data source is asked for whenever it comes into view, not when it is merely drawn anew.

const inView = new Set();
const eyes = new IntersectionObserver((seen) => {
  for (const one of seen) {
    const { target } = one;
    if (!target.isConnected) continue;
    if (!one.isIntersecting) inView.delete(target.id);
    else if (!inView.has(target.id)) {
      inView.add(target.id);
      pull(target);
    }
  }
}, { threshold: 0.1 });

function watch() {
  for (const one of list.querySelectorAll("[data-look]:not([data-watched])")) {
    one.dataset.watched = "yes";
    eyes.observe(one);
  }
}

async function pull(message) {
  message.querySelector(".card")?.setAttribute("aria-busy", "true");
  const hint = message.querySelector("[data-pull] .hint");
  if (hint) hint.textContent = "正在向机器人取数据…";
  const body = new URLSearchParams({ as: phone.dataset.as, chat: phone.dataset.chat, card: message.dataset.look });
  const answer = await fetch("/page/look", { method: "POST", body, headers: { Accept: "application/json" } }).then((one) => one.json(), () => ({ toast: "" }));
  const now = document.getElementById(message.id) ?? message;
  now.querySelector(".card")?.setAttribute("aria-busy", "false");
  const left = now.querySelector("[data-pull] .hint");
  if (left && answer.toast) left.textContent = `${answer.toast}：机器人没有在两秒内给出。`;
}

const ask = listen("chat", refresh);
document.addEventListener("visibilitychange", ask);

// Doing

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-live]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  if (form.id === "composer" && !box.value.trim()) return;
  const button = event.submitter;
  const card = form.closest(".card");
  form.dataset.busy = "yes";
  const text = form.id === "composer" ? box.value : "";
  const answering = send(form, button);
  if (form.id === "composer") {
    box.value = "";
    grow(box);
  }
  if (card) busy(card, button, true);
  const answer = await answering;
  delete form.dataset.busy;
  if (card) busy(card, button, false);
  if (answer.failed && text) box.value = text;
  if (form.closest("[data-live-menu]") && !form.closest("#clock")) form.closest("details").open = false;
  showMissing(form, answer.missing ?? {});
  if (form.enctype === "multipart/form-data" && !answer.toast) form.reset();
  if (answer.toast) toast(answer.toast, answer.reason);
  ask();
});

function busy(card, button, on) {
  card.setAttribute("aria-busy", String(on));
  button?.classList.toggle("working", on);
}

function showMissing(form, missing) {
  let shown = null;
  for (const field of form.querySelectorAll("[data-field]")) {
    const words = missing[field.dataset.field] ?? "";
    const error = field.querySelector(".error");
    error.textContent = words;
    error.hidden = !words;
    for (const control of field.querySelectorAll("input, select, textarea")) {
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
    if (words) shown ??= field.querySelector("input, select, textarea");
  }
  shown?.focus();
}

// Writing

function grow(area) {
  area.style.height = "auto";
  const most = area.dataset.maxRows ? area.dataset.maxRows * 23 + 18 : 140;
  area.style.height = `${Math.min(area.scrollHeight + 2, most)}px`;
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.closest(".card")) field.dataset.touched = "yes";
  if (field.matches("textarea")) grow(field);
  if (field.id === "find") find(field.value);
});

box?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  box.form.requestSubmit();
});

document.getElementById("at")?.addEventListener("click", (event) => {
  const mention = event.currentTarget.dataset.at;
  if (!box.value.startsWith(mention)) box.value = mention + box.value;
  box.focus();
});

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add]");
  if (!add) return;
  const lines = add.previousElementSibling;
  const next = lines.lastElementChild.cloneNode();
  next.value = "";
  next.removeAttribute("value");
  next.setAttribute("aria-label", next.getAttribute("aria-label").replace(/\d+$/, String(lines.children.length + 1)));
  lines.append(next);
  next.focus();
});

function find(words) {
  const wanted = words.trim().toLowerCase();
  let count = 0;
  for (const one of document.querySelectorAll("#everyone-list > li")) {
    one.hidden = !one.dataset.search.includes(wanted);
    count += one.hidden ? 0 : 1;
  }
  document.getElementById("found").textContent = wanted ? `找到 ${count} 人` : "";
}

// A company that the page doesn't hold is searched by the sandbox.
document.querySelector("form[role=search]:not([data-asks])")?.addEventListener("submit", (event) => event.preventDefault());

if (phone) {
  watch();
  toEnd();
  document.fonts?.ready.then(toEnd);
  list.addEventListener("load", (event) => event.target.clientHeight + 120 > log.scrollHeight - log.scrollTop - log.clientHeight && toEnd(), true);
  if (matchMedia("(min-width: 900px) and (pointer: fine)").matches) box.focus({ preventScroll: true });
}
