// Gives a conversation to a colleague or back to the queue. Nothing happens before a name is chosen.

import { along } from "/console/static/keys.js";

export default {
  props: { names: Array, held: Boolean },
  emits: ["give"],
  data: () => ({ shown: false }),
  template: `
    <div class="pass-on" @focusout="leave">
      <button class="button plain" ref="button" aria-haspopup="menu" :aria-expanded="shown" title="Pass on (p)"
              @click="shown ? shut() : open()">Pass on…</button>
      <ul v-if="shown" class="menu" ref="menu" role="menu" aria-label="Pass on to" @keydown.stop @keydown.esc="shut"
          @keydown.down.prevent="along($event, 1)?.focus()" @keydown.up.prevent="along($event, -1)?.focus()">
        <li v-for="one in choices" role="none"><button role="menuitem" @click="give(one.to)">{{ one.title }}</button></li>
      </ul>
    </div>`,
  computed: {
    choices() {
      const colleagues = this.names.map((name) => ({ title: name, to: name }));
      return this.held ? [...colleagues, { title: "Back to the queue", to: "" }] : colleagues;
    },
  },
  mounted() { document.addEventListener("pointerdown", this.leave); },
  unmounted() { document.removeEventListener("pointerdown", this.leave); },
  methods: {
    along,
    open() {
      this.shown = true;
      this.$nextTick(() => this.$refs.menu.querySelector("button")?.focus());
    },
    shut() {
      this.shown = false;
      this.$refs.button.focus();
    },
    // The focus went elsewhere, or somebody pressed elsewhere.
    leave(event) {
      const to = event.type === "focusout" ? event.relatedTarget : event.target;
      if (to && !this.$el.contains(to)) this.shown = false;
    },
    give(to) {
      this.shut();
      this.$emit("give", to);
    },
  },
};
