import { goesBack, moment, span, ticking, window24 } from "/console/static/format.js";
import { free, KEYS } from "/console/static/keys.js";

const WHO = { bot: "Bot: ", agent: "Agent: ", system: "", customer: "" };
const VIEWS = { queue: "All", mine: "Mine", risk: "At risk" };

export default {
  mixins: [ticking],
  props: { rows: Array, risk: Array, open: String, most: Number, me: Object, warning: Number },
  emits: ["take", "judge"],
  data: () => ({ wanted: "", view: "queue", judged: {}, taking: "", help: false, anew: false }),
  template: `
    <section class="queue" aria-label="Conversations">
      <div class="find">
        <div class="views" role="group" aria-label="What to list">
          <button v-for="(title, key) in views" :key="key" :aria-pressed="view === key" @click="look(key)">
            {{ title }} <span v-if="numbers[key]" :class="{ warm: key === 'risk' }">{{ numbers[key] }}</span>
          </button>
          <button class="keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" @click="help = true">?</button>
        </div>
        <input type="search" v-model="wanted" ref="find" class="field" placeholder="Find by name, text, ticket…"
               aria-label="Find a conversation" @keydown.esc="leave" @keydown.down.prevent="step(1)">
      </div>
      <div class="list" ref="list" @keydown.down.prevent="step(1)" @keydown.up.prevent="step(-1)">
        <p v-if="nothing" class="empty">{{ nothing }}</p>
        <ol v-if="view === 'risk'">
          <li v-for="row in found" :key="row.id" class="at-risk">
            <a class="card" :href="'/console/' + row.id" :aria-current="row.id === open ? 'page' : null">
              <span class="line">
                <b class="one-line" dir="auto">{{ row.name }}</b>
                <span class="window" :class="window24(row.closes, now).level">{{ window24(row.closes, now).text }}</span>
              </span>
              <span class="said one-line" dir="auto">{{ row.text }}</span>
              <span class="codes"><span v-for="why in row.why" class="code">{{ why }}</span></span>
            </a>
            <div v-if="me.speaks" class="acts">
              <button class="button small" :disabled="taking === row.id" @click="take(row)">Take over</button>
              <span v-if="judged[row.id]" class="soft" role="status">Counted</span>
              <template v-else>
                <span class="soft">Useful?</span>
                <button class="link" :aria-label="'Yes, the warning about ' + row.name + ' is useful'" @click="judge(row, true)">Yes</button>
                <button class="link" :aria-label="'No, the warning about ' + row.name + ' is not useful'" @click="judge(row, false)">No</button>
              </template>
            </div>
          </li>
        </ol>
        <template v-else v-for="group in groups" :key="group.title">
          <h2 v-if="group.rows.length">{{ group.title }} <span>{{ group.rows.length }}</span></h2>
          <ol v-if="group.rows.length">
            <li v-for="row in group.rows" :key="row.id">
              <a class="card" :href="'/console/' + row.id" :class="{ waits: row.waiting }"
                 :aria-current="row.id === open ? 'page' : null">
                <span class="line">
                  <b class="one-line" dir="auto">{{ row.name }}</b>
                  <span v-if="overdue(row)" class="wait long">promise overdue</span>
                  <span v-else-if="row.undelivered" class="wait long">not delivered</span>
                  <span v-else-if="row.waiting" class="wait" :class="pressing(row)">{{ waited(row) }}</span>
                  <time v-else>{{ moment(row.heard, now) }}</time>
                </span>
                <span class="said one-line" dir="auto">{{ who(row) }}{{ row.text }}</span>
                <span class="line chips">
                  <span v-if="row.priority === 'urgent' || row.priority === 'high'" class="chip" :class="row.priority">{{ row.priority === "urgent" ? "Urgent" : "High" }}</span>
                  <span class="chip one-line" :class="[row.control, { mine: mine(row) }]">{{ holder(row) }}</span>
                  <span v-if="row.warned" class="chip high one-line">{{ goesBack(row.warned + warning, now) }}</span>
                  <span v-else-if="row.reason" class="one-line reason" :title="row.reason">{{ row.reason }}</span>
                  <span class="window" :class="window24(row.closes, now).level">{{ window24(row.closes, now).text }}</span>
                </span>
              </a>
            </li>
          </ol>
        </template>
        <p v-if="view === 'queue' && !wanted && groups[2].rows.length === most" class="more">
          The newest {{ most }} with the bot are shown.
        </p>
      </div>
      <div v-if="help" class="veil" @click.self="help = false">
        <div class="help" role="dialog" aria-modal="true" aria-labelledby="help-title">
          <header><h2 id="help-title">Keyboard shortcuts</h2>
            <button class="button plain small" ref="closeHelp" @click="help = false">Close</button></header>
          <dl><template v-for="key in keys"><dt><kbd v-for="one in key[0]">{{ one }}</kbd></dt><dd>{{ key[1] }}</dd></template></dl>
        </div>
      </div>
    </section>`,
  computed: {
    views: () => VIEWS,
    keys: () => KEYS,
    listed() {
      if (this.view === "risk") return this.risk;
      return this.view === "mine" ? this.rows.filter(this.mine) : this.rows;
    },
    found() {
      const phone = this.wanted.replace(/[\s()+-]/g, "");
      if (/^\d{4,}$/.test(phone)) return this.listed.filter((row) => this.text(row).includes(phone));
      const words = this.wanted.toLowerCase().split(/\s+/).filter(Boolean);
      return words.length ? this.listed.filter((row) => words.every((word) => this.text(row).includes(word))) : this.listed;
    },
    groups() {
      return [
        { title: "Waiting for an agent", rows: this.found.filter(this.urgent) },
        { title: "With an agent", rows: this.found.filter((row) => !this.urgent(row) && row.control === "agent") },
        { title: "With the bot", rows: this.found.filter((row) => !this.urgent(row) && row.control === "bot") },
      ];
    },
    nothing() {
      if (this.found.length) return "";
      if (this.listed.length) return `Nothing matches “${this.wanted}”.`;
      if (this.view === "risk") return "No conversation with the bot needs you now.";
      if (this.view === "mine") return "You have no conversation. Take one over, and it is listed here.";
      return "No conversations yet. The first message from WhatsApp appears here.";
    },
    waiting() { return this.rows.filter((row) => row.waiting).length; },
    numbers() { return { queue: this.waiting, mine: this.rows.filter(this.mine).length, risk: this.risk.length }; },
  },
  watch: {
    waiting: {
      immediate: true,
      handler(number) { document.title = `${number ? `(${number}) ` : ""}Conversations · Parley`; },
    },
    open() { this.taking = ""; this.anew = false; },
    help(shown) { if (shown) this.$nextTick(() => this.$refs.closeHelp.focus()); },
  },
  mounted() { document.addEventListener("keydown", this.press); },
  unmounted() { document.removeEventListener("keydown", this.press); },
  methods: {
    moment,
    window24,
    goesBack,
    text: (row) => [row.name, row.phone, row.text, row.reason, row.holder, ...(row.why ?? []), row.ticket ? `#${row.ticket}` : ""].join("\n").toLowerCase(),
    who: (row) => WHO[row.author] ?? "",
    mine(row) { return row.holder.toLowerCase() === this.me.name.toLowerCase(); },
    holder(row) {
      if (row.control === "bot") return "Bot";
      if (!row.holder) return row.waiting ? "Nobody" : "Agent";
      return this.mine(row) ? "You" : row.holder + (row.heldIn === "zendesk" ? " · Zendesk" : "");
    },
    overdue(row) { return row.promised && row.promised <= this.now; },
    urgent(row) { return row.waiting || this.overdue(row); },
    waited(row) {
      const said = span(this.now - row.waiting);
      return said === "now" ? "waits" : `waits ${said}`;
    },
    pressing(row) { return this.now - row.waiting > 10 * 60000 ? "long" : ""; },
    // `anew`: the keys begin at the top again, wherever they were.
    look(view) {
      this.view = view;
      this.anew = true;
      this.$refs.list.scrollTop = 0;
      document.activeElement?.closest("a.card")?.blur();
    },
    take(row) { this.taking = row.id; this.$emit("take", { id: row.id, codes: row.codes }); },
    judge(row, useful) {
      this.judged = { ...this.judged, [row.id]: true };
      this.$emit("judge", { id: row.id, codes: row.codes, useful });
    },
    leave() { this.wanted = ""; this.$refs.find.blur(); },
    press(event) {
      if (event.key === "Escape") { this.help = false; return; }
      if (!free(event)) return;
      const acts = {
        "/": () => this.$refs.find.focus(),
        "?": () => { this.help = !this.help; },
        j: () => this.step(1),
        k: () => this.step(-1),
        g: this.next,
        1: () => this.look("queue"),
        2: () => this.look("mine"),
        3: () => this.look("risk"),
      };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    },
    // Open the most urgent other conversation that is not a colleague's.
    next() {
      const row = this.rows.find((one) => one.id !== this.open && this.urgent(one) && (!one.holder || this.mine(one)));
      if (!row) return;
      this.wanted = "";
      this.look("queue");
      this.$nextTick(() => this.$refs.list.querySelector(`a.card[href$="${row.id}"]`).click());
    },
    // From the card that has the focus, else from the one that is open, else to the first.
    step(by) {
      const cards = [...this.$refs.list.querySelectorAll("a.card")];
      const from = cards.indexOf(document.activeElement);
      const at = from >= 0 || this.anew ? from : cards.findIndex((card) => card.hasAttribute("aria-current"));
      const next = cards[at < 0 ? 0 : Math.min(Math.max(at + by, 0), cards.length - 1)];
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    },
  },
};
