// One ticket: fields, conversation, reply.

import { avatar, clockTime, dayName, el, icon } from "../shared/dom.js";
import { formatted } from "../shared/format.js";

const BACK = ["M15 5l-7 7 7 7"];
const PRIORITIES = ["", "low", "normal", "high", "urgent"];
const SUBMITS = [["open", "Open"], ["pending", "Pending"], ["solved", "Solved"]];
const NEAR = 80;

export function ticketView(box, { change, back }) {
  let ticket = null;
  let isPublic = true;
  let drawn = "";
  let parts = null;

  function leave() {
    ticket = null;
    isPublic = true;
    drawn = "";
    parts = null;
  }

  function empty(state) {
    const words = state.tickets.length
      ? ["Choose a ticket", "Its conversation and the reply box appear here."]
      : ["Nobody needs you right now", state.webhooks.length ? `What you do here is told to ${state.webhooks.join(", ")}.` : "No app is connected to this helpdesk yet."];
    leave();
    box.replaceChildren(el("div", { class: "blank" }, el("h2", {}, words[0]), el("p", {}, words[1])));
  }

  function show(next, agents) {
    const fresh = !ticket || ticket.id !== next.id || (ticket.status === "closed") !== (next.status === "closed");
    ticket = next;
    if (fresh) build();
    parts.head.replaceChildren(...head());
    if (!parts.fields.contains(document.activeElement)) parts.fields.replaceChildren(...fields(agents));
    conversation(fresh);
  }

  function build() {
    parts = { head: el("div", { class: "about" }), fields: el("div", { class: "fields" }), talk: el("ol", { class: "talk", role: "log", "aria-label": "Conversation", tabindex: "0" }) };
    drawn = "";
    const end = ticket.status === "closed" ? el("p", { class: "closed" }, "This ticket is closed for good. A new message opens a follow-up.") : answer();
    box.replaceChildren(parts.head, parts.fields, parts.talk, end);
  }

  function head() {
    const asked = [`#${ticket.id}`, ticket.requester, ticket.phone].filter(Boolean).join(" · ");
    return [
      el("button", { class: "icon-button back", type: "button", "aria-label": "Back to the tickets", onclick: back }, icon(...BACK)),
      el("div", { class: "words" }, el("h2", {}, ticket.subject), el("p", {}, asked)),
      el("span", { class: `status ${ticket.status}` }, ticket.status)];
  }

  function fields(agents) {
    const locked = ticket.status === "closed";
    const select = (name, label, options, value, pick) => el("label", {}, label, el("select", { class: "field", name, disabled: locked, onchange: (event) => pick(event.target.value) },
      options.map(([id, text]) => el("option", { value: id, selected: String(id) === String(value ?? "") }, text))));
    const tags = el("input", { class: "field", name: "tags", value: ticket.tags.join(" "), disabled: locked, placeholder: "none",
      onchange: (event) => change(ticket.id, { tags: event.target.value.split(/[\s,]+/).filter(Boolean) }) });
    return [
      select("assignee", "Assignee", [["", "nobody"], ...agents.map((agent) => [agent.id, agent.name])], ticket.assignee_id, (id) => change(ticket.id, { assignee_id: id ? Number(id) : null })),
      select("priority", "Priority", PRIORITIES.map((name) => [name, name || "none"]), ticket.priority, (name) => change(ticket.id, { priority: name || null })),
      el("label", { class: "wide" }, "Tags", tags)];
  }

  function conversation(fresh) {
    const signature = JSON.stringify(ticket.comments);
    if (signature === drawn) return;
    const talk = parts.talk;
    const atEnd = fresh || talk.scrollHeight - talk.scrollTop - talk.clientHeight < NEAR;
    talk.replaceChildren(...ticket.comments.map(comment));
    drawn = signature;
    if (atEnd) talk.scrollTop = talk.scrollHeight;
  }

  function answer() {
    const text = el("textarea", { class: "field", name: "reply", rows: "3", onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(null); } });
    const files = el("input", { type: "file", name: "files", multiple: true, hidden: true, onchange: showFiles });
    const chosen = el("span", { class: "chosen" });
    const form = el("form", { class: "answer", onsubmit: (event) => event.preventDefault() });
    const modes = [[true, "Public reply"], [false, "Private note"]].map(([value, name]) => el("button", { type: "button", onclick: () => mode(value) }, name));

    function mode(value) {
      isPublic = value;
      modes[0].setAttribute("aria-pressed", String(value));
      modes[1].setAttribute("aria-pressed", String(!value));
      form.classList.toggle("private", !value);
      const words = value ? "Reply to the customer" : "A note only agents see";
      text.setAttribute("aria-label", words);
      text.placeholder = words;
    }

    function showFiles() {
      chosen.textContent = [...files.files].map((one) => one.name).join(", ");
    }

    async function submit(status) {
      const body = text.value.trim();
      const some = body || files.files.length;
      if (!some && !status) return;
      const comment = { body, public: isPublic, files: [...files.files] };
      if (await change(ticket.id, { ...(status ? { status } : {}), ...(some ? { comment } : {}) })) {
        text.value = "";
        files.value = "";
        showFiles();
        mode(true);
      }
    }

    mode(true);
    form.append(el("div", { class: "modes", role: "group", "aria-label": "Kind of reply" }, modes), text,
      el("div", { class: "submit" },
        files, el("button", { class: "button plain attach", type: "button", onclick: () => files.click() }, "Attach"), chosen,
        el("span", { class: "hint" }, "Submit as"),
        el("button", { class: "button plain", type: "button", onclick: () => submit("closed") }, "Close"),
        SUBMITS.map(([status, name]) => el("button", { class: `button${status === "open" ? "" : " plain"}`, type: "button", "aria-label": `Submit as ${status}`, onclick: () => submit(status) }, name))));
    return form;
  }

  return { show, empty, leave };
}

function comment(one) {
  const kind = one.public ? { customer: "customer", agent: "public reply", app: "public" }[one.side] : "private note";
  const when = dayName(one.at) === "Today" ? clockTime(one.at) : `${dayName(one.at)}, ${clockTime(one.at)}`;
  return el("li", { class: `comment ${one.side}${one.public ? "" : " private"}`, "data-comment": one.id }, avatar(one.author),
    el("div", { class: "box" },
      el("p", { class: "by" }, el("b", {}, one.author), el("span", { class: "kind" }, kind), el("time", { datetime: one.at }, when)),
      el("div", { class: "body" }, formatted(one.body)),
      one.attachments.length ? el("div", { class: "files" }, one.attachments.map(file)) : null));
}

function file(one) {
  const inside = one.type.startsWith("image/") ? el("img", { src: one.url, alt: one.name }) : one.name;
  return el("a", { href: one.url, target: "_blank", rel: "noopener noreferrer" }, inside);
}
