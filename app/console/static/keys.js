// The desk's keys: which there are, and when they are meant for the desk and not for a text.

export const KEYS = [
  [["g"], "Open the most urgent that waits for you or for nobody yet"],
  [["j", "k"], "Next, previous conversation in the list"],
  [["Enter"], "Open it"],
  [["/"], "Find a conversation"],
  [["1", "2", "3"], "All, mine, at risk; from the top again"],
  [["t"], "Take over"],
  [["r"], "Write a reply"],
  [["n"], "Write a note for colleagues"],
  [["c"], "Ready replies"],
  [["s"], "Suggest an answer from the articles"],
  [["p"], "Pass on to a colleague"],
  [["b"], "Return to the bot"],
  [["i"], "Orders and history"],
  [["Esc"], "Leave the text field, close what is open"],
  [["?"], "This list"],
];

// Whether a key pressed now is a command: not while somebody writes, not together with Ctrl, Alt or Meta.
export function free(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  return !document.activeElement?.closest?.("input, textarea, select, [contenteditable]");
}

// The button so many places further in the list that the event comes from; none beyond its ends.
export function along(event, by) {
  const all = [...event.currentTarget.closest("ul").querySelectorAll("button")];
  return all[all.indexOf(event.target.closest("button")) + by];
}
