// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const LATE = 6000; // milliseconds after which it is said that there is much to do
const LONG = 300000; // and after which an answer is no longer waited for
const form = () => element.querySelector("form");
const pane = () => element.closest(".pane");
const number = () => (zhengce.runs = (zhengce.runs ?? 0) + 1); // so that the same answer is another: of what does not change nobody is told
let waiting = [];
let opened = null; // the draft file that was opened, with its text as it came
let typed = ""; // what was written before it

// What was sent last is what is downloaded.
zhengce.given ??= {};

function working(on) {
  waiting.forEach(clearTimeout);
  pane()?.classList.toggle("working", on);
  const line = element.querySelector("[data-said]");
  if (!on || !line) return;
  const say = (text) => {
    line.textContent = text;
    zhengce.hear(text);
  };
  say(line.dataset.soon);
  const giveUp = () => {
    working(false);
    zhengce.note(form().dataset.gaveUp);
  };
  waiting = [setTimeout(() => pane().classList.contains("working") && say(line.dataset.late), LATE), setTimeout(() => pane().classList.contains("working") && giveUp(), LONG)];
}

function send() {
  const { tool } = form().dataset;
  const given = Object.fromEntries([...new FormData(form())].filter(([, value]) => typeof value === "string"));
  // a file stands for its text until a word of it is changed
  zhengce.given[tool] = { given, file: opened && opened.text === given.text ? opened.file : null };
  pane().dataset.told = "result";
  working(true);
  trigger("submit", { ...given, run: number() });
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
    opened = { file, text: null };
    typed = form().elements.text.value;
    pane().dataset.told = "form";
    working(true);
    trigger("upload", { name: file.name, file: reader.result.split(",", 2)[1] ?? "", run: number() });
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
  if (form()?.dataset.tool !== "check" || !opened || opened.text !== null) return;
  if (form().dataset.opened === undefined) {
    opened = null;
    form().elements.text.value = typed;
    return;
  }
  form().reset();
  opened.text = form().elements.text.value;
  send();
});
