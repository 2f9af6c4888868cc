import { moment, span, ticking, window24 } from "/console/static/format.js";

const WHO = { bot: "Bot: ", agent: "Agent: ", system: "", customer: "" };

export default {
  mixins: [ticking],
  props: { rows: Array, open: String, most: Number },
  data: () => ({ wanted: "" }),
  template: `
    <section class="queue" aria-label="Conversations">
      <div class="find">
        <input type="search" v-model="wanted" ref="find" class="field" placeholder="Find by name, text, ticket…"
               aria-label="Find a conversation" @keydown.esc="wanted = ''">
      </div>
      <div class="list" ref="list" @keydown.down.prevent="step(1)" @keydown.up.prevent="step(-1)">
        <p v-if="!rows.length" class="empty">No conversations yet. The first message from WhatsApp appears here.</p>
        <p v-else-if="!found.length" class="empty">Nothing matches “{{ wanted }}”.</p>
        <template v-for="group in groups" :key="group.title">
          <h2 v-if="group.rows.length">{{ group.title }} <span>{{ group.rows.length }}</span></h2>
          <ol v-if="group.rows.length">
            <li v-for="row in group.rows" :key="row.id">
              <a class="card" :href="'/console/' + row.id" :class="{ waits: row.waiting }"
                 :aria-current="row.id === open ? 'page' : null">
                <span class="line">
                  <b class="one-line" dir="auto">{{ row.name }}</b>
                  <span v-if="row.waiting" class="wait" :class="pressing(row)">{{ waited(row) }}</span>
                  <time v-else>{{ moment(row.heard, now) }}</time>
                </span>
                <span class="said one-line" dir="auto">{{ who(row) }}{{ row.text }}</span>
                <span class="line chips">
                  <span class="chip" :class="row.control">{{ row.control === "agent" ? "Agent" : "Bot" }}</span>
                  <span v-if="row.reason" class="one-line reason">{{ row.reason }}</span>
                  <span class="window" :class="window24(row.closes, now).level">{{ window24(row.closes, now).text }}</span>
                </span>
              </a>
            </li>
          </ol>
        </template>
        <p v-if="!wanted && groups[2].rows.length === most" class="more">
          The newest {{ most }} with the bot are shown.
        </p>
      </div>
    </section>`,
  computed: {
    found() {
      const words = this.wanted.trim().toLowerCase();
      return words ? this.rows.filter((row) => this.text(row).includes(words)) : this.rows;
    },
    groups() {
      return [
        { title: "Waiting for an agent", rows: this.found.filter((row) => row.waiting) },
        { title: "With an agent", rows: this.found.filter((row) => !row.waiting && row.control === "agent") },
        { title: "With the bot", rows: this.found.filter((row) => !row.waiting && row.control === "bot") },
      ];
    },
    waiting() { return this.rows.filter((row) => row.waiting).length; },
  },
  watch: {
    waiting: {
      immediate: true,
      handler(number) { document.title = `${number ? `(${number}) ` : ""}Conversations · Parley`; },
    },
  },
  mounted() { document.addEventListener("keydown", this.jump); },
  unmounted() { document.removeEventListener("keydown", this.jump); },
  methods: {
    moment,
    window24,
    text: (row) => [row.name, row.phone, row.text, row.reason, row.ticket ? `#${row.ticket}` : ""].join("\n").toLowerCase(),
    who: (row) => WHO[row.author] ?? "",
    waited(row) {
      const said = span(this.now - row.waiting);
      return said === "now" ? "waits" : `waits ${said}`;
    },
    pressing(row) { return this.now - row.waiting > 10 * 60000 ? "long" : ""; },
    jump(event) {
      if (event.key !== "/" || /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
      event.preventDefault();
      this.$refs.find.focus();
    },
    step(by) {
      const cards = [...this.$refs.list.querySelectorAll("a.card")];
      cards[cards.indexOf(document.activeElement) + by]?.focus();
    },
  },
};
