// The slider of days: the range counts days since the first one and moves the date field beside it.
const DAY_MS = 86400000;

export function attachSliders(root) {
  for (const form of root.querySelectorAll("form[data-slider]")) {
    if (form.dataset.attached) continue;
    form.dataset.attached = "yes";
    const [date, ...others] = form.querySelectorAll("input[type=date]");
    const range = form.querySelector("input[type=range]");
    const first = Date.parse(date.min);
    const dayOf = (days) => new Date(first + days * DAY_MS).toISOString().slice(0, 10);
    const spoken = (iso) => iso.split("-").reverse().join("/");
    range.hidden = false;
    range.max = Math.round((Date.parse(date.max) - first) / DAY_MS);
    range.value = Math.round((Date.parse(date.value) - first) / DAY_MS);
    range.setAttribute("aria-valuetext", spoken(date.value));
    range.addEventListener("input", () => {
      date.value = dayOf(Number(range.value));
      range.setAttribute("aria-valuetext", spoken(date.value));
    });
    range.addEventListener("change", () => form.requestSubmit());
    for (const one of [date, ...others]) {
      one.addEventListener("change", () => { if (one.value && one.validity.valid) form.requestSubmit(); });
    }
  }
}
