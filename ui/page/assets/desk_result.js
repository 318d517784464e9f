// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const restore = zhengce.keepUnfolded(element);

function press(button) {
  for (const other of button.parentElement.querySelectorAll("[aria-pressed]"))
    other.setAttribute("aria-pressed", String(other === button));
}

// Show the rows of the kinds that a button names, all where it names none.
function only(button) {
  const kinds = button.dataset.show.split(" ").filter(Boolean);
  for (const row of element.querySelectorAll("[data-kind]"))
    row.hidden = kinds.length > 0 && !kinds.includes(row.dataset.kind);
  press(button);
}

function group(button) {
  for (const list of element.querySelectorAll("[data-group]")) list.hidden = list.dataset.group !== button.dataset.grouped;
  press(button);
}

function sort(button) {
  const heading = button.closest("th");
  const column = [...heading.parentElement.children].indexOf(heading);
  const down = heading.getAttribute("aria-sort") === "ascending";
  const numbers = button.dataset.sort === "number";
  const key = (row) => {
    const cell = row.children[column];
    return numbers ? (cell.dataset.value === "" ? NaN : Number(cell.dataset.value)) : cell.textContent.trim();
  };
  const order = (a, b) => {
    const [one, other] = [key(a), key(b)];
    const nothing = (value) => value === "" || Number.isNaN(value);
    if (nothing(one) || nothing(other)) return nothing(one) - nothing(other); // what is not said stands last either way
    const by = numbers ? one - other : one.localeCompare(other, "zh", { numeric: true });
    return down ? -by : by;
  };
  const body = heading.closest("table").tBodies[0];
  body.append(...[...body.rows].sort(order));
  for (const other of heading.parentElement.children) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
}

const BODIES = { check: "text", match: "description" }; // what these are sent; the others stand in the address

async function ask(tool, format) {
  const { given, file } = zhengce.given[tool];
  const { text, ...named } = given;
  const query = new URLSearchParams({ format, lang: document.documentElement.lang === "en" ? "en" : "zh" });
  if (tool === "find") query.set("term", text);
  for (const [name, value] of Object.entries(named)) if (value) query.set(name, value);
  const sent = BODIES[tool] && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ [BODIES[tool]]: text }),
  };
  // the comments on a file stand in the file itself
  if (file && format === "docx") {
    const body = new FormData();
    body.append("file", file);
    return fetch(`/api/v1/desk/check/file?${query}`, { method: "POST", cache: "no-store", body });
  }
  return fetch(`/api/v1/desk/${tool}?${query}`, { cache: "no-store", ...sent });
}

async function download(button) {
  const { download: tool, format } = button.dataset;
  const texts = button.closest(".downloads").dataset;
  button.disabled = true;
  try {
    const answer = await ask(tool, format);
    if (!answer.ok) throw new Error((await answer.json()).error?.message);
    const named = /filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get("content-disposition") ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = named ? decodeURIComponent(named[1]) : `${tool}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    zhengce.note(texts.done);
  } catch (error) {
    zhengce.note(error instanceof SyntaxError || !error.message ? texts.failed : error.message);
  } finally {
    button.disabled = false;
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { document: id, start, end } = button.dataset;
  if (button.dataset.download !== undefined) download(button);
  else if (button.dataset.show !== undefined) only(button);
  else if (button.dataset.grouped !== undefined) group(button);
  else if (button.dataset.sort !== undefined) sort(button);
  else if (id !== undefined) trigger("select", { document: id, start, end });
});

watch("value", () => {
  restore();
  element.closest(".pane")?.classList.remove("working");
  zhengce.hear(element.querySelector(".heard")?.textContent ?? "");
});
