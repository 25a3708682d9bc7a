// Nicer with it, complete without it: columns pasted from a spreadsheet, Enter and arrows from cell to cell.
const form = document.querySelector("#fill");
if (form) {
  const fields = [...form.querySelectorAll("[data-row]")];
  const rows = [...new Set(fields.map((field) => field.dataset.row))];
  const at = new Map(fields.map((field) => [`${field.dataset.row} ${field.dataset.column}`, field]));
  const beside = (field, down, right) => {
    const row = rows[rows.indexOf(field.dataset.row) + down];
    return row === undefined ? undefined : at.get(`${row} ${Number(field.dataset.column) + right}`);
  };
  let isChanged = false;
  const put = (field, text) => {
    const value = text.trim();
    if (field.tagName === "SELECT") {
      const option = [...field.options].find((o) => o.text.toLowerCase() === value.toLowerCase());
      if (option) field.value = option.value;
    } else field.value = value;
    isChanged = true;
  };
  form.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-row]");
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
    if (!field || field.tagName === "TEXTAREA" || !/[\n\t]/.test(text)) return;
    event.preventDefault();
    text.split("\n").forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const target = beside(field, down, right);
        if (target) put(target, value);
      });
    });
  });
  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("input[data-row]");
    if (!field || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    let target = beside(field, step, 0);
    for (let far = 2; !target && far < rows.length; far += 1) target = beside(field, step * far, 0);
    if (target) target.focus();
  });
  form.addEventListener("input", () => {
    isChanged = true;
  });
  form.addEventListener("submit", () => {
    isChanged = false;
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
