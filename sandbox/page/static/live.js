// What both views share: news from the sandbox, putting fresh HTML in place, forms sent without leaving the page.

const toasts = document.getElementById("toasts");

/** Show words for a while; `reason` is for developers. */
export function toast(words, reason = "") {
  const box = document.createElement("p");
  box.className = "toast";
  box.append(words);
  if (reason) {
    const small = document.createElement("small");
    small.textContent = reason;
    box.append(small);
  }
  toasts.replaceChildren(box);
  setTimeout(() => box.remove(), 6000);
}

/** Call `refresh` after every change, never twice at a time, and at most every `pause` milliseconds. */
export function listen(of, refresh, { pause = 0, reset = null } = {}) {
  let running = false;
  let again = false;
  const ask = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      try {
        await refresh();
      } catch {
        toast("暂时连不上沙箱，稍后自动重试");
      }
      if (pause) await new Promise((done) => setTimeout(done, pause));
    } while (again);
    running = false;
  };
  const source = new EventSource(`/page/events?of=${of}`);
  source.addEventListener("change", (event) => (reset && JSON.parse(event.data).kind === "reset" ? reset() : ask()));
  source.addEventListener("hello", ask); // also after a reconnect: what was missed is asked for
  addEventListener("pagehide", () => source.close());
  return ask;
}

/** Give the JSON of an address. */
export async function get(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Make `list` hold the elements of `html`: same id and same rev stay untouched. Gives the new ones. */
export function put(list, html, carry = () => {}) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const added = [];
  const wanted = [...fresh.content.children];
  const kept = new Set(wanted.map((one) => one.id));
  for (const old of [...list.children]) if (!kept.has(old.id)) old.remove();
  wanted.forEach((one, place) => {
    const old = document.getElementById(one.id);
    const here = list.children[place] ?? null;
    if (old && old.dataset.rev === one.dataset.rev) {
      if (old !== here) list.insertBefore(old, here);
    } else if (old) {
      carry(old, one);
      old.replaceWith(one);
      refocus(one);
    } else {
      list.insertBefore(one, here);
      added.push(one);
    }
  });
  return added;
}

let lost = null; // how to find the control that had the focus when its element was replaced

/** Remember the focus before an element goes. */
export function keepFocus(old) {
  const at = document.activeElement;
  lost = old.contains(at) && at.name ? { name: at.name, value: at.type === "submit" ? at.value : null } : null;
  if (!lost && old.contains(at)) lost = { name: "", value: null };
}

function refocus(fresh) {
  if (!lost) return;
  const same = lost.name
    ? [...fresh.querySelectorAll("[name]")].find((one) => one.name === lost.name && (lost.value === null || one.value === lost.value) && !one.disabled)
    : null;
  const target = same ?? fresh.querySelector(".card");
  lost = null;
  if (target) {
    if (!same) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }
}

/** Send a form and give what came back: {toast, reason, missing}. */
export async function send(form, button) {
  const filled = new FormData(form, button);
  const body = form.enctype === "multipart/form-data" ? filled : new URLSearchParams(filled);
  try {
    // Not form.action: a button of that name would stand in its place.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
    return await answer.json();
  } catch {
    return { toast: "没有发出去，沙箱没有回应", failed: true };
  }
}

/** Send every form marked for it without leaving the page, then ask for news. */
export function sendForms(ask) {
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-live]")) return;
    event.preventDefault();
    const answer = await send(event.target, event.submitter);
    if (answer.toast) toast(answer.toast, answer.reason);
    ask();
  });
}

for (const menu of document.querySelectorAll("[data-live-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}
