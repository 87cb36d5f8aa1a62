/**
 * # Keeps the page fresh without a flicker
 *
 * Every REFRESH_MS the same address is asked again, and only what differs is changed in place, so focus, selection and
 * scroll position stay. Filters and ranges are links and a form; here they load without leaving the page. A hidden page
 * asks nothing. When Tidemark does not answer, the page says so and since when: what it shows is then no longer true.
 */

const REFRESH_MS = 5_000;
const TYPING_MS = 150;
const TIMEOUT_MS = 15_000;

const regions = ["page", "freshness"];
const lost = document.getElementById("lost");
let answeredAt = new Date();
let timer = 0;
let running = new AbortController();

document.documentElement.classList.add("scripted");

/** Asks for `address` and shows the answer; a newer call makes an older one void. */
async function show(address) {
  clearTimeout(timer);
  running.abort();
  const mine = new AbortController();
  running = mine;
  try {
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await fetch(address, { signal, headers: { accept: "text/html" } });
    if (answer.status !== 200 && answer.status !== 404) throw new Error(`status ${answer.status}`);
    const text = await answer.text();
    if (mine.signal.aborted) return;
    apply(new DOMParser().parseFromString(text, "text/html"));
    answered();
  } catch {
    if (mine.signal.aborted) return;
    unanswered();
  }
  timer = setTimeout(refresh, REFRESH_MS);
}

function refresh() {
  if (!document.hidden) void show(location.href);
}

function apply(fresh) {
  document.title = fresh.title;
  for (const id of regions) {
    const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
    if (old !== null && next !== null) morph(old, next);
  }
  document.dispatchEvent(new Event("tidemark:shown"));
}

function answered() {
  answeredAt = new Date();
  lost.hidden = true;
}

function unanswered() {
  lost.textContent = `Tidemark does not answer. What you see is from ${answeredAt.toLocaleTimeString()}; trying again.`;
  lost.hidden = false;
}

/** Makes `old` equal to `next` with the fewest changes. Children with a data-key are matched by it, others by place. */
function morph(old, next) {
  if (old.isEqualNode(next)) return;
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old instanceof HTMLInputElement && old !== document.activeElement) old.value = next.getAttribute("value") ?? "";
  if (old.classList.contains("chart-drawn")) return;
  const keyed = new Map(
    [...old.children].filter((child) => child.dataset.key !== undefined).map((child) => [child.dataset.key, child]),
  );
  let place = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const key = wanted.dataset?.key;
    const match = key === undefined ? place : keyed.get(key);
    if (match && sameKind(match, wanted)) {
      if (match === place) place = place.nextSibling;
      else old.insertBefore(match, place);
      if (match.nodeType === Node.ELEMENT_NODE) morph(match, wanted);
      else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
    } else old.insertBefore(wanted, place);
  }
  while (place !== null) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

function sameKind(left, right) {
  return left.nodeName === right.nodeName && left.dataset?.key === right.dataset?.key;
}

/** The address that a form asks for; what is empty is left out, and a pressed column head becomes the order. */
function addressOf(form, submitter) {
  const fields = new FormData(form, submitter);
  const order = fields.get("order");
  if (order !== null) fields.set("sort", order);
  fields.delete("order");
  const query = new URLSearchParams([...fields].filter(([, value]) => value !== ""));
  return query.size === 0 ? form.action : `${form.action}?${query}`;
}

function go(address, how) {
  history[how === "push" ? "pushState" : "replaceState"](null, "", address);
  void show(address);
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-swap]") : null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(link.href, "push");
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-swap]")) return;
  event.preventDefault();
  go(addressOf(event.target, event.submitter), "push");
});

let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("form[data-swap]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => go(addressOf(form), "replace"), TYPING_MS);
});

addEventListener("popstate", () => void show(location.href));
document.addEventListener("visibilitychange", refresh);
timer = setTimeout(refresh, REFRESH_MS);
