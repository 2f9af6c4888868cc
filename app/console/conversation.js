import { goesBack, ticking, window24 } from "/console/static/format.js";
import { free } from "/console/static/keys.js";
import Beside from "/console/static/beside.js";
import HandBack from "/console/static/hand-back.js";
import Lines from "/console/static/lines.js";

const GAP = /⟨\w+⟩/;
const AGAIN = 4000; // ms after which a line the server has not acknowledged is sent once more, by the same id
const STALE = 300000; // ms after which a line found again after a reload is left to the agent to send
const TYPES = 2000; // ms between two signs that somebody types

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  mixins: [ticking],
  components: { Beside, HandBack, Lines },
  props: { conversation: Object, busy: String, longest: Number, me: Object, people: Array },
  emits: ["take", "leave", "release", "keep", "reply", "note", "give", "suggest", "typing", "judge", "settle", "tag"],
  data: () => ({
    draft: "", memo: "", mode: "reply", sending: [], problem: "", below: 0, beside: false, picking: false,
    wanted: "", looking: false, from: "", typed: 0, left: null,
  }),
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
          <select v-if="me.speaks && byAgent && (mine || !conversation.holder || me.wrests)" class="pick" aria-label="Pass on" @change="give">
            <option value="" selected>Pass on…</option>
            <option v-for="name in colleagues" :value="'to:' + name">{{ name }}</option>
            <option v-if="conversation.holder" value="to:">Back to the queue</option>
          </select>
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
      <div class="lines" ref="lines" tabindex="0" role="log" aria-label="Messages" @scroll.passive="look">
        <p v-if="conversation.more" class="note">Only the newest lines are shown.</p>
        <lines :lines="shown" @grew="grew"></lines>
      </div>
      <button v-if="below" class="newer" @click="toEnd()">New below ↓</button>
      <form class="composer" :class="mode" @submit.prevent="send">
        <p v-if="there" class="there" role="status">{{ there }}</p>
        <p v-if="closed" class="problem" id="composer-why">{{ closed }}</p>
        <p v-else-if="problem" class="problem" role="alert" id="composer-why">{{ problem }}</p>
        <p v-else-if="gap" class="problem" id="composer-why">Fill in {{ gap }} before you send.</p>
        <p v-else-if="from" class="hint" id="composer-why">Suggested from: {{ from }}. Read it before you send it.</p>
        <p v-else-if="mode === 'note'" class="hint" id="composer-why">Colleagues see it here and on the ticket. The customer never does.</p>
        <p v-else-if="over" class="hint waits" id="composer-why">More than 24 hours since the customer wrote: your reply is held<template v-if="conversation.nudges">, they are told that there is one,</template> and goes out when they write.</p>
        <p v-else-if="!byAgent" class="hint" id="composer-why">The bot answers here. Your reply takes over.</p>
        <div v-if="picking" class="ready" role="dialog" aria-label="Ready replies">
          <input type="search" class="field" v-model="wanted" ref="wanted" placeholder="Find a ready reply…" aria-label="Find a ready reply"
                 @keydown.esc.stop="unpick" @keydown.enter.prevent="pick(replies[0])" @keydown.down.prevent="$refs.first?.[0]?.focus()">
          <ul><li v-for="(one, index) in replies">
            <button type="button" :ref="index ? '' : 'first'" @click="pick(one)" @keydown.esc.stop="unpick"
                    @keydown.down.prevent="along($event, 1)" @keydown.up.prevent="along($event, -1)"><b>{{ one.title }}</b><span dir="auto">{{ one.text }}</span></button>
          </li></ul>
          <p v-if="!replies.length" class="hint">No ready reply matches.</p>
        </div>
        <div class="tools">
          <div class="views" role="group" aria-label="What to write">
            <button type="button" :aria-pressed="mode === 'reply'" @click="turn('reply')">Reply</button>
            <button type="button" :aria-pressed="mode === 'note'" @click="turn('note')">Note</button>
          </div>
          <template v-if="mode === 'reply' && !closed">
            <button type="button" class="link" :aria-expanded="picking" @click="picking ? unpick() : choose()">Ready replies</button>
            <button type="button" class="link" :disabled="looking" @click="suggest">{{ looking ? "Searching…" : "Suggest" }}</button>
          </template>
        </div>
        <div class="line">
          <textarea v-model="text" ref="draft" rows="1" class="field" :maxlength="longest" :disabled="!!closed"
                    :aria-label="mode === 'note' ? 'Note' : 'Reply'" aria-describedby="composer-why"
                    :placeholder="mode === 'note' ? 'Write a note for colleagues' : 'Write a reply'" dir="auto"
                    @input="type" @keydown.enter="enter" @keydown.esc.stop="$refs.draft.blur()"></textarea>
          <button class="button" :disabled="!!closed || !!gap || !text.trim()">{{ mode === "note" ? "Keep" : "Send" }}</button>
        </div>
      </form>
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
    open() { return window24(this.conversation.closes, this.now); },
    over() { return this.open.level === "over"; },
    closed() {
      if (this.mode === "note") return "";
      if (!this.me.speaks) return "Trainers read along; they do not write to customers.";
      if (this.others) return `${this.conversation.holder} has this conversation${this.conversation.heldIn === "zendesk" ? " in Zendesk" : ""}.`;
      return "";
    },
    text: {
      get() { return this.mode === "note" ? this.memo : this.draft; },
      set(value) { if (this.mode === "note") this.memo = value; else this.draft = value; },
    },
    gap() { return this.mode === "reply" ? GAP.exec(this.draft)?.[0] : ""; },
    replies() {
      const words = this.wanted.trim().toLowerCase();
      return this.conversation.canned.filter((one) => `${one.title}\n${one.text}`.toLowerCase().includes(words));
    },
    there() {
      const here = this.conversation.others.filter((one) => one.until > this.now);
      const typing = here.filter((one) => one.typing > this.now).map((one) => one.name);
      if (typing.length) return `${typing.join(", ")} ${typing.length > 1 ? "are" : "is"} typing…`;
      const names = here.map((one) => one.name);
      return names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} here too` : "";
    },
    shown() {
      const own = this.sending.filter((line) => !this.taken.includes(line.id)).map((line) => (line.kind === "note"
        ? { id: line.id, kind: "memo", author: this.me.name, text: line.text, at: line.at }
        : { id: line.id, kind: "message", author: "agent", by: this.me.name, text: line.text, at: line.at, choices: [], media: [], state: "pending" }));
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
    memo() { this.keep(); },
    taken(ids) { ids.forEach(this.forget); },
    last() {
      const pane = this.$refs.lines;
      const atEnd = !pane || pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
      this.$nextTick(() => (atEnd ? this.toEnd() : (this.below = 1)));
    },
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
    look() {
      const pane = this.$refs.lines;
      if (pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80) this.below = 0;
    },
    grew() { if (!this.below) this.toEnd(); },
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
    press(event) {
      if (event.key === "Escape") { this.picking = this.beside = false; this.left = null; return; }
      if (!this.ready || !free(event)) return;
      const acts = {
        r: () => this.turn("reply"), n: () => this.turn("note"), c: this.choose, s: this.suggest,
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
    give(event) {
      const to = event.target.value;
      event.target.value = "";
      if (to.startsWith("to:")) this.$emit("give", to.slice(3));
    },
    turn(mode) {
      this.mode = mode;
      this.problem = this.from = "";
      this.$nextTick(() => { this.grow(); this.$refs.draft.focus(); });
    },
    choose() {
      if (this.closed) return;
      this.mode = "reply";
      this.picking = true;
      this.wanted = "";
      this.$nextTick(() => this.$refs.wanted.focus());
    },
    unpick() { this.picking = false; this.$refs.draft.focus(); },
    along(event, by) {
      const all = [...event.target.closest("ul").querySelectorAll("button")];
      (all[all.indexOf(event.target.closest("button")) + by] ?? this.$refs.wanted).focus();
    },
    pick(one) {
      if (!one) return;
      this.picking = false;
      this.insert(one.text);
    },
    // Put before the agent, behind what is written already; a gap is selected, to be typed over.
    insert(text) {
      this.mode = "reply";
      this.problem = "";
      this.draft = [this.draft.trim(), text].filter(Boolean).join("\n");
      this.$nextTick(() => {
        this.grow();
        const gap = GAP.exec(this.draft);
        this.$refs.draft.focus();
        if (gap) this.$refs.draft.setSelectionRange(gap.index, gap.index + gap[0].length);
      });
    },
    suggest() {
      if (this.closed || this.looking) return;
      this.looking = true;
      this.problem = this.from = "";
      this.$emit("suggest");
    },
    suggested(text, from) {
      this.looking = false;
      if (text) { this.insert(text); this.from = from; }
      else this.problem = "The articles have no answer to the customer's last question.";
    },
    type() {
      this.grow();
      if (this.mode === "note" || Date.now() - this.typed < TYPES) return;
      this.typed = Date.now();
      this.$emit("typing", true);
    },
    enter(event) {
      if (event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    },
    send() {
      const text = this.text.trim();
      if (!text || this.closed || this.gap) return;
      const line = { id: newId(), kind: this.mode, text, at: this.now };
      this.text = "";
      this.problem = this.from = "";
      this.sending.push(line);
      this.keep();
      this.emitLine(line);
      if (this.typed) { this.$emit("typing", false); this.typed = 0; }
      this.$nextTick(() => { this.grow(); this.toEnd(); this.$refs.draft.focus(); });
    },
    emitLine(line) { this.$emit(line.kind ?? "reply", { id: line.id, text: line.text }); },
    // What is written or under way outlives a reload; the same id is never said twice.
    keep() {
      if (!this.ready) return;
      const { draft, memo, sending } = this;
      if (!draft && !memo && !sending.length) sessionStorage.removeItem(this.key);
      else sessionStorage.setItem(this.key, JSON.stringify({ draft, memo, sending }));
    },
    remember() {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
      for (const line of kept?.sending ?? []) {
        if (this.now - line.at < STALE) this.sending.push(line);
        else this.giveBack(line, kept);
      }
      this.draft = kept?.draft ?? "";
      this.memo = kept?.memo ?? "";
      this.sending.forEach(this.emitLine);
      this.$nextTick(() => { this.grow(); this.toEnd(); });
    },
    giveBack(line, to) {
      const field = line.kind === "note" ? "memo" : "draft";
      to[field] = [line.text, to[field]].filter(Boolean).join("\n");
    },
    forget(id) {
      this.sending = this.sending.filter((line) => line.id !== id);
      this.keep();
    },
    refused(id, why) {
      const line = this.sending.find((one) => one.id === id);
      if (!line) return;
      this.forget(id);
      this.problem = why;
      this.giveBack(line, this);
    },
  },
};
