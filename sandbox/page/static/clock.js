// The sandbox's clock, ticking on the page.

const now = document.getElementById("now");
const zone = { timeZone: "Asia/Shanghai" };
const day = new Intl.DateTimeFormat("zh-CN", { ...zone, year: "numeric", month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("zh-CN", { ...zone, weekday: "short" });
const time = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });

let base = Number(now.dataset.ms);
let since = performance.now();
let frozen = now.dataset.frozen === "yes";

function show() {
  const at = new Date(base + (frozen ? 0 : performance.now() - since));
  const words = `${day.format(at)} ${weekday.format(at)} ${time.format(at)}`;
  if (now.textContent !== words) now.textContent = words;
}

/** Take the clock as the sandbox tells it. */
export function setClock(clock) {
  base = clock.ms;
  since = performance.now();
  frozen = clock.frozen;
  now.dateTime = clock.iso;
  const to = document.getElementById("clock-to");
  if (document.activeElement !== to) to.value = clock.input;
  document.querySelector("#clock .frozen").hidden = !frozen;
  document.getElementById("clock-freeze").hidden = frozen;
  document.getElementById("clock-run").hidden = !frozen;
  document.querySelector("#clock summary").setAttribute("aria-label", `沙箱的时钟 ${clock.words}，打开可调时间`);
  show();
}

setInterval(show, 1000);
