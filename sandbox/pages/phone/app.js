// The phone: who writes, the chat, live updates.

import { avatar, call, dayName, el, icon } from "../shared/dom.js";
import { follow } from "../shared/live.js";
import { drawer } from "../shared/switches.js";
import { line, typing } from "./bubble.js";
import { composer } from "./composer.js";
import { openSheet } from "./sheet.js";

const TRIES = {
  15550100001: ["Where is my order 10234?", "Can I return something after 30 days?", "Where's my order?", "I want to talk to a person"],
  15550100002: ["Where is 10301?", "How long does delivery take?", "I want to talk to a person"],
};
const OTHERS = ["Hello!", "Where is my order?", "Can I return something after 30 days?"];
const GEAR = ["M4 7h9", "M19 7h1", "M16 10a3 3 0 100-6 3 3 0 000 6", "M4 17h1", "M11 17h9", "M8 20a3 3 0 100-6 3 3 0 000 6"];
const NEAR = 80;

const byId = (id) => document.getElementById(id);
const chat = byId("chat");
const scroll = byId("scroll");
const named = () => decodeURIComponent(location.hash.slice(1));
let current = "";
let shown = new Map();
let typingTimer = 0;

const write = composer(post);
const act = {
  tap: (message, choice) => post({ tap: choice, message_id: message.id }),
  list: (message) => openSheet(message, (choice) => act.tap(message, choice)),
  reply: (message) => write.quote(message),
  react: (message) => post({ react: message.reactions.includes("👍") ? "" : "👍", message_id: message.id }),
};

async function post(what) {
  try { await call("POST", `/sandbox/chats/${encodeURIComponent(current)}/messages`, what); } catch (error) { fail(error.message); }
}

function fail(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

async function refresh() {
  const state = await call("GET", "/sandbox/state");
  const known = (key) => state.customers.some((person) => person.key === key);
  if (!known(current)) select(known(named()) ? named() : state.customers[0].key);
  people(state.customers);
  byId("mails").textContent = state.mails ? `Mails (${state.mails})` : "Mails";
  byId("posts").textContent = state.posts ? `Slack (${state.posts})` : "Slack";
  fail(trouble(state.webhook));
  render(await call("GET", `/sandbox/chats/${encodeURIComponent(current)}`));
}

function trouble(webhook) {
  if (!webhook.callback) return "No app is connected: messages go nowhere.";
  if (webhook.waiting) return `Parley is not taking messages: ${webhook.waiting} waiting, tried again by and by.`;
  return "";
}

function select(key) {
  current = key;
  history.replaceState(null, "", `#${encodeURIComponent(key)}`);
  shown = new Map();
  chat.replaceChildren();
  write.ready();
}

let order = [];
function people(customers) {
  for (const person of customers) if (!order.includes(person.key)) order.push(person.key);
  const sorted = [...customers].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  const focused = document.activeElement?.dataset?.key;
  byId("people").replaceChildren(...sorted.map((person) => el("li", {}, el("button",
    { class: "person", type: "button", "data-key": person.key, "aria-current": person.key === current ? "true" : "false", onclick: () => { select(person.key); live.reopen(); } },
    avatar(person.name),
    el("span", { class: "about" }, el("span", { class: "name one-line" }, person.name),
      el("span", { class: "number one-line" }, person.phone ?? person.username ?? "no number"),
      person.last ? el("span", { class: "last one-line" }, `${person.last.mine ? "You: " : ""}${person.last.text}`) : null),
    person.unread && person.key !== current ? el("span", { class: "badge", "aria-label": `${person.unread} unread` }, String(person.unread)) : null))));
  if (focused) byId("people").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function render(view) {
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR || shown.size === 0;
  const nodes = [];
  const next = new Map();
  let before = null;
  for (const message of view.messages) {
    const day = dayName(message.at);
    if (!before || day !== dayName(before.at)) nodes.push(kept(`day ${day}`, day, next, () => el("li", { class: "day" }, day)));
    const turn = !before || before.mine !== message.mine || day !== dayName(before.at);
    nodes.push(kept(message.id, JSON.stringify([message, turn]), next, () => line(message, turn, act)));
    before = message;
  }
  if (view.typing > 0) nodes.push(kept("typing", "typing", next, typing));
  if (nodes.length !== chat.children.length || nodes.some((node, at) => chat.children[at] !== node)) chat.replaceChildren(...nodes);
  shown = next;
  presence(view);
  empty(view);
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

function kept(key, signature, next, make) {
  const old = shown.get(key);
  const entry = old?.signature === signature ? old : { signature, node: make() };
  next.set(key, entry);
  return entry.node;
}

function presence(view) {
  byId("presence").textContent = view.typing > 0 ? "typing…" : "business account";
  byId("presence").classList.toggle("active", view.typing > 0);
  clearTimeout(typingTimer);
  if (view.typing > 0) typingTimer = setTimeout(live.refresh, view.typing * 1000 + 100);
}

function empty(view) {
  const box = byId("empty");
  box.hidden = view.messages.length > 0 || view.typing > 0;
  if (box.hidden || box.dataset.key === current) return;
  box.dataset.key = current;
  box.replaceChildren(
    el("h2", {}, `This is ${view.customer.name}'s phone`.replace("Someone without a number's", "a")),
    el("p", { class: "soft" }, view.customer.phone ?? "WhatsApp tells the shop no phone number, only a user id."),
    el("p", { class: "soft" }, "Try one of these, or write anything."),
    el("div", { class: "tries" }, (TRIES[current] ?? OTHERS).map((text) => el("button", { type: "button", onclick: () => post({ text }) }, text))));
}

function newcomers() {
  const dialog = byId("newcomer");
  const form = dialog.querySelector("form");
  const problem = byId("newcomer-problem");
  byId("add").addEventListener("click", () => { form.reset(); problem.hidden = true; dialog.showModal(); });
  form.querySelector("[value=cancel]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, phone } = Object.fromEntries(new FormData(form));
    try {
      select((await call("POST", "/sandbox/customers", { name, phone: phone || null })).key);
      dialog.close();
      live.reopen();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}

function measure() {
  const box = document.querySelector(".phone").getBoundingClientRect();
  const edge = parseFloat(getComputedStyle(document.querySelector(".phone")).borderLeftWidth) || 0;
  const root = document.documentElement.style;
  root.setProperty("--phone-left", `${box.left + edge}px`);
  root.setProperty("--phone-width", `${box.width - 2 * edge}px`);
  root.setProperty("--phone-bottom", `${innerHeight - box.bottom + edge}px`);
}

byId("switches").append(icon(...GEAR));
addEventListener("resize", measure);
addEventListener("hashchange", () => { if (named() !== current) { select(named()); live.reopen(); } });
measure();
newcomers();
const live = follow(
  () => (document.visibilityState === "visible" && current ? `/sandbox/events?chat=${encodeURIComponent(current)}` : "/sandbox/events"),
  async () => { const was = current; await refresh(); if (was !== current) live.reopen(); },
  (ok) => { if (!ok) fail("The sandbox does not answer. Is it still running?"); },
);
const day = el("button", { class: "button plain", type: "button", onclick: () => call("POST", "/sandbox/clock", { seconds: 86400 }) }, "Let a day pass");
drawer(byId("drawer"), byId("switches"), [day]);
