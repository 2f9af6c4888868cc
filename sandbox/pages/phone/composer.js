// Writing: the text field, what it answers, and what can be attached.

import { el, icon } from "../shared/dom.js";

const SEND = ["M4 12l16-8-6 16-3-6z"];
const PLUS = ["M12 5v14", "M5 12h14"];
const CROSS = ["M6 6l12 12", "M18 6L6 18"];
const KINDS = [
  ["image", "Photo", ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4"]],
  ["location", "Place", ["M12 21s7-6.2 7-11a7 7 0 10-14 0c0 4.8 7 11 7 11z"]],
  ["audio", "Voice note", ["M12 4a3 3 0 013 3v4a3 3 0 01-6 0V7a3 3 0 013-3z", "M6 11a6 6 0 0012 0", "M12 17v4"]],
  ["sticker", "Sticker", ["M5 5h14v9l-5 5H5z", "M14 19v-5h5", "M9 9v1", "M14 9v1"]],
  ["document", "Document", ["M6 3h8l4 4v14H6z", "M14 3v4h4"]],
  ["unsupported", "Something unsupported", ["M12 21a9 9 0 100-18 9 9 0 000 18", "M9.5 9.5a2.5 2.5 0 114 2c-1 .7-1.5 1-1.5 2", "M12 17h.01"]],
];

export function composer(post) {
  const byId = (id) => document.getElementById(id);
  const text = byId("text");
  const send = byId("send");
  const quote = byId("quote");
  const menu = byId("attachments");
  let answers = null;

  function grow() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    send.disabled = !text.value.trim();
  }

  // Until it is known whose phone this is, a message would have no sender.
  function ready() {
    text.disabled = false;
    byId("attach").disabled = false;
    clear();
  }

  function clear() {
    text.value = "";
    answers = null;
    quote.hidden = true;
    grow();
  }

  function submit(event) {
    event.preventDefault();
    const body = text.value.trim();
    if (!body) return;
    post(answers ? { text: body, message_id: answers } : { text: body });
    clear();
    text.focus();
  }

  function open(show) {
    menu.hidden = !show;
    byId("attach").setAttribute("aria-expanded", String(show));
    if (show) menu.querySelector("button").focus();
  }

  function attach(kind) {
    open(false);
    post({ attach: kind });
    text.focus();
  }

  function move(event) {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    } else if (event.key === "Escape") {
      open(false);
      byId("attach").focus();
    }
  }

  send.append(icon(...SEND));
  byId("attach").append(icon(...PLUS));
  menu.append(...KINDS.map(([kind, name, paths]) =>
    el("button", { type: "button", role: "menuitem", onclick: () => attach(kind) }, icon(...paths), name)));
  byId("composer").addEventListener("submit", submit);
  byId("attach").addEventListener("click", () => open(menu.hidden));
  menu.addEventListener("keydown", move);
  document.addEventListener("click", (event) => { if (!event.target.closest(".attach")) open(false); });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });

  return {
    ready,
    quote(message) {
      answers = message.id;
      const away = el("button", { class: "icon-button", type: "button", "aria-label": "Do not reply to it", onclick: () => { answers = null; quote.hidden = true; } }, icon(...CROSS));
      quote.replaceChildren(el("p", { class: "one-line" }, message.text || message.type), away);
      quote.hidden = false;
      text.focus();
    },
  };
}
