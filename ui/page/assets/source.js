// Runs once as the body of function (element, trigger, props, server, upload, watch): Gradio's hook of an HTML block.

const restore = zhengce.keepUnfolded(element);
let opener = null; // the button whose place is shown, to go back to

const panel = () => element.querySelector(".source");

function reveal() {
  restore();
  const mark = element.querySelector("mark");
  const text = element.querySelector(".document");
  document.body.classList.toggle("source-open", panel()?.dataset.view !== "library");
  if (text) {
    const above = mark ? mark.getBoundingClientRect().top - text.getBoundingClientRect().top : 0;
    text.scrollTop = mark ? text.scrollTop + above - text.clientHeight / 4 : 0;
  }
  if (opener) element.querySelector("h2").focus({ preventScroll: true });
}

function close() {
  trigger("clear", {});
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { document: id, start, end, ask } = button.dataset;
  if (button.dataset.close !== undefined) close();
  else if (button.dataset.copy !== undefined) zhengce.copy(button);
  else if (ask !== undefined) {
    zhengce.view("chat");
    if (window.matchMedia("(max-width: 56rem)").matches) close();
    trigger("submit", { question: ask });
  } else if (id !== undefined) trigger("select", { document: id, start, end });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-document]");
  if (!button) return;
  opener = button;
  const { document: id, start, end } = button.dataset;
  if (panel()?.dataset.place === `${id}:${start}:${end}`) reveal(); // shown already: nothing will change
});

document.addEventListener("keydown", (event) => {
  const elsewhere = document.querySelector("dialog[open]") || document.body.classList.contains("drawer-open");
  if (event.key === "Escape" && !event.isComposing && !elsewhere && panel()?.dataset.view !== "library") close();
});

watch("value", reveal);
