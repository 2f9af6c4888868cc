// Before a conversation returns to the bot: what the bot will be left with, one thing a line, to be corrected.

const PARTS = {
  promised: ["Promised", "What you promised the customer"],
  changed: ["Changed", "What has changed meanwhile"],
  open: ["Still open", "Questions without an answer"],
};

export default {
  props: { left: Object },
  emits: ["leave", "stay"],
  data() {
    return { texts: Object.fromEntries(Object.keys(PARTS).map((name) => [name, this.left[name].join("\n")])) };
  },
  template: `
    <div class="veil" @click.self="$emit('stay')" @keydown.esc.stop="$emit('stay')">
      <form class="help hand-back" role="dialog" aria-modal="true" aria-labelledby="hand-back-title"
            @submit.prevent="$emit('leave', texts)" @keydown.ctrl.enter="$emit('leave', texts)">
        <header><h2 id="hand-back-title">Return to the bot</h2></header>
        <p class="hint">The bot will know this and not answer against it. Correct it if need be, one thing a line.</p>
        <label v-for="(words, name) in parts"><span>{{ words[0] }}</span>
          <textarea class="field" rows="2" dir="auto" v-model="texts[name]" :placeholder="words[1]"></textarea></label>
        <footer><button type="button" class="button plain" @click="$emit('stay')">Cancel</button>
          <button class="button" ref="leave">Return to bot</button></footer>
      </form>
    </div>`,
  computed: { parts: () => PARTS },
  mounted() { this.$refs.leave.focus(); },
};
