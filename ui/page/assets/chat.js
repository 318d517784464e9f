// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

// A button that asks or that opens a source carries in data attributes what the server needs.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { ask, edit, document: id, start, end } = button.dataset;
  if (edit !== undefined) {
    const line = document.querySelector("#question textarea");
    line.value = edit;
    line.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps a copy of what is typed
    line.focus();
  } else if (ask !== undefined) trigger("submit", { question: ask });
  else if (id !== undefined) trigger("select", { document: id, start, end });
});

// An input method ends a word with Enter, too: that one does not send the question.
for (const type of ["keydown", "keypress"]) {
  document.addEventListener(
    type,
    (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
    },
    true,
  );
}

// The latest exchange is brought into view when it is asked and again when it is answered. The line to write on has the
// keyboard from the start, but not where that covers half of the screen.
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const desk = window.matchMedia("(hover: hover)");
watch("value", () => {
  const latest = [...element.querySelectorAll(".exchange")].pop();
  const line = document.querySelector("#question textarea");
  if (latest) latest.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  if (latest && !desk.matches) line?.blur();
  if (!latest && desk.matches) line?.focus();
});
