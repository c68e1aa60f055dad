// What a check says of fields stands at the fields, too, until the next check.
export function attachFaults(checked) {
  const lines = checked.querySelectorAll("li[data-field]");
  for (const shown of document.querySelectorAll("[data-live]")) clear(shown);
  for (const line of lines) {
    const field = document.getElementById(`f-${line.dataset.field}`);
    if (field && !document.getElementById(`e-${line.dataset.field}`)) show(field, line);
  }
}

function show(field, line) {
  const fault = document.createElement("p");
  fault.className = "fault";
  fault.id = `e-${line.dataset.field}`;
  fault.dataset.live = field.id;
  fault.textContent = line.dataset.fault;
  const legend = field.querySelector("legend");
  if (legend) legend.after(fault);
  else (field.closest(".combobox") ?? field).before(fault);
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), fault.id].filter(Boolean).join(" "));
  if (!legend) field.setAttribute("aria-invalid", "true");
}

function clear(fault) {
  const field = document.getElementById(fault.dataset.live);
  const others = (field?.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== fault.id);
  if (others.length) field.setAttribute("aria-describedby", others.join(" "));
  else field?.removeAttribute("aria-describedby");
  field?.removeAttribute("aria-invalid");
  fault.remove();
}
