// The lines of a conversation as a messenger shows them: both sides, ticks, files, notes, the bot's reasons.
// Who reads at the end stays there, whatever grows or shrinks; who reads further up stays where they are.

import { clock, day } from "/console/static/format.js";
import Marked from "/console/static/marked.js";

const NEAR = 80; // pixels from the end that still count as there

const NAMES = { bot: "Bot", agent: "Agent", system: "Parley" };
const TICKS = {
  pending: ["◷", "waiting to be sent"], sending: ["◷", "being sent"], sent: ["✓", "sent"], released: ["✓", "released"],
  delivered: ["✓✓", "delivered"], read: ["✓✓", "read"],
};
const LOST = { failed: "Not delivered.", dropped: "Not sent." };
const FATES = {
  expired: "Never sent: the customer did not write again.",
  held: "Held until the customer writes.", nudged: "Held; the customer was told that there is a reply.",
};

export default {
  components: { Marked },
  props: { lines: Array, more: Boolean },
  emits: ["earlier"],
  data: () => ({ gone: {}, atEnd: true, top: 0, below: false, asked: false }),
  template: `
    <div class="lines" ref="pane" tabindex="0" role="log" aria-label="Messages" @scroll.passive="look">
      <button v-if="more" class="link earlier-lines" :disabled="asked" @click="earlier">{{ asked ? "Loading…" : "Earlier lines" }}</button>
      <template v-for="(line, index) in lines" :key="line.id">
        <p v-if="newDay(index)" class="note day">{{ day(line.at) }}</p>
        <p v-if="line.kind === 'note'" class="note" dir="auto">{{ line.text }} · {{ clock(line.at) }}</p>
        <article v-else-if="line.kind === 'memo'" class="memo">
          <span class="author">{{ line.author }}’s note, for colleagues only</span>
          <p dir="auto"><marked :text="line.text"></marked></p><time>{{ clock(line.at) }}</time>
        </article>
        <details v-else-if="line.kind === 'turn'" class="turn" :class="{ bad: line.bad }">
          <summary>{{ line.head }}</summary>
          <dl><template v-for="fact in line.facts"><dt>{{ fact[0] }}</dt><dd>{{ fact[1] }}</dd></template></dl>
        </details>
        <article v-else class="bubble" :class="[line.author, { lost: lost(line) }]">
          <span v-if="names[line.author]" class="author">{{ line.by || names[line.author] }}</span>
          <template v-for="medium in line.media">
            <a v-if="shows(medium, 'image', 'sticker')" :href="medium.url" target="_blank" rel="noopener">
              <img class="photo" :src="medium.url" :alt="medium.name" loading="lazy" @error="gone[medium.url] = true" @load="stay"></a>
            <audio v-else-if="shows(medium, 'audio')" :src="medium.url" controls preload="metadata" @error="gone[medium.url] = true"></audio>
            <video v-else-if="shows(medium, 'video')" class="photo" :src="medium.url" controls preload="metadata" @error="gone[medium.url] = true"></video>
            <a v-else-if="shows(medium, 'document')" class="medium" :href="medium.url" :download="medium.name">{{ medium.name }}</a>
            <span v-else class="medium">{{ medium.name }}<template v-if="gone[medium.url]"> (no longer to be had)</template></span>
          </template>
          <p v-if="line.text" dir="auto"><marked :text="line.text"></marked></p>
          <ul v-if="line.choices.length" aria-label="Choices shown"><li v-for="choice in line.choices">{{ choice }}</li></ul>
          <footer>
            <span v-if="fate(line)" class="why" :class="{ waits: !lost(line) }">{{ fate(line) }}</span>
            <time :datetime="new Date(line.at).toISOString()">{{ clock(line.at) }}</time>
            <span v-if="ticks[line.state]" class="tick" :class="line.state" role="img"
                  :aria-label="ticks[line.state][1]" :title="ticks[line.state][1]">{{ ticks[line.state][0] }}</span>
          </footer>
        </article>
      </template>
    </div>
    <button v-if="below" class="newer" @click="toEnd">New below ↓</button>`,
  computed: {
    names: () => NAMES,
    ticks: () => TICKS,
    first() { return this.lines[0]?.id; },
    last() { return this.lines.at(-1)?.id; },
  },
  watch: {
    last() { this.$nextTick(() => { if (this.atEnd) this.toEnd(); else this.below = true; }); },
    first() {
      if (!this.asked) return;
      this.asked = false;
      const { scrollHeight, scrollTop } = this.$refs.pane;
      this.$nextTick(() => { this.$refs.pane.scrollTop = this.$refs.pane.scrollHeight - scrollHeight + scrollTop; });
    },
    more() { this.asked = false; },
  },
  mounted() {
    this.size = new ResizeObserver(this.stay);
    this.size.observe(this.$refs.pane);
  },
  unmounted() { this.size.disconnect(); },
  methods: {
    stay() { if (this.atEnd) this.toEnd(); },
    toEnd() {
      const { pane } = this.$refs;
      pane.scrollTop = pane.scrollHeight;
      this.atEnd = true;
      this.below = false;
    },
    // Only scrolling up leaves the end: a pane that became smaller is still there.
    look() {
      const { scrollHeight, scrollTop, clientHeight } = this.$refs.pane;
      const near = scrollHeight - scrollTop - clientHeight < NEAR;
      this.atEnd = near || (this.atEnd && scrollTop >= this.top);
      this.top = scrollTop;
      if (near) this.below = false;
    },
    earlier() {
      this.asked = true;
      this.$emit("earlier");
    },
    clock, day,
    shows(medium, ...kinds) { return kinds.includes(medium.kind) && medium.url && !this.gone[medium.url]; },
    newDay(index) { return index === 0 || day(this.lines[index].at) !== day(this.lines[index - 1].at); },
    lost: (line) => line.state in LOST || line.state === "expired",
    fate(line) {
      const why = line.why ?? "";
      return line.state in LOST ? `${LOST[line.state]} ${why.charAt(0).toUpperCase()}${why.slice(1)}`.trim() : FATES[line.state] ?? "";
    },
  },
};
