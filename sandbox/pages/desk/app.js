// The desk: who works, the tickets, live updates.

import { call, clockTime, dayName, el, icon } from "../shared/dom.js";
import { follow } from "../shared/live.js";
import { drawer } from "../shared/switches.js";
import { ticketView } from "./ticket.js";

const GEAR = ["M4 7h9", "M19 7h1", "M16 10a3 3 0 100-6 3 3 0 000 6", "M4 17h1", "M11 17h9", "M8 20a3 3 0 100-6 3 3 0 000 6"];
const FILTERS = {
  Unsolved: (ticket) => !["solved", "closed"].includes(ticket.status),
  Mine: (ticket, me) => ticket.assignee === me && ticket.status !== "closed",
  Solved: (ticket) => ["solved", "closed"].includes(ticket.status),
  All: () => true,
};
const byId = (id) => document.getElementById(id);
const me = byId("me");
const seen = new Map();
let filter = "Unsolved";
let current = Number(location.hash.slice(1)) || null;
let state = { tickets: [], agents: [], webhooks: [] };

const view = ticketView(byId("ticket"), { change, back: () => open(null) });

function banner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

async function upload(file) {
  const kept = await fetch(`/sandbox/uploads?filename=${encodeURIComponent(file.name)}`, {
    method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
  if (!kept.ok) throw new Error(`${file.name} could not be attached`);
  return (await kept.json()).token;
}

async function change(id, { comment, ...wanted }) {
  try {
    if (comment) {
      const { files = [], ...words } = comment;
      wanted.comment = { ...words, uploads: await Promise.all(files.map(upload)) };
    }
    await call("POST", `/sandbox/tickets/${id}`, { agent_id: Number(me.value), ...wanted });
    banner("");
    await live.refresh();
    return true;
  } catch (error) {
    banner(error.message);
    return false;
  }
}

function open(id) {
  current = id;
  history.replaceState(null, "", id ? `#${id}` : location.pathname);
  view.leave();
  live.refresh();
}

async function refresh() {
  state = await call("GET", "/sandbox/state");
  agents();
  if (!state.tickets.some((ticket) => ticket.id === current)) current = null;
  byId("desk").classList.toggle("reading", current !== null);
  if (current === null) view.empty(state);
  else {
    const ticket = await call("GET", `/sandbox/tickets/${current}`);
    seen.set(ticket.id, ticket.sequence);
    view.show(ticket, state.agents);
  }
  list();
}

function agents() {
  if (me.options.length) return;
  me.append(...state.agents.map((agent) => el("option", { value: agent.id }, agent.name)));
  me.value = sessionStorage.getItem("me") ?? String(state.agents[0].id);
  if (!me.value) me.selectedIndex = 0;
}

function myName() {
  return me.selectedOptions[0]?.textContent;
}

function list() {
  byId("filters").replaceChildren(...Object.entries(FILTERS).map(([name, takes]) => {
    const count = state.tickets.filter((ticket) => takes(ticket, myName())).length;
    return el("button", { type: "button", "aria-pressed": String(name === filter), onclick: () => { filter = name; list(); } }, `${name} ${count}`);
  }));
  const chosen = state.tickets.filter((ticket) => FILTERS[filter](ticket, myName()) || ticket.id === current);
  const focused = document.activeElement?.dataset?.ticket;
  byId("tickets").replaceChildren(...chosen.map(row));
  if (focused) byId("tickets").querySelector(`[data-ticket="${focused}"]`)?.focus();
  byId("none").hidden = chosen.length > 0;
  byId("none").replaceChildren(
    el("h2", {}, state.tickets.length ? "Nothing here" : "No tickets yet"),
    el("p", {}, state.tickets.length ? "No ticket fits this filter." : "When a customer asks for a person, the ticket appears here by itself."));
}

function row(ticket) {
  const fresh = seen.get(ticket.id) !== ticket.sequence && ticket.id !== current;
  const when = dayName(ticket.updated_at) === "Today" ? clockTime(ticket.updated_at) : dayName(ticket.updated_at);
  return el("li", {}, el("button", { type: "button", class: `row-button${fresh ? " fresh" : ""}`, "data-ticket": ticket.id,
    "aria-current": ticket.id === current ? "true" : "false", onclick: () => open(ticket.id) },
    el("span", { class: `status ${ticket.status}` }, ticket.status),
    el("span", { class: "subject one-line" }, ticket.subject),
    el("time", { class: "time", datetime: ticket.updated_at }, when),
    el("span", { class: "id" }, `#${ticket.id}`),
    el("span", { class: "person one-line" }, ticket.requester, ticket.assignee ? ` → ${ticket.assignee}` : "",
      ticket.priority ? el("span", { class: `priority ${ticket.priority}` }, ` · ${ticket.priority}`) : null),
    el("span", { class: "last one-line" }, ticket.last)));
}

byId("switches").append(icon(...GEAR));
me.addEventListener("change", () => { sessionStorage.setItem("me", me.value); list(); });
addEventListener("hashchange", () => open(Number(location.hash.slice(1)) || null));
const live = follow(() => "/sandbox/events", refresh, (ok) => { if (!ok) banner("The sandbox does not answer. Is it still running?"); else if (byId("banner").textContent.startsWith("The sandbox")) banner(""); });
drawer(byId("drawer"), byId("switches"));
