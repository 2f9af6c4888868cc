// What stands beside a conversation: the customer's orders, and what happened before.

import { moment } from "/console/static/format.js";

export default {
  props: { about: Object, now: Number, tags: Object, speaks: Boolean },
  emits: ["shut", "tag"],
  template: `
    <aside class="about" aria-label="Orders and history">
      <header><h2>Orders</h2><button class="button plain small shut" @click="$emit('shut')">Close</button></header>
      <p v-if="about.orders === null" class="problem">The orders cannot be read now.</p>
      <p v-else-if="!about.orders.length" class="soft">No orders of this phone number.</p>
      <details v-for="(order, index) in about.orders" :key="order.number" class="order" :open="order.about || index === 0">
        <summary><b>{{ order.number }}</b> <span class="chip">{{ order.status }}</span>
          <span v-if="order.late" class="chip urgent">{{ order.late }}</span><span class="sum">{{ order.total }}</span></summary>
        <ul><li v-for="item in order.items">{{ item }}</li></ul>
        <dl><template v-for="fact in order.facts"><dt>{{ fact[0] }}</dt><dd>{{ fact[1] }}</dd></template>
          <template v-if="order.tracking"><dt>Parcel</dt><dd>
            <a v-if="order.tracking.url" :href="order.tracking.url" target="_blank" rel="noopener noreferrer">{{ order.tracking.text }}</a>
            <template v-else>{{ order.tracking.text }}</template></dd></template></dl>
      </details>
      <h2>Tags</h2>
      <p v-if="tags.helpdesk.length"><span v-for="tag in tags.helpdesk" class="chip" title="From Zendesk">{{ tag }}</span></p>
      <input class="field" aria-label="Tags of this customer" placeholder="vip, wholesale" :value="tags.desk.join(', ')"
             :disabled="!speaks" maxlength="200" @change="$emit('tag', $event.target.value)">
      <h2>Earlier</h2>
      <p v-if="!about.earlier.length" class="soft">Nobody has helped this customer before.</p>
      <ol class="earlier"><li v-for="one in about.earlier">
        <time>{{ moment(one.at, now) }}</time>
        <a v-if="one.open" :href="'/console/' + one.open">{{ one.kind }}</a>
        <a v-else-if="one.ticket" :href="one.ticket" target="_blank" rel="noopener">{{ one.kind }}: {{ one.why }}</a>
        <span v-else>{{ one.kind }}: {{ one.why }}</span>
      </li></ol>
    </aside>`,
  methods: { moment },
};
