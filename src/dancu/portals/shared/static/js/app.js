// Progressive enhancement of every page. Without this file all pages still work as plain forms and links.
import { attachComboboxes } from "./combobox.js";
import { attachDates } from "./dates.js";
import { attachFaults } from "./faults.js";
import { attachRecall } from "./recall.js";
import { attachRails } from "./rail.js";
import { attachShortcuts } from "./shortcuts.js";
import { attachSliders } from "./slider.js";
import { attachVerdicts } from "./verdicts.js";

function attach(root) {
  attachComboboxes(root);
  attachDates(root);
  attachSliders(root);
  attachRails(root);
  for (const select of root.querySelectorAll("select[data-sends]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
    select.form.querySelector("[data-without-script]")?.setAttribute("hidden", "");
  }
  for (const button of root.querySelectorAll("[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  root.querySelector("[data-summary]")?.focus();
}

attach(document);
attachShortcuts();
attachRecall();
attachVerdicts();
document.addEventListener("htmx:afterSwap", (event) => {
  attach(event.detail.elt);
  if (event.detail.target.id === "checks") attachFaults(event.detail.target);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // Refusals are answers too: show them where the result would stand.
  const status = event.detail.xhr.status;
  if (status === 401) window.location.assign("/sign-in");
  else if (status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    event.detail.selectOverride = "#main > .narrow";
    if (event.detail.target.id === "results") event.detail.swapOverride = "innerHTML";
  }
});
