import { clock, day, moment, ticking, window24 } from "/console/static/format.js";

const NAMES = { bot: "Bot", agent: "Agent", system: "Parley" };
const TICKS = {
  pending: ["◷", "waiting to be sent"], sending: ["◷", "being sent"], sent: ["✓", "sent"],
  delivered: ["✓✓", "delivered"], read: ["✓✓", "read"],
};
const AGAIN = 4000; // ms after which a reply the server has not acknowledged is sent once more, by the same id
const STALE = 300000; // ms after which a reply found again after a reload is left to the agent to send

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  mixins: [ticking],
  props: { conversation: Object, busy: String, longest: Number },
  emits: ["take", "release", "reply"],
  data: () => ({ draft: "", sending: [], problem: "", below: 0 }),
  template: `
    <p v-if="!conversation" class="empty" aria-busy="true">Opening…</p>
    <p v-else-if="conversation.missing" class="empty">There is no such conversation.</p>
    <section v-else class="thread" :aria-label="'Conversation with ' + conversation.name">
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
        <span class="chip" :class="conversation.control">{{ byAgent ? "Agent" : "Bot" }}</span>
        <button v-if="busy || !byAgent" class="button" :disabled="!!busy" @click="$emit('take')">Take over</button>
        <button v-else class="button plain" @click="$emit('release')">Return to bot</button>
      </header>
      <p v-if="busy" class="busy" role="status">{{ busy }}</p>
      <div class="lines" ref="lines" tabindex="0" role="log" aria-label="Messages" @scroll.passive="look">
        <p v-if="conversation.more" class="note">Only the newest lines are shown.</p>
        <template v-for="(line, index) in shown" :key="line.id">
          <p v-if="newDay(index)" class="note day">{{ day(line.at) }}</p>
          <p v-if="line.kind === 'note'" class="note" dir="auto">{{ line.text }} · {{ clock(line.at) }}</p>
          <details v-else-if="line.kind === 'turn'" class="turn" :class="{ bad: line.bad }">
            <summary>{{ line.head }}</summary>
            <dl><template v-for="fact in line.facts"><dt>{{ fact[0] }}</dt><dd>{{ fact[1] }}</dd></template></dl>
          </details>
          <article v-else class="bubble" :class="[line.author, { lost: lost(line) }]">
            <span v-if="names[line.author]" class="author">{{ names[line.author] }}</span>
            <span v-for="medium in line.media" class="medium">{{ medium }}</span>
            <p v-if="line.text" dir="auto">{{ line.text }}</p>
            <ul v-if="line.choices.length" aria-label="Choices shown"><li v-for="choice in line.choices">{{ choice }}</li></ul>
            <footer>
              <span v-if="lost(line)" class="why">{{ lost(line) }}</span>
              <time :datetime="new Date(line.at).toISOString()">{{ clock(line.at) }}</time>
              <span v-if="ticks[line.state]" class="tick" :class="line.state" role="img"
                    :aria-label="ticks[line.state][1]" :title="ticks[line.state][1]">{{ ticks[line.state][0] }}</span>
            </footer>
          </article>
        </template>
      </div>
      <button v-if="below" class="newer" @click="toEnd()">New below ↓</button>
      <form class="composer" @submit.prevent="send">
        <p v-if="over" class="problem" id="composer-why">{{ closedWhy }}</p>
        <p v-else-if="problem" class="problem" role="alert" id="composer-why">{{ problem }}</p>
        <p v-else-if="!byAgent" class="hint" id="composer-why">The bot answers here. Your reply takes over.</p>
        <div class="line">
          <textarea v-model="draft" ref="draft" rows="1" class="field" :maxlength="longest" :disabled="over"
                    aria-label="Reply" aria-describedby="composer-why" placeholder="Write a reply" dir="auto"
                    @input="grow" @keydown.enter="enter"></textarea>
          <button class="button" :disabled="over || !draft.trim()">Send</button>
        </div>
      </form>
    </section>`,
  computed: {
    byAgent() { return this.conversation.control === "agent"; },
    open() { return window24(this.conversation.closes, this.now); },
    over() { return this.open.level === "over"; },
    names: () => NAMES,
    ticks: () => TICKS,
    closedWhy: () => "WhatsApp lets us write only within 24 hours of the customer's last message. You can reply as soon as they write again.",
    shown() {
      const own = this.sending.filter((reply) => !this.taken.includes(reply.id)).map((reply) => ({
        id: reply.id, kind: "message", author: "agent", text: reply.text, at: reply.at, choices: [], media: [], state: "pending",
      }));
      return [...(this.conversation?.lines ?? []), ...own];
    },
    taken() { return this.conversation?.taken ?? []; },
    last() { return this.shown.at(-1)?.id; },
    key() { return `parley.reply.${this.conversation?.id}`; },
    ready() { return Boolean(this.conversation?.id); },
  },
  watch: {
    ready: { immediate: true, handler(ready) { if (ready) this.remember(); } },
    draft() { this.keep(); },
    taken(ids) { ids.forEach(this.forget); },
    last() {
      const pane = this.$refs.lines;
      const atEnd = !pane || pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
      this.$nextTick(() => (atEnd ? this.toEnd() : (this.below = 1)));
    },
  },
  mounted() { this.again = setInterval(() => this.sending.forEach(this.emitReply), AGAIN); },
  unmounted() { clearInterval(this.again); },
  methods: {
    clock, day, moment,
    newDay(index) {
      const line = this.shown[index];
      return index === 0 || day(line.at) !== day(this.shown[index - 1].at);
    },
    lost(line) {
      if (line.state === "failed") return `Not delivered. ${line.why}`;
      if (line.state === "dropped") return `Not sent: ${line.why}`;
      if (line.state === "held") return `Held: ${line.why}`;
      return "";
    },
    look() {
      const pane = this.$refs.lines;
      if (pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80) this.below = 0;
    },
    toEnd() {
      this.below = 0;
      if (this.$refs.lines) this.$refs.lines.scrollTop = this.$refs.lines.scrollHeight;
    },
    grow() {
      const field = this.$refs.draft;
      if (!field) return;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
    },
    enter(event) {
      if (event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    },
    send() {
      const text = this.draft.trim();
      if (!text || this.over) return;
      const reply = { id: newId(), text, at: this.now };
      this.draft = "";
      this.problem = "";
      this.sending.push(reply);
      this.keep();
      this.emitReply(reply);
      this.$nextTick(() => { this.grow(); this.toEnd(); this.$refs.draft.focus(); });
    },
    emitReply(reply) { this.$emit("reply", { id: reply.id, text: reply.text }); },
    // What is written or under way outlives a reload; the same id is never said twice.
    keep() {
      if (!this.ready) return;
      const empty = !this.draft && !this.sending.length;
      if (empty) sessionStorage.removeItem(this.key);
      else sessionStorage.setItem(this.key, JSON.stringify({ draft: this.draft, sending: this.sending }));
    },
    remember() {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
      for (const reply of kept?.sending ?? []) {
        if (this.now - reply.at < STALE) this.sending.push(reply);
        else kept.draft = [reply.text, kept.draft].filter(Boolean).join("\n");
      }
      this.draft = kept?.draft ?? "";
      this.sending.forEach(this.emitReply);
      this.$nextTick(() => { this.grow(); this.toEnd(); });
    },
    forget(id) {
      this.sending = this.sending.filter((reply) => reply.id !== id);
      this.keep();
    },
    refused(id, why) {
      const reply = this.sending.find((one) => one.id === id);
      if (!reply) return;
      this.forget(id);
      this.problem = why;
      this.draft = [reply.text, this.draft].filter(Boolean).join("\n");
    },
  },
};
