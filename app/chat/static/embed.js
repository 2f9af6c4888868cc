// Puts the chat on any page: <script src="https://parley.example/chat/static/embed.js" defer></script>
// The chat itself stays in a frame of Parley's own.

(() => {
  const source = new URL(document.currentScript.src);
  const colour = document.currentScript.dataset.colour || "#0c6b5d";
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `
    <style>
      button { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483000; width: 3.5rem; height: 3.5rem;
        border: 0; border-radius: 50%; color: #fff; cursor: pointer; box-shadow: 0 2px 10px rgb(0 0 0 / 30%); }
      button:focus-visible { outline: 3px solid currentColor; outline-offset: -6px; }
      iframe { position: fixed; right: 1rem; bottom: 5.2rem; z-index: 2147483000; width: min(25rem, calc(100vw - 2rem));
        height: min(38rem, calc(100dvh - 6.5rem)); border: 0; border-radius: 1rem; box-shadow: 0 6px 30px rgb(0 0 0 / 30%); }
      [hidden] { display: none; }
      svg { width: 1.6rem; height: 1.6rem; }
    </style>
    <button type="button" aria-expanded="false" aria-label="Chat with us">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg>
    </button>`;
  const button = root.querySelector("button");
  button.style.background = colour;
  let frame = null;

  const show = (open) => {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.src = new URL("/chat", source).href;
      frame.title = "Chat";
      root.append(frame);
    }
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? "Close the chat" : "Chat with us");
  };
  button.addEventListener("click", () => show(!frame || frame.hidden));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && frame && !frame.hidden) { show(false); button.focus(); }
  });
  document.body.append(host);
})();
