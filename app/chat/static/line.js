// One message as an element. Text is only ever text; links are made of https addresses alone.

const time = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const WHO = { bot: "Assistant", agent: "Colleague", system: "Notice" };

export function element(name, className = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** `line`: as the API gives it, or one of ours on its way; `file`: its file as an element. `pick(choice)` is called for a tapped choice. */
export function draw(line, { isLast, seen, chosen, file, pick, again }) {
  const mine = line.author === "customer";
  const item = element("li", `line ${mine ? "mine" : line.author}`);
  const bubble = element("div", "bubble");
  bubble.append(element("span", "unseen", `${mine ? "You" : WHO[line.author]}: `));
  if (line.text) bubble.append(words(line.text));
  if (file) bubble.append(file);
  item.append(bubble);
  if (line.choices?.length) item.append(choices(line, isLast, chosen, pick));
  item.append(meta(line, mine, seen, again));
  return item;
}

export function typing() {
  const dots = element("span", "dots", element("i"), element("i"), element("i"));
  dots.setAttribute("aria-hidden", "true");
  return element("li", "line bot", element("div", "bubble", element("span", "unseen", "Assistant is writing"), dots));
}

function words(text) {
  const said = element("div", "", ...linked(text));
  said.dir = "auto"; // each script from its own side
  return said;
}

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)])/).map((part, index) => {
    if (index % 2 === 0) return part;
    const link = element("a", "", part);
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  });
}

function choices(line, isLast, chosen, pick) {
  const list = line.choices.length > 3 || line.choices.some((choice) => choice.description);
  const group = element("div", list ? "choices list" : "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", line.choices_label || "Choices");
  for (const choice of line.choices) {
    const button = element("button", "", choice.title);
    button.type = "button";
    button.dir = "auto";
    if (choice.description) button.append(element("small", "", choice.description));
    button.disabled = !isLast;
    if (chosen === choice.title) button.classList.add("chosen");
    button.addEventListener("click", () => pick(choice));
    group.append(button);
  }
  return group;
}

function moment(at) {
  return (at.toDateString() === new Date().toDateString() ? time : day).format(at);
}

function meta(line, mine, seen, again) {
  const about = element("div", "meta", moment(new Date(line.at)));
  if (!mine) {
    if (line.author === "agent") about.prepend(`${WHO.agent} · `);
    return about;
  }
  if (line.failed) {
    const button = element("button", "again", "Try again");
    button.type = "button";
    button.addEventListener("click", again);
    about.append(element("span", "problem", line.failed), button);
    return about;
  }
  const [mark, word] = !line.id ? ["🕓", "Sending"] : line.id <= seen ? ["✓✓", "Read"] : ["✓", "Sent"];
  const tick = element("span", word === "Read" ? "tick read" : "tick", mark);
  tick.setAttribute("role", "img");
  tick.setAttribute("aria-label", word);
  about.append(tick);
  return about;
}
