// The ready replies: found by words, picked by the keyboard or a click.

import { along } from "/console/static/keys.js";

export default {
  props: { replies: Array },
  emits: ["pick", "shut"],
  data: () => ({ wanted: "" }),
  template: `
    <div class="ready" role="dialog" aria-label="Ready replies" @keydown.esc.stop="$emit('shut')">
      <input type="search" class="field" v-model="wanted" ref="wanted" placeholder="Find a ready reply…" aria-label="Find a ready reply"
             @keydown.enter.prevent="found.length && $emit('pick', found[0])" @keydown.down.prevent="$refs.first?.[0]?.focus()">
      <ul @keydown.down.prevent="go($event, 1)" @keydown.up.prevent="go($event, -1)">
        <li v-for="(one, index) in found"><button type="button" :ref="index ? '' : 'first'" @click="$emit('pick', one)">
          <b>{{ one.title }}</b><span dir="auto">{{ one.text }}</span></button></li>
      </ul>
      <p v-if="!found.length" class="hint">No ready reply matches.</p>
    </div>`,
  computed: {
    found() {
      const words = this.wanted.trim().toLowerCase();
      return this.replies.filter((one) => `${one.title}\n${one.text}`.toLowerCase().includes(words));
    },
  },
  mounted() { this.$refs.wanted.focus(); },
  methods: {
    go(event, by) { (along(event, by) ?? this.$refs.wanted).focus(); },
  },
};
