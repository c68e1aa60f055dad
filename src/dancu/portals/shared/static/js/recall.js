// Coming back from a person, the last question is asked again. It lives in this tab only and ends with the session.
const KEY = "dancu.question";

export function attachRecall() {
  const search = document.querySelector("form[data-recalls]");
  const out = document.querySelector("form[data-forgets]");
  out?.addEventListener("submit", () => sessionStorage.removeItem(KEY));
  if (!out) sessionStorage.removeItem(KEY);
  if (!search) return;
  const text = search.querySelector("input[name=text]");
  search.addEventListener("submit", () => sessionStorage.setItem(KEY, text.value));
  const [arrival] = performance.getEntriesByType("navigation");
  const before = sessionStorage.getItem(KEY);
  if (arrival?.type === "back_forward" && before && !text.value) {
    text.value = before;
    search.requestSubmit();
  }
}
