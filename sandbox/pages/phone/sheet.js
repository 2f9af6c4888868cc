// A list message, opened: rows in sections, one of which is sent.

import { el, icon } from "../shared/dom.js";

const CROSS = ["M6 6l12 12", "M18 6L6 18"];

export function openSheet(message, pick) {
  const sheet = document.getElementById("sheet");
  const send = el("button", { class: "button", type: "button", disabled: true, onclick: submit }, "Send");

  function submit() {
    const chosen = sheet.querySelector("input:checked");
    if (!chosen) return;
    sheet.close();
    pick(chosen.value);
  }

  const row = (choice) => el("label", {},
    el("span", {}, choice.title, choice.description ? el("small", {}, choice.description) : null),
    el("input", { type: "radio", name: "choice", value: choice.id, onchange: () => { send.disabled = false; } }));
  const section = (part) => [part.title ? el("h3", {}, part.title) : null, ...part.rows.map(row)];

  sheet.replaceChildren(
    el("header", {}, el("h2", { id: "sheet-title" }, message.label),
      el("button", { class: "icon-button", type: "button", "aria-label": "Close", onclick: () => sheet.close() }, icon(...CROSS))),
    el("div", { class: "rows", role: "radiogroup", "aria-labelledby": "sheet-title" }, message.sections.flatMap(section)),
    el("footer", {}, send));
  sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
  sheet.showModal();
}
