// One message as a bubble.

import { clockTime, el, icon } from "../shared/dom.js";
import { formatted } from "../shared/format.js";

const TICK = "M1 12l5 5L16 6";
const SECOND_TICK = "M9 15.5l1.8 1.5L21 6";
const CLOCK = ["M12 21a9 9 0 100-18 9 9 0 000 18", "M12 8v4l3 2"];
const TICKS = {
  waiting: [[TICK], "Sent"],
  delivered: [[TICK, SECOND_TICK], "Delivered"],
  read: [[TICK, SECOND_TICK], "Read"],
  failed: [CLOCK, "Not delivered"],
};
const REPLY = ["M9 14L4 9l5-5", "M4 9h10a6 6 0 016 6v4"];
const LIST = ["M8 6h12", "M8 12h12", "M8 18h12", "M4 6h.01", "M4 12h.01", "M4 18h.01"];
const PIN = ["M12 21s7-6.2 7-11a7 7 0 10-14 0c0 4.8 7 11 7 11z", "M12 12a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4"];
const PAPER = ["M6 3h8l4 4v14H6z", "M14 3v4h4", "M9 13h6", "M9 17h6"];
const PLAY = ["M8 5l11 7-11 7z"];
const OUT = ["M14 4h6v6", "M20 4l-9 9", "M18 14v6H4V6h6"];

export function line(message, turn, act) {
  if (message.type === "system") return el("li", { class: "notice" }, message.text || "Notice");
  const classes = ["line", message.mine ? "mine" : "", turn ? "turn" : "", message.reactions.length ? "reacted" : ""];
  return el("li", { class: classes.join(" "), "data-id": message.id, "data-type": message.type }, bubble(message), choices(message, act),
    message.error ? null : tools(message, act));
}

export function typing() {
  const dots = el("span", { class: "dots" }, el("i"), el("i"), el("i"));
  return el("li", { class: "line turn typing" }, el("div", { class: "bubble" }, el("span", { class: "sr" }, "Typing…"), dots));
}

function bubble(message) {
  const bare = message.type === "sticker" ? " bare" : "";
  const failed = message.error ? " undelivered" : "";
  return el("div", { class: `bubble${bare}${failed}` },
    el("span", { class: "sr" }, message.mine ? "You: " : "Parley Shop: "),
    quoted(message.quoted), media(message), place(message.location),
    message.header ? el("p", { class: "head" }, message.header) : null,
    message.text ? el("span", { class: "words" }, formatted(message.text)) : nothing(message),
    message.footer ? el("p", { class: "foot" }, message.footer) : null,
    meta(message),
    message.error ? el("p", { class: "problem" }, `Did not arrive: ${message.error.code} ${message.error.title}`) : null,
    message.reactions.length ? el("span", { class: "reactions" }, message.reactions.join("")) : null);
}

function nothing(message) {
  if (message.media || message.location) return null;
  return el("em", { class: "words soft" }, `(${message.type})`);
}

function meta(message) {
  return el("span", { class: "meta" }, el("time", { datetime: message.at }, clockTime(message.at)), message.tick ? tick(message.tick) : null);
}

function tick(state) {
  const [paths, name] = TICKS[state];
  return el("span", { class: `tick ${state}`, title: name }, icon(...paths), el("span", { class: "sr" }, name));
}

function quoted(original) {
  if (!original) return null;
  return el("span", { class: "quoted" }, el("b", {}, original.mine ? "You" : "Parley Shop"), original.text.slice(0, 120));
}

function media(message) {
  const file = message.media;
  if (!file) return null;
  if (message.type === "image") return el("img", { class: "picture", src: file.url, alt: message.text || "Picture" });
  if (message.type === "sticker") return el("img", { class: "sticker", src: file.url, alt: "Sticker" });
  if (message.type === "audio") return voice(file);
  return el("a", { class: "file", href: file.url, target: "_blank", rel: "noopener noreferrer" }, icon(...PAPER), file.name || message.type);
}

function voice(file) {
  const sound = new Audio(file.url);
  sound.preload = "none";
  const play = el("button", { class: "icon-button", type: "button", "aria-label": "Play voice note", onclick: () => sound.play().catch(() => {}) }, icon(...PLAY));
  return el("div", { class: "voice" }, play, el("span", { class: "wave", "aria-hidden": "true" }));
}

function place(location) {
  if (!location) return null;
  const map = `https://www.openstreetmap.org/?mlat=${location.latitude}&mlon=${location.longitude}#map=16/${location.latitude}/${location.longitude}`;
  return el("a", { class: "place", href: map, target: "_blank", rel: "noopener noreferrer" },
    el("span", { class: "map" }, icon(...PIN)),
    el("span", {}, location.name || `${location.latitude}, ${location.longitude}`));
}

function choices(message, act) {
  if (message.mine || message.error) return null;
  const chosen = new Set(message.chosen ?? []);
  if (message.kind === "button") {
    return el("div", { class: "choices", role: "group", "aria-label": "Answers" }, message.choices.map((choice) =>
      el("button", { type: "button", class: chosen.has(choice.id) ? "chosen" : "", onclick: () => act.tap(message, choice.id) }, choice.title)));
  }
  if (message.kind === "list") {
    return el("div", { class: "choices" }, el("button", { type: "button", "aria-haspopup": "dialog", onclick: () => act.list(message) }, icon(...LIST), message.label));
  }
  if (message.link) {
    return el("div", { class: "choices" }, el("a", { href: message.link.url, target: "_blank", rel: "noopener noreferrer" }, icon(...OUT), message.link.display_text));
  }
  return null;
}

function tools(message, act) {
  return el("div", { class: "tools" },
    el("button", { class: "icon-button", type: "button", "aria-label": "Reply to this", onclick: () => act.reply(message) }, icon(...REPLY)),
    el("button", { class: "icon-button", type: "button", "aria-label": "React with a thumb", onclick: () => act.react(message) }, "👍"));
}
