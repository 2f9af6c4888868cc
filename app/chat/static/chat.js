// The chat page: what the API tells, drawn; what the customer writes, sent once, however often it is tried.

import * as api from "./api.js";
import * as files from "./file.js";
import { draw, typing } from "./line.js";

const WAIT = 25;
const $ = (id) => document.getElementById(id);

let known = new Map(); // by id
let ours = []; // on their way, in order
let view = { cursor: "", control: "bot", typing: false, seen: 0 };
let listening = null;
let sending = false;
let drawn = 0;

start();

function start() {
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("text").addEventListener("input", resize);
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });
  $("anew").addEventListener("click", anew);
  for (const button of document.querySelectorAll(".tries button")) {
    button.addEventListener("click", () => say({ text: button.textContent }));
  }
  document.addEventListener("visibilitychange", acknowledge);
  addEventListener("online", () => { void send(); });
  resize(); // something may have been written before the page listened
  render();
  if (api.isOpen()) listen();
}

function submit() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  resize();
  say({ text });
}

function resize() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
  $("send").disabled = !field.value.trim();
}

/** `body`: text, or the choice and its title. */
function say({ text, choice }) {
  ours.push({ client_id: newId(), text, choice, author: "customer", at: new Date().toISOString() });
  render();
  void send();
}

/** Not `randomUUID`, which a page without https does not have. */
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Send what waits, one after another, so that it arrives in order; what was refused waits for the customer. */
async function send() {
  if (sending) return;
  sending = true;
  try {
    for (let line; (line = ours.find((each) => !each.id && !each.failed)); ) await sendOne(line);
  } finally {
    sending = false;
  }
}

async function sendOne(line) {
  const body = line.choice ? { choice: line.choice } : { text: line.text };
  try {
    if (!api.isOpen()) { await api.open(); listen(); }
    const stored = await api.write({ client_id: line.client_id, ...body });
    line.id = stored.id;
    notice("");
  } catch (error) {
    if (error.status === 401) expired();
    else if (error.status === 429) { notice("That was a lot at once. Sending on in a moment…"); await pause(error.retryAfter); }
    else if (error.status >= 400 && error.status < 500) line.failed = `Not sent: ${error.message}`;
    else { notice("No connection. Trying again…"); await pause(2); }
  }
  render();
}

/** Hear of news for as long as the session is open; come back by itself after a fault. */
async function listen() {
  listening?.abort();
  const mine = (listening = new AbortController());
  let wait = 0;
  for (let fault = 0; !mine.signal.aborted; ) {
    try {
      take(await api.history(view.cursor, wait, mine.signal));
      [fault, wait] = [0, WAIT];
      if (!ours.some((line) => !line.id)) notice("");
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error.status === 401) return expired();
      fault += 1;
      notice("No connection. Trying again…");
      await pause(error.retryAfter || Math.min(2 ** fault / 2, 10));
      wait = 0;
    }
  }
}

function take(news) {
  for (const line of news.lines) known.set(line.id, line);
  const stored = new Set([...known.values()].map((line) => line.client_id));
  ours = ours.filter((line) => !stored.has(line.client_id));
  view = news;
  render();
  acknowledge();
}

/** Tell that our lines were seen, once the customer can see them. */
async function acknowledge() {
  if (document.visibilityState !== "visible" || !api.isOpen()) return;
  const fresh = [...known.values()].filter((line) => line.author !== "customer" && line.state !== "read");
  if (!fresh.length) return;
  for (const line of fresh) line.state = "read";
  await api.shown(fresh.map((line) => line.id)).catch(() => { for (const line of fresh) line.state = "sent"; });
}

function expired() {
  api.forget();
  listening?.abort();
  for (const line of ours) if (!line.id) line.failed = "Not sent.";
  notice("This chat has ended. Press New chat to begin another.");
}

function anew() {
  api.forget();
  listening?.abort();
  files.forget();
  [known, ours] = [new Map(), []];
  view = { cursor: "", control: "bot", typing: false, seen: 0 };
  notice("");
  render();
  $("text").focus();
}

function render() {
  const lines = [...[...known.values()].sort((a, b) => a.id - b.id), ...ours];
  const scroll = $("scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  $("empty").hidden = lines.length > 0;
  $("presence").textContent = presence(lines);
  const items = lines.map((line, index) => draw(line, {
    isLast: index === lines.length - 1,
    seen: view.seen,
    chosen: lines[index + 1]?.author === "customer" ? lines[index + 1].text : null,
    file: line.file && files.draw(line, render),
    pick: (choice) => say({ text: choice.title, choice: choice.id }),
    again: () => { line.failed = ""; render(); void send(); },
  }));
  if (view.typing) items.push(typing());
  replace($("lines"), items);
  if (atEnd || lines.length > drawn) scroll.scrollTop = scroll.scrollHeight;
  drawn = lines.length;
}

/** Who answers now: nobody is promised before a colleague has written. */
function presence(lines) {
  if (view.control === "bot") return "We answer at once";
  const answered = lines.findLast((line) => line.author !== "customer")?.author === "agent";
  return answered ? "A colleague is with you" : "A colleague has been asked";
}

/** Change only what differs, so that a screen reader hears of new lines alone and the focus stays. */
function replace(list, items) {
  items.forEach((item, index) => {
    const there = list.children[index];
    if (!there) list.append(item);
    else if (there.outerHTML !== item.outerHTML) there.replaceWith(item);
  });
  while (list.children.length > items.length) list.lastChild.remove();
}

function notice(text) {
  $("banner").textContent = text;
  $("banner").hidden = !text;
}

const pause = (seconds) => new Promise((done) => setTimeout(done, Math.max(seconds, 0.5) * 1000));
