// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

let opener = null; // the button whose place is shown, to go back to

const panel = () => element.querySelector(".source");

function reveal() {
  const mark = element.querySelector("mark");
  const text = element.querySelector(".document");
  if (text) {
    const above = mark ? mark.getBoundingClientRect().top - text.getBoundingClientRect().top : 0;
    text.scrollTop = mark ? text.scrollTop + above - text.clientHeight / 4 : 0;
  }
  if (opener) element.querySelector("h2").focus({ preventScroll: true });
}

function close() {
  trigger("clear");
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { document: id, start, end } = button.dataset;
  if (button.dataset.close !== undefined) close();
  else if (id !== undefined) trigger("select", { document: id, start, end });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-document]");
  if (!button) return;
  opener = button;
  const { document: id, start, end } = button.dataset;
  if (panel()?.dataset.place === `${id}:${start}:${end}`) reveal(); // shown already: nothing will change
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && panel()?.dataset.view !== "library") close();
});

watch("value", reveal);
