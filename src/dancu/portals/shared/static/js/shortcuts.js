// "/" goes to the search box, "?" explains the keys, arrow keys walk through results.
export function attachShortcuts() {
  const help = document.getElementById("keys");
  for (const opener of document.querySelectorAll("[data-opens=keys]")) {
    opener.addEventListener("click", (event) => { event.preventDefault(); help.showModal(); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") goToSearch(event);
    else if (event.key === "?" && help) { event.preventDefault(); help.showModal(); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
  });
  const box = document.getElementById("search-text");
  box?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    const first = document.querySelector(".hit-name a");
    if (first) { event.preventDefault(); first.focus(); }
  });
}

function typing(element) {
  return element.matches("input:not([type=radio]):not([type=checkbox]):not([type=range]), select, textarea, [contenteditable]");
}

function goToSearch(event) {
  event.preventDefault();
  const box = document.getElementById("search-text");
  if (box) box.select();
  else window.location.assign("/");
}

function walk(event) {
  const links = [...document.querySelectorAll(".hit-name a")];
  const at = links.indexOf(document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  (next ?? document.getElementById("search-text")).focus();
}
