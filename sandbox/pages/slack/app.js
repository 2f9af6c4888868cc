// The channel: every message the app posted, newest first, as Slack would show it.

import { call, clockTime, dayName, el } from "../shared/dom.js";
import { follow } from "../shared/live.js";

const byId = (id) => document.getElementById(id);
const MARKS = /<(https?:[^|>]+)\|([^>]+)>|\*([^*\n]+)\*/g;

async function refresh() {
  const posts = await call("GET", "/sandbox/slack");
  byId("empty").hidden = posts.length > 0;
  byId("mails").replaceChildren(...posts.map(line));
}

function line(post) {
  const when = el("time", { class: "soft", datetime: post.at }, `${dayName(post.at)} ${clockTime(post.at)}`);
  return el("li", { class: "mail" }, el("div", { class: "head" }, el("b", {}, "Parley"), when),
    ...(post.blocks.length ? post.blocks.map(block) : [el("p", { class: "text" }, ...marked(post.text))]));
}

function block(given) {
  if (given.type === "section") return el("p", { class: "text" }, ...marked(given.text.text));
  if (given.type === "context") return el("p", { class: "soft" }, ...marked(given.elements.map((each) => each.text).join(" · ")));
  return el("hr", {});
}

// Links and bold words as elements; all else stays text.
function marked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(MARKS)) {
    parts.push(plain(text.slice(from, found.index)));
    parts.push(found[1] ? el("a", { href: plain(found[1]) }, plain(found[2])) : el("b", {}, plain(found[3])));
    from = found.index + found[0].length;
  }
  return [...parts, plain(text.slice(from))];
}

function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

follow(() => "/sandbox/events", refresh, (ok) => {
  byId("problem").textContent = ok ? "" : "The sandbox does not answer. Is it still running?";
  byId("problem").hidden = ok;
});
