// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const folded = (text) => text.normalize("NFKC").toLowerCase();

// Search as you type, in what is on the page: leaves that do not match are hidden, with the headings that hold none.
function find() {
  const box = element.querySelector("[data-find]");
  if (!box) return;
  const words = folded(box.value).split(/\s+/).filter(Boolean);
  let hits = 0;
  for (const leaf of element.querySelectorAll(".leaf")) {
    const matches = words.every((word) => folded(leaf.textContent).includes(word));
    leaf.hidden = !matches;
    hits += matches;
  }
  for (const branch of [...element.querySelectorAll(".branch")].reverse()) {
    const title = folded(branch.querySelector("summary").textContent);
    const named = words.length && words.every((word) => title.includes(word));
    if (named) for (const inner of branch.querySelectorAll(".leaf, .branch")) inner.hidden = false;
    branch.hidden = !branch.querySelector(".leaf:not([hidden])");
    if (words.length) branch.querySelector("details").open = true;
  }
  hits = element.querySelectorAll(".leaf:not([hidden])").length;
  const told = element.querySelector("[data-found]");
  told.textContent = !words.length ? "" : hits ? told.dataset.some.replace("{count}", hits) : told.dataset.none;
}

element.addEventListener("input", (event) => {
  if (event.target.dataset.find !== undefined) find();
});

element.addEventListener("change", (event) => {
  if (event.target.dataset.documentChoice !== undefined) trigger("input", { document: event.target.value });
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-document]");
  if (!button) return;
  for (const other of element.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  const { document: id, start, end } = button.dataset;
  trigger("select", { document: id, start, end, unfold: true });
});

watch("value", find);
