// Messenger formatting: *bold* _italic_ ~struck~ `code`, and links.

import { el } from "./dom.js";

const PIECES = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'*_~])|```([^]+?)```|`([^`\n]+)`|(?<![\p{L}\p{N}])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}])/gu;

export function formatted(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(PIECES)) {
    parts.push(text.slice(from, match.index), piece(match));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

function piece([, link, block, code, bold, italic, struck]) {
  if (link) return el("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link);
  if (block ?? code) return el("code", {}, block ?? code);
  if (bold) return el("strong", {}, formatted(bold));
  if (italic) return el("em", {}, formatted(italic));
  return el("s", {}, formatted(struck));
}
