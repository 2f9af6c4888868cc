// Times in words, for the queue and the conversation.

const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat([], { weekday: "short", day: "numeric", month: "short" });

export const clock = (at) => CLOCK.format(at);
export const day = (at) => DAY.format(at);
export const moment = (at, now) => (day(at) === day(now) ? clock(at) : `${day(at)}, ${clock(at)}`);

// A duration in its largest unit: "now", "4 min", "2 h", "3 d".
export function span(ms) {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

// What is left of the time in which we may write, and how pressing that is; nothing where it never ends.
export function window24(closes, now) {
  if (!closes) return { text: "", level: "fine" };
  const left = closes - now;
  if (left <= 0) return { text: "window closed", level: "over" };
  const minutes = Math.ceil(left / 60000);
  const text = minutes < 60 ? `${minutes} min to reply` : `${Math.floor(minutes / 60)} h to reply`;
  return { text, level: minutes < 120 ? "soon" : "fine" };
}

// When a conversation that nobody writes in returns to the bot.
export function goesBack(at, now) {
  const minutes = Math.max(0, Math.ceil((at - now) / 60000));
  return minutes ? `to the bot in ${minutes} min` : "to the bot now";
}

// The present moment by the server's clock, renewed every second while the component lives.
// `began`: what that clock showed when the page was made.
export const ticking = {
  props: { began: Number },
  data: () => ({ now: Date.now() }),
  created() {
    const ahead = this.began - Date.now();
    const renew = () => { this.now = Date.now() + ahead; };
    renew();
    this.beat = setInterval(renew, 1000);
  },
  unmounted() { clearInterval(this.beat); },
};
