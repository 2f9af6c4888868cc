// A text as WhatsApp shows it: *bold*, _italics_, ~struck~, `code`, and web addresses as links. Nothing else is markup.

const MARKS = { "*": "b", _: "i", "~": "s", "`": "code", "```": "code" };
const DEEPEST = 3; // bold, italics and struck at once
const PIECE = new RegExp(
  [
    /(?<link>https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'*_~`])/, // an address ends before the sentence's own signs
    /```(?<block>[^]+?)```/,
    /(?<![^\s("'[])(?<mark>[*_~`])(?=\S)(?<words>[^\n]*?\S)\k<mark>(?![^\s.,;:!?)"'\]])/, // around whole words only
  ].map((one) => one.source).join("|"),
  "gu",
);

// The text as pieces in order: each plain, a link, or in an element that holds marked text or code.
function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    const { link, block, mark, words } = match.groups;
    found.push({ text: text.slice(end, match.index) });
    found.push(link ? { link } : { tag: MARKS[mark ?? "```"], text: block ?? words });
    end = match.index + match[0].length;
  }
  return [...found, { text: text.slice(end) }];
}

export default {
  name: "marked",
  props: { text: String, depth: { type: Number, default: 0 } },
  template:
    '<template v-for="one in pieces">' +
    '<a v-if="one.link" :href="one.link" target="_blank" rel="noopener noreferrer">{{ one.link }}</a>' +
    "<code v-else-if=\"one.tag === 'code'\">{{ one.text }}</code>" +
    '<component v-else-if="one.tag" :is="one.tag"><marked :text="one.text" :depth="depth + 1"></marked></component>' +
    "<template v-else>{{ one.text }}</template></template>",
  computed: { pieces() { return this.depth < DEEPEST ? pieces(this.text) : [{ text: this.text }]; } },
};
