// What an agent attached: a picture is shown, anything can be saved. Both are fetched with the session's token.

import * as api from "./api.js";
import { element } from "./line.js";

const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const fetched = new Map(); // by line id: a picture's element; null while it is on its way, or cannot be had

/** The element of a line's file. `changed()` is called when a picture has come. */
export function draw(line, changed) {
  if (PICTURES.includes(line.file.type) && !fetched.has(line.id)) void load(line, changed);
  return fetched.get(line.id)?.cloneNode() ?? button(line);
}

/** Forget the pictures of a chat that is over. */
export function forget() {
  for (const picture of fetched.values()) if (picture) URL.revokeObjectURL(picture.src);
  fetched.clear();
}

async function load({ id, file }, changed) {
  fetched.set(id, null);
  const picture = element("img");
  picture.alt = file.name;
  try {
    picture.src = URL.createObjectURL(await api.file(id));
    await picture.decode();
    [picture.width, picture.height] = [picture.naturalWidth, picture.naturalHeight];
    fetched.set(id, picture);
    changed();
  } catch { /* then it stays a button, which tries again and says why not */ }
}

function button({ id, file }) {
  const made = element("button", "file", element("span", "", file.name || "File"), element("small", "", size(file.size)));
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    made.lastChild.textContent = await save(id, file).then(() => size(file.size), (error) => error.status ? error.message : "No connection.");
    made.disabled = false;
  });
  return made;
}

async function save(id, file) {
  const link = element("a");
  link.href = URL.createObjectURL(await api.file(id));
  link.download = file.name || "file";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function size(bytes) {
  if (!bytes) return "Save";
  return bytes < 1e6 ? `Save · ${Math.ceil(bytes / 1e3)} KB` : `Save · ${(bytes / 1e6).toFixed(1)} MB`;
}
