// The mailbox: every mail and text message the app sent, newest first.

import { call, clockTime, dayName, el } from "../shared/dom.js";
import { follow } from "../shared/live.js";

const byId = (id) => document.getElementById(id);

async function refresh() {
  const mails = await call("GET", "/sandbox/mail");
  byId("empty").hidden = mails.length > 0;
  byId("mails").replaceChildren(...mails.map(line));
}

function line(mail) {
  return el("li", { class: "mail" },
    el("div", { class: "head" },
      el("h2", {}, mail.subject || "Text message"),
      el("time", { class: "soft", datetime: mail.at }, `${dayName(mail.at)} ${clockTime(mail.at)}`)),
    el("p", { class: "soft" }, `to ${mail.to}`),
    el("p", { class: "text" }, mail.text));
}

follow(() => "/sandbox/events", refresh, (ok) => {
  byId("problem").textContent = ok ? "" : "The sandbox does not answer. Is it still running?";
  byId("problem").hidden = ok;
});
