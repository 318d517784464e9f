// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const LONG = 90000; // milliseconds after which an answer is no longer waited for
const form = () => element.querySelector("form");
let waiting;

// What was sent last is what is downloaded.
zhengce.given ??= {};

function working(on) {
  const pane = element.closest(".pane");
  clearTimeout(waiting);
  pane?.classList.toggle("working", on);
  if (on) waiting = setTimeout(() => working(false), LONG);
}

function send() {
  const { tool } = form().dataset;
  const given = Object.fromEntries([...new FormData(form())].filter(([, value]) => typeof value === "string"));
  zhengce.given[tool] = given;
  zhengce.runs = (zhengce.runs ?? 0) + 1; // so that the same result is another answer: of what does not change nobody is told
  working(true);
  trigger("submit", { ...given, run: zhengce.runs });
}

element.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

// Ctrl+Enter sends what is written on several lines; an input method ends a word with Enter, too.
element.addEventListener("keydown", (event) => {
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing;
  if (!sends || event.target.tagName !== "TEXTAREA") return;
  event.preventDefault();
  send();
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-try]");
  if (!button) return;
  const field = form().elements.text;
  field.value = button.dataset.try;
  if (button.dataset.go !== undefined) send();
  else field.focus();
});

function open(file, most) {
  const { tooLarge, unreadable } = form().dataset;
  if (file.size > most) {
    zhengce.note(tooLarge);
    return;
  }
  const reader = new FileReader();
  reader.onerror = () => zhengce.note(unreadable);
  reader.onload = () => {
    working(true);
    trigger("upload", { name: file.name, file: reader.result.split(",", 2)[1] ?? "" });
  };
  reader.readAsDataURL(file);
}

element.addEventListener("change", (event) => {
  const { draft, most } = event.target.dataset;
  if (draft !== undefined) {
    const [file] = event.target.files;
    if (file) open(file, Number(most));
    event.target.value = "";
  } else if (form().dataset.tool === "targets" && event.target.value) send();
});

// What was opened stands on the form and is checked.
watch("value", () => {
  working(false);
  if (form()?.dataset.opened === undefined) return;
  form().reset();
  send();
});
