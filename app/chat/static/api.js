// The chat API, as the page uses it: one session of this browser, kept until its token expires.

const API = "/api/v1/chat";
const KEPT = "parley.chat";

export class Refused extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

let session = read();
let permit = permitIn(document);

export const isOpen = () => session !== null;

/** Forget the session; the next message opens another. */
export function forget() {
  session = null;
  try { localStorage.removeItem(KEPT); } catch { /* a browser that keeps nothing has nothing to forget */ }
}

/** The permit of a page that has been open for long is exchanged for a fresh one. */
export async function open() {
  session = await call("/sessions", permit, {}).catch(async (error) => {
    if (error.status !== 401) throw error;
    permit = await freshPermit();
    return call("/sessions", permit, {});
  });
  try { localStorage.setItem(KEPT, JSON.stringify(session)); } catch { /* then it lasts as long as the page */ }
}

export const write = (message) => own("/messages", message);
export const shown = (ids) => own("/receipts", { ids });
export const file = async (line) => (await ask(`/${session.id}/files/${line}`, session.token)).blob();
export const history = (after, wait, signal) =>
  own(`/history?after=${encodeURIComponent(after)}&wait=${wait}`, undefined, signal);

const own = (path, body, signal) => call(`/${session.id}${path}`, session.token, body, signal);

async function call(...request) {
  const answer = await ask(...request);
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

async function ask(path, secret, body, signal) {
  const answer = await fetch(API + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${secret}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
    signal,
  });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => null);
  throw new Refused(answer.status, said?.error ?? `error ${answer.status}`, Number(answer.headers.get("Retry-After")) || 0);
}

async function freshPermit() {
  const page = await fetch(location.href);
  if (!page.ok) throw new Refused(page.status, `error ${page.status}`, 0);
  return permitIn(new DOMParser().parseFromString(await page.text(), "text/html"));
}

function permitIn(page) {
  return page.querySelector("meta[name=parley-permit]").content;
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return kept && Date.parse(kept.expires_at) > Date.now() ? kept : null;
  } catch {
    return null;
  }
}
