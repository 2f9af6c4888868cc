// Server-sent events: call `onChange` soon after anything changed, never twice at the same time.

export function follow(path, onChange, onState = () => {}) {
  let source = null;
  let running = false;
  let again = false;

  async function refresh() {
    if (running) { again = true; return; }
    running = true;
    do {
      again = false;
      try { await onChange(); onState(true); } catch { onState(false); }
    } while (again);
    running = false;
  }

  function open() {
    source?.close();
    source = new EventSource(path());
    source.onmessage = refresh;
    source.onerror = () => onState(false);
  }

  document.addEventListener("visibilitychange", open);
  open();
  return { reopen: open, refresh };
}
