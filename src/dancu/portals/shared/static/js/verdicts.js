// The keys of a doubtful case: 1 to 4 answer, j and k go through the candidates, s leaves it for later.
export function attachVerdicts() {
  const form = document.querySelector("form[data-keys]");
  if (!form) return;
  const choices = [...document.querySelectorAll("input[name=chosen]")];
  for (const choice of choices) choice.addEventListener("change", () => show(choices));
  show(choices);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") walk(event, choices);
    else document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
}

function typing(element) {
  return element.matches("input:not([type=radio]), select, textarea, [contenteditable]");
}

function walk(event, choices) {
  if (!choices.length) return;
  event.preventDefault();
  const at = choices.findIndex((choice) => choice.checked);
  const step = event.key === "j" ? 1 : -1;
  const next = choices[at < 0 ? 0 : Math.min(Math.max(at + step, 0), choices.length - 1)];
  next.checked = true;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  show(choices);
}

// The column of the chosen candidate stands out.
function show(choices) {
  for (const choice of choices) {
    for (const cell of document.querySelectorAll(`[data-side="${CSS.escape(choice.value)}"]`)) {
      cell.classList.toggle("side-chosen", choice.checked);
    }
  }
}
