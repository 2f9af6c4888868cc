// Where replies and notes are written: ready replies, suggestions, and what hinders sending. What is written
// outlives a reload; what is sent is the conversation's to bring across.

import ReadyReplies from "/console/static/ready-replies.js";

const GAP = /⟨\w+⟩/;
const TYPES = 2000; // ms between two signs that somebody types

export default {
  components: { ReadyReplies },
  props: {
    conversation: Object, now: Number, longest: Number, speaks: Boolean, byAgent: Boolean, heldByAnother: Boolean, over: Boolean,
  },
  emits: ["say", "suggest", "typing"],
  data: () => ({ draft: "", memo: "", mode: "reply", problem: "", picking: false, looking: false, from: "", typed: 0 }),
  template: `
    <form class="composer" :class="mode" @submit.prevent="send">
      <p v-if="there" class="there" role="status">{{ there }}</p>
      <p v-if="problem" class="problem" role="alert">{{ problem }}</p>
      <p v-if="closed" class="problem" id="composer-why">{{ closed }}</p>
      <p v-else-if="gap" class="problem" id="composer-why">Fill in {{ gap }} before you send.</p>
      <p v-else-if="from" class="hint" id="composer-why">Suggested from: {{ from }}. Read it before you send it.</p>
      <p v-else-if="mode === 'note'" class="hint" id="composer-why">Colleagues see it here and on the ticket. The customer never does.</p>
      <p v-else-if="over" class="hint waits" id="composer-why">More than 24 hours since the customer wrote: your reply is held<template v-if="conversation.nudges">, they are told that there is one,</template> and goes out when they write.</p>
      <p v-else-if="!byAgent" class="hint" id="composer-why">The bot answers here. Your reply takes over.</p>
      <ready-replies v-if="picking" :replies="conversation.canned" @pick="pick" @shut="unpick"></ready-replies>
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
        <textarea v-model="text" ref="draft" rows="1" class="field" :maxlength="longest" dir="auto"
                  :disabled="!!closed && !text" :readonly="!!closed"
                  :aria-label="mode === 'note' ? 'Note' : 'Reply'" aria-describedby="composer-why"
                  :placeholder="mode === 'note' ? 'Write a note for colleagues' : 'Write a reply'"
                  @input="type" @keydown.enter="enter" @keydown.esc.stop="$refs.draft.blur()"></textarea>
        <button class="button" :disabled="!!closed || !!gap || !text.trim()">{{ mode === "note" ? "Keep" : "Send" }}</button>
      </div>
    </form>`,
  computed: {
    closed() {
      if (this.mode === "note") return "";
      if (!this.speaks) return "Trainers read along; they do not write to customers.";
      const { holder, heldIn } = this.conversation;
      return this.heldByAnother ? `${holder} has this conversation${heldIn === "zendesk" ? " in Zendesk" : ""}.` : "";
    },
    text: {
      get() { return this.mode === "note" ? this.memo : this.draft; },
      set(value) { if (this.mode === "note") this.memo = value; else this.draft = value; },
    },
    gap() { return this.mode === "reply" ? GAP.exec(this.draft)?.[0] : ""; },
    there() {
      const here = this.conversation.others.filter((one) => one.until > this.now);
      const typing = here.filter((one) => one.typing > this.now).map((one) => one.name);
      if (typing.length) return `${typing.join(", ")} ${typing.length > 1 ? "are" : "is"} typing…`;
      const names = here.map((one) => one.name);
      return names.length ? `${names.join(", ")} ${names.length > 1 ? "are" : "is"} here too` : "";
    },
    key() { return `parley.draft.${this.conversation.id}`; },
  },
  watch: {
    draft(draft) {
      if (!draft.trim()) this.from = "";
      this.keep();
    },
    memo() { this.keep(); },
  },
  created() { Object.assign(this, JSON.parse(sessionStorage.getItem(this.key) ?? "{}")); },
  mounted() { this.grow(); },
  methods: {
    keep() {
      const { draft, memo } = this;
      if (draft || memo) sessionStorage.setItem(this.key, JSON.stringify({ draft, memo }));
      else sessionStorage.removeItem(this.key);
    },
    grow() {
      const field = this.$refs.draft;
      if (!field) return;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
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
    },
    shut() { this.picking = false; },
    unpick() { this.shut(); this.$refs.draft.focus(); },
    pick(one) {
      this.shut();
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
      this.$emit("say", this.mode, text);
      this.text = "";
      this.problem = this.from = "";
      if (this.typed) { this.$emit("typing", false); this.typed = 0; }
      this.$nextTick(() => { this.grow(); this.$refs.draft.focus(); });
    },
    // What was not sent is the agent's again, before what was written since; `why`: nobody has to be told yet.
    giveBack(line, why = "") {
      const field = line.kind === "note" ? "memo" : "draft";
      this[field] = [line.text, this[field]].filter(Boolean).join("\n");
      this.problem = why;
      this.$nextTick(this.grow);
    },
  },
};
