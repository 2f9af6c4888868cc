// The drawer with fault switches, made from what the sandbox says it has.

import { call, el, icon } from "./dom.js";

const CLOSE = ["M6 6l12 12", "M18 6L6 18"];

export async function drawer(aside, button, extras = []) {
  const form = el("form", { onsubmit: (event) => event.preventDefault() });
  const note = el("p", { class: "soft", role: "status" });
  const close = el("button", { class: "icon-button", type: "button", "aria-label": "Close switches", onclick: () => show(false) }, icon(...CLOSE));
  const reset = el("button", { class: "button plain", type: "button", onclick: () => change("DELETE") }, "Reset all");
  aside.append(
    el("header", {}, el("h2", { id: "drawer-title" }, "Switches"), close),
    el("p", { class: "soft" }, "Make this sandbox misbehave, and see what Parley does."),
    form, note, el("div", { class: "group" }, reset, extras),
  );

  async function change(method, body) {
    try { await call(method, "/sandbox/faults", body); note.textContent = ""; } catch (error) { note.textContent = error.message; }
    await fill();
  }

  async function fill() {
    const { values, switches } = await call("GET", "/sandbox/faults");
    form.replaceChildren(...switches.map((about) => control(about, values[about.name], change)));
    button.classList.toggle("on", switches.some((about) => !same(about, values[about.name])));
  }

  function show(open) {
    aside.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) { fill(); close.focus(); } else button.focus();
  }

  button.addEventListener("click", () => show(aside.hidden));
  aside.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  await fill();
}

function same(about, value) {
  return value === (about.default ?? null) || value === about.default;
}

function control(about, value, change) {
  const set = (next) => change("PATCH", { [about.name]: next });
  const input = about.type === "boolean"
    ? el("input", { type: "checkbox", checked: value, onchange: (event) => set(event.target.checked) })
    : el("input", { class: "field", type: "number", step: "any", min: "0", value: value ?? "", placeholder: "off",
        onchange: (event) => set(event.target.value === "" ? null : Number(event.target.value)) });
  return el("label", { class: same(about, value) ? "" : "on" }, about.description, input);
}
