// Day, month and year in three fields: the cursor goes on when a field is full, and a pasted date fills all three.
export function attachDates(root) {
  for (const group of root.querySelectorAll(".dates")) {
    const fields = [...group.querySelectorAll("input")];
    fields.forEach((field, position) => {
      field.addEventListener("input", () => {
        if (field.value.length >= field.maxLength && document.activeElement === field) fields[position + 1]?.focus();
      });
      field.addEventListener("paste", (event) => {
        const parts = event.clipboardData.getData("text").trim().match(/^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/);
        if (!parts) return;
        event.preventDefault();
        fields.forEach((one, at) => { one.value = parts[at + 1]; });
        fields[2].dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
  }
}
