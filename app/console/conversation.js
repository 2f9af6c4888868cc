import { goesBack, ticking, window24 } from "/console/static/format.js";
import { free } from "/console/static/keys.js";
import Beside from "/console/static/beside.js";
import Composer from "/console/static/composer.js";
import HandBack from "/console/static/hand-back.js";
import Lines from "/console/static/lines.js";
import PassOn from "/console/static/pass-on.js";

const AGAIN = 4000; // ms after which a line the server has not acknowledged is sent once more, by the same id
const STALE = 300000; // ms after which a line found again after a reload is left to the agent to send

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  mixins: [ticking],
  components: { Beside, Composer, HandBack, Lines, PassOn },
  props: { conversation: Object, busy: String, longest: Number, me: Object, people: Array },
  emits: ["take", "leave", "release", "keep", "reply", "note", "give", "suggest", "typing", "judge", "settle", "tag", "earlier"],
  data: () => ({ sending: [], beside: false, left: null }),
  template: `
    <p v-if="!conversation" class="empty" aria-busy="true">Opening…</p>
    <p v-else-if="conversation.missing" class="empty">There is no such conversation.</p>
    <section v-else class="thread" :class="{ beside }" :aria-label="'Conversation with ' + conversation.name">
      <header class="head">
        <a class="back" href="/console" aria-label="Back to the conversations">‹</a>
        <div class="who-is">
          <h1 class="one-line" dir="auto" :title="conversation.name">{{ conversation.name }}</h1>
          <p>
            <span v-if="conversation.phone && conversation.phone !== conversation.name">{{ conversation.phone }}</span>
            <a v-if="conversation.ticket?.url" :href="conversation.ticket.url" target="_blank" rel="noopener">Ticket #{{ conversation.ticket.id }}</a>
            <span v-if="conversation.ticket?.solved">solved</span>
            <span class="window" :class="open.level">{{ open.text }}</span>
          </p>
        </div>
        <span class="chip holder one-line" :class="[conversation.control, { mine }]" :title="holder">{{ holder }}</span>
        <div class="acts">
          <button v-if="me.speaks && (busy || !byAgent || !conversation.holder)" class="button" :disabled="!!busy" @click="take(false)">Take over</button>
          <button v-else-if="others && me.wrests" class="button" :disabled="!!busy" @click="take(true)">Take from {{ conversation.holder }}</button>
          <pass-on v-if="givable" ref="pass" :names="colleagues" :held="!!conversation.holder" @give="$emit('give', $event)"></pass-on>
          <button v-if="me.speaks && byAgent && (!others || me.wrests)" class="button plain" @click="$emit('leave')">Return to bot</button>
          <button class="button plain square" :aria-expanded="beside" aria-label="Orders and history" title="Orders and history (i)" @click="beside = !beside">i</button>
        </div>
      </header>
      <p v-if="busy" class="busy" role="status">{{ busy }}</p>
      <div class="notices">
        <p v-if="conversation.back" class="judge" role="status">
          <span>Nobody has written for a while: it goes {{ goesBack(conversation.back, now) }}.</span>
          <button v-if="me.speaks" class="button plain small" @click="$emit('keep')">Keep it</button>
        </p>
        <p v-if="conversation.judge.length" class="judge">
          <span>You took over because of: {{ conversation.judge.join(", ") }}. Was the warning useful?</span>
          <button class="button plain small" @click="$emit('judge', true)">Yes</button>
          <button class="button plain small" @click="$emit('judge', false)">No</button>
        </p>
        <p v-for="one in conversation.promises" :key="one.id" class="judge promise" :class="{ overdue: one.due <= now }">
          <span>{{ one.due <= now ? "Overdue: " : "" }}{{ one.text }}</span>
          <template v-if="me.speaks && one.act">
            <button class="button small" @click="$emit('settle', { id: one.id, kept: true })">{{ one.act }}</button>
            <button class="button plain small" @click="$emit('settle', { id: one.id, kept: false })">Not needed</button>
          </template>
        </p>
      </div>
      <lines ref="lines" :lines="shown" :more="conversation.more" @earlier="$emit('earlier')"></lines>
      <composer ref="composer" :conversation="conversation" :now="now" :longest="longest" :speaks="me.speaks"
                :held-by-another="others" :by-agent="byAgent" :over="open.level === 'over'"
                @say="say" @suggest="$emit('suggest')" @typing="$emit('typing', $event)"></composer>
      <beside :about="conversation.about" :now="now" :tags="conversation.tags" :speaks="me.speaks" @shut="beside = false"
              @tag="$emit('tag', $event)"></beside>
      <hand-back v-if="left" :left="left" @stay="left = null" @leave="release"></hand-back>
    </section>`,
  computed: {
    byAgent() { return this.conversation.control === "agent"; },
    mine() { return this.byAgent && this.same(this.conversation.holder, this.me.name); },
    others() { return this.byAgent && Boolean(this.conversation.holder) && !this.mine; },
    holder() {
      if (!this.byAgent) return "Bot";
      if (!this.conversation.holder) return "Nobody yet";
      return this.mine ? "You" : this.conversation.holder + (this.conversation.heldIn === "zendesk" ? " · Zendesk" : "");
    },
    colleagues() { return this.people.filter((name) => !this.same(name, this.conversation.holder)); },
    givable() {
      const mayGive = this.mine || !this.conversation.holder || this.me.wrests;
      return this.me.speaks && this.byAgent && mayGive && (this.colleagues.length || this.conversation.holder);
    },
    open() { return window24(this.conversation.closes, this.now); },
    shown() {
      const own = this.sending.filter((line) => !this.taken.includes(line.id)).map((line) => (line.kind === "note"
        ? { id: line.id, kind: "memo", author: this.me.name, text: line.text, at: line.at }
        : { id: line.id, kind: "message", author: "agent", by: this.me.name, text: line.text, at: line.at, choices: [], media: [], state: "pending" }));
      return [...(this.conversation?.lines ?? []), ...own];
    },
    taken() { return this.conversation?.taken ?? []; },
    key() { return `parley.replying.${this.conversation?.id}`; },
    ready() { return Boolean(this.conversation?.id); },
  },
  watch: {
    ready: { immediate: true, handler(ready) { if (ready) this.$nextTick(this.remember); } },
    taken(ids) { ids.forEach(this.forget); },
  },
  mounted() {
    this.again = setInterval(() => this.sending.forEach(this.emitLine), AGAIN);
    document.addEventListener("keydown", this.press);
  },
  unmounted() {
    clearInterval(this.again);
    document.removeEventListener("keydown", this.press);
  },
  methods: {
    goesBack,
    same: (one, other) => (one ?? "").toLowerCase() === (other ?? "").toLowerCase(),
    press(event) {
      const { composer, pass } = this.$refs;
      if (event.key === "Escape") { this.beside = false; this.left = null; composer?.shut(); return; }
      if (!this.ready || !free(event)) return;
      const acts = {
        r: () => composer.turn("reply"), n: () => composer.turn("note"), c: composer.choose, s: composer.suggest,
        p: () => pass?.open(),
        i: () => { this.beside = !this.beside; },
        t: () => { if (!this.byAgent || !this.conversation.holder || (this.others && this.me.wrests)) this.take(this.others); },
        b: () => { if (this.byAgent && this.me.speaks && (!this.others || this.me.wrests)) this.$emit("leave"); },
      };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    },
    leaving(left) { this.left = left; },
    release(corrected) { this.left = null; this.$emit("release", corrected); },
    take(wrest) { if (!this.busy && this.me.speaks) this.$emit("take", wrest); },
    suggested(text, from) { this.$refs.composer.suggested(text, from); },
    say(kind, text) {
      const line = { id: newId(), kind, text, at: this.now };
      this.sending.push(line);
      this.keep();
      this.emitLine(line);
      this.$nextTick(this.$refs.lines.toEnd);
    },
    emitLine(line) { this.$emit(line.kind, { id: line.id, text: line.text }); },
    // What is under way outlives a reload; the same id is never said twice.
    keep() {
      if (this.sending.length) sessionStorage.setItem(this.key, JSON.stringify(this.sending));
      else sessionStorage.removeItem(this.key);
    },
    remember() {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
      this.sending = kept.filter((line) => this.now - line.at < STALE);
      kept.filter((line) => !this.sending.includes(line)).forEach((line) => this.$refs.composer.giveBack(line));
      this.keep();
      this.sending.forEach(this.emitLine);
      this.$refs.lines.toEnd();
    },
    forget(id) {
      this.sending = this.sending.filter((line) => line.id !== id);
      this.keep();
    },
    refused(id, why) {
      const line = this.sending.find((one) => one.id === id);
      if (!line) return;
      this.forget(id);
      this.$refs.composer.giveBack(line, why);
    },
  },
};
