// An editable combobox with a list (ARIA Authoring Practices 1.2).
// Markup: .combobox[data-source] > input[type=text] + input[type=hidden] + ul[role=listbox][hidden] + [aria-live].
// Without script the text is sent alone, and the server finds what was meant or asks back.
const WAIT_MS = 160;

export function attachComboboxes(root) {
  for (const box of root.querySelectorAll(".combobox")) if (!box.dataset.attached) attach(box);
}

function attach(box) {
  box.dataset.attached = "yes";
  const text = box.querySelector("input[type=text]");
  const value = box.querySelector("input[type=hidden]");
  const list = box.querySelector("ul");
  const live = box.querySelector("[aria-live]");
  let timer = 0;
  let asked = 0;
  let active = -1;
  let options = [];

  text.setAttribute("role", "combobox");
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-expanded", "false");
  text.setAttribute("aria-controls", list.id);
  text.autocomplete = "off";
  if (value.value) box.dataset.chosen = "yes";

  text.addEventListener("input", () => {
    value.value = "";
    delete box.dataset.chosen;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab" && !list.hidden && active >= 0) {
      choose(active);
    }
  });
  text.addEventListener("blur", () => setTimeout(close, 150));

  async function ask() {
    const typed = text.value.trim();
    if (typed.length < 2) return close();
    const turn = ++asked;
    const form = new FormData();
    form.set("text", typed);
    form.set("form_token", document.querySelector("meta[name=form-token]").content);
    const answer = await fetch(box.dataset.source, { method: "POST", body: new URLSearchParams(form), headers: { Accept: "application/json" } });
    if (turn !== asked || !answer.ok) return;
    options = await answer.json();
    if (document.activeElement === text) show();
  }

  function show() {
    list.replaceChildren(...options.map(item));
    active = -1;
    list.hidden = options.length === 0;
    text.setAttribute("aria-expanded", String(!list.hidden));
    live.textContent = options.length ? live.dataset.some.replace("{n}", options.length) : live.dataset.none;
  }

  function item(option, position) {
    const line = document.createElement("li");
    line.id = `${list.id}-${position}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    line.append(option.label);
    if (option.note) {
      const note = document.createElement("small");
      note.textContent = option.note;
      line.append(note);
    }
    line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(position); });
    return line;
  }

  function move(step) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (active + step + options.length) % options.length;
    const line = list.children[active];
    line.setAttribute("aria-selected", "true");
    line.scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", line.id);
  }

  function choose(position) {
    text.value = options[position].label;
    value.value = options[position].value;
    box.dataset.chosen = "yes";
    close();
    value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function close() {
    list.hidden = true;
    active = -1;
    text.setAttribute("aria-expanded", "false");
    text.removeAttribute("aria-activedescendant");
  }
}
